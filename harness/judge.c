#include "harness/judge.h"

#include "harness/placement.h"

bool trial_spins(const struct trial_request *request)
{
    return request->transport->spins && request->transport->spins(&request->options);
}

bool trial_probes_disagree(const struct trial_result *result)
{
    const double before_ns = result->probe_before_ns, after_ns = result->probe_after_ns;
    if (before_ns <= 0 || after_ns <= 0)
        return false;
    return before_ns > after_ns * TRIAL_PROBE_RATIO || after_ns > before_ns * TRIAL_PROBE_RATIO;
}

static int judge_messages(struct trial_result *result)
{
    const struct integrity *integrity = &result->integrity;
    if (integrity->lost || integrity->duplicated || integrity->reordered || integrity->corrupt)
        return error_plain(
            &result->error, "messages lost %llu, duplicated %llu, reordered %llu, corrupt %llu",
            (unsigned long long)integrity->lost, (unsigned long long)integrity->duplicated,
            (unsigned long long)integrity->reordered, (unsigned long long)integrity->corrupt);
    if (!result->messages || result->elapsed_ns <= 0)
        return error_plain(&result->error,
                           "too few messages to measure in the time given: raise --time");
    return disturbance_check(&result->disturbance, &result->error);
}

/* A time from one CPU's clock to another's is only worth what is known of the two. */
static int judge_clocks(const struct trial_request *request, bool drifted,
                        struct trial_result *result)
{
    if (!pattern_is_across_clocks(request->pattern) ||
        request->cpus.sender == request->cpus.receiver)
        return 0;
    if (request->pattern == PATTERN_ONEWAY && request->clock->kind != CLOCK_KIND_COUNTER)
        return error_plain(&result->error, "no trusted counter to take one-way times with: %s",
                           request->clock->reason);
    if (result->clock_offset.warps)
        return error_plain(&result->error,
                           "the clocks of CPUs %d and %d warp: %llu readings lay before an "
                           "earlier one of the other",
                           request->cpus.sender, request->cpus.receiver,
                           (unsigned long long)result->clock_offset.warps);
    if (pattern_is_latency(request->pattern) && !result->histogram.total)
        return error_plain(&result->error,
                           "every message was received before it was sent, says the clock of CPU "
                           "%d: it is behind that of CPU %d",
                           request->cpus.receiver, request->cpus.sender);
    if (drifted)
        return error_plain(&result->error,
                           "the clocks of CPUs %d and %d drift: their offset's bounds before and "
                           "after the timed loop exclude each other",
                           request->cpus.sender, request->cpus.receiver);
    return 0;
}

/* The probe is a measurement too, and a spinning notification without payload does no more than the
 * probe does: it may come out a little shorter. */
static const double bound_share = 0.85;

/* What the machine did to the trial, or what no machine can do. */
static int judge_conditions(const struct trial_request *request, struct trial_result *result)
{
    const double probe_ns = result->probe_before_ns < result->probe_after_ns
                                ? result->probe_before_ns
                                : result->probe_after_ns;
    const bool moves =
        request->transport->family != FAMILY_NONE && pattern_has_messages(request->pattern);
    const bool waits = !pattern_walks(request->pattern); /* for the other side, while it is timed */
    if (moves && waits && trial_spins(request) && result->probes_disagree)
        return error_plain(&result->error,
                           "the distance of the two CPUs changed: a cache line took %.0f ns there "
                           "and back before, %.0f ns after",
                           result->probe_before_ns, result->probe_after_ns);
    if (result->faults_in_loop && result->prefaulted)
        return error_plain(&result->error, "page faults in the timed loop, though all memory had "
                                           "been brought in");
    const struct hdr *round_trips = request->pattern == PATTERN_PINGPONG
                                        ? &result->histogram
                                        : &result->series[SERIES_ROUND_TRIP];
    if (moves && round_trips->total && probe_ns > 0 &&
        (double)hdr_percentile(round_trips, 50) < bound_share * probe_ns)
        return error_plain(&result->error,
                           "a round trip of %.0f ns is below its bound: the cache line alone took "
                           "%.0f ns there and back",
                           (double)hdr_percentile(round_trips, 50), probe_ns);
    return 0;
}

static int judge_pace(const struct trial_request *request, struct trial_result *result)
{
    const struct pace *pace = &result->pace;
    if (request->pattern != PATTERN_PACED || pace->stable)
        return 0;
    return error_plain(&result->error,
                       "unstable: %.0f messages/s offered, %.0f achieved, %llu outstanding at the "
                       "end, response rising by %.0f %%: its latency would grow with the trial's "
                       "length; lower --rate",
                       pace->offered_per_s, pace->achieved_per_s,
                       (unsigned long long)pace->backlog_messages, pace->rise_share * 100);
}

enum trial_status trial_judge(const struct trial_request *request, bool drifted,
                              struct trial_result *result)
{
    const bool doubtful = judge_messages(result) || judge_clocks(request, drifted, result) ||
                          judge_conditions(request, result) || judge_pace(request, result);
    return doubtful ? TRIAL_INVALID : TRIAL_OK;
}
