#include "harness/bounds.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/stats.h"
#include "harness/child.h"
#include "harness/clock.h"
#include "harness/placement.h"
#include "harness/probe.h"

static const double probe_seconds = 0.03;
static const double copy_seconds = 0.05;
static const unsigned child_seconds_most = 20;
static const size_t cached_bytes = 64 << 10;
static const size_t uncached_bytes = 64 << 20;
enum { SYSTEM_CALL_BATCHES = 201, SYSTEM_CALLS_PER_BATCH = 100 };

/* Shared between the parent and its two children. */
struct bounds_shared {
    struct probe_line line;
    struct bounds bounds;
    struct probe_echoed echoed;
};

static double measure_system_call(const struct clock *clock)
{
    double batch_ns[SYSTEM_CALL_BATCHES];
    for (size_t batch = 0; batch < SYSTEM_CALL_BATCHES; ++batch) {
        const uint64_t start = clock_ticks(clock->kind);
        for (int call = 0; call < SYSTEM_CALLS_PER_BATCH; ++call)
            syscall(SYS_getppid);
        batch_ns[batch] =
            clock_ns(clock, clock_ticks(clock->kind) - start) / SYSTEM_CALLS_PER_BATCH;
    }
    return stats_median(batch_ns, SYSTEM_CALL_BATCHES);
}

/* Bytes per second of copying a warm buffer of this size; 0 without memory for it. */
static double measure_copy(const struct clock *clock, size_t bytes)
{
    enum { COPIES_MAX = 4096 };
    double copy_ns[COPIES_MAX];
    size_t count = 0;
    unsigned char *from = malloc(bytes);
    unsigned char *to = malloc(bytes);
    if (from && to) {
        memset(from, 1, bytes);
        memset(to, 2, bytes);
        uint64_t last = clock_ticks(clock->kind);
        const uint64_t deadline = last + clock_ticks_of_seconds(clock, copy_seconds);
        while (count < 3 || (count < COPIES_MAX && last < deadline)) {
            memcpy(to, from, bytes);
            __asm__ volatile("" ::"r"(to) : "memory"); /* the copy is wanted */
            const uint64_t now = clock_ticks(clock->kind);
            copy_ns[count++] = clock_ns(clock, now - last);
            last = now;
        }
    }
    free(from);
    free(to);
    return count ? (double)bytes * 1e9 / stats_median(copy_ns, count) : 0;
}

static _Noreturn void sender(struct bounds_shared *shared, const struct cpu_pair *cpus,
                             const struct clock *clock)
{
    if (cpus->sender != cpus->receiver) {
        struct probe_result result;
        probe_measure(&shared->line, clock, probe_seconds, &result);
        shared->bounds.cache_line_round_trip_ns = result.median_ns;
        shared->bounds.cache_line_minimum_ns = result.minimum_ns;
        shared->bounds.clock_warps = result.warps;
    }
    shared->bounds.null_system_call_ns = measure_system_call(clock);
    shared->bounds.memcpy_cached_bytes_per_s = measure_copy(clock, cached_bytes);
    shared->bounds.memcpy_uncached_bytes_per_s = measure_copy(clock, uncached_bytes);
    _exit(0);
}

static _Noreturn void receiver(struct bounds_shared *shared, const struct cpu_pair *cpus,
                               const struct clock *clock)
{
    if (cpus->sender != cpus->receiver)
        probe_echo(&shared->line, clock, &shared->echoed);
    _exit(0);
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static int run_children(struct bounds_shared *shared, const struct cpu_pair *cpus,
                        const struct clock *clock, struct error *error)
{
    const pid_t parent = getpid();
    const pid_t first = fork();
    if (first == 0) {
        child_settle(cpus->receiver, parent, child_seconds_most);
        receiver(shared, cpus, clock);
    }
    if (first < 0)
        return error_system(error, errno, "fork for measuring bounds");
    const pid_t second = fork();
    if (second == 0) {
        child_settle(cpus->sender, parent, child_seconds_most);
        sender(shared, cpus, clock);
    }
    const int failure = errno;
    if (second < 0)
        kill(first, SIGKILL);
    const int status = second < 0 ? 0 : reap(second);
    if (status)
        kill(first, SIGKILL); /* it would echo for ever */
    reap(first);
    if (second < 0)
        return error_system(error, failure, "fork for measuring bounds");
    return status ? error_plain(error, "the process measuring bounds died (status %d)", status) : 0;
}

int bounds_measure(const struct cpu_pair *cpus, struct clock *clock, struct bounds *bounds,
                   struct error *error)
{
    *bounds = (struct bounds){0};
    struct bounds_shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap for measuring bounds");
    const int failure = run_children(shared, cpus, clock, error);
    *bounds = shared->bounds;
    bounds->clock_warps += shared->echoed.warps;
    munmap(shared, sizeof(*shared));
    if (failure)
        return failure;
    if (clock->kind == CLOCK_KIND_COUNTER && bounds->clock_warps)
        clock_distrust(clock, "the counter warped between the two CPUs");
    bounds->timer_cost_ns = clock->cost_ns;
    bounds->timer_resolution_ns = clock->resolution_ns;
    return 0;
}
