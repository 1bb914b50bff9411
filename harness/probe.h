/* The probe: how far apart two CPUs are right now. A cache line goes back and forth between two
 * pinned processes for a few milliseconds; taken beside every trial, it tells in which state a
 * virtual machine's CPUs were (siblings, one cache, two caches). */
#ifndef IPCBENCH_HARNESS_PROBE_H
#define IPCBENCH_HARNESS_PROBE_H

#include <stdatomic.h>
#include <stdint.h>

#include "harness/clock.h"

/* In memory shared by the two; zeroed before each probe by whoever set both to work. */
struct probe_line {
    _Alignas(128) _Atomic uint64_t value;
    _Alignas(128) _Atomic uint64_t stamp; /* of the last writer, for the warp count */
};

struct probe_result {
    double median_ns;  /* over batches of round trips */
    double minimum_ns; /* fastest batch */
    uint64_t warps;    /* readings of the clock that lay before the other side's earlier one */
    int64_t way_back_minimum_ticks; /* from the echoing side's stamp to this side's reading */
};

struct probe_echoed {
    uint64_t warps;
    int64_t way_there_minimum_ticks; /* from the measuring side's stamp to this side's reading */
};

/* Both call it at the same time, pinned to different CPUs: one measures, the other echoes until
 * told to stop. Memory ordering: the line is stored with release and loaded with acquire, so the
 * stamp stored before it is visible to whoever has seen the line change.
 *
 * The two minima bound the offset of the echoing side's clock to the measuring side's: it lies in
 * [-way back, way there], since no message travels in less than no time. */
void probe_measure(struct probe_line *line, const struct clock *clock, double seconds,
                   struct probe_result *result);
void probe_echo(struct probe_line *line, const struct clock *clock, struct probe_echoed *echoed);

#endif
