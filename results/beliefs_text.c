/* Verdicts in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/beliefs_parts.h"
#include "results/compare.h"
#include "results/finding_cells.h"
#include "results/run.h"

/* Settings that are named before "and N more". */
enum { NAMED_MOST = 3 };

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* "shm is 1.31 times [1.10, 1.52] as fast as posix-mq in round trips of 64 B (same-cache)" */
static void write_pair(const struct contest *contest, struct text *out)
{
    const bool first_is_faster = contest->advantage.value > 1;
    const struct run_cell *const faster = first_is_faster ? contest->first : contest->second;
    const struct run_cell *const slower = first_is_faster ? contest->second : contest->first;
    const struct rank_ratio ratio =
        first_is_faster ? contest->advantage : finding_inverse(&contest->advantage);
    if (contest->outcome == CONTEST_EQUAL) {
        text_append(out, "%s and %s do not differ by more than %.0f %%",
                    finding_name(contest->first).text, finding_name(contest->second).text,
                    100 * contest->limit);
    } else {
        text_append(out, "%s is ", finding_name(faster).text);
        finding_write_times(&ratio, out);
        text_append(out, " as fast as %s", finding_name(slower).text);
    }
    text_append(out, " for ");
    finding_write_setting(contest->first, out);
}

static const struct contest *extreme_pair(const struct inquiry *inquiry, enum stance stance,
                                          bool most)
{
    const struct contest *found = NULL;
    double found_factor = 0;
    for (size_t index = 0; index < inquiry->pairs.count; ++index) {
        const struct contest *const pair = &inquiry->pairs.contests[index];
        const double value = pair->advantage.value;
        const double factor = value > 1 ? value : 1 / value;
        if (belief_stance(inquiry->belief, pair) != stance)
            continue;
        if (!found || (most ? factor > found_factor : factor < found_factor)) {
            found = pair;
            found_factor = factor;
        }
    }
    return found;
}

/* The widest and the narrowest of those that say so. */
void belief_write_examples(const struct inquiry *inquiry, enum stance stance, struct text *out)
{
    const struct contest *const most = extreme_pair(inquiry, stance, true);
    const struct contest *const least = extreme_pair(inquiry, stance, false);
    if (!most)
        return;
    text_append(out, "%s", most == least ? "" : "at most, ");
    write_pair(most, out);
    if (most == least)
        return;
    text_append(out, "; at least, ");
    write_pair(least, out);
}

/* Those with nothing decided. */
static void write_open_settings(const struct inquiry *inquiry, struct text *out)
{
    size_t open = 0;
    for (size_t index = 0; index < inquiry->setting_count; ++index) {
        const struct setting *const setting = &inquiry->settings[index];
        if (setting->stances[STANCE_OPEN] < setting->count)
            continue;
        if (open++ < NAMED_MOST) {
            text_append(out, open == 1 ? " Not decided: " : "; ");
            finding_write_setting(inquiry->pairs.contests[setting->start].first, out);
        }
    }
    if (open > NAMED_MOST)
        text_append(out, "; and %zu more", open - NAMED_MOST);
    text_append(out, open ? "." : "");
}

static void write_counts(const struct inquiry *inquiry, enum stance stance, struct text *out)
{
    text_append(out, "%zu of %zu pair%s of cells, in %zu of %zu setting%s",
                inquiry->stances[stance], inquiry->pairs.count, plural(inquiry->pairs.count),
                inquiry->decided_settings, inquiry->setting_count, plural(inquiry->setting_count));
}

/* --- undecided --------------------------------------------------------------------------------- */

static int by_value(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The factor that half of the pairs would have had to exceed. */
static double visible_factor(const struct inquiry *inquiry)
{
    double *const factors = calloc(inquiry->pairs.count + 1, sizeof(*factors));
    double middle = 0;
    for (size_t index = 0; factors && index < inquiry->pairs.count; ++index) {
        const struct contest *const pair = &inquiry->pairs.contests[index];
        factors[index] = 1 + (pair->limit > pair->noise ? pair->limit : pair->noise);
    }
    if (factors) {
        qsort(factors, inquiry->pairs.count, sizeof(*factors), by_value);
        middle = factors[inquiry->pairs.count / 2];
    }
    free(factors);
    return middle;
}

/* Are there too few trials for whatever difference? */
static bool is_hopeless(const struct inquiry *inquiry)
{
    const double tests = inquiry->setting_count < inquiry->pairs.count
                             ? (double)inquiry->setting_count
                             : (double)inquiry->pairs.count;
    for (size_t index = 0; index < inquiry->pairs.count; ++index) {
        if (inquiry->pairs.contests[index].least_p * tests <= COMPARE_LEVEL)
            return false;
    }
    return true;
}

static void write_undecided(const struct inquiry *inquiry, struct text *out)
{
    if (!inquiry->pairs.count)
        return;
    if (inquiry->decided_settings) {
        const enum stance stance = inquiry->stances[STANCE_FOR] ? STANCE_FOR : STANCE_AGAINST;
        text_append(out, "%s, but that is less than half of the settings: ",
                    stance == STANCE_FOR ? "So where decided" : "Not so where decided");
        write_counts(inquiry, stance, out);
        text_append(out, "; ");
        belief_write_examples(inquiry, stance, out);
        text_append(out, ".");
        return;
    }
    text_append(out, "None of %zu pair%s of cells in %zu setting%s can be told apart",
                inquiry->pairs.count, plural(inquiry->pairs.count), inquiry->setting_count,
                plural(inquiry->setting_count));
    if (is_hopeless(inquiry))
        text_append(out, ": with so few trials no difference could be (--trials 10 or more).");
    else
        text_append(out,
                    ": the trials scatter so much that only differences of more than a factor of "
                    "%.2f could show in half of them (more trials, a quieter machine).",
                    visible_factor(inquiry));
}

/* --- not measured ------------------------------------------------------------------------------ */

static void write_missing(const struct inquiry *inquiry, struct text *out)
{
    const struct belief *const belief = inquiry->belief;
    const char *const words = !inquiry->first_cells ? belief->first_words : belief->second_words;
    if (inquiry->first_cells && inquiry->second_cells) {
        text_append(out,
                    "This run has both, but no two cells that are alike in pattern, size, place, "
                    "other options and the way of waiting.");
        return;
    }
    text_append(out, "This run has no figures of %s%s", words,
                !inquiry->first_cells && !inquiry->second_cells ? ", nor of " : "");
    if (!inquiry->first_cells && !inquiry->second_cells)
        text_append(out, "%s", belief->second_words);
    if (inquiry->missing) {
        char reason[200];
        snprintf(reason, sizeof(reason), "%s",
                 inquiry->missing->reason ? inquiry->missing->reason : "not reached");
        text_clean(reason);
        text_append(out, "; %s, %s: %s", finding_name(inquiry->missing).text,
                    trial_status_name(inquiry->missing->status), reason);
    }
    text_append(out, ".");
}

/* --- all --------------------------------------------------------------------------------------- */

static void write_decided(const struct inquiry *inquiry, enum stance stance, struct text *out)
{
    text_append(out, stance == STANCE_FOR ? "So in " : "Not so in ");
    write_counts(inquiry, stance, out);
    text_append(out, ": ");
    belief_write_examples(inquiry, stance, out);
    text_append(out, ".");
    write_open_settings(inquiry, out);
}

void belief_write_text(const struct inquiry *inquiry, const struct belief_finding *finding,
                       struct text *out)
{
    switch (finding->verdict) {
    case VERDICT_CONFIRMED:
        write_decided(inquiry, STANCE_FOR, out);
        break;
    case VERDICT_REFUTED:
        write_decided(inquiry, STANCE_AGAINST, out);
        break;
    case VERDICT_UNDECIDED:
        (finding->depends ? belief_write_depends : write_undecided)(inquiry, out);
        break;
    case VERDICT_NOT_MEASURED:
        write_missing(inquiry, out);
        break;
    }
    if (inquiry->weak_pairs)
        text_append(out, "%s%zu pair%s left out: %s.", out->length ? " " : "", inquiry->weak_pairs,
                    plural(inquiry->weak_pairs), inquiry->weakness);
}
