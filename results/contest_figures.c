/* What a cell contributes to a contest: the figure of each trial, and whether it should be heard at
 * all. */
#include "results/contest.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/compare.h"
#include "results/run.h"

enum contest_figure contest_main_figure(const struct run_cell *cell)
{
    return pattern_is_latency(cell->pattern) ? CONTEST_P50 : CONTEST_RATE;
}

double contest_value(const struct run_cell *cell, const struct run_trial *trial,
                     enum contest_figure figure)
{
    const struct figures *const figures = &trial->figures;
    if (trial->result.status != TRIAL_OK)
        return 0;
    switch (figure) {
    case CONTEST_P50:
        return figures->p50_ns;
    case CONTEST_P99:
        return figures->p99_ns;
    case CONTEST_RATE:
        return figures->rate_per_s;
    case CONTEST_BANDWIDTH:
        return figures->rate_per_s * (double)(trial->result.operation.bytes
                                                  ? trial->result.operation.bytes
                                                  : cell->size_bytes);
    case CONTEST_CPU:
        break;
    }
    if (!(figures->cpu_ns_per_message[SIDE_RECEIVER] > 0))
        return 0;
    if (cell->pattern == PATTERN_PINGPONG || cell->pattern == PATTERN_STREAM)
        return figures->cpu_ns_per_message[SIDE_SENDER] +
               figures->cpu_ns_per_message[SIDE_RECEIVER];
    return figures->cpu_ns_per_message[SIDE_RECEIVER];
}

int contest_median(const struct run_cell *cell, enum contest_figure figure,
                   struct stats_median *median, struct error *error)
{
    size_t count = 0;
    double *const values = calloc(cell->trial_count + 1, sizeof(*values));
    *median = (struct stats_median){0};
    if (!values)
        return error_system(error, ENOMEM, "%zu trials", cell->trial_count);
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const double value = contest_value(cell, &cell->trials[index], figure);
        if (value > 0)
            values[count++] = value;
    }
    *median = stats_median_interval(values, count, COMPARE_CONFIDENCE);
    free(values);
    return 0;
}

const char *contest_weakness(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    size_t good = 0;
    if (cell->status != TRIAL_OK)
        return "not measured";
    for (size_t index = 0; index < cell->trial_count; ++index)
        good += cell->trials[index].result.status == TRIAL_OK;
    if (good < CONTEST_TRIALS_LEAST)
        return "too few trials";
    if (2 * good <= cell->trial_count)
        return "half of its trials or more are invalid or failed";
    if (summary->clock_limited)
        return "no better known than the two CPUs' clocks";
    if (cell->crew && cell->crew->oversubscribed)
        return "fewer CPUs than processes";
    return "";
}
