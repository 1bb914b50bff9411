#include "harness/probe.h"

#include "base/stats.h"

enum { PROBE_BATCH = 32, PROBE_BATCHES_MAX = 4096, PROBE_STAMPS = 512 };
#define PROBE_STOP UINT64_MAX

static inline void probe_round_trip(struct probe_line *line, uint64_t number)
{
    atomic_store_explicit(&line->value, 2 * number + 1, memory_order_release);
    while (atomic_load_explicit(&line->value, memory_order_acquire) != 2 * number + 2)
        continue;
}

static void keep_minimum(int64_t *minimum, int64_t ticks)
{
    if (ticks < *minimum)
        *minimum = ticks;
}

/* A separate phase, so that the stamps' line does not travel during the timed batches. */
static void probe_stamps(struct probe_line *line, enum clock_kind kind, uint64_t *number,
                         struct probe_result *result)
{
    for (int trip = 0; trip < PROBE_STAMPS; ++trip) {
        atomic_store_explicit(&line->stamp, clock_ticks(kind), memory_order_relaxed);
        probe_round_trip(line, (*number)++);
        const int64_t ticks =
            (int64_t)(clock_ticks(kind) - atomic_load_explicit(&line->stamp, memory_order_relaxed));
        result->warps += ticks < 0;
        keep_minimum(&result->way_back_minimum_ticks, ticks);
    }
    atomic_store_explicit(&line->stamp, 0, memory_order_relaxed);
}

void probe_measure(struct probe_line *line, const struct clock *clock, double seconds,
                   struct probe_result *result)
{
    double batch_ns[PROBE_BATCHES_MAX];
    size_t count = 0;
    uint64_t number = 0;
    *result = (struct probe_result){.way_back_minimum_ticks = INT64_MAX};
    probe_stamps(line, clock->kind, &number, result);
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

void probe_echo(struct probe_line *line, const struct clock *clock, struct probe_echoed *echoed)
{
    *echoed = (struct probe_echoed){.way_there_minimum_ticks = INT64_MAX};
    for (uint64_t number = 0;; ++number) {
        uint64_t value;
        while ((value = atomic_load_explicit(&line->value, memory_order_acquire)) !=
               2 * number + 1) {
            if (value == PROBE_STOP)
                return;
        }
        const uint64_t stamp = atomic_load_explicit(&line->stamp, memory_order_relaxed);
        if (stamp) {
            const uint64_t now = clock_ticks(clock->kind);
            echoed->warps += now < stamp;
            keep_minimum(&echoed->way_there_minimum_ticks, (int64_t)(now - stamp));
            atomic_store_explicit(&line->stamp, clock_ticks(clock->kind), memory_order_relaxed);
        }
        atomic_store_explicit(&line->value, 2 * number + 2, memory_order_release);
    }
}
