#include "harness/probe.h"

#include "base/stats.h"

enum { PROBE_BATCH = 32, PROBE_BATCHES_MAX = 4096 };
#define PROBE_STOP UINT64_MAX

static inline void probe_round_trip(struct probe_line *line, uint64_t number)
{
    atomic_store_explicit(&line->value, 2 * number + 1, memory_order_release);
    while (atomic_load_explicit(&line->value, memory_order_acquire) != 2 * number + 2)
        continue;
}

/* A separate phase, so that the stamps' line does not travel during the timed batches. */
static uint64_t probe_count_warps(struct probe_line *line, uint64_t *number)
{
    uint64_t warps = 0;
    for (int trip = 0; trip < PROBE_BATCH * 8; ++trip) {
        atomic_store_explicit(&line->stamp, clock_counter_ticks(), memory_order_relaxed);
        probe_round_trip(line, (*number)++);
        warps += clock_counter_ticks() < atomic_load_explicit(&line->stamp, memory_order_relaxed);
    }
    atomic_store_explicit(&line->stamp, 0, memory_order_relaxed);
    return warps;
}

void probe_measure(struct probe_line *line, const struct clock *clock, double seconds,
                   struct probe_result *result)
{
    double batch_ns[PROBE_BATCHES_MAX];
    size_t count = 0;
    uint64_t number = 0;
    *result = (struct probe_result){.warps = probe_count_warps(line, &number)};
    uint64_t last = clock_ticks(clock->kind);
    const uint64_t deadline = last + clock_ticks_of_seconds(clock, seconds);
    while (count < PROBE_BATCHES_MAX && last < deadline) {
        for (int trip = 0; trip < PROBE_BATCH; ++trip)
            probe_round_trip(line, number++);
        const uint64_t now = clock_ticks(clock->kind);
        batch_ns[count++] = clock_ns(clock, now - last) / PROBE_BATCH;
        last = now;
    }
    atomic_store_explicit(&line->value, PROBE_STOP, memory_order_release);
    result->median_ns = stats_median(batch_ns, count); /* sorts */
    result->minimum_ns = count ? batch_ns[0] : 0;
}

void probe_echo(struct probe_line *line, uint64_t *warps)
{
    *warps = 0;
    for (uint64_t number = 0;; ++number) {
        uint64_t value;
        while ((value = atomic_load_explicit(&line->value, memory_order_acquire)) !=
               2 * number + 1) {
            if (value == PROBE_STOP)
                return;
        }
        const uint64_t stamp = atomic_load_explicit(&line->stamp, memory_order_relaxed);
        if (stamp) {
            const uint64_t now = clock_counter_ticks();
            *warps += now < stamp;
            atomic_store_explicit(&line->stamp, now, memory_order_relaxed);
        }
        atomic_store_explicit(&line->value, 2 * number + 2, memory_order_release);
    }
}
