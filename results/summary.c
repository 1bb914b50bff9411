/* From trials to figures. Percentiles of several trials come from merged counts; whatever else is
 * summarised is a median over trials, since the trial, a fresh pair of processes, is what repeats,
 * never the message. */
#include "base/stats.h"
#include "results/summary_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A percentile that fewer samples lie beyond is an anecdote. */
enum { TAIL_SAMPLES_MIN = 10 };

static const double default_precision = 0.05;

double summary_tail(const struct hdr *hdr, double percentile)
{
    if (hdr_count_beyond(hdr, percentile) < TAIL_SAMPLES_MIN)
        return 0;
    return (double)hdr_percentile(hdr, percentile);
}

/* What the rate counts: a message, or a burst of them. */
static double messages_at_once(const struct run_cell *cell)
{
    return pattern_has_burst(cell->pattern) ? (double)cell->burst_messages : 1;
}

/* An access of a walk moves a cache line, however large the working set; an operation on memory is about
 * part of the region. */
static double bytes_at_once(const struct run_cell *cell, const struct operation_extent *operation)
{
    if (pattern_walks(cell->pattern))
        return WALK_LINE_BYTES;
    return pattern_has_messages(cell->pattern) ? (double)cell->size_bytes * messages_at_once(cell)
                                               : (double)operation->bytes;
}

void run_trial_derive(const struct run_cell *cell, struct run_trial *trial)
{
    const struct trial_result *const result = &trial->result;
    struct figures *const figures = &trial->figures;

    *figures = (struct figures){0};
    if (result->status != TRIAL_OK)
        return;
    if (result->histogram.counter_count > 0 && result->histogram.total > 0) {
        figures->p50_ns = result->access_ns > 0 ? result->access_ns
                                                : (double)hdr_percentile(&result->histogram, 50);
        figures->p99_ns = summary_tail(&result->histogram, 99);
        figures->p999_ns = summary_tail(&result->histogram, 99.9);
        figures->max_ns = (double)result->histogram.maximum;
    }
    for (size_t series = 0; series < SERIES_COUNT; series++) {
        const struct hdr *const histogram = &result->series[series];
        if (histogram->counter_count == 0 || histogram->total == 0)
            continue;
        figures->series[series].p50_ns = (double)hdr_percentile(histogram, 50);
        figures->series[series].p99_ns = summary_tail(histogram, 99);
    }
    figures->rate_per_s = result->rate_per_s;
    figures->bytes_per_s = result->rate_per_s * bytes_at_once(cell, &result->operation);
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
    for (size_t i = 0; i < SERIES_COUNT; i++)
        hdr_free(&summary->series[i]);
    free(summary->failed_reason);
    free(summary->invalid_reason);
    *summary = (struct summary){0};
}

struct stats_median summary_median(const struct run_cell *cell, summary_figure *figure,
                                   size_t which, double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct run_trial *const trial = &cell->trials[i];
        const double value = summary_counts(trial) ? figure(trial, which) : 0;
        if (value > 0)
            values[count++] = value;
    }
    return stats_median_interval(values, count, SUMMARY_CONFIDENCE);
}

static double p50_of(const struct run_trial *trial, size_t which)
{
    (void)which;
    return trial->figures.p50_ns;
}

static double rate_of(const struct run_trial *trial, size_t which)
{
    (void)which;
    return trial->figures.rate_per_s;
}

static double offered_of(const struct run_trial *trial, size_t which)
{
    (void)which;
    return trial->result.pace.offered_per_s;
}

static void summarise_main_figures(struct run_cell *cell, double precision, double *values)
{
    struct summary *const summary = &cell->summary;
    const struct stats_median p50 = summary_median(cell, p50_of, 0, values);
    const struct stats_median rate = summary_median(cell, rate_of, 0, values);

    summary->p50_ns = p50.value;
    summary->p50_low_ns = p50.low;
    summary->p50_high_ns = p50.high;
    summary->rate_per_s = rate.value;
    summary->rate_low_per_s = rate.low;
    summary->rate_high_per_s = rate.high;
    const struct operation_extent operation = {.bytes = summary->operation.bytes};
    summary->bytes_per_s = rate.value * bytes_at_once(cell, &operation);
    summary->offered_per_s = summary_median(cell, offered_of, 0, values).value;

    const struct stats_median main_figure = pattern_is_latency(cell->pattern) ? p50 : rate;
    summary->interval_coverage = main_figure.coverage;
    if (main_figure.value > 0)
        summary->noise = (main_figure.high - main_figure.low) / (2 * main_figure.value);
    summary->noisy = summary->noise > precision || main_figure.coverage < SUMMARY_CONFIDENCE;
}

static int summarise_medians(struct run_cell *cell, double precision, struct error *error)
{
    double *const values = calloc(cell->trial_count, sizeof *values);
    if (!values)
        return error_system(error, ENOMEM, "%s: summarising %zu trials", cell->id,
                            cell->trial_count);

    summarise_main_figures(cell, precision, values);
    summary_clocks(cell);
    summary_cold(cell, values);
    summary_load(cell, values);
    summary_crew(cell, values);
    summary_states(cell, values);
    free(values);
    return 0;
}

double run_cell_noise(const struct run_cell *cell)
{
    double *const values = calloc(cell->trial_count + 1, sizeof *values);
    if (!values)
        return 0; /* no memory to want more with */

    const struct stats_median median =
        summary_median(cell, pattern_is_latency(cell->pattern) ? p50_of : rate_of, 0, values);
    free(values);
    if (median.value <= 0 || median.coverage < SUMMARY_CONFIDENCE)
        return INFINITY;
    return (median.high - median.low) / (2 * median.value);
}

double run_precision(const struct run *run)
{
    return run->request.precision > 0 ? run->request.precision : default_precision;
}

static int merge_histogram(const struct run_cell *cell, const struct hdr *histogram,
                           struct hdr *merged, struct error *error)
{
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
        if (!summary_counts(&cell->trials[i]))
            continue;
        int failed = merge_histogram(cell, &result->histogram, &summary->merged, error);
        for (size_t series = 0; series < SERIES_COUNT && !failed; series++)
            failed =
                merge_histogram(cell, &result->series[series], &summary->series[series], error);
        if (failed)
            return failed;
    }
    if (summary->merged.counter_count == 0 || summary->merged.total == 0)
        return 0;
    summary->p99_ns = summary_tail(&summary->merged, 99);
    summary->p999_ns = summary_tail(&summary->merged, 99.9);
    summary->max_ns = (double)summary->merged.maximum;
    return 0;
}

/* Totals over totals, so that a long trial weighs more than a short one. The length of a side's
 * timed loop is taken from its messages and the rate: `elapsed_ns` of a stream is the receiver's
 * window alone, the costs are the whole loop's. */
static void summarise_costs(struct run_cell *cell, enum side side)
{
    const double processes = (double)run_cell_processes(cell, side);
    double messages = 0, cpu_ns = 0, switches = 0, blocked_ns = 0, loop_ns = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        const struct side_cost *const cost = &result->sides[side];
        if (result->status != TRIAL_OK)
            continue;
        messages += (double)cost->messages;
        cpu_ns += (double)cost->cpu_ns;
        switches += (double)(cost->voluntary_switches + cost->involuntary_switches);
        if (result->rate_per_s > 0 && cell->pattern != PATTERN_LOAD) {
            blocked_ns += (double)cost->blocked_ns;
            loop_ns += processes * (double)cost->messages /
                       (result->rate_per_s * messages_at_once(cell)) * 1e9;
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

/* Of those trials in which both sides' hardware counted. */
static void summarise_dtlb(struct run_cell *cell)
{
    double messages[SIDE_COUNT] = {0}, misses[SIDE_COUNT] = {0};

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct side_cost *const sides = cell->trials[i].result.sides;
        bool counted = cell->trials[i].result.status == TRIAL_OK;
        for (int side = 0; side < SIDE_COUNT; side++)
            counted = counted && sides[side].counters.scope[0] &&
                      sides[side].counters.values[COUNTER_DTLB_MISSES] >= 0;
        for (int side = 0; side < SIDE_COUNT && counted; side++) {
            messages[side] += (double)sides[side].messages;
            misses[side] += (double)sides[side].counters.values[COUNTER_DTLB_MISSES];
        }
    }
    cell->summary.dtlb_counted = messages[SIDE_SENDER] > 0 && messages[SIDE_RECEIVER] > 0;
    for (int side = 0; side < SIDE_COUNT && cell->summary.dtlb_counted; side++)
        cell->summary.dtlb_misses_per_message[side] = misses[side] / messages[side];
}

static void summarise_operation(struct run_cell *cell)
{
    struct summary_operation *const operation = &cell->summary.operation;
    double operations = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        if (result->status != TRIAL_OK)
            continue;
        operations += (double)result->messages;
        operation->bytes = result->operation.bytes;
        operation->per_sample = result->operation.per_sample;
        operation->minor_faults += (double)result->sides[SIDE_SENDER].minor_faults;
        operation->major_faults += (double)result->sides[SIDE_SENDER].major_faults;
    }
    if (operations > 0) {
        operation->minor_faults /= operations;
        operation->major_faults /= operations;
    }
}

static int summarise_cell(struct run_cell *cell, double precision, struct error *error)
{
    summary_free(&cell->summary);
    int failed = summary_adopt_status(cell, error);
    if (!failed)
        failed = summary_count_trials(cell, error);
    if (failed || cell->summary.trials == 0)
        return failed;

    if (!pattern_has_messages(cell->pattern))
        summarise_operation(cell); /* its bytes are those of the rate */
    failed = summarise_medians(cell, precision, error);
    if (!failed && pattern_is_latency(cell->pattern))
        failed = summarise_histograms(cell, error);
    summarise_costs(cell, SIDE_SENDER);
    summarise_costs(cell, SIDE_RECEIVER);
    summarise_dtlb(cell);
    return failed;
}

uint64_t run_cell_page_bytes(const struct run_cell *cell)
{
    for (size_t i = 0; i < cell->obtained.count; i++) {
        const struct obtained_fact *const fact = &cell->obtained.facts[i];
        if (fact->is_number && fact->number > 0 && strcmp(fact->key, "page_bytes") == 0)
            return (uint64_t)fact->number;
    }
    return 0;
}

int run_summarise(struct run *run, struct error *error)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        const int failed = summarise_cell(&run->cells[i], run_precision(run), error);
        if (failed)
            return failed;
    }
    return 0;
}
