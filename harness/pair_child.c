#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/buffers.h"
#include "harness/loops.h"
#include "harness/pair.h"
#include "harness/prefault.h"
#include "harness/usage.h"
#include "harness/wait.h"

static const double probe_seconds = 0.003;
static const double interval_seconds = 0.010;
static const double batch_seconds = 0.0005;
static const double ramp_share = 0.1; /* of the timed loop, left out at its start */
static const size_t verify_bytes_enough = 4 << 20;
enum { WARM_SAMPLES_ENOUGH = 100, COLD_MESSAGE_BYTES_MOST = 4096 };
enum { VERIFY_MESSAGES_MIN = 3, VERIFY_MESSAGES_MAX = 64 };

/* One child at work. */
struct child {
    const struct pair *pair;
    const struct trial_request *request;
    struct pair_shared *shared;
    struct side_report *report;
    enum side side;
    const struct loop_set *loops;
    struct memory_nodes nodes;
    struct buffers buffers;
    struct loop_run run;
};

static void barrier(struct pair_shared *shared)
{
    pair_barrier(&shared->barrier);
}

static int pin(int cpu, struct error *error)
{
    cpu_set_t *set = CPU_ALLOC((size_t)cpu + 1);
    const size_t bytes = CPU_ALLOC_SIZE((size_t)cpu + 1);
    if (!set)
        return error_system(error, ENOMEM, "CPU_ALLOC");
    CPU_ZERO_S(bytes, set);
    CPU_SET_S((size_t)cpu, bytes, set);
    const int refused = sched_setaffinity(0, bytes, set);
    const int failure = errno;
    CPU_FREE(set);
    return refused ? error_system(error, failure, "sched_setaffinity(CPU %d)", cpu) : 0;
}

static int settle(struct child *child, struct error *error)
{
    const struct trial_request *request = child->request;
    const bool sends = child->side == SIDE_SENDER;
    int failure = pin(sends ? request->cpus.sender : request->cpus.receiver, error);
    if (failure)
        return failure;
    child->nodes = (struct memory_nodes){
        .own_node = sends ? request->sender_node : request->receiver_node,
        .sender_node = request->sender_node,
        .receiver_node = request->receiver_node,
    };
    failure = memory_policy_apply(&request->memory, &child->nodes, error);
    if (!failure)
        failure = buffers_open(&child->buffers, request->message_bytes, error);
    if (!failure)
        failure = memory_check(&request->memory, &child->nodes, child->buffers.mapping,
                               child->buffers.mapped_bytes, error);
    child->report->cost.memory_node =
        failure ? -1 : memory_node_of(child->buffers.mapping, child->buffers.mapped_bytes, NULL);
    return failure;
}

/* The sender first: what attach touches lies under its memory policy. */
static int attach(struct child *child, struct error *error)
{
    struct channel *channel = child->pair->channel;
    if (child->side == SIDE_RECEIVER)
        barrier(child->shared);
    const int failure =
        channel->transport->attach ? channel->transport->attach(channel, child->side, error) : 0;
    if (failure)
        return failure;
    if (channel->region.bytes && child->side == SIDE_SENDER) {
        const int misplaced = memory_check(&child->request->memory, &child->nodes,
                                           channel->region.address, channel->region.bytes, error);
        if (misplaced)
            return misplaced;
    }
    if (channel->region.bytes)
        obtained_number(&channel->obtained, "memory_node",
                        memory_node_of(channel->region.address, channel->region.bytes, NULL));
    child->report->obtained = channel->obtained;
    if (child->side == SIDE_SENDER)
        barrier(child->shared);
    barrier(child->shared);
    return 0;
}

static void prepare_run(struct child *child)
{
    const struct trial_request *request = child->request;
    const size_t number_bytes = request->message_bytes < 8 ? request->message_bytes : 8;
    child->loops = request->transport->loops(&request->options);
    child->run = (struct loop_run){
        .state = child->pair->channel->state,
        .send_buffer = child->buffers.send,
        .receive_buffer = child->buffers.receive,
        .message_bytes = request->message_bytes,
        .clock_kind = request->clock->kind,
        .sequence_mask = number_bytes == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * number_bytes)) - 1,
        .batch_ticks = clock_ticks_of_seconds(request->clock, batch_seconds),
        .interval_ticks = clock_ticks_of_seconds(request->clock, interval_seconds),
    };
    if (child->pair->channel->meter)
        child->pair->channel->meter->clock_kind = request->clock->kind;
}

static void probe(struct child *child, struct probe_line *line, double *round_trip_ns)
{
    if (child->request->cpus.sender == child->request->cpus.receiver)
        return;
    barrier(child->shared);
    struct probe_result result;
    uint64_t warps;
    if (child->side == SIDE_RECEIVER) {
        probe_echo(line, &warps);
        return;
    }
    probe_measure(line, child->request->clock, probe_seconds, &result);
    *round_trip_ns = result.median_ns;
}

static int loop_outcome(const struct child *child, struct error *error)
{
    const struct loop_run *run = &child->run;
    if (!run->failure)
        return 0;
    return error_system(error, -run->failure, "%s of a %zu-byte message", run->failed_step,
                        run->message_bytes);
}

/* Full contents, several in flight, first one way, then the other. */
static int verify(struct child *child, struct error *error)
{
    if (child->request->transport->family == FAMILY_NONE)
        return 0;
    const size_t enough = verify_bytes_enough / child->run.message_bytes;
    child->run.verify_messages = enough < VERIFY_MESSAGES_MIN   ? VERIFY_MESSAGES_MIN
                                 : enough > VERIFY_MESSAGES_MAX ? VERIFY_MESSAGES_MAX
                                                                : enough;
    const bool sends = child->side == SIDE_SENDER;
    (sends ? child->loops->verify_produce : child->loops->verify_consume)(&child->run);
    const int failure = loop_outcome(child, error);
    if (failure)
        return failure; /* no barrier: the peer may wait for a message that will never come */
    barrier(child->shared);
    (sends ? child->loops->verify_consume : child->loops->verify_produce)(&child->run);
    return loop_outcome(child, error);
}

/* Sender and receiver start together and agree on the moment; the sender ends both. */
static void run_loop(struct child *child, double seconds, struct usage *before)
{
    struct loop_run *run = &child->run;
    const struct clock *clock = child->request->clock;
    const enum touch touch = child->request->touch;
    const bool sends = child->side == SIDE_SENDER;
    if (sends)
        atomic_store(&child->shared->start_ticks, clock_ticks(clock->kind));
    barrier(child->shared);
    if (before)
        usage_begin(before);
    run->start_ticks = atomic_load(&child->shared->start_ticks);
    run->deadline_ticks = run->start_ticks + clock_ticks_of_seconds(clock, seconds);
    run->window_start_ticks =
        run->start_ticks + clock_ticks_of_seconds(clock, seconds * ramp_share);
    run->window_end_ticks = run->deadline_ticks;
    run->window_first_ticks = 0;
    run->window_marks = 0;
    run->messages = 0;
    if (child->request->pattern == PATTERN_PINGPONG)
        (sends ? child->loops->ping[touch][clock->kind] : child->loops->pong[touch])(run);
    else
        (sends ? child->loops->produce : child->loops->consume)[touch](run);
}

/* Where the samples and counts of the timed loop go, prefaulted: round trips at three times the
 * warm-up's rate still fit; should that be too few, the loop ends early and keeps them all. */
static int prepare_timed(struct child *child, struct error *error)
{
    const struct workspace *workspace = child->pair->workspace;
    struct loop_run *run = &child->run;
    run->long_sample_count = 0;
    if (child->request->pattern == PATTERN_STREAM) {
        run->interval_counts = workspace->interval_counts;
        run->interval_capacity = workspace->interval_capacity;
        run->interval_count = 0;
        if (child->side == SIDE_RECEIVER)
            memset(run->interval_counts, 0, run->interval_capacity * sizeof(uint32_t));
        return 0;
    }
    if (child->side == SIDE_RECEIVER)
        return 0;
    const double warm_seconds =
        clock_ns(child->request->clock, run->last_ticks - run->first_ticks) / 1e9;
    const double warm_rate = warm_seconds > 0 ? (double)run->sample_count / warm_seconds : 0;
    const bool cold = run->sample_count < WARM_SAMPLES_ENOUGH; /* no rate to go by: all there is */
    const double wanted = cold && child->request->message_bytes <= COLD_MESSAGE_BYTES_MOST
                              ? (double)workspace->sample_capacity
                              : 3 * warm_rate * child->request->timed_seconds + 4096;
    run->samples = workspace->samples;
    run->sample_capacity =
        wanted < (double)workspace->sample_capacity ? (size_t)wanted : workspace->sample_capacity;
    const int failure = prefault(run->samples, run->sample_capacity * sizeof(uint32_t));
    return failure ? error_system(error, -failure, "prefault of %zu samples", run->sample_capacity)
                   : 0;
}

static int warm_up(struct child *child, struct error *error)
{
    child->run.samples = child->pair->workspace->samples; /* overwritten by the timed loop */
    child->run.sample_capacity = child->pair->workspace->sample_capacity;
    run_loop(child, child->request->warmup_seconds, NULL);
    return loop_outcome(child, error);
}

static void meter_cost(const struct child *child, uint64_t wall_ns, struct side_cost *cost)
{
    const struct wait_meter *meter = child->pair->channel->meter;
    if (!meter)
        return;
    cost->wait_episodes = meter->episodes;
    cost->wait_retries = meter->retries;
    if (!meter->sampled)
        return;
    /* Scaled from few samples, one of which may have been preempted: no more than there was. */
    const double sampled_ns = clock_ns(child->request->clock, meter->sampled_ticks);
    const double blocked_ns = sampled_ns * (double)meter->episodes / (double)meter->sampled;
    cost->blocked_ns = blocked_ns < (double)wall_ns ? (uint64_t)blocked_ns : wall_ns;
}

static int timed(struct child *child, struct error *error)
{
    int failure = prepare_timed(child, error);
    if (failure)
        return failure;
    struct side_report *report = child->report;
    struct counters counters;
    struct usage before, after;
    counters_open(&counters);
    struct wait_meter *meter = child->pair->channel->meter;
    if (meter)
        *meter = (struct wait_meter){.clock_kind = meter->clock_kind};
    barrier(child->shared);
    usage_prepare(&before);
    counters_start(&counters);
    run_loop(child, child->request->timed_seconds, &before);
    counters_stop(&counters);
    usage_after(&after);
    counters_read(&counters, &report->cost.counters);
    counters_close(&counters);
    usage_cost(&before, &after, &report->cost);
    meter_cost(child, after.wall_ns - before.wall_ns, &report->cost);
    return loop_outcome(child, error);
}

static void fill_report(struct child *child)
{
    struct side_report *report = child->report;
    const struct loop_run *run = &child->run;
    report->messages = run->messages;
    report->cost.messages = run->messages;
    report->integrity = run->integrity;
    report->sample_count = run->sample_count;
    report->elapsed_ticks = run->last_ticks - run->first_ticks;
    report->window_ticks = run->window_last_ticks - run->window_first_ticks;
    report->window_messages = run->window_last_messages - run->window_first_messages;
    report->interval_count = run->interval_count;
    memcpy(report->long_samples, run->long_samples, sizeof(report->long_samples));
    report->long_sample_count = run->long_sample_count;
}

static int live(struct child *child, struct error *error)
{
    int failure = settle(child, error);
    if (!failure)
        failure = attach(child, error);
    if (failure)
        return failure;
    prepare_run(child);
    probe(child, &child->shared->probe_before, &child->report->probe_before_ns);
    failure = verify(child, error);
    if (!failure)
        failure = warm_up(child, error);
    if (!failure)
        failure = timed(child, error);
    if (failure)
        return failure;
    fill_report(child);
    probe(child, &child->shared->probe_after, &child->report->probe_after_ns);
    barrier(child->shared); /* neither lets go of the channel while the other still uses it */
    if (child->request->transport->detach)
        child->request->transport->detach(child->pair->channel, child->side);
    return 0;
}

_Noreturn void pair_child(const struct pair *pair, enum side side)
{
    struct child child = {
        .pair = pair,
        .request = pair->request,
        .shared = pair->workspace->shared,
        .report = &pair->workspace->shared->reports[side],
        .side = side,
    };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != pair->parent) /* it died before the line above */
        _exit(1);
    prctl(PR_SET_NAME, side == SIDE_SENDER ? "ipcbench-send" : "ipcbench-recv");
    signal(SIGINT, SIG_IGN); /* the terminal sends it to all; the parent decides */
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN); /* a dead peer is an error to report, not a death */
    leftovers_leave(&pair->workspace->leftovers);
    const int failure = live(&child, &child.report->error);
    child.report->finished = !failure;
    _exit(failure ? 1 : 0);
}
