/* How far apart the two CPUs are right now: a cache line going back and forth for 3 ms. */
#include "tests/floor/floor.h"

enum { PROBE_BATCH = 32, PROBE_BATCHES_MOST = 4096 };
#define PROBE_NS UINT64_C(3000000)

static void echo(_Atomic uint64_t *line)
{
    for (uint64_t number = 1;; number += 2) {
        uint64_t got;
        while ((got = atomic_load_explicit(line, memory_order_acquire)) != number) {
            if (got == FLOOR_STOP)
                return;
        }
        atomic_store_explicit(line, number + 1, memory_order_release);
    }
}

static uint64_t round_trips(_Atomic uint64_t *line, uint64_t number, int count)
{
    for (int trip = 0; trip < count; ++trip, number += 2) {
        atomic_store_explicit(line, number, memory_order_release);
        while (atomic_load_explicit(line, memory_order_acquire) != number + 1)
            continue;
    }
    return number;
}

double floor_probe(_Atomic uint64_t *line, enum floor_side side)
{
    if (side == FLOOR_RECEIVER) {
        echo(line);
        return 0;
    }
    static uint32_t batches[PROBE_BATCHES_MOST];
    size_t count = 0;
    uint64_t number = round_trips(line, 1, 1); /* untimed: the other side has arrived */
    const uint64_t end_ns = floor_now_ns() + PROBE_NS;
    uint64_t last_ticks = floor_ticks();
    do {
        number = round_trips(line, number, PROBE_BATCH);
        const uint64_t now_ticks = floor_ticks();
        batches[count++] = (uint32_t)(now_ticks - last_ticks);
        last_ticks = now_ticks;
    } while (count < PROBE_BATCHES_MOST && floor_now_ns() < end_ns);
    atomic_store_explicit(line, FLOOR_STOP, memory_order_release);
    return floor_median(batches, count) / PROBE_BATCH;
}
