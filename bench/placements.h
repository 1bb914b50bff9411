/* The places where a run measures: what --placement or --cpus says, as CPUs of this machine. */
#ifndef IPCBENCH_BENCH_PLACEMENTS_H
#define IPCBENCH_BENCH_PLACEMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "harness/placement.h"

struct config;
struct memory_policy;
struct text;

struct placement_choice {
    enum placement placement;
    struct cpu_pair cpus; /* CPU_ANY: unpinned, or no such pair here */
    int sender_node;      /* of these CPUs; -1: none */
    int receiver_node;
    bool names_cpus;        /* in cell ids: another pair of the same class is measured too */
    bool typed;             /* as two CPUs, not as a class */
    struct error objection; /* why cells cannot be measured there; code 0: they can */
};

struct placements {
    struct placement_choice *items;
    size_t count;
};

/* In the order typed, without repeats; the default pair where nothing was. A class that does not
 * exist here is kept, with an objection; "all" stands for those that exist. Free in any case. */
int placements_make(struct placements *placements, const struct config *config,
                    const struct topology *topology, struct error *error);
void placements_free(struct placements *placements);

/* The pair that the run's bounds are of: the first of two different CPUs, since one CPU has no cache
 * line to exchange; else the first; the default one where none is pinned. */
struct cpu_pair placements_bounds_pair(const struct placements *placements,
                                       const struct topology *topology);

/* An unpinned process has no node that memory could be put beside. */
void placements_check_memory(struct placements *placements, const struct memory_policy *memory);

/* Appends the component of a cell's id: "same-cache", or "same-cache:2,3". */
void placement_format(const struct placement_choice *choice, struct text *out);

/* Appends "CPUs 2 and 3 (same-cache)", "CPU 1 (same-cpu)" or, without CPUs, "unpinned". */
void placement_describe(const char *placement, const struct cpu_pair *cpus, struct text *out);

#endif
