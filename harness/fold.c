#include "harness/fold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/stats.h"
#include "harness/windows.h"

/* The samples of pingpong and memory: round trips or operations in ticks, of these many together. */
struct samples {
    const uint32_t *ticks;
    const struct clock *clock;
    double together;
};

int fold_median(const void *series, size_t count, window_sample *sample_ns, double *median_ns,
                struct error *error)
{
    double *const values = calloc(count + 1, sizeof(*values));
    if (!values)
        return error_system(error, ENOMEM, "%zu samples", count);
    for (size_t index = 0; index < count; ++index)
        values[index] = sample_ns(series, index);
    *median_ns = count ? stats_median(values, count) : 0;
    free(values);
    return 0;
}

static double sample_ns(const void *series, size_t index)
{
    const struct samples *samples = series;
    return clock_ns(samples->clock, samples->ticks[index]) / samples->together;
}

/* Into whole nanoseconds, as they round; up, where a fraction of one is common. */
static uint64_t whole_ns(double ns, double together)
{
    return (uint64_t)(together > 1 ? ceil(ns) : ns + 0.5);
}

static int fold_samples(const struct trial_request *request, const struct workspace *workspace,
                        struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_SENDER];
    const double together =
        report->operations_per_sample > 1 ? (double)report->operations_per_sample : 1;
    const struct samples samples = {workspace->samples, request->clock, together};
    const int failure = hdr_init_latency(&result->histogram, error);
    if (failure)
        return failure;
    uint64_t long_samples = 0;
    for (size_t index = 0; index < report->sample_count; ++index) {
        const uint32_t ticks = workspace->samples[index];
        long_samples += ticks == UINT32_MAX;
        if (ticks != UINT32_MAX)
            hdr_record(&result->histogram, whole_ns(sample_ns(&samples, index), together));
    }
    for (size_t index = 0; index < report->long_sample_count; ++index)
        hdr_record(
            &result->histogram,
            whole_ns(clock_ns(request->clock, report->long_samples[index]) / together, together));
    if (long_samples > report->long_sample_count)
        return error_plain(error, "%llu samples took seconds, room is for %d of those",
                           (unsigned long long)long_samples, LONG_SAMPLES_MAX);
    result->messages = report->sample_count;
    result->elapsed_ns = clock_ns(request->clock, report->elapsed_ticks);
    windows_of_samples(result, &samples, (size_t)report->sample_count, sample_ns);
    return together > 1 ? fold_median(&samples, (size_t)report->sample_count, sample_ns,
                                      &result->access_ns, error)
                        : 0;
}

static int fold_intervals(const struct trial_request *request, const struct workspace *workspace,
                          struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_RECEIVER];
    result->messages = report->window_messages;
    result->elapsed_ns = clock_ns(request->clock, report->window_ticks);
    result->interval_ns = INTERVAL_SECONDS * 1e9;
    result->interval_count = report->interval_count;
    if (!report->interval_count)
        return 0;
    result->interval_counts = malloc(report->interval_count * sizeof(uint32_t));
    if (!result->interval_counts)
        return error_system(error, ENOMEM, "interval counts");
    memcpy(result->interval_counts, workspace->interval_counts,
           report->interval_count * sizeof(uint32_t));
    windows_of_intervals(result, request->timed_seconds);
    return 0;
}

/* Samples as of round trips; but the time is that of the timed parts, and a sample may stand for many
 * operations. */
static int fold_memory(const struct trial_request *request, const struct workspace *workspace,
                       struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_SENDER];
    const int failure = fold_samples(request, workspace, result, error);
    result->messages = report->messages;
    result->elapsed_ns = clock_ns(request->clock, report->worked_ticks);
    result->operation = (struct operation_extent){
        .bytes = report->operation_bytes,
        .per_sample = report->operations_per_sample,
    };
    return failure;
}

static int fold_pattern(const struct trial_request *request, const struct workspace *workspace,
                        struct trial_result *result, struct error *error)
{
    switch (request->pattern) {
    case PATTERN_STREAM:
        return fold_intervals(request, workspace, result, error);
    case PATTERN_ONEWAY:
    case PATTERN_BURST:
    case PATTERN_PACED:
        return fold_stamped(request, workspace, result, error);
    case PATTERN_PAGEWALK:
    case PATTERN_LINEWALK:
        return fold_walk(request, workspace, result, error);
    case PATTERN_MEMORY:
        return fold_memory(request, workspace, result, error);
    case PATTERN_PINGPONG:
    case PATTERN_LOAD: /* made of trials of the others */
        break;
    }
    return fold_samples(request, workspace, result, error);
}

int fold_trial(const struct trial_request *request, const struct workspace *workspace,
               struct trial_result *result, struct error *error)
{
    const int failure = fold_pattern(request, workspace, result, error);
    if (request->pattern == PATTERN_BURST)
        result->capacity_messages =
            (int64_t)workspace->shared->reports[SIDE_RECEIVER].capacity_messages;
    if (!failure)
        windows_judge(result);
    return failure;
}

int fold_cold(const struct trial_request *request, const struct workspace *workspace,
              struct trial_result *result, struct error *error)
{
    const struct side_report *reports = workspace->shared->reports;
    const struct side_report *report = &reports[SIDE_SENDER];
    const size_t count = report->cold_count;
    struct cold_start *cold = &result->cold;
    if (!count)
        return 0;
    double *values_ns = calloc(count, sizeof(*values_ns));
    if (!values_ns)
        return error_system(error, ENOMEM, "%zu cold samples", count);
    for (size_t index = 0; index < count; ++index) {
        values_ns[index] = clock_ns(request->clock, report->cold_samples[index]);
        cold->total_ns += values_ns[index];
    }
    cold->messages = count;
    cold->first_ns = values_ns[0];
    cold->p50_ns = stats_median(values_ns, count); /* sorts */
    cold->max_ns = values_ns[count - 1];
    for (int side = 0; side < SIDE_COUNT; ++side)
        cold->faults[side] = reports[side].cold_faults;
    free(values_ns);
    return 0;
}

int fold_clock_offset(const struct trial_request *request, const struct workspace *workspace,
                      struct clock_offset *offset)
{
    const struct side_report *reports = workspace->shared->reports;
    const double ns_per_tick = request->clock->ns_per_tick;
    *offset = (struct clock_offset){
        .warps = reports[SIDE_SENDER].warps + reports[SIDE_RECEIVER].warps,
    };
    for (int which = 0; which < 2; ++which) {
        const double low_ns = -(double)reports[SIDE_SENDER].way_minimum_ticks[which] * ns_per_tick;
        const double high_ns =
            (double)reports[SIDE_RECEIVER].way_minimum_ticks[which] * ns_per_tick;
        if (which == 0 || low_ns > offset->low_ns)
            offset->low_ns = low_ns;
        if (which == 0 || high_ns < offset->high_ns)
            offset->high_ns = high_ns;
    }
    return offset->low_ns > offset->high_ns ? -ERANGE : 0;
}
