/* How far every allowed CPU is from every other: a cache line's round trip between each two, for a
 * heat map. Uses the probe (harness/probe.h) that is also taken beside every trial. */
#ifndef IPCBENCH_HARNESS_CPU_MATRIX_H
#define IPCBENCH_HARNESS_CPU_MATRIX_H

#include <signal.h>
#include <stddef.h>

#include "harness/topology.h"

struct clock;
struct error;

struct cpu_matrix {
    size_t count;          /* allowed CPUs */
    int *cpus;             /* their ids, ascending: names of rows and columns */
    double *round_trip_ns; /* row by row, symmetric: median over the rounds of the probes' medians;
                              0: not measured (one CPU with itself, or taken away meanwhile) */
    size_t rounds;         /* in which every pair was probed */
};

/* Two forked processes per pair and round, pinned; the rounds go over all pairs, so that the probes
 * of a pair are spread over the whole time, and take turns in who measures. One pair at a time. At
 * least 3 rounds; 64 CPUs take about 20 s. `interrupted` (may be NULL), once not 0, ends it early:
 * -EINTR, and the matrix holds what was measured. Free with cpu_matrix_free in any case. */
int cpu_matrix_measure(const struct topology *topology, const struct clock *clock,
                       const volatile sig_atomic_t *interrupted, struct cpu_matrix *matrix,
                       struct error *error);
void cpu_matrix_free(struct cpu_matrix *matrix);

/* 0: not measured. By rows and columns, not ids. */
double cpu_matrix_at(const struct cpu_matrix *matrix, size_t row, size_t column);

/* About how long measuring takes with so many allowed CPUs. */
double cpu_matrix_seconds(size_t count);

#endif
