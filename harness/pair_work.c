/* What a child does between its attachment and its end: the loops of its pattern, in order. */
#include <string.h>
#include <time.h>

#include "harness/counters.h"
#include "harness/loops_memory.h"
#include "harness/pair_child.h"
#include "harness/prefault.h"
#include "harness/usage.h"
#include "harness/wait.h"

static const double ramp_share = 0.1; /* of a stream's timed loop, left out at its start */
static const size_t verify_bytes_enough = 4 << 20;
enum { VERIFY_MESSAGES_MIN = 3, VERIFY_MESSAGES_MAX = 64 };
static const double cold_seconds_most = 2;

/* A paced loop that cannot keep its schedule is ended after this many times its length: it is
 * unstable by then. */
static const double paced_patience = 2;

/* A scheduled loop begins this much after both processes have been woken for it. */
static const double ahead_seconds = 300e-6;

/* A channel that has taken no message for so long is full; huge messages get longer. */
static const double full_seconds = 0.05;
static const double fill_bytes_per_s = 100e6;
static const double fill_bytes_most = 256 << 20;

static int loop_outcome(const struct child *child, struct error *error)
{
    const struct loop_run *run = &child->run;
    if (!run->failure)
        return 0;
    if (child->report->error.code) /* said where it was known */
        return run->failure;
    if (!pattern_has_messages(child->request->pattern))
        return error_system(error, -run->failure, "%s, a region of %zu bytes", run->failed_step,
                            run->message_bytes);
    return error_system(error, -run->failure, "%s of a %zu-byte message", run->failed_step,
                        run->message_bytes);
}

/* Of a walk: the chain goes over, and every element of it is looked at. The message stays with the
 * receiver. */
static int lend(struct child *child, struct error *error)
{
    struct loop_run *run = &child->run;
    (child_sends(child) ? child->loops->lend : child->loops->borrow)(run);
    const int failure = loop_outcome(child, error);
    if (!failure && !child_sends(child))
        run->integrity.corrupt += walk_check(&run->walk, run->walk.message);
    return failure;
}

void work_give_back(struct child *child)
{
    if (pattern_walks(child->request->pattern) && !child_sends(child))
        child->loops->give_back(&child->run);
}

/* Full contents, several in flight, first one way, then the other. Of one channel for all, by lane 0
 * while the others wait. */
int work_verify(struct child *child, struct error *error)
{
    if (pattern_walks(child->request->pattern))
        return lend(child, error);
    if (child->request->transport->family == FAMILY_NONE ||
        !pattern_has_messages(child->request->pattern))
        return 0;
    if (child->request->crew.shares_channel && child->lane > 0) {
        child_barrier(child);
        return 0;
    }
    const size_t bytes = child->run.message_bytes ? child->run.message_bytes : 1;
    const size_t enough = verify_bytes_enough / bytes;
    child->run.verify_messages = enough < VERIFY_MESSAGES_MIN   ? VERIFY_MESSAGES_MIN
                                 : enough > VERIFY_MESSAGES_MAX ? VERIFY_MESSAGES_MAX
                                                                : enough;
    (child_sends(child) ? child->loops->verify_produce : child->loops->verify_consume)(&child->run);
    const int failure = loop_outcome(child, error);
    if (failure)
        return failure; /* no barrier: the peer may wait for a message that will never come */
    child_barrier(child);
    (child_sends(child) ? child->loops->verify_consume : child->loops->verify_produce)(&child->run);
    return loop_outcome(child, error);
}

static loop_function *stream_loop(const struct child *child)
{
    const struct loop_set *loops = child->loops;
    const enum touch touch = child->request->touch;
    if (child->request->crew.shares_channel)
        return child_sends(child) ? loops->crowd_produce[touch] : loops->crowd_consume[touch];
    return child_sends(child) ? loops->produce[touch] : loops->consume[touch];
}

/* The sender of a walk has done its part, and sleeps at the next barrier until the receiver has. */
static void rest(struct loop_run *run)
{
    run->first_ticks = run->last_ticks = 0;
    run->sample_count = 0;
}

static loop_function *loop_of(const struct child *child, enum pattern pattern)
{
    const struct loop_set *loops = child->loops;
    const enum touch touch = child->request->touch;
    switch (pattern) {
    case PATTERN_STREAM:
        return stream_loop(child);
    case PATTERN_ONEWAY:
    case PATTERN_BURST:
        return child_sends(child) ? loops->burst[touch] : loops->answer[touch];
    case PATTERN_PACED:
        return child_sends(child) ? loops->paced[touch] : loops->collect[touch];
    case PATTERN_PAGEWALK:
    case PATTERN_LINEWALK:
        return child_sends(child) ? rest : walk_run;
    case PATTERN_MEMORY: {
        loop_function *const attend = child->memory_loops->attend;
        return child_sends(child) ? child->memory_loops->work : attend;
    }
    case PATTERN_PINGPONG:
    case PATTERN_LOAD: /* made of the others */
        break;
    }
    return child_sends(child) ? loops->ping[touch] : loops->pong[touch];
}

/* Senders and receivers start together and agree on the moment; a sender ends its receiver. All lanes
 * have the same deadline and window: whatever falls into those is measured under the load of all. */
static void run_loop(struct child *child, enum pattern pattern, double seconds,
                     struct usage *before)
{
    struct loop_run *run = &child->run;
    const struct clock *clock = child->request->clock;
    struct crew_shared *crew = child->workspace->crew;
    /* What follows a schedule begins when both are sure to be there, so that nothing is late at once. */
    const bool is_scheduled =
        pattern == child->request->pattern && pair_stamps_needed(child->request);
    const double ahead = is_scheduled ? ahead_seconds : 0;
    if (child->request->crew.lanes)
        child_barrier(child); /* nobody is still about to read the last loop's start */
    if (child_sends(child) && child->lane == 0)
        atomic_store(&crew->start_ticks,
                     clock_ticks(clock->kind) + clock_ticks_of_seconds(clock, ahead));
    child_barrier(child);
    if (before)
        usage_begin(before);
    run->start_ticks = atomic_load(&crew->start_ticks);
    if (pattern == PATTERN_PACED)
        run->deadline_ticks =
            run->start_ticks + clock_ticks_of_seconds(clock, paced_patience * seconds);
    else
        run->deadline_ticks = run->start_ticks + clock_ticks_of_seconds(clock, seconds);
    run->window_start_ticks =
        run->start_ticks + clock_ticks_of_seconds(clock, seconds * ramp_share);
    run->window_end_ticks = run->deadline_ticks;
    run->window_first_ticks = 0;
    run->window_marks = 0;
    run->messages = 0;
    loop_function *const loop = loop_of(child, pattern);
    if (loop) /* a peer without a part of its own sleeps at the next barrier */
        loop(run);
}

int work_warm_up(struct child *child, struct error *error)
{
    const struct trial_request *request = child->request;
    if (pair_stamps_needed(request)) {
        const int failure = child_prepare_stamps(child, request->warmup_seconds, error);
        if (failure)
            return failure;
    }
    child->run.samples = child->workspace->samples; /* overwritten by the timed loop */
    child->run.sample_capacity = child->workspace->sample_capacity;
    run_loop(child, request->pattern, request->warmup_seconds, NULL);
    return loop_outcome(child, error);
}

static uint64_t faults_so_far(void)
{
    struct usage usage;
    usage_prepare(&usage);
    return usage.minor_faults + usage.major_faults;
}

int work_cold(struct child *child, struct error *error)
{
    if (!child->request->cold || !pattern_has_messages(child->request->pattern))
        return 0;
    struct loop_run *run = &child->run;
    struct side_report *report = child->report;
    /* Room that is there already: the samples' own faults are not the channel's. */
    const int failure = prefault(child->workspace->samples, sizeof(report->cold_samples));
    if (failure)
        return error_system(error, -failure, "prefault of cold samples");
    run->samples = child->workspace->samples;
    run->sample_capacity = COLD_MESSAGES;
    const uint64_t before = faults_so_far();
    run_loop(child, PATTERN_PINGPONG, cold_seconds_most, NULL);
    report->cold_faults = faults_so_far() - before;
    if (child_sends(child)) {
        report->cold_count = (uint32_t)run->sample_count;
        memcpy(report->cold_samples, run->samples, run->sample_count * sizeof(uint32_t));
    }
    return loop_outcome(child, error);
}

/* Sleeps until the sender's count has stood still, then lets it go on and takes everything out. */
static void watch_and_drain(struct child *child)
{
    struct fill_watch *fill = &child->shared->fill;
    const struct timespec pause = {.tv_nsec = 2000000};
    const double quiet_seconds =
        full_seconds + (double)child->request->message_bytes / fill_bytes_per_s;
    uint64_t filled = 0, since_ns = clock_monotonic_ns();
    while ((double)(clock_monotonic_ns() - since_ns) < quiet_seconds * 1e9 &&
           filled < child->run.fill_most) {
        nanosleep(&pause, NULL);
        const uint64_t now_filled = atomic_load_explicit(&fill->filled, memory_order_relaxed);
        if (now_filled != filled)
            since_ns = clock_monotonic_ns();
        filled = now_filled;
    }
    child->report->capacity_messages = filled;
    atomic_store_explicit(&fill->stop, true, memory_order_relaxed);
    child->loops->consume[TOUCH_NONE](&child->run);
}

int work_fill(struct child *child, struct error *error)
{
    if (child->request->pattern != PATTERN_BURST)
        return 0;
    struct loop_run *run = &child->run;
    const size_t bytes = run->message_bytes ? run->message_bytes : 1;
    const uint64_t by_bytes = (uint64_t)(fill_bytes_most / (double)bytes) + 1;
    run->fill = &child->shared->fill;
    run->fill_most = by_bytes < FILL_MESSAGES_MOST ? by_bytes : FILL_MESSAGES_MOST;
    child_barrier(child);
    if (child_sends(child))
        child->loops->fill(run);
    else
        watch_and_drain(child);
    return loop_outcome(child, error);
}

static void meter_cost(const struct child *child, uint64_t wall_ns, struct side_cost *cost)
{
    const struct wait_meter *meter = child->channel->meter;
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

/* The timed parts alone: preparing a pass and putting it back cost too, and are no part of it. Waiting is
 * not told apart. */
static void report_worked(const struct child *child)
{
    const struct loop_run *run = &child->run;
    struct side_cost *cost = &child->report->cost;
    cost->cpu_ns = run->worked.cpu_ns;
    cost->voluntary_switches = run->worked.voluntary_switches;
    cost->involuntary_switches = run->worked.involuntary_switches;
    cost->minor_faults = run->worked.minor_faults;
    cost->major_faults = run->worked.major_faults;
    cost->blocked_ns = 0;
    child->report->worked_ticks = run->worked_ticks;
    child->report->operation_bytes = run->operation_bytes;
    child->report->operations_per_sample = run->operations_per_sample;
}

static void fill_report(struct child *child)
{
    struct side_report *report = child->report;
    const struct loop_run *run = &child->run;
    if (child->memory_loops && child_sends(child))
        report_worked(child);
    report->messages = run->messages;
    report->cost.messages = run->messages;
    report->integrity = run->integrity;
    report->sample_count = run->sample_count;
    report->stamp_count = run->stamp_count;
    report->elapsed_ticks = run->last_ticks - run->first_ticks;
    report->window_ticks = run->window_last_ticks - run->window_first_ticks;
    report->window_first_ticks = run->window_first_ticks;
    report->window_messages = run->window_last_messages - run->window_first_messages;
    report->digest = run->digest;
    report->interval_count = run->interval_count;
    memcpy(report->long_samples, run->long_samples, sizeof(report->long_samples));
    report->long_sample_count = run->long_sample_count;
}

/* Of several pairs, one that ran out of room for samples has ended before the deadline while the others
 * still measure: it goes on unmeasured, so that they keep the load they began under. The other
 * patterns last as long as they were told to. */
static int keep_loading(struct child *child, struct error *error)
{
    const struct trial_request *request = child->request;
    struct pair_shared *shared = child->shared;
    struct loop_run *run = &child->run;
    uint32_t unused[4096];
    while (request->crew.lanes && request->pattern == PATTERN_PINGPONG && !run->failure) {
        if (child_sends(child))
            shared->goes_on =
                !loop_is_hopeless(run) && clock_ticks(run->clock_kind) < run->deadline_ticks;
        pair_barrier(&shared->barrier);
        if (!shared->goes_on)
            break;
        run->samples = unused;
        run->sample_capacity = sizeof(unused) / sizeof(unused[0]);
        loop_of(child, request->pattern)(run);
    }
    child->report->integrity = run->integrity;
    return loop_outcome(child, error);
}

int work_timed(struct child *child, struct error *error)
{
    int failure = child_prepare_timed(child, error);
    if (failure)
        return failure;
    struct side_report *report = child->report;
    struct counters counters;
    struct usage before, after;
    counters_open(&counters);
    struct wait_meter *meter = child->channel->meter;
    if (meter)
        *meter = (struct wait_meter){.clock_kind = meter->clock_kind};
    child_barrier(child);
    usage_prepare(&before);
    counters_start(&counters);
    run_loop(child, child->request->pattern, child->request->timed_seconds, &before);
    counters_stop(&counters);
    usage_after(&after);
    counters_read(&counters, &report->cost.counters);
    counters_close(&counters);
    usage_cost(&before, &after, &report->cost);
    meter_cost(child, after.wall_ns - before.wall_ns, &report->cost);
    failure = loop_outcome(child, error);
    if (failure)
        return failure;
    fill_report(child);
    return keep_loading(child, error);
}
