#include "harness/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/pair.h"

static const double fastest_round_trip_seconds = 20e-9;
static const double interval_seconds_least = 0.010;
enum { STATE_ALIGN_BYTES = 128 };

static const char *const pattern_names[PATTERN_COUNT] = {"pingpong", "stream"};
static const char *const status_names[] = {"ok", "skipped", "invalid", "failed", "interrupted"};

const char *pattern_name(enum pattern pattern)
{
    return pattern_names[pattern];
}

int pattern_parse(const char *text, enum pattern *pattern, struct error *error)
{
    for (size_t index = 0; index < PATTERN_COUNT; ++index) {
        if (!strcmp(text, pattern_names[index])) {
            *pattern = (enum pattern)index;
            return 0;
        }
    }
    return error_plain(error, "pattern '%s' is not known: pingpong or stream", text);
}

const char *trial_status_name(enum trial_status status)
{
    return status_names[status];
}

static void *map_shared(size_t bytes, const char *what, struct error *error)
{
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address != MAP_FAILED)
        return address;
    error_system(error, errno, "mmap of %zu bytes for %s", bytes, what);
    return NULL;
}

int workspace_open(struct workspace *workspace, double timed_seconds, struct error *error)
{
    const double samples = timed_seconds / fastest_round_trip_seconds + 4096;
    const double samples_most = 1 << 30;
    *workspace = (struct workspace){
        .leftovers = {.guard = -1, .lifeline = -1},
        .sample_capacity = (size_t)(samples < samples_most ? samples : samples_most),
        .interval_capacity = (size_t)(timed_seconds / interval_seconds_least) + 2,
    };
    int failure = leftovers_open(&workspace->leftovers, error);
    if (failure)
        return failure;
    workspace->shared = map_shared(sizeof(struct pair_shared), "the control block", error);
    workspace->samples =
        map_shared(workspace->sample_capacity * sizeof(uint32_t), "samples", error);
    workspace->interval_counts =
        map_shared(workspace->interval_capacity * sizeof(uint32_t), "interval counts", error);
    if (workspace->shared && workspace->samples && workspace->interval_counts)
        return 0;
    workspace_close(workspace);
    return -ENOMEM;
}

void workspace_close(struct workspace *workspace)
{
    if (workspace->shared)
        munmap(workspace->shared, sizeof(struct pair_shared));
    if (workspace->samples)
        munmap(workspace->samples, workspace->sample_capacity * sizeof(uint32_t));
    if (workspace->interval_counts)
        munmap(workspace->interval_counts, workspace->interval_capacity * sizeof(uint32_t));
    leftovers_close(&workspace->leftovers);
    *workspace = (struct workspace){.leftovers = {.guard = -1, .lifeline = -1}};
}

static int channel_open(struct channel *channel, const struct trial_request *request,
                        struct workspace *workspace, struct error *error)
{
    const struct transport *transport = request->transport;
    const size_t bytes =
        (transport->state_bytes + STATE_ALIGN_BYTES) / STATE_ALIGN_BYTES * STATE_ALIGN_BYTES;
    *channel = (struct channel){
        .transport = transport,
        .options = request->options,
        .message_bytes = request->message_bytes,
        .state = aligned_alloc(STATE_ALIGN_BYTES, bytes),
        .leftovers = &workspace->leftovers,
        .metered = request->pattern == PATTERN_STREAM,
    };
    if (!channel->state)
        return error_system(error, ENOMEM, "%zu bytes of channel state", bytes);
    memset(channel->state, 0, bytes);
    return transport->create ? transport->create(channel, error) : 0;
}

static void channel_close(struct channel *channel)
{
    if (channel->state && channel->transport->destroy)
        channel->transport->destroy(channel);
    free(channel->state);
    channel->state = NULL;
}

static int check_size(const struct trial_request *request, struct error *error)
{
    struct message_limits limits = {.minimum_bytes = 1, .maximum_bytes = UINT64_MAX};
    if (request->transport->limits) {
        const int failure = request->transport->limits(&request->options, &limits, error);
        if (failure)
            return failure;
    }
    if (request->message_bytes > limits.maximum_bytes)
        return error_unavailable(error, limits.knob, "messages of %zu bytes: at most %llu here",
                                 request->message_bytes, (unsigned long long)limits.maximum_bytes);
    if (request->message_bytes < limits.minimum_bytes)
        return error_unavailable(error, "", "messages of %zu bytes: at least %llu",
                                 request->message_bytes, (unsigned long long)limits.minimum_bytes);
    return 0;
}

int trial_check(const struct trial_request *request, struct workspace *workspace,
                struct error *error)
{
    const struct transport *transport = request->transport;
    if (request->cpus.sender == request->cpus.receiver && transport->spins &&
        transport->spins(&request->options))
        return error_unavailable(
            error, "two CPUs (--cpus S,R), or a way of waiting that sleeps",
            "two spinning processes on one CPU would measure the scheduler's time slices");
    int hold;
    int failure = idle_hold(request->idle, &hold, error);
    if (failure)
        return failure;
    idle_release(&hold);
    failure = check_size(request, error);
    if (!failure && transport->probe)
        failure = transport->probe(&request->options, request->message_bytes, error);
    if (failure)
        return failure;
    struct channel channel;
    failure = channel_open(&channel, request, workspace, error);
    channel_close(&channel);
    return failure;
}

static int fold_samples(const struct workspace *workspace, const struct clock *clock,
                        struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_SENDER];
    const int failure = hdr_init_latency(&result->histogram, error);
    if (failure)
        return failure;
    uint64_t long_samples = 0;
    for (uint64_t index = 0; index < report->sample_count; ++index) {
        const uint32_t ticks = workspace->samples[index];
        long_samples += ticks == UINT32_MAX;
        if (ticks != UINT32_MAX)
            hdr_record(&result->histogram, (uint64_t)(clock_ns(clock, ticks) + 0.5));
    }
    for (uint64_t index = 0; index < report->long_sample_count; ++index)
        hdr_record(&result->histogram,
                   (uint64_t)(clock_ns(clock, report->long_samples[index]) + 0.5));
    if (long_samples > report->long_sample_count)
        return error_plain(error, "%llu round trips took seconds, room is for %d of those",
                           (unsigned long long)long_samples, LONG_SAMPLES_MAX);
    result->messages = report->sample_count;
    result->elapsed_ns = clock_ns(clock, report->elapsed_ticks);
    return 0;
}

static int fold_intervals(const struct workspace *workspace, const struct clock *clock,
                          struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_RECEIVER];
    result->messages = report->window_messages;
    result->elapsed_ns = clock_ns(clock, report->window_ticks);
    result->interval_ns = interval_seconds_least * 1e9;
    result->interval_count = report->interval_count;
    if (!report->interval_count)
        return 0;
    result->interval_counts = malloc(report->interval_count * sizeof(uint32_t));
    if (!result->interval_counts)
        return error_system(error, ENOMEM, "interval counts");
    memcpy(result->interval_counts, workspace->interval_counts,
           report->interval_count * sizeof(uint32_t));
    return 0;
}

static void add_integrity(struct integrity *sum, const struct integrity *part)
{
    sum->lost += part->lost;
    sum->duplicated += part->duplicated;
    sum->reordered += part->reordered;
    sum->corrupt += part->corrupt;
}

static bool probes_disagree(double before_ns, double after_ns)
{
    if (before_ns <= 0 || after_ns <= 0)
        return false;
    return before_ns > after_ns * TRIAL_PROBE_RATIO || after_ns > before_ns * TRIAL_PROBE_RATIO;
}

static int judge(struct trial_result *result)
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
    return 0;
}

static void collect(const struct trial_request *request, struct workspace *workspace,
                    struct trial_result *result)
{
    const struct side_report *reports = workspace->shared->reports;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        result->sides[side] = reports[side].cost;
        add_integrity(&result->integrity, &reports[side].integrity);
    }
    result->obtained = reports[SIDE_SENDER].obtained;
    result->probe_before_ns = reports[SIDE_SENDER].probe_before_ns;
    result->probe_after_ns = reports[SIDE_SENDER].probe_after_ns;
    result->probes_disagree = probes_disagree(result->probe_before_ns, result->probe_after_ns);
    result->faults_in_loop =
        result->sides[SIDE_SENDER].minor_faults + result->sides[SIDE_SENDER].major_faults +
            result->sides[SIDE_RECEIVER].minor_faults + result->sides[SIDE_RECEIVER].major_faults >
        0;
    const int failure = request->pattern == PATTERN_PINGPONG
                            ? fold_samples(workspace, request->clock, result, &result->error)
                            : fold_intervals(workspace, request->clock, result, &result->error);
    if (failure) {
        result->status = TRIAL_FAILED;
        return;
    }
    if (result->elapsed_ns > 0)
        result->rate_per_s = (double)result->messages * 1e9 / result->elapsed_ns;
    result->status = judge(result) ? TRIAL_INVALID : TRIAL_OK;
}

static enum trial_status status_of_failure(int failure, const struct error *error)
{
    if (failure == -EINTR)
        return TRIAL_INTERRUPTED;
    return error->unavailable ? TRIAL_SKIPPED : TRIAL_FAILED;
}

void trial_run(const struct trial_request *request, struct workspace *workspace,
               struct trial_result *result)
{
    *result = (struct trial_result){0};
    struct channel channel;
    int hold = -1;
    int failure = idle_hold(request->idle, &hold, &result->error);
    if (!failure) {
        failure = channel_open(&channel, request, workspace, &result->error);
        const struct pair pair = {request, workspace, &channel, getpid()};
        if (!failure)
            failure = pair_run(&pair, &result->error);
        channel_close(&channel);
    }
    idle_release(&hold);
    if (failure)
        result->status = status_of_failure(failure, &result->error);
    else
        collect(request, workspace, result);
}

void trial_result_free(struct trial_result *result)
{
    hdr_free(&result->histogram);
    free(result->interval_counts);
    result->interval_counts = NULL;
    result->interval_count = 0;
}
