/* Time, in ticks of the cheapest trustworthy clock.
 *
 * The time stamp counter is used where it is invariant (constant_tsc, nonstop_tsc), the kernel
 * itself uses it as clocksource and no warp was seen between the two CPUs; otherwise
 * CLOCK_MONOTONIC, one tick being a nanosecond. On arm64 the virtual counter. Only differences mean
 * anything. */
#ifndef IPCBENCH_HARNESS_CLOCK_H
#define IPCBENCH_HARNESS_CLOCK_H

#include <stdint.h>
#include <time.h>

struct error;

enum clock_kind { CLOCK_KIND_COUNTER, CLOCK_KIND_MONOTONIC };
enum { CLOCK_KINDS = 2 };

/* One reading of both clocks. */
struct clock_pairing {
    uint64_t counter;
    uint64_t raw_ns; /* CLOCK_MONOTONIC_RAW */
};

struct clock {
    enum clock_kind kind;
    double ns_per_tick;
    double cost_ns;             /* median of reading it once, back to back */
    double resolution_ns;       /* smallest step seen between two readings that differ */
    double drift_ppm;           /* difference of a second calibration, over the run, to the first */
    struct clock_pairing begun; /* when the first calibration ended; {0} where none was needed */
    char name[24];              /* "tsc", "cntvct", "clock_monotonic" */
    char reason[96];            /* why the counter is not used; "" where it is */
};

static inline uint64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* A counter reading that no earlier load passes: what was received before it has been received. */
static inline uint64_t clock_counter_ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_lfence(), __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
#else
    return clock_monotonic_ns();
#endif
}

/* Out of line: beside a call into the vDSO another one does not show. */
uint64_t clock_monotonic_ticks(void);

/* `kind` is the same for a whole run, so that the branch is always foretold: a part in twenty of what
 * reading the counter costs, for half the loops. */
static inline uint64_t clock_ticks(enum clock_kind kind)
{
    return __builtin_expect(kind == CLOCK_KIND_COUNTER, 1) ? clock_counter_ticks()
                                                           : clock_monotonic_ticks();
}

static inline double clock_ns(const struct clock *clock, uint64_t ticks)
{
    return (double)ticks * clock->ns_per_tick;
}

static inline uint64_t clock_ticks_of_seconds(const struct clock *clock, double seconds)
{
    return (uint64_t)(seconds * 1e9 / clock->ns_per_tick);
}

/* Why the counter of the machine whose /proc and /sys are below `root` ("": this one) cannot be used
 * as a clock, or NULL. Static storage. */
const char *clock_objection(const char *root);

/* Chooses the clock and calibrates it against CLOCK_MONOTONIC_RAW (takes about 0.2 s where the
 * counter is used). Never fails: CLOCK_MONOTONIC always works. */
void clock_choose(struct clock *clock);

/* Falls back to CLOCK_MONOTONIC and keeps the reason. */
void clock_distrust(struct clock *clock, const char *reason);

/* Calibrates again, over the time since clock_choose (0.2 s at least, which it waits for), and stores the
 * difference in drift_ppm; returns 0, or -ETIME with an error where it exceeds 50 ppm: then the times in
 * between are not to be trusted. */
int clock_recheck(struct clock *clock, struct error *error);

#endif
