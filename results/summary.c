/* From trials to figures. Percentiles of several trials come from merged counts; whatever else is
 * summarised is a median over trials, since the trial, a fresh pair of processes, is what repeats,
 * never the message. */
#include "base/stats.h"
#include "results/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A percentile that fewer samples lie beyond is an anecdote. */
enum { TAIL_SAMPLES_MIN = 10 };

static const double summary_confidence = 0.95;
static const double noisy_share = 0.05;

static double tail_percentile(const struct hdr *hdr, double percentile)
{
    if (hdr_count_beyond(hdr, percentile) < TAIL_SAMPLES_MIN)
        return 0;
    return (double)hdr_percentile(hdr, percentile);
}

void run_trial_derive(const struct run_cell *cell, struct run_trial *trial)
{
    const struct trial_result *const result = &trial->result;
    struct figures *const figures = &trial->figures;

    *figures = (struct figures){0};
    if (result->status != TRIAL_OK)
        return;
    if (result->histogram.counter_count > 0 && result->histogram.total > 0) {
        figures->p50_ns = (double)hdr_percentile(&result->histogram, 50);
        figures->p99_ns = tail_percentile(&result->histogram, 99);
        figures->p999_ns = tail_percentile(&result->histogram, 99.9);
        figures->max_ns = (double)result->histogram.maximum;
    }
    figures->rate_per_s = result->rate_per_s;
    figures->bytes_per_s = result->rate_per_s * (double)cell->size_bytes;
    for (int side = 0; side < SIDE_COUNT; side++) {
        const struct side_cost *const cost = &result->sides[side];
        if (cost->messages == 0)
            continue;
        figures->cpu_ns_per_message[side] = (double)cost->cpu_ns / (double)cost->messages;
        figures->switches_per_message[side] =
            (double)(cost->voluntary_switches + cost->involuntary_switches) /
            (double)cost->messages;
    }
}

void summary_free(struct summary *summary)
{
    hdr_free(&summary->merged);
    free(summary->failed_reason);
    *summary = (struct summary){0};
}

/* The median over the ok trials of one figure, given by its offset; trials that lack it (0) do not
 * count. `values` has room for all trials. */
static struct stats_median median_of(const struct run_cell *cell, size_t figure_offset,
                                     double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct run_trial *const trial = &cell->trials[i];
        if (trial->result.status != TRIAL_OK)
            continue;
        double value;
        memcpy(&value, (const char *)&trial->figures + figure_offset, sizeof value);
        if (value > 0)
            values[count++] = value;
    }
    return stats_median_interval(values, count, summary_confidence);
}

static int summarise_medians(struct run_cell *cell, struct error *error)
{
    struct summary *const summary = &cell->summary;
    double *const values = calloc(cell->trial_count, sizeof *values);
    if (!values)
        return error_system(error, ENOMEM, "%s: summarising %zu trials", cell->id,
                            cell->trial_count);

    const struct stats_median p50 = median_of(cell, offsetof(struct figures, p50_ns), values);
    const struct stats_median rate = median_of(cell, offsetof(struct figures, rate_per_s), values);
    free(values);

    summary->p50_ns = p50.value;
    summary->p50_low_ns = p50.low;
    summary->p50_high_ns = p50.high;
    summary->rate_per_s = rate.value;
    summary->rate_low_per_s = rate.low;
    summary->rate_high_per_s = rate.high;
    summary->bytes_per_s = rate.value * (double)cell->size_bytes;

    const struct stats_median main_figure = cell->pattern == PATTERN_PINGPONG ? p50 : rate;
    summary->interval_coverage = main_figure.coverage;
    if (main_figure.value > 0)
        summary->noise = (main_figure.high - main_figure.low) / (2 * main_figure.value);
    summary->noisy = summary->noise > noisy_share;
    return 0;
}

static int merge_histogram(struct run_cell *cell, const struct hdr *histogram, struct error *error)
{
    struct hdr *const merged = &cell->summary.merged;
    int failed = 0;

    if (histogram->counter_count == 0)
        return 0;
    if (merged->counter_count == 0)
        failed = hdr_init(merged, histogram->lowest, histogram->highest, histogram->digits, error);
    if (!failed)
        failed = hdr_merge(merged, histogram, error);
    if (failed)
        error_prefix(error, "%s: ", cell->id);
    return failed;
}

static int summarise_histograms(struct run_cell *cell, struct error *error)
{
    struct summary *const summary = &cell->summary;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        const int failed =
            result->status == TRIAL_OK ? merge_histogram(cell, &result->histogram, error) : 0;
        if (failed)
            return failed;
    }
    if (summary->merged.counter_count == 0 || summary->merged.total == 0)
        return 0;
    summary->p99_ns = tail_percentile(&summary->merged, 99);
    summary->p999_ns = tail_percentile(&summary->merged, 99.9);
    summary->max_ns = (double)summary->merged.maximum;
    return 0;
}

/* Totals over totals, so that a long trial weighs more than a short one. The length of a side's
 * timed loop is taken from its messages and the rate: `elapsed_ns` of a stream is the receiver's
 * window alone, the costs are the whole loop's. */
static void summarise_costs(struct run_cell *cell, enum side side)
{
    double messages = 0, cpu_ns = 0, switches = 0, blocked_ns = 0, loop_ns = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        const struct side_cost *const cost = &result->sides[side];
        if (result->status != TRIAL_OK)
            continue;
        messages += (double)cost->messages;
        cpu_ns += (double)cost->cpu_ns;
        switches += (double)(cost->voluntary_switches + cost->involuntary_switches);
        if (result->rate_per_s > 0) {
            blocked_ns += (double)cost->blocked_ns;
            loop_ns += (double)cost->messages / result->rate_per_s * 1e9;
        }
    }
    if (messages > 0) {
        cell->summary.cpu_ns_per_message[side] = cpu_ns / messages;
        cell->summary.switches_per_message[side] = switches / messages;
    }
    /* Both times are estimates, so a side that does nothing but wait may come out above 1. */
    if (loop_ns > 0)
        cell->summary.blocked_share[side] = blocked_ns < loop_ns ? blocked_ns / loop_ns : 1;
}

static int replace_text(char **text, const char *by, struct error *error)
{
    char *copy = NULL;

    if (by && by[0] && !(copy = strdup(by)))
        return error_system(error, ENOMEM, "keeping a reason");
    free(*text);
    *text = copy;
    return 0;
}

static int count_trials(struct run_cell *cell, struct error *error)
{
    struct summary *const summary = &cell->summary;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        if (result->status == TRIAL_OK) {
            summary->trials++;
            summary->trials_unsettled += result->probes_disagree;
            summary->trials_faulted += result->faults_in_loop;
        } else if (result->status != TRIAL_INTERRUPTED && summary->trials_failed++ == 0) {
            const int failed = replace_text(&summary->failed_reason, result->error.message, error);
            if (failed)
                return failed;
        }
    }
    return 0;
}

static bool is_intact(const struct trial_result *result)
{
    const struct integrity *const integrity = &result->integrity;
    return !integrity->lost && !integrity->duplicated && !integrity->reordered &&
           !integrity->corrupt;
}

/* The trial that speaks for the cell: one that lost or damaged messages, whatever the others did;
 * else the first of the best-informed status there is. */
static const struct trial_result *spokesman(const struct run_cell *cell)
{
    static const enum trial_status precedence[] = {TRIAL_OK, TRIAL_FAILED, TRIAL_INVALID,
                                                   TRIAL_SKIPPED, TRIAL_INTERRUPTED};

    for (size_t i = 0; i < cell->trial_count; i++) {
        if (!is_intact(&cell->trials[i].result))
            return &cell->trials[i].result;
    }
    for (size_t p = 0; p < sizeof precedence / sizeof precedence[0]; p++) {
        for (size_t i = 0; i < cell->trial_count; i++) {
            if (cell->trials[i].result.status == precedence[p])
                return &cell->trials[i].result;
        }
    }
    return NULL;
}

static int adopt_status(struct run_cell *cell, struct error *error)
{
    const struct trial_result *const result = spokesman(cell);
    if (!result) {
        if (cell->status == TRIAL_OK)
            cell->status = TRIAL_INTERRUPTED;
        return 0;
    }

    const bool settled = result->status != TRIAL_OK && result->status != TRIAL_INTERRUPTED;
    int failed = replace_text(&cell->reason, settled ? result->error.message : NULL, error);
    if (!failed)
        failed = replace_text(&cell->knob, settled ? result->error.knob : NULL, error);
    if (failed)
        return failed;
    cell->status = result->status;
    cell->obtained = result->obtained;
    return 0;
}

static int summarise_cell(struct run_cell *cell, struct error *error)
{
    summary_free(&cell->summary);
    int failed = adopt_status(cell, error);
    if (!failed)
        failed = count_trials(cell, error);
    if (failed || cell->summary.trials == 0)
        return failed;

    failed = summarise_medians(cell, error);
    if (!failed && cell->pattern == PATTERN_PINGPONG)
        failed = summarise_histograms(cell, error);
    summarise_costs(cell, SIDE_SENDER);
    summarise_costs(cell, SIDE_RECEIVER);
    return failed;
}

int run_summarise(struct run *run, struct error *error)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        const int failed = summarise_cell(&run->cells[i], error);
        if (failed)
            return failed;
    }
    return 0;
}
