/* The table of ratios. */
#include <stdio.h>

#include "base/stats.h"
#include "tests/floor/compare.h"

static const double ratio_allowed = 1.05;
static const double confidence = 0.95;
enum { PAIRS_LEAST = 6 }; /* below, no 95 % interval exists */

static const char *const verdict_names[] = {"ok", "unclear", "OVER", "none"};

void compare_print_head(const struct compare_setting *setting)
{
    printf("idle %s, %zu rounds of %g s; ratios are ours / floor, median over pairs "
           "[95 %%]; at most %.2f\n",
           idle_policy_name(setting->idle), setting->rounds, setting->seconds, ratio_allowed);
    printf("%-12s %6s %-9s %-5s %10s %10s  %-21s %7s %4s %7s  %s\n", "mechanism", "bytes",
           "pattern", "CPUs", "floor ns", "ours ns", "ratio", "batch", "n", "dropped", "verdict");
}

/* The interval decides; one that holds the limit says neither. */
static enum compare_verdict judge(const struct stats_median *ratio)
{
    if (ratio->count < PAIRS_LEAST)
        return VERDICT_UNCLEAR;
    if (ratio->low > ratio_allowed)
        return VERDICT_OVER;
    return ratio->high <= ratio_allowed ? VERDICT_OK : VERDICT_UNCLEAR;
}

enum compare_verdict compare_print_row(const struct compare_setting *setting,
                                       const struct compare_row *row, struct compare_tally *tally)
{
    const struct cpu_pair cpus = compare_cpus(setting, row);
    char pair[24];
    snprintf(pair, sizeof(pair), "%d,%d", cpus.sender, cpus.receiver);
    printf("%-12s %6zu %-9s %-5s ", row->mechanism, row->message_bytes, pattern_name(row->pattern),
           pair);
    if (!tally->kept) {
        printf("%s\n", tally->error.code ? tally->error.message
                       : tally->dropped  ? "no pair in which the probes agreed: unclear"
                                         : "not measured");
        if (tally->error.code)
            return VERDICT_NONE;
        return VERDICT_UNCLEAR;
    }
    const struct stats_median ratio = stats_median_interval(tally->ratios, tally->kept, confidence);
    const enum compare_verdict verdict = judge(&ratio);
    printf("%10.1f %10.1f  %6.3f [%5.3f, %5.3f] %7.3f %4zu %7zu  %s\n",
           stats_median(tally->floor_ns, tally->kept), stats_median(tally->ours_ns, tally->kept),
           ratio.value, ratio.low, ratio.high, stats_median(tally->batch_ratios, tally->kept),
           tally->kept, tally->dropped, verdict_names[verdict]);
    if (!tally->error.code)
        return verdict;
    printf("    ended early: %s\n", tally->error.message);
    return verdict == VERDICT_OVER ? verdict : VERDICT_NONE;
}
