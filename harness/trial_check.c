/* The half of trial.h that asks beforehand: can this be measured here? */
#include "harness/channels.h"
#include "harness/judge.h"
#include "harness/loops_crowd.h"
#include "harness/placement.h"
#include "harness/quota.h"

static int check_size(const struct trial_request *request, struct error *error)
{
    struct message_limits limits = {.minimum_bytes = 1, .maximum_bytes = UINT64_MAX};
    if (request->transport->limits) {
        const int failure = request->transport->limits(&request->options, &limits, error);
        if (failure)
            return failure;
    }
    if (request->message_bytes > limits.maximum_bytes)
        return error_unavailable(error, limits.knob, "%s of %zu bytes: at most %llu here",
                                 pattern_has_messages(request->pattern) ? "messages" : "a region",
                                 request->message_bytes, (unsigned long long)limits.maximum_bytes);
    if (request->message_bytes < limits.minimum_bytes)
        return error_unavailable(error, "larger messages", "%s of %zu bytes: at least %llu",
                                 pattern_has_messages(request->pattern) ? "messages" : "a region",
                                 request->message_bytes, (unsigned long long)limits.minimum_bytes);
    return 0;
}

static int check_crew(const struct trial_request *request, struct error *error)
{
    const struct transport *transport = request->transport;
    const struct crew *crew = &request->crew;
    if (crew->oversubscribed && trial_spins(request))
        return error_unavailable(
            error, "fewer processes, more CPUs, or a way of waiting that sleeps",
            "%zu spinning processes, not all on a CPU of their own, would measure the scheduler's "
            "time slices",
            crew_members(crew));
    if (!crew->shares_channel)
        return 0;
    const uint64_t most =
        transport->crowd_most_bytes ? transport->crowd_most_bytes(&request->options) : 0;
    if (!most)
        return error_unavailable(error, "another transport, or --pairs",
                                 "a channel for one sender and one receiver");
    if (request->message_bytes > most)
        return error_unavailable(
            error, "smaller messages, --pairs, or lock=yes where there is such an option",
            "messages of %zu bytes from several senders do not arrive whole: "
            "at most %llu",
            request->message_bytes, (unsigned long long)most);
    if (request->message_bytes < CROWD_MESSAGE_BYTES_LEAST)
        return error_unavailable(error, "larger messages",
                                 "messages of %zu bytes do not say which of several senders sent "
                                 "them: at least %d",
                                 request->message_bytes, CROWD_MESSAGE_BYTES_LEAST);
    return 0;
}

static int check_walk(const struct trial_request *request, struct error *error)
{
    if (!request->transport->loops(&request->options)->lend)
        return error_unavailable(error, "-t mmap:copy=no or shm:copy=no",
                                 "%s needs a message that stays in memory both processes see",
                                 pattern_name(request->pattern));
    if (request->cold)
        return error_unavailable(error, "without --cold", "%s passes no first messages on",
                                 pattern_name(request->pattern));
    if (request->message_bytes % WALK_PAGE_BYTES || !request->message_bytes)
        return error_unavailable(error, "a size in steps of 4K",
                                 "a working set of %zu bytes: %s takes whole pages of 4 KiB",
                                 request->message_bytes, pattern_name(request->pattern));
    return 0;
}

int trial_check(const struct trial_request *request, struct workspace *workspace,
                struct error *error)
{
    const struct transport *transport = request->transport;
    const int refused = check_crew(request, error);
    if (refused)
        return refused;
    const bool is_spinning = trial_spins(request);
    if (is_spinning && placement_shares_cpu(&request->cpus))
        return error_unavailable(
            error, "two CPUs (--cpus S,R), or a way of waiting that sleeps",
            "two spinning processes on one CPU would measure the scheduler's time slices");
    int failure = is_spinning ? quota_check("", (double)crew_members(&request->crew), error) : 0;
    if (failure)
        return failure;
    failure = transport_takes(transport, request->pattern, error);
    if (failure) {
        error->unavailable = true;
        return failure;
    }
    if (pattern_walks(request->pattern)) {
        const int unfit = check_walk(request, error);
        if (unfit)
            return unfit;
    }
    if (request->pattern == PATTERN_ONEWAY && request->cpus.sender == CPU_ANY)
        return error_unavailable(error, "--placement with pinned processes",
                                 "the offset of clocks is known between two fixed CPUs alone");
    int hold;
    failure = idle_hold(request->idle, &hold, error);
    if (failure)
        return failure;
    idle_release(&hold);
    failure = check_size(request, error);
    if (!failure && transport->probe)
        failure = transport->probe(&request->options, request->message_bytes, error);
    if (failure)
        return failure;
    struct channels channels;
    failure = channels_open(&channels, request, workspace, error);
    channels_close(&channels);
    return failure;
}
