/* The plan: which cells a configuration asks for, each with its work order and its identity. */
#ifndef IPCBENCH_BENCH_PLAN_H
#define IPCBENCH_BENCH_PLAN_H

#include <stddef.h>

#include "bench/placements.h"
#include "harness/trial.h"

struct config;
struct error;
struct registry;
struct run;

struct plan {
    struct trial_request *requests; /* one per cell; clock and interrupted are still to be set */
    size_t *choices;                /* where each is measured, in placements.items */
    char **ids;                     /* "pingpong/shm:slots=4,sync=spin/64/same-cache", owned */
    size_t count;
    size_t capacity;
    struct topology topology;
    struct placements placements;
    struct crew *crews;   /* one for each of placements.items, with its places owned; NULL: pairs */
    struct cpu_pair cpus; /* of the bounds: placements_bounds_pair */
    struct memory_policy memory;
    size_t trials;
    double timed_seconds;
    double warmup_seconds;
    double precision;      /* trials are added until a cell's interval is no wider either way */
    double budget_seconds; /* and the run has taken no longer */
};

/* Expands the lists, in the order given, without repeats. Bad names, options, sizes, CPUs and
 * filters give one line each. */
int plan_make(struct plan *plan, const struct config *config, struct error *error);
void plan_free(struct plan *plan);

/* Where a cell is measured, and what objects to it. */
const struct placement_choice *plan_choice(const struct plan *plan, size_t cell);

/* About how long the plan takes without the trials that precision adds. */
double plan_seconds(const struct plan *plan);

/* Fills in the run's cells, one for each of the plan's, in order. */
int plan_describe(const struct plan *plan, const struct registry *registry, struct run *run,
                  struct error *error);

#endif
