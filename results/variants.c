/* What one option changes, all else being equal: spinning, huge pages, advice about memory, idle CPUs
 * kept awake. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/finding_cells.h"
#include "results/findings_parts.h"
#include "results/run.h"

/* A file may claim thousands of comparable cells. */
enum { PAIRS_MOST = 1000, NAMED_MOST = 3 };

/* An option whose values are held against the one that people start from. */
struct variation {
    const char *topic;
    const char *key;    /* NULL: not an option, but the idle policy */
    const char *usual;  /* "none" */
    const char *varied; /* NULL: any other value */
    bool is_spinning;   /* what it costs in CPU is told, too */
    const char *absent; /* said where nothing with it was measured; NULL: nothing is said */
};

static const struct variation variations[] = {
    {"spinning", "wait", "block", "spin", true, NULL},
    {"spinning", "sync", "sem", "spin", true, NULL},
    {"huge pages", "huge", "none", NULL, false, "What huge pages change was not measured"},
    {"madvise", "advice", "none", NULL, false, "What madvise hints change was not measured"},
    {"idle CPUs kept awake", NULL, "default", "poll", false, NULL},
};

/* --- pairs ------------------------------------------------------------------------------------- */

static const char *value_of(const struct run_cell *cell, const struct variation *variation)
{
    if (variation->key)
        return finding_option(cell, variation->key);
    return cell->idle == IDLE_POLL ? "poll" : "default";
}

/* Operations on memory have beliefs of their own: one on a larger page takes longer and does more. */
static bool has_variation(const struct run_cell *cell, const struct variation *variation)
{
    const char *const value = value_of(cell, variation);
    return value && !cell->crew && pattern_has_messages(cell->pattern) &&
           strcmp(value, variation->usual) != 0 &&
           (!variation->varied || !strcmp(value, variation->varied));
}

/* Options but for the one in question; both have the same, being of one transport. */
static bool same_options(const struct run_cell *a, const struct run_cell *b, const char *key)
{
    if (a->option_count != b->option_count)
        return false;
    for (size_t index = 0; index < a->option_count; ++index) {
        const struct run_option *const option = &a->options[index];
        const char *const other = finding_option(b, option->key);
        if (!other || ((!key || strcmp(option->key, key) != 0) && strcmp(other, option->text) != 0))
            return false;
    }
    return true;
}

/* Alike but for the policy, if that is what varies. */
static bool alike(const struct run_cell *a, const struct run_cell *b,
                  const struct variation *variation)
{
    struct run_cell other = *b; /* a view; owns nothing */
    if (!variation->key)
        other.idle = a->idle;
    return finding_alike(a, &other);
}

static const struct run_cell *find_usual(const struct run *run, const struct run_cell *varied,
                                         const struct variation *variation)
{
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        const char *const value = value_of(cell, variation);
        if (cell->status == TRIAL_OK && value && !strcmp(value, variation->usual) &&
            !strcmp(cell->transport, varied->transport) && alike(cell, varied, variation) &&
            same_options(cell, varied, variation->key))
            return cell;
    }
    return NULL;
}

/* Pairs of the varied cell (first) and the usual one. */
static int find_pairs(const struct run *run, const struct variation *variation,
                      struct contest_list *pairs, struct error *error)
{
    int failure = 0;
    for (size_t index = 0; index < run->cell_count && !failure && pairs->count < PAIRS_MOST;
         ++index) {
        const struct run_cell *const varied = &run->cells[index];
        if (varied->status != TRIAL_OK || finding_is_yardstick(varied) ||
            !has_variation(varied, variation) || *contest_weakness(varied))
            continue;
        const struct run_cell *const usual = find_usual(run, varied, variation);
        if (usual && !*contest_weakness(usual))
            failure = contest_list_add(
                pairs, contest_of(varied, usual, contest_main_figure(varied)), error);
    }
    return failure;
}

/* --- words ------------------------------------------------------------------------------------- */

static void write_medians(const struct contest *pair, struct text *out, struct error *error)
{
    struct stats_median varied, usual;
    if (contest_median(pair->first, pair->figure, &varied, error) ||
        contest_median(pair->second, pair->figure, &usual, error)) {
        out->failed = true;
        return;
    }
    finding_write_figure(pair->figure, &varied, out);
    text_append(out, " instead of ");
    finding_write_figure(pair->figure, &usual, out);
}

static void write_cpu(const struct contest *pair, struct text *out, struct error *error)
{
    struct stats_median varied, usual;
    const double share = finding_cpu_share(pair->second);
    if (contest_median(pair->first, CONTEST_CPU, &varied, error) ||
        contest_median(pair->second, CONTEST_CPU, &usual, error)) {
        out->failed = true;
        return;
    }
    text_append(out, " The price: both CPUs are busy all the time, whatever there is to do");
    if (share >= 0)
        text_append(out, ", instead of %.0f %% at full speed", 100 * share);
    text_append(out, ".");
    if (!varied.count || !usual.count)
        return;
    text_append(out, " CPU time per message at full speed: ");
    finding_write_figure(CONTEST_CPU, &varied, out);
    text_append(out, " instead of ");
    finding_write_figure(CONTEST_CPU, &usual, out);
    text_append(out, ".");
}

/* "shm:sync=spin against shm in round trips of 64 B (same-cache): 5.1 times [..] as fast, ..." */
static void write_pair(const struct contest *pair, struct text *out, struct error *error)
{
    const struct rank_ratio inverse = finding_inverse(&pair->advantage);
    text_append(out, "%s", finding_name(pair->first).text);
    if (strcmp(finding_name(pair->first).text, finding_name(pair->second).text) != 0)
        text_append(out, " against %s", finding_name(pair->second).text);
    text_append(out, " for ");
    finding_write_setting(pair->first, out);
    text_append(out, ": ");
    switch (pair->outcome) {
    case CONTEST_FIRST:
        finding_write_times(&pair->advantage, out);
        text_append(out, " as fast, ");
        break;
    case CONTEST_SECOND:
        text_append(out, "slower, the other is ");
        finding_write_times(&inverse, out);
        text_append(out, " as fast, ");
        break;
    case CONTEST_EQUAL:
        text_append(out, "no difference of more than %.0f %%, ", 100 * pair->limit);
        break;
    case CONTEST_OPEN:
        text_append(out, "not decided, ");
        break;
    }
    write_medians(pair, out, error);
    text_append(out, ".");
}

/* --- statements -------------------------------------------------------------------------------- */

static int add_pair_evidence(struct evidence *evidence, const struct contest *pair,
                             struct error *error)
{
    const int failure = evidence_add(evidence, pair->first, error);
    return failure ? failure : evidence_add(evidence, pair->second, error);
}

/* One that is decided speaks for itself. */
static int state_pair(const struct variation *variation, const struct contest *pair,
                      struct findings *findings, struct error *error)
{
    struct text text = {0};
    struct evidence evidence = {0};
    write_pair(pair, &text, error);
    if (variation->is_spinning)
        write_cpu(pair, &text, error);
    const int failure = add_pair_evidence(&evidence, pair, error);
    if (!failure)
        return statement_add(findings, variation->topic, &text, &evidence, error);
    text_free(&text);
    evidence_free(&evidence);
    return failure;
}

/* Those that are not decided share a sentence. */
static int state_undecided(const struct variation *variation, const struct contest_list *pairs,
                           struct findings *findings, struct error *error)
{
    struct text text = {0};
    struct evidence evidence = {0};
    size_t open = 0;
    int failure = 0;
    for (size_t index = 0; index < pairs->count && !failure; ++index) {
        const struct contest *const pair = &pairs->contests[index];
        if (pair->outcome != CONTEST_OPEN)
            continue;
        failure = add_pair_evidence(&evidence, pair, error);
        if (open++ >= NAMED_MOST)
            continue;
        text_append(&text, "%s%s for ",
                    open == 1 ? "These trials do not decide what changes with " : "; ",
                    finding_name(pair->first).text);
        finding_write_setting(pair->first, &text);
    }
    if (open > NAMED_MOST)
        text_append(&text, "; and %zu more", open - NAMED_MOST);
    text_append(&text, ".");
    if (open && !failure)
        return statement_add(findings, variation->topic, &text, &evidence, error);
    text_free(&text);
    evidence_free(&evidence);
    return failure;
}

/* A run of operations on memory alone has nothing of all this. */
static bool has_messages(const struct run *run)
{
    for (size_t index = 0; index < run->cell_count; ++index) {
        if (pattern_has_messages(run->cells[index].pattern))
            return true;
    }
    return false;
}

/* Nothing measured: why, if it was tried. */
static int state_absence(const struct run *run, const struct variation *variation,
                         struct findings *findings, struct error *error)
{
    struct text text = {0};
    struct evidence evidence = {0};
    int failure = 0;
    text_append(&text, "%s", variation->absent);
    for (size_t index = 0; index < run->cell_count && !failure; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (cell->status == TRIAL_OK || !has_variation(cell, variation))
            continue;
        if (!evidence.count) {
            struct text reason = {0};
            text_append(&reason, ": %s, %s: %s", finding_name(cell).text,
                        trial_status_name(cell->status),
                        cell->reason ? cell->reason : "not reached");
            if (cell->knob)
                text_append(&reason, " [%s]", cell->knob);
            if (reason.data)
                text_clean(reason.data);
            text_append(&text, "%s", text_string(&reason));
            text_free(&reason);
        }
        failure = evidence_add(&evidence, cell, error);
    }
    text_append(&text, ".");
    if (!failure)
        return statement_add(findings, variation->topic, &text, &evidence, error);
    text_free(&text);
    evidence_free(&evidence);
    return failure;
}

static int state_variation(const struct run *run, const struct variation *variation,
                           struct findings *findings, struct error *error)
{
    struct contest_list pairs = {0};
    int failure = find_pairs(run, variation, &pairs, error);
    if (!failure)
        failure = contests_correct(pairs.contests, pairs.count, error);
    for (size_t index = 0; index < pairs.count && !failure; ++index) {
        if (pairs.contests[index].outcome != CONTEST_OPEN)
            failure = state_pair(variation, &pairs.contests[index], findings, error);
    }
    if (!failure)
        failure = state_undecided(variation, &pairs, findings, error);
    if (!failure && !pairs.count && variation->absent && has_messages(run))
        failure = state_absence(run, variation, findings, error);
    contest_list_free(&pairs);
    return failure;
}

int statements_add_variants(const struct run *run, struct findings *findings, struct error *error)
{
    int failure = 0;
    for (size_t index = 0; index < sizeof(variations) / sizeof(variations[0]) && !failure; ++index)
        failure = state_variation(run, &variations[index], findings, error);
    return failure;
}
