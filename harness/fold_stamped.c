/* What follows a schedule: stamps of both processes into one-way times, round trips, responses and the
 * pace. */
#include "harness/fold.h"
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

int fold_stamped(const struct trial_request *request, const struct workspace *workspace,
                 struct trial_result *result, struct error *error)
{
    const struct stamped stamped = stamped_of(request, workspace);
    return request->pattern == PATTERN_PACED ? fold_paced(request, &stamped, result, error)
                                             : fold_bursts(request, &stamped, result, error);
}
