/* Placement: where the two processes of a pair run, as a person asks for it (--placement). Either a
 * distance, for which the topology gives the CPUs, or wherever the scheduler puts them. */
#ifndef IPCBENCH_HARNESS_PLACEMENT_H
#define IPCBENCH_HARNESS_PLACEMENT_H

#include <stdbool.h>

#include "harness/topology.h"

struct error;

/* The distances, by the same numbers, and one more. */
enum placement {
    PLACEMENT_SAME_CPU = DISTANCE_SAME_CPU,
    PLACEMENT_SMT = DISTANCE_SMT,
    PLACEMENT_SAME_CACHE = DISTANCE_SAME_CACHE,
    PLACEMENT_CROSS_CACHE = DISTANCE_CROSS_CACHE,
    PLACEMENT_CROSS_NODE = DISTANCE_CROSS_NODE,
    PLACEMENT_UNPINNED, /* any CPU this process may use, changing as the scheduler likes */
};
enum { PLACEMENT_COUNT = PLACEMENT_UNPINNED + 1 };

const char *placement_name(enum placement placement); /* "same-cpu", ..., "unpinned" */
bool placement_parse(const char *name, enum placement *placement);

/* The pair that a placement uses on this machine (topology_choose_pair); {CPU_ANY, CPU_ANY} for
 * unpinned. Where there is none: unavailable, whether the machine has no such pair or this process
 * may not use it. */
int placement_choose(const struct topology *topology, enum placement placement,
                     struct cpu_pair *pair, struct error *error);

/* Do both processes of the pair have only one CPU between them? Unpinned ones do where this process
 * may use just one. */
bool placement_shares_cpu(const struct cpu_pair *cpus);

/* Pins the calling process; does nothing for CPU_ANY. */
int placement_pin(int cpu, struct error *error);

#endif
