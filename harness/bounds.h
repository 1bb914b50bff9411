/* What the machine itself can do, measured in the same run: no transport can beat these. */
#ifndef IPCBENCH_HARNESS_BOUNDS_H
#define IPCBENCH_HARNESS_BOUNDS_H

#include <stdint.h>

#include "harness/topology.h"

struct clock;
struct error;

/* A figure that could not be taken is 0. */
struct bounds {
    double cache_line_round_trip_ns;  /* one line to the other CPU and back, median; 0 on one CPU */
    double cache_line_minimum_ns;     /* the fastest batch seen */
    double null_system_call_ns;       /* getppid by syscall(2), median */
    double memcpy_cached_bytes_per_s; /* 64 KiB to 64 KiB, warm */
    double memcpy_uncached_bytes_per_s; /* 64 MiB to 64 MiB */
    double timer_cost_ns;               /* one clock reading */
    double timer_resolution_ns;
    uint64_t clock_warps; /* readings on one CPU that lay before an earlier one on the other */
};

/* Measures in two forked, pinned children (about 0.2 s). Where warps are seen, clock_distrust is
 * called on `clock`. */
int bounds_measure(const struct cpu_pair *cpus, struct clock *clock, struct bounds *bounds,
                   struct error *error);

#endif
