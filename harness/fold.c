#include "harness/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/stats.h"
#include "harness/windows.h"

/* Stamps of one trial with what turns them into times. */
struct stamped {
    const uint64_t *const *stamps;
    const uint64_t *intended_ticks; /* since start_ticks */
    uint64_t start_ticks;
    const struct clock *clock;
    size_t count; /* messages or bursts that both sides have stamped */
};

static struct stamped stamped_of(const struct trial_request *request,
                                 const struct workspace *workspace)
{
    const struct side_report *reports = workspace->shared->reports;
    const uint64_t sent = reports[SIDE_SENDER].stamp_count;
    const uint64_t received = reports[SIDE_RECEIVER].stamp_count;
    return (struct stamped){
        .stamps = (const uint64_t *const *)workspace->stamps,
        .intended_ticks = workspace->intended_ticks,
        .start_ticks = atomic_load(&workspace->crew->start_ticks),
        .clock = request->clock,
        .count = (size_t)(sent < received ? sent : received),
    };
}

static double ns_between(const struct stamped *stamped, uint64_t from, uint64_t to)
{
    return (double)(int64_t)(to - from) * stamped->clock->ns_per_tick;
}

static double sent_to_received(const void *series, size_t index)
{
    const struct stamped *stamped = series;
    return ns_between(stamped, stamped->stamps[STAMP_SENT][index],
                      stamped->stamps[STAMP_RECEIVED][index]);
}

static double replied_to_returned(const void *series, size_t index)
{
    const struct stamped *stamped = series;
    return ns_between(stamped, stamped->stamps[STAMP_REPLIED][index],
                      stamped->stamps[STAMP_RETURNED][index]);
}

static double sent_to_returned(const void *series, size_t index)
{
    const struct stamped *stamped = series;
    return ns_between(stamped, stamped->stamps[STAMP_SENT][index],
                      stamped->stamps[STAMP_RETURNED][index]);
}

static double intended_to_received(const void *series, size_t index)
{
    const struct stamped *stamped = series;
    return ns_between(stamped, stamped->start_ticks + stamped->intended_ticks[index],
                      stamped->stamps[STAMP_RECEIVED][index]);
}

static double intended_to_sent(const void *series, size_t index)
{
    const struct stamped *stamped = series;
    return ns_between(stamped, stamped->start_ticks + stamped->intended_ticks[index],
                      stamped->stamps[STAMP_SENT][index]);
}

/* Times below 0 are counted and in no histogram: clamped they would look like good ones. */
static int fold_series(struct hdr *histogram, const struct stamped *stamped,
                       window_sample *sample_ns, uint64_t *negatives, struct error *error)
{
    const int failure = hdr_init_latency(histogram, error);
    for (size_t index = 0; !failure && index < stamped->count; ++index) {
        const double ns = sample_ns(stamped, index);
        if (ns < 0)
            ++*negatives;
        else
            hdr_record(histogram, (uint64_t)(ns + 0.5));
    }
    return failure;
}

static int fold_bursts(const struct trial_request *request, const struct stamped *stamped,
                       struct trial_result *result, struct error *error)
{
    int failure =
        fold_series(&result->histogram, stamped, sent_to_received, &result->negatives, error);
    if (!failure)
        failure = fold_series(&result->series[SERIES_ROUND_TRIP], stamped, sent_to_returned,
                              &result->negatives, error);
    if (!failure && request->pattern == PATTERN_ONEWAY)
        failure = fold_series(&result->series[SERIES_BACKWARD], stamped, replied_to_returned,
                              &result->negatives, error);
    if (failure || !stamped->count)
        return failure;
    result->messages = stamped->count;
    result->elapsed_ns = ns_between(stamped, stamped->stamps[STAMP_SENT][0],
                                    stamped->stamps[STAMP_RETURNED][stamped->count - 1]);
    windows_of_samples(result, stamped, stamped->count, sent_to_received);
    return 0;
}

/* How many messages were due but not received when the last one was due. */
static uint64_t backlog_of(const struct stamped *stamped, size_t planned)
{
    const uint64_t end_ticks = stamped->start_ticks + stamped->intended_ticks[planned - 1];
    size_t received = 0;
    while (received < stamped->count && stamped->stamps[STAMP_RECEIVED][received] <= end_ticks)
        ++received;
    return planned - received;
}

/* What was offered over what it took to receive it: the schedule's span, and by how much the median
 * response of the last window exceeds that of the first. The very first and last message would say
 * more of one hiccup than of the rate. */
static double achieved_per_s(const struct pace *pace, const struct trial_result *result,
                             double span_ns)
{
    const size_t windows = result->window_count;
    const double later_ns =
        windows ? result->window_values[windows - 1] - result->window_values[0] : 0;
    return later_ns > -span_ns ? pace->offered_per_s * span_ns / (span_ns + later_ns) : 0;
}

static void fold_pace(const struct stamped *stamped, size_t planned, struct trial_result *result)
{
    struct pace *pace = &result->pace;
    const size_t last = stamped->count - 1;
    const double offered_ns =
        ns_between(stamped, stamped->intended_ticks[0], stamped->intended_ticks[planned - 1]);
    const double received_ns = ns_between(stamped, stamped->stamps[STAMP_RECEIVED][0],
                                          stamped->stamps[STAMP_RECEIVED][last]);
    if (stamped->count < 2 || offered_ns <= 0 || received_ns <= 0)
        return;
    pace->offered_per_s = (double)(planned - 1) * 1e9 / offered_ns;
    pace->achieved_per_s = achieved_per_s(
        pace, result,
        ns_between(stamped, stamped->intended_ticks[0], stamped->intended_ticks[last]));
    pace->backlog_messages = backlog_of(stamped, planned);
    pace->rise_share = windows_rise_share(result);
    pace->rise_messages = windows_rise_ns(result) * pace->offered_per_s / 1e9;
    pace->stable = pace_is_stable(pace, planned);
    result->elapsed_ns = received_ns;
}

static int fold_paced(const struct trial_request *request, const struct stamped *stamped,
                      struct trial_result *result, struct error *error)
{
    const struct schedule schedule = {
        .rate_per_s = request->offered_per_s,
        .seconds = request->timed_seconds,
    };
    int failure =
        fold_series(&result->histogram, stamped, intended_to_received, &result->negatives, error);
    if (!failure)
        failure = fold_series(&result->series[SERIES_SERVICE], stamped, sent_to_received,
                              &result->negatives, error);
    if (!failure)
        failure = fold_series(&result->series[SERIES_SEND_LAG], stamped, intended_to_sent,
                              &result->negatives, error);
    if (failure || !stamped->count)
        return failure;
    result->messages = stamped->count;
    windows_of_samples(result, stamped, stamped->count, intended_to_received);
    fold_pace(stamped, schedule_count(&schedule), result);
    return 0;
}

/* The pingpong's samples: round trips in ticks. */
struct samples {
    const uint32_t *ticks;
    const struct clock *clock;
};

static double sample_ns(const void *series, size_t index)
{
    const struct samples *samples = series;
    return clock_ns(samples->clock, samples->ticks[index]);
}

static int fold_samples(const struct trial_request *request, const struct workspace *workspace,
                        struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_SENDER];
    const struct samples samples = {workspace->samples, request->clock};
    const int failure = hdr_init_latency(&result->histogram, error);
    if (failure)
        return failure;
    uint64_t long_samples = 0;
    for (size_t index = 0; index < report->sample_count; ++index) {
        const uint32_t ticks = workspace->samples[index];
        long_samples += ticks == UINT32_MAX;
        if (ticks != UINT32_MAX)
            hdr_record(&result->histogram, (uint64_t)(sample_ns(&samples, index) + 0.5));
    }
    for (size_t index = 0; index < report->long_sample_count; ++index)
        hdr_record(&result->histogram,
                   (uint64_t)(clock_ns(request->clock, report->long_samples[index]) + 0.5));
    if (long_samples > report->long_sample_count)
        return error_plain(error, "%llu round trips took seconds, room is for %d of those",
                           (unsigned long long)long_samples, LONG_SAMPLES_MAX);
    result->messages = report->sample_count;
    result->elapsed_ns = clock_ns(request->clock, report->elapsed_ticks);
    windows_of_samples(result, &samples, (size_t)report->sample_count, sample_ns);
    return 0;
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

static int fold_pattern(const struct trial_request *request, const struct workspace *workspace,
                        struct trial_result *result, struct error *error)
{
    const struct stamped stamped = stamped_of(request, workspace);
    switch (request->pattern) {
    case PATTERN_STREAM:
        return fold_intervals(request, workspace, result, error);
    case PATTERN_ONEWAY:
    case PATTERN_BURST:
        return fold_bursts(request, &stamped, result, error);
    case PATTERN_PACED:
        return fold_paced(request, &stamped, result, error);
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

/* Two wrongs that make the number right, one lost and one received twice, leave the sum wrong. */
static void count_strays(const struct side_report *sent, const struct side_report *received,
                         struct integrity *integrity)
{
    if (sent->messages > received->messages)
        integrity->lost += sent->messages - received->messages;
    else if (received->messages - sent->messages > integrity->duplicated)
        integrity->duplicated = received->messages - sent->messages;
    else if (sent->messages == received->messages && sent->digest != received->digest) {
        ++integrity->lost;
        ++integrity->duplicated;
    }
}

void fold_channel(const struct trial_request *request, const struct workspace *workspace,
                  struct trial_result *result)
{
    struct side_report sent = {0}, received = {0};
    for (size_t lane = 0; lane < request->crew.lanes; ++lane) {
        const struct side_report *reports = workspace->shared[lane].reports;
        sent.messages += reports[SIDE_SENDER].messages;
        sent.digest += reports[SIDE_SENDER].digest;
        received.messages += reports[SIDE_RECEIVER].messages;
        received.digest += reports[SIDE_RECEIVER].digest;
    }
    count_strays(&sent, &received, &result->integrity);
}

void fold_unnumbered(const struct workspace *workspace, struct trial_result *result)
{
    const struct side_report *reports = workspace->shared->reports;
    const struct side_report sent = {.messages = reports[SIDE_SENDER].messages};
    const struct side_report received = {.messages = reports[SIDE_RECEIVER].messages};
    count_strays(&sent, &received, &result->integrity);
}

/* Where the window of all receivers lies. Its end is the last look at the clock inside it. A lane whose
 * few messages made it go on beyond the deadline does not stretch it for the others, unless it is so
 * with all. */
struct crew_window {
    uint64_t first_ticks, last_ticks;
};

static struct crew_window crew_window_of(const struct trial_request *request,
                                         const struct workspace *workspace)
{
    const uint64_t end_ticks = atomic_load(&workspace->crew->start_ticks) +
                               clock_ticks_of_seconds(request->clock, request->timed_seconds);
    struct crew_window window = {UINT64_MAX, 0};
    bool some_end_inside = false;
    for (size_t lane = 0; lane < request->crew.receivers; ++lane) {
        const struct side_report *report = &workspace->shared[lane].reports[SIDE_RECEIVER];
        const uint64_t last_ticks = report->window_first_ticks + report->window_ticks;
        if (!report->window_first_ticks)
            continue;
        some_end_inside |= last_ticks <= end_ticks;
        if (report->window_first_ticks < window.first_ticks)
            window.first_ticks = report->window_first_ticks;
        if (last_ticks > window.last_ticks)
            window.last_ticks = last_ticks;
    }
    if (some_end_inside && window.last_ticks > end_ticks)
        window.last_ticks = end_ticks;
    return window;
}

void fold_crew_window(const struct trial_request *request, const struct workspace *workspace,
                      struct trial_result *result)
{
    const struct crew_window window = crew_window_of(request, workspace);
    if (window.last_ticks <= window.first_ticks)
        return;
    result->elapsed_ns = clock_ns(request->clock, window.last_ticks - window.first_ticks);
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
