#include "harness/jitter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hdr.h"
#include "harness/child.h"
#include "harness/clock.h"
#include "harness/disturbance.h"

/* Long enough for the parent, which forked on one of these CPUs, to have gone to sleep, and for some
 * ten thousand steps to find the shortest of. */
static const double settling_seconds = 0.005;
static const unsigned child_seconds_over = 20; /* a child that is still there then ends itself */
static const double percentile_share_beyond = 0.001;

/* Shared between the parent and its children. */
struct jitter_shared {
    _Atomic int arrived;
    struct jitter sides[SIDE_COUNT];
};

/* Shortest step that is not 0 (a coarse clock stands still for most steps), in ticks. */
static inline __attribute__((always_inline)) uint64_t shortest_step(enum clock_kind kind,
                                                                    uint64_t duration_ticks)
{
    uint64_t shortest = UINT64_MAX;
    uint64_t last = clock_ticks(kind);
    const uint64_t end = last + duration_ticks;

    while (last < end) {
        const uint64_t now = clock_ticks(kind);
        const uint64_t step = now - last;
        if (step > 0 && step < shortest)
            shortest = step;
        last = now;
    }
    return shortest;
}

/* What the loop below looks for, and where it puts it. */
struct watch {
    const struct clock *clock;
    uint64_t gap_ticks; /* longer ones are gaps */
    uint64_t duration_ticks;
    struct hdr *gaps_ns;
};

/* Records the gaps; returns how long it looked, in ticks. Recording one takes some time: that is no
 * gap, so the next step starts behind it. */
static inline __attribute__((always_inline)) uint64_t watch_clock(enum clock_kind kind,
                                                                  const struct watch *watch)
{
    const uint64_t start = clock_ticks(kind);
    uint64_t last = start;

    while (last - start < watch->duration_ticks) {
        uint64_t now = clock_ticks(kind);
        if (now - last > watch->gap_ticks) {
            hdr_record(watch->gaps_ns, (uint64_t)(clock_ns(watch->clock, now - last) + 0.5));
            now = clock_ticks(kind);
        }
        last = now;
    }
    return last - start;
}

void jitter_describe(const struct hdr *gaps_ns, double elapsed_ns, struct jitter *jitter)
{
    double beyond_ns = 0;

    jitter->seconds = elapsed_ns / 1e9;
    jitter->gaps = gaps_ns->total;
    jitter->max_ns = (double)gaps_ns->maximum;
    jitter->lost_share = hdr_mean(gaps_ns) * (double)gaps_ns->total / elapsed_ns;
    jitter->p999_ns = 0;
    for (size_t index = gaps_ns->counter_count; index-- > 0 && jitter->p999_ns == 0;) {
        const uint64_t length_ns = hdr_index_highest(gaps_ns, index);
        beyond_ns += (double)gaps_ns->counters[index] * (double)length_ns;
        if (beyond_ns >= percentile_share_beyond * elapsed_ns)
            jitter->p999_ns = (double)(length_ns < gaps_ns->maximum ? length_ns : gaps_ns->maximum);
    }
}

/* The loops by kind of clock: a constant in them. */
static uint64_t shortest_step_of(const struct clock *clock, uint64_t duration_ticks)
{
    return clock->kind == CLOCK_KIND_COUNTER ? shortest_step(CLOCK_KIND_COUNTER, duration_ticks)
                                             : shortest_step(CLOCK_KIND_MONOTONIC, duration_ticks);
}

static uint64_t watch_clock_of(const struct watch *watch)
{
    return watch->clock->kind == CLOCK_KIND_COUNTER ? watch_clock(CLOCK_KIND_COUNTER, watch)
                                                    : watch_clock(CLOCK_KIND_MONOTONIC, watch);
}

static void measure(const struct jitter_request *request, struct jitter *jitter)
{
    const struct clock *const clock = request->clock;
    struct hdr gaps_ns;

    if (hdr_init_latency(&gaps_ns, NULL))
        _exit(1);
    hdr_reset(&gaps_ns); /* no page of it is touched first in the loop */
    const uint64_t shortest_ticks =
        shortest_step_of(clock, clock_ticks_of_seconds(clock, settling_seconds));
    const struct watch watch = {
        .clock = clock,
        .gap_ticks = JITTER_GAP_FACTOR * shortest_ticks,
        .duration_ticks = clock_ticks_of_seconds(clock, request->seconds),
        .gaps_ns = &gaps_ns,
    };
    const uint64_t elapsed_ticks = watch_clock_of(&watch);
    jitter->frequency_hz = cpu_frequency_hz("", jitter->cpu);
    jitter->minimum_ns = clock_ns(clock, shortest_ticks);
    jitter_describe(&gaps_ns, clock_ns(clock, elapsed_ticks), jitter);
}

struct follower {
    pid_t pid; /* -1: none, or reaped */
    int pidfd;
};

/* The children as the parent follows them. */
struct session {
    const struct jitter_request *request;
    struct jitter_shared *shared;
    int count; /* of CPUs */
    struct follower followers[SIDE_COUNT];
    sigset_t original; /* the signals masked outside this module */
};

/* Both start together: the fork of the second would be a gap for the first. */
static _Noreturn void child(const struct session *session, struct jitter *jitter, pid_t parent)
{
    sigprocmask(SIG_SETMASK, &session->original, NULL);
    child_settle(jitter->cpu, parent, child_seconds_over + (unsigned)session->request->seconds);
    atomic_fetch_add(&session->shared->arrived, 1);
    while (atomic_load(&session->shared->arrived) < session->count)
        continue;
    measure(session->request, jitter);
    _exit(0);
}

static int start(struct session *session, struct error *error)
{
    const pid_t parent = getpid();

    for (int side = 0; side < session->count; side++) {
        const pid_t pid = fork();
        if (pid == 0)
            child(session, &session->shared->sides[side], parent);
        if (pid < 0)
            return error_system(error, errno, "fork for measuring jitter");
        const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        session->followers[side] = (struct follower){pid, pidfd};
        if (pidfd < 0)
            return error_system(error, errno, "pidfd_open for measuring jitter");
    }
    return 0;
}

static int reap(struct follower *follower)
{
    int status = 0;
    while (waitpid(follower->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (follower->pidfd >= 0)
        (void)close(follower->pidfd);
    *follower = (struct follower){-1, -1};
    return status;
}

/* Until all have ended well, one has not, or the flag is up. Signals come in while it sleeps. */
static int wait_for_end(struct session *session, struct error *error)
{
    const volatile sig_atomic_t *const interrupted = session->request->interrupted;
    struct follower *const followers = session->followers;

    while (followers[SIDE_SENDER].pid >= 0 || followers[SIDE_RECEIVER].pid >= 0) {
        struct pollfd ends[SIDE_COUNT];
        for (int side = 0; side < SIDE_COUNT; side++)
            ends[side] = (struct pollfd){.fd = followers[side].pidfd, .events = POLLIN};
        if (interrupted && *interrupted)
            return error_system(error, EINTR, "measuring jitter");
        if (ppoll(ends, SIDE_COUNT, NULL, &session->original) < 0)
            continue;
        for (int side = 0; side < SIDE_COUNT; side++) {
            const int status = ends[side].revents ? reap(&followers[side]) : 0;
            if (status)
                return error_plain(error, "a process measuring jitter died (status %d)", status);
        }
    }
    return 0;
}

static void end_what_is_left(struct session *session)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        if (session->followers[side].pid < 0)
            continue;
        kill(session->followers[side].pid, SIGKILL);
        reap(&session->followers[side]);
    }
}

static int run_children(struct session *session, struct error *error)
{
    sigset_t handled;

    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGHUP);
    sigprocmask(SIG_BLOCK, &handled, &session->original);
    int failure = start(session, error);
    if (!failure)
        failure = wait_for_end(session, error);
    end_what_is_left(session);
    sigprocmask(SIG_SETMASK, &session->original, NULL);
    return failure;
}

int jitter_measure(const struct jitter_request *request, struct jitter sides[SIDE_COUNT],
                   struct error *error)
{
    const struct cpu_pair *const cpus = &request->cpus;
    struct jitter_shared *const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct session session = {
        .request = request,
        .shared = shared,
        .count = cpus->sender == cpus->receiver ? 1 : SIDE_COUNT,
        .followers = {{-1, -1}, {-1, -1}},
    };

    sides[SIDE_SENDER] = sides[SIDE_RECEIVER] = (struct jitter){0};
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap for measuring jitter");
    shared->sides[SIDE_SENDER].cpu = cpus->sender;
    shared->sides[SIDE_RECEIVER].cpu = cpus->receiver;
    const int failure = run_children(&session, error);
    for (int side = 0; side < SIDE_COUNT && !failure; side++)
        sides[side] = shared->sides[side < session.count ? side : SIDE_SENDER];
    (void)munmap(shared, sizeof *shared);
    return failure;
}
