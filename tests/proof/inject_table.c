/* What was found, as a table. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rank_test.h"
#include "tests/proof/chance.h"
#include "tests/proof/inject.h"

static const double level = 0.05;
static const double power = 0.8;
static const double confidence = 0.95;
static const double quiet_share = 0.5; /* of the largest injected delay */
static const double found_least = 0.9; /* of the experiments */
static const double by_chance = 0.025;

/* Kept pairs of some rounds: logarithms. */
struct pairs {
    double *base; /* owns the memory of all three */
    double *variant;
    double *differences;
    size_t count;
};

/* How one variant fared. */
struct row {
    size_t experiments; /* in which enough pairs were kept for a verdict */
    size_t by_sign;
    size_t by_ranks;
    struct rank_pairs all; /* over the pairs of all experiments */
};

static int pairs_open(struct pairs *pairs, size_t rounds, struct error *error)
{
    *pairs = (struct pairs){.base = calloc(3 * rounds, sizeof(double))};
    if (!pairs->base)
        return error_system(error, ENOMEM, "%zu pairs", rounds);
    pairs->variant = pairs->base + rounds;
    pairs->differences = pairs->variant + rounds;
    return 0;
}

static void collect(const struct inject_cell *cell, size_t variant, size_t first, size_t rounds,
                    struct pairs *pairs)
{
    pairs->count = 0;
    for (size_t round = first; round < first + rounds; ++round) {
        const struct inject_trial *const trials = cell->trials + round * INJECT_VARIANTS;
        const double base_ns = trials[INJECT_BASE].round_trip_ns;
        const double variant_ns = trials[variant].round_trip_ns;
        if (base_ns <= 0 || variant_ns <= 0)
            continue;
        pairs->base[pairs->count] = log(base_ns);
        pairs->variant[pairs->count] = log(variant_ns);
        pairs->differences[pairs->count] = log(variant_ns / base_ns);
        ++pairs->count;
    }
}

/* The fewest pairs of which all on one side have a p under the level. */
static bool enough(size_t pairs)
{
    return exp2(1 - (double)pairs) <= level;
}

static int judge_variant(const struct inject_setting *setting, const struct inject_cell *cell,
                         size_t variant, struct row *row, struct error *error)
{
    struct pairs pairs;
    int failure = pairs_open(&pairs, setting->experiments * setting->rounds, error);
    *row = (struct row){0};
    for (size_t index = 0; !failure && index < setting->experiments; ++index) {
        struct rank_comparison ranks;
        collect(cell, variant, index * setting->rounds, setting->rounds, &pairs);
        if (!enough(pairs.count))
            continue;
        const struct rank_sample base = {pairs.base, pairs.count};
        const struct rank_sample changed = {pairs.variant, pairs.count};
        failure = rank_compare(&base, &changed, &ranks, error);
        const struct rank_pairs sign = rank_pairs(pairs.differences, pairs.count, confidence);
        /* The control may differ either way, a delay only slow down. */
        const bool either = variant == INJECT_CONTROL;
        ++row->experiments;
        row->by_sign += sign.p < level && (either || sign.above > sign.below);
        row->by_ranks += ranks.p < level && (either || ranks.superiority > 0.5);
    }
    if (!failure) {
        collect(cell, variant, 0, setting->experiments * setting->rounds, &pairs);
        row->all = rank_pairs(pairs.differences, pairs.count, confidence);
    }
    free(pairs.base);
    return failure;
}

/* As shares of the round trip, for one experiment of this many rounds. */
struct detectable {
    double paired;
    double unpaired;
};

static int find_detectable(const struct inject_setting *setting, const struct inject_cell *cell,
                           struct detectable *detectable, struct error *error)
{
    struct rank_plan plan = {
        .paired = true,
        .before_count = setting->rounds,
        .after_count = setting->rounds,
        .tests = 1,
        .level = level,
        .power = power,
    };
    struct pairs pairs;
    const int failure = pairs_open(&pairs, setting->experiments * setting->rounds, error);
    if (failure)
        return failure;
    collect(cell, INJECT_CONTROL, 0, setting->experiments * setting->rounds, &pairs);
    detectable->paired = expm1(rank_detectable(&plan, rank_spread(pairs.differences, pairs.count)));
    plan.paired = false;
    detectable->unpaired = expm1(rank_detectable(&plan, rank_spread(pairs.base, pairs.count)));
    if (!enough(pairs.count))
        *detectable = (struct detectable){INFINITY, INFINITY};
    free(pairs.base);
    return 0;
}

void inject_print_head(const struct inject_setting *setting)
{
    printf("Injected delays: %zu experiments of %zu rounds of %g s, seed %llu, figure %s; found at "
           "%g %%\n",
           setting->experiments, setting->rounds, setting->stage.timed_seconds,
           (unsigned long long)setting->seed, setting->figure == INJECT_P50 ? "p50" : "rate",
           level * 100);
    printf("%-30s %-5s %11s %8s  %-7s %-7s %s\n", "transport", "CPUs", "round trip", "injected",
           "sign", "ranks", "seen, median over all pairs [95 %]");
}

static void print_row(const struct row *row, double share)
{
    char sign[24], ranks[24];
    snprintf(sign, sizeof(sign), "%zu/%zu", row->by_sign, row->experiments);
    snprintf(ranks, sizeof(ranks), "%zu/%zu", row->by_ranks, row->experiments);
    printf("%6.0f %%  %-7s %-7s %+6.2f %% [%+.2f, %+.2f]  %zu pairs\n", share * 100, sign, ranks,
           100 * expm1(row->all.median.value), 100 * expm1(row->all.median.low),
           100 * expm1(row->all.median.high), row->all.median.count);
}

static void note(const struct inject_cell *cell, const struct row *rows,
                 const struct detectable *detectable, struct inject_tally *tally)
{
    const struct row *const large = &rows[INJECT_LARGE];
    const bool judged = cell->cell.one_cpu;
    const bool quiet = detectable->paired <= quiet_share * inject_shares[INJECT_LARGE];
    tally->judged += judged;
    tally->quiet += judged && quiet;
    tally->quiet_missed +=
        judged && quiet && (double)large->by_sign < found_least * (double)large->experiments;
    tally->controls += rows[INJECT_CONTROL].experiments;
    tally->alarms += rows[INJECT_CONTROL].by_sign;
    printf("%30s could have been seen: %.2g %% in pairs, %.2g %% by ranks%s%s\n", "",
           100 * detectable->paired, 100 * detectable->unpaired, quiet ? "" : "  (not quiet)",
           judged ? "" : "  (across CPUs: shown, not judged)");
}

int inject_print_cell(const struct inject_setting *setting, const struct inject_cell *cell,
                      struct inject_tally *tally, struct error *error)
{
    char name[80], cpus[24];
    snprintf(name, sizeof(name), "%s%s%s", cell->cell.name, cell->cell.options[0] ? ":" : "",
             cell->cell.options);
    if (cell->error.code) {
        printf("%-30s %s\n", name, cell->error.message);
        return 0;
    }
    const struct trial_request *const request = &cell->requests[INJECT_BASE];
    snprintf(cpus, sizeof(cpus), "%d,%d", request->cpus.sender, request->cpus.receiver);
    struct row rows[INJECT_VARIANTS];
    struct detectable detectable;
    int failure = find_detectable(setting, cell, &detectable, error);
    for (size_t variant = INJECT_CONTROL; !failure && variant < INJECT_VARIANTS; ++variant) {
        failure = judge_variant(setting, cell, variant, &rows[variant], error);
        if (failure)
            break;
        if (variant == INJECT_CONTROL)
            printf("%-30s %-5s %8.0f ns ", name, cpus, cell->round_trip_ns);
        else
            printf("%-30s %-5s %11s ", "", "", "");
        print_row(&rows[variant], inject_shares[variant]);
    }
    if (!failure)
        note(cell, rows, &detectable, tally);
    return failure;
}

bool inject_print_verdict(const struct inject_tally *tally)
{
    const bool quiet_enough = tally->quiet > 0;
    const bool honest = chance_of(tally->alarms, tally->controls, level) >= by_chance;
    printf("\nfalse alarms in the controls: %zu of %zu%s\n", tally->alarms, tally->controls,
           honest ? "" : ": MORE than chance gives");
    printf("quiet cells: %zu of %zu; of those, %zu did not find %.0f %% in %.0f %% of the "
           "experiments\n",
           tally->quiet, tally->judged, tally->quiet_missed, 100 * inject_shares[INJECT_LARGE],
           100 * found_least);
    const bool good = quiet_enough && honest && !tally->quiet_missed;
    printf("verdict: %s\n", good           ? "ok"
                            : quiet_enough ? "FAILED"
                                           : "FAILED: no cell is quiet enough to tell anything");
    return good;
}
