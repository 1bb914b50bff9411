/* The two processes: forked, pinned, followed to their end. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/floor/floor.h"

enum { GRACE_SECONDS = 10, SIGNAL_EXIT = 128 };

_Noreturn void floor_fail(const char *what)
{
    fprintf(stderr, "floor: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    _exit(1);
}

static void pin(int cpu)
{
    cpu_set_t *set = CPU_ALLOC((size_t)cpu + 1);
    const size_t bytes = CPU_ALLOC_SIZE((size_t)cpu + 1);
    if (!set)
        floor_fail("CPU_ALLOC");
    CPU_ZERO_S(bytes, set);
    CPU_SET_S((size_t)cpu, bytes, set);
    if (sched_setaffinity(0, bytes, set))
        floor_fail("sched_setaffinity");
    CPU_FREE(set);
}

static void report(const struct floor_job *job, enum floor_side side, const struct floor_run *run)
{
    struct floor_report *report = &job->shared->report;
    if (side == FLOOR_RECEIVER) {
        report->window_messages = run->window_messages;
        report->window_ns = run->window_ns;
    } else if (!job->stream) {
        const double batch_mean = floor_mean(run->batches, run->batch_count);
        report->median_ticks = floor_median(run->samples, run->sample_count);
        report->mean_ticks = floor_mean(run->samples, run->sample_count);
        report->batch_ticks = floor_median(run->batches, run->batch_count) / FLOOR_BATCH;
        report->batch_rate_per_tick = batch_mean > 0 ? FLOOR_BATCH / batch_mean : 0;
    }
}

static _Noreturn void live(const struct floor_job *job, struct floor_channel *channel,
                           enum floor_side side)
{
    const struct floor_mechanism *mechanism = job->mechanism;
    struct floor_shared *shared = job->shared;
    const bool sends = side == FLOOR_SENDER, apart = job->cpus[0] != job->cpus[1];
    struct floor_run run = {.channel = channel, .seconds = job->seconds};
    errno = 0; /* floor_fail names a reason only where a call has failed */
    pin(job->cpus[side]);
    if (mechanism->open)
        mechanism->open(channel, side);
    floor_prefault(channel->region, channel->region_bytes);
    if (sends && !job->stream)
        floor_samples_open(&run);
    const double before_ticks = apart ? floor_probe(&shared->probe_before, side) : 0;
    if (job->stream)
        (sends ? mechanism->produce : mechanism->consume)(&run);
    else
        (sends ? mechanism->ping : mechanism->pong)(&run);
    const double after_ticks = apart ? floor_probe(&shared->probe_after, side) : 0;
    if (sends) {
        shared->report.probe_before_ticks = before_ticks;
        shared->report.probe_after_ticks = after_ticks;
    }
    report(job, side, &run);
    _exit(0);
}

static pid_t start(const struct floor_job *job, struct floor_channel *channel, enum floor_side side,
                   const sigset_t *original)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(1);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_SETMASK, original, NULL);
    live(job, channel, side);
}

static void stop(const pid_t *pids)
{
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        if (pids[side] > 0)
            kill(pids[side], SIGKILL);
    }
}

/* Reaps what has ended; a process that ended badly takes the other with it. */
static void reap(pid_t *pids, int *outcome)
{
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        int status;
        if (pids[side] <= 0 || waitpid(pids[side], &status, WNOHANG) != pids[side])
            continue;
        pids[side] = 0;
        if (!WIFEXITED(status) || WEXITSTATUS(status)) {
            *outcome = *outcome ? *outcome : 1;
            stop(pids);
        }
    }
}

/* The signals are blocked: they only end this sleep, so that none is missed. */
static int follow(pid_t *pids, const sigset_t *awaited, double seconds)
{
    const struct timespec patience = {.tv_sec = GRACE_SECONDS + (time_t)seconds};
    int outcome = 0;
    while (pids[FLOOR_SENDER] > 0 || pids[FLOOR_RECEIVER] > 0) {
        const int signal_number = sigtimedwait(awaited, NULL, &patience);
        if (signal_number < 0 && errno == EAGAIN) {
            fprintf(stderr, "floor: no end after %.0f s\n", (double)patience.tv_sec);
            outcome = 1;
            stop(pids);
        } else if (signal_number > 0 && signal_number != SIGCHLD) {
            outcome = SIGNAL_EXIT + signal_number;
            stop(pids);
        }
        reap(pids, &outcome);
    }
    return outcome;
}

int floor_pair(const struct floor_job *job)
{
    struct floor_channel channel = {
        .message_bytes = job->message_bytes,
        .in = {-1, -1},
        .out = {-1, -1},
        .semaphore_set = -1,
    };
    sigset_t awaited, original;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGHUP);
    sigprocmask(SIG_BLOCK, &awaited, &original);
    job->mechanism->create(&channel);
    pid_t pids[FLOOR_SIDES];
    for (int side = 0; side < FLOOR_SIDES; ++side)
        pids[side] = start(job, &channel, (enum floor_side)side, &original);
    int outcome = 0;
    if (pids[FLOOR_SENDER] < 0 || pids[FLOOR_RECEIVER] < 0) {
        perror("floor: fork");
        stop(pids);
        outcome = 1;
    }
    const int end = follow(pids, &awaited, job->seconds);
    if (job->mechanism->destroy)
        job->mechanism->destroy(&channel);
    return outcome ? outcome : end;
}
