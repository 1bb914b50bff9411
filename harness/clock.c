#include "harness/clock.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/stats.h"
#include "base/text.h"

enum { COST_READINGS = 2001 };
static const double calibration_seconds = 0.2;
static const double drift_limit_ppm = 50;

static uint64_t raw_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* The narrower the bracket, the better the pairing. */
static struct clock_pairing pair_clocks(void)
{
    struct clock_pairing best = {0};
    uint64_t narrowest_ticks = UINT64_MAX;
    for (int attempt = 0; attempt < 64; ++attempt) {
        const uint64_t before = clock_counter_ticks();
        const uint64_t ns = raw_ns();
        const uint64_t after = clock_counter_ticks();
        if (after - before < narrowest_ticks) {
            narrowest_ticks = after - before;
            best = (struct clock_pairing){before + narrowest_ticks / 2, ns};
        }
    }
    return best;
}

/* From `first`, if need be taken a moment ago, until now; waits for what is missing of the time that a
 * calibration takes. */
static double calibrate_ns_per_tick(const struct clock_pairing *first)
{
    const double since_seconds = (double)(raw_ns() - first->raw_ns) / 1e9;
    if (since_seconds < calibration_seconds) {
        const struct timespec pause = {.tv_nsec =
                                           (long)((calibration_seconds - since_seconds) * 1e9)};
        nanosleep(&pause, NULL);
    }
    const struct clock_pairing last = pair_clocks();
    return (double)(last.raw_ns - first->raw_ns) / (double)(last.counter - first->counter);
}

#if defined(__x86_64__)
/* Is `flag` a word of the first "flags" line of /proc/cpuinfo? */
static bool cpu_has_flag(const char *cpuinfo, const char *flag)
{
    const char *line = strstr(cpuinfo, "\nflags");
    const char *end = line ? strchr(line + 1, '\n') : NULL;
    const size_t length = strlen(flag);
    for (const char *at = line; at && (at = strstr(at, flag)) && (!end || at < end); at += length) {
        if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n'))
            return true;
    }
    return false;
}

const char *clock_objection(const char *root)
{
    char path[512];
    struct text cpuinfo = {0};
    (void)snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
    file_read(path, &cpuinfo, NULL);
    const bool invariant = cpu_has_flag(text_string(&cpuinfo), "constant_tsc") &&
                           cpu_has_flag(text_string(&cpuinfo), "nonstop_tsc");
    text_free(&cpuinfo);
    if (!invariant)
        return "the TSC is not invariant (constant_tsc, nonstop_tsc)";
    char source[32];
    (void)snprintf(path, sizeof(path),
                   "%s/sys/devices/system/clocksource/clocksource0/current_clocksource", root);
    file_read_line(path, source, sizeof(source));
    return strcmp(source, "tsc") == 0 ? NULL : "the kernel's clocksource is not tsc";
}
#elif defined(__aarch64__)
const char *clock_objection(const char *root)
{
    (void)root;
    return NULL;
}
#else
const char *clock_objection(const char *root)
{
    (void)root;
    return "no counter known for this architecture";
}
#endif

static void measure_cost(struct clock *clock)
{
    double cost_ns[COST_READINGS];
    double resolution_ns = INFINITY;
    for (size_t index = 0; index < COST_READINGS; ++index) {
        const uint64_t first = clock_ticks(clock->kind);
        uint64_t last = first;
        for (int reading = 0; reading < 16; ++reading) {
            const uint64_t next = clock_ticks(clock->kind);
            const double step_ns = clock_ns(clock, next - last);
            if (next != last && step_ns < resolution_ns)
                resolution_ns = step_ns;
            last = next;
        }
        cost_ns[index] = clock_ns(clock, last - first) / 16;
    }
    clock->cost_ns = stats_median(cost_ns, COST_READINGS);
    clock->resolution_ns = isfinite(resolution_ns) ? resolution_ns : 0;
}

__attribute__((cold)) uint64_t clock_monotonic_ticks(void)
{
    return clock_monotonic_ns();
}

void clock_choose(struct clock *clock)
{
    const char *objection = clock_objection("");
    if (objection) {
        clock_distrust(clock, objection);
        return;
    }
    *clock = (struct clock){.kind = CLOCK_KIND_COUNTER, .begun = pair_clocks()};
    clock->ns_per_tick = calibrate_ns_per_tick(&clock->begun);
    clock->begun = pair_clocks();
#if defined(__aarch64__)
    snprintf(clock->name, sizeof(clock->name), "cntvct");
#else
    snprintf(clock->name, sizeof(clock->name), "tsc");
#endif
    measure_cost(clock);
}

void clock_distrust(struct clock *clock, const char *reason)
{
    *clock = (struct clock){.kind = CLOCK_KIND_MONOTONIC, .ns_per_tick = 1};
    snprintf(clock->name, sizeof(clock->name), "clock_monotonic");
    snprintf(clock->reason, sizeof(clock->reason), "%s", reason);
    measure_cost(clock);
}

int clock_recheck(struct clock *clock, struct error *error)
{
    if (clock->kind != CLOCK_KIND_COUNTER)
        return 0;
    clock->drift_ppm = (calibrate_ns_per_tick(&clock->begun) / clock->ns_per_tick - 1) * 1e6;
    if (fabs(clock->drift_ppm) <= drift_limit_ppm)
        return 0;
    error_plain(error,
                "clock: %s: calibrations before and over the run differ by %.0f ppm (%.0f allowed)",
                clock->name, clock->drift_ppm, drift_limit_ppm);
    return -ETIME;
}
