#include "results/history_figures.h"

#include "results/run.h"

static const double confidence = 0.95;

/* Does a pattern have this figure? The rate of the others is asked for, or made of their pauses. */
bool history_figure_exists(enum pattern pattern, enum history_metric metric)
{
    if (history_metric_is_time(metric))
        return pattern_is_latency(pattern);
    return pattern == PATTERN_PINGPONG || !pattern_is_latency(pattern);
}

enum history_metric history_figure_main(enum pattern pattern)
{
    return pattern_is_latency(pattern) ? HISTORY_P50 : HISTORY_RATE;
}

static double trial_figure(const struct figures *figures, enum history_metric metric)
{
    switch (metric) {
    case HISTORY_P50:
        return figures->p50_ns;
    case HISTORY_P99:
        return figures->p99_ns;
    default:
        return figures->rate_per_s;
    }
}

/* The figures of the trials that count: those of others are absent, 0, like a tail of too few. */
size_t history_figure_trials(const struct run_cell *cell, enum history_metric metric,
                             double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const double value = trial_figure(&cell->trials[i].figures, metric);
        if (value > 0)
            values[count++] = value;
    }
    return count;
}

/* The summary's interval where it has one: it knows of the clocks, too. A tail there is of the merged
 * histogram, without an interval: here it is the median of the trials' own. */
struct stats_median history_figure_median(const struct run_cell *cell, enum history_metric metric,
                                          double *values, size_t count)
{
    const struct summary *const summary = &cell->summary;

    if (metric == HISTORY_P50)
        return (struct stats_median){
            .value = summary->p50_ns, .low = summary->p50_low_ns, .high = summary->p50_high_ns};
    if (metric == HISTORY_RATE)
        return (struct stats_median){.value = summary->rate_per_s,
                                     .low = summary->rate_low_per_s,
                                     .high = summary->rate_high_per_s};
    return stats_median_interval(values, count, confidence);
}
