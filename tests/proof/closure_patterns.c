/* elapsed, ways, window, schedule: identities of one pattern each. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/stats.h"
#include "tests/proof/closure_parts.h"

static const double ramp_share = 0.1;           /* of a stream, before its window opens */
static const double readings_allowed = 4;       /* the one in question comes after a pause, cold */
static const double histogram_precision = 1e-3; /* three digits */

static int elapsed(const struct closure *closure, const struct remains *remains,
                   struct finding *finding, struct error *error)
{
    const struct side_report *const report = &remains->workspace->shared->reports[SIDE_SENDER];
    uint32_t *const samples = remains->workspace->samples;
    uint64_t sum_ticks = closure->spoil ? closure_spoil_ticks(closure) : 0;
    size_t long_samples = 0;
    (void)error;
    for (size_t index = 0; index < remains->count; ++index)
        sum_ticks +=
            samples[index] < UINT32_MAX ? samples[index] : report->long_samples[long_samples++];
    finding_add(finding,
                fabs(clock_ns(remains->request->clock, sum_ticks) - remains->result->elapsed_ns),
                remains->request->clock->cost_ns);
    return 0;
}

int closure_check_elapsed(struct closure *closure, const struct stage_cell *cell,
                          struct finding *finding, struct error *error)
{
    return closure_run(closure, cell, PATTERN_PINGPONG, elapsed, finding, error);
}

/* By the histograms, which is what a user sees. Times below 0 are in none of them. */
static bool means_add_up(const struct trial_result *result, double left_ns)
{
    const double round_trip_ns = hdr_mean(&result->series[SERIES_ROUND_TRIP]);
    const double ways_ns =
        hdr_mean(&result->histogram) + hdr_mean(&result->series[SERIES_BACKWARD]);
    return result->negatives || fabs(round_trip_ns - ways_ns - left_ns) <=
                                    histogram_precision * (round_trip_ns + ways_ns) + 1;
}

/* What is left of the round trip is the receiver's second reading of the clock. Never below 0, and its
 * cost in most exchanges: an interrupt, or a host that takes the CPU away, may fall into any. */
static int ways(const struct closure *closure, const struct remains *remains,
                struct finding *finding, struct error *error)
{
    double *const left_ns = calloc(remains->count, sizeof(*left_ns));
    double sum_ns = 0;
    if (!left_ns)
        return error_system(error, ENOMEM, "%zu exchanges", remains->count);
    if (closure->spoil)
        remains->workspace->stamps[STAMP_RECEIVED][0] += closure_spoil_ticks(closure);
    for (size_t index = 0; index < remains->count; ++index) {
        left_ns[index] = sent_to_returned_ns(remains, index) - sent_to_received_ns(remains, index) -
                         replied_to_returned_ns(remains, index);
        sum_ns += left_ns[index];
    }
    stats_sort(left_ns, remains->count);
    finding_add(finding, left_ns[0] < 0 ? -left_ns[0] : left_ns[remains->count / 2],
                readings_allowed * remains->request->clock->cost_ns);
    if (left_ns[0] < 0) {
        finding->holds = false;
        finding->note = "an answer was sent before its message was received";
    } else if (!means_add_up(remains->result, sum_ns / (double)remains->count)) {
        finding->holds = false;
        finding->note = "forward and backward do not add up to the round trip in the mean";
    }
    free(left_ns);
    return 0;
}

int closure_check_ways(struct closure *closure, const struct stage_cell *cell,
                       struct finding *finding, struct error *error)
{
    return closure_run(closure, cell, PATTERN_ONEWAY, ways, finding, error);
}

/* The interval that a moment of the loop falls into. */
static size_t interval_of(double seconds)
{
    static const double rounding = 1e-6;
    const double intervals = seconds / INTERVAL_SECONDS + rounding;
    return intervals > 0 ? (size_t)intervals : 0;
}

static double sum_intervals(const struct trial_result *result, size_t first, size_t end,
                            size_t lost)
{
    double sum = 0;
    for (size_t index = first; index < end && index < result->interval_count; ++index)
        sum += index == lost ? 0 : result->interval_counts[index];
    return sum;
}

/* The window opens at the first look at the clock after the ramp, and closes at the last before the
 * deadline; it is elapsed_ns long. Where exactly is not told, but the first look can have been no later
 * than the deadline less that length, and the last no earlier than the ramp plus it. Messages are counted
 * at looks: those of the intervals between are all in the window, those of the intervals of the first
 * and last look in part. */
static int window(const struct closure *closure, const struct remains *remains,
                  struct finding *finding, struct error *error)
{
    const struct trial_result *const result = remains->result;
    const double seconds = remains->request->timed_seconds, ramp = ramp_share * seconds;
    const double length = result->elapsed_ns / 1e9;
    const size_t middle = result->interval_count / 2;
    const size_t lost = closure->spoil ? middle : result->interval_count;
    const double least =
        sum_intervals(result, interval_of(seconds - length) + 1, interval_of(ramp + length), lost);
    const double most =
        sum_intervals(result, interval_of(ramp), (size_t)ceil(seconds / INTERVAL_SECONDS), lost);
    const double messages = (double)result->messages;
    (void)error;
    finding_add(finding, 100 * fabs(messages - (least + most) / 2) / messages,
                100 * (most - least) / 2 / messages);
    if (fabs(result->rate_per_s * length / messages - 1) > 1e-9) {
        finding->holds = false;
        finding->note = "rate times mean gap is not 1";
    }
    return 0;
}

int closure_check_window(struct closure *closure, const struct stage_cell *cell,
                         struct finding *finding, struct error *error)
{
    return closure_run(closure, cell, PATTERN_STREAM, window, finding, error);
}

static int schedule(const struct closure *closure, const struct remains *remains,
                    struct finding *finding, struct error *error)
{
    const struct trial_result *const result = remains->result;
    const struct workspace *const workspace = remains->workspace;
    const double response_ns = hdr_mean(&result->histogram);
    const double service_ns = hdr_mean(&result->series[SERIES_SERVICE]);
    const double lag_ns = hdr_mean(&result->series[SERIES_SEND_LAG]);
    uint64_t impossible = result->negatives;
    (void)error;
    if (closure->spoil)
        workspace->stamps[STAMP_SENT][0] = atomic_load(&workspace->crew->start_ticks) +
                                           workspace->intended_ticks[0] -
                                           closure_spoil_ticks(closure);
    for (size_t index = 0; index < remains->count; ++index)
        impossible +=
            intended_to_sent_ns(remains, index) < 0 || sent_to_received_ns(remains, index) < 0;
    if (impossible) {
        finding->holds = false;
        finding->note = "a message was sent before it was due, or received before it was sent";
    }
    finding_add(finding, fabs(response_ns - service_ns - lag_ns),
                histogram_precision * (response_ns + service_ns + lag_ns) + 1);
    return 0;
}

int closure_check_schedule(struct closure *closure, const struct stage_cell *cell,
                           struct finding *finding, struct error *error)
{
    return closure_run(closure, cell, PATTERN_PACED, schedule, finding, error);
}
