/* The plan: which cells a configuration asks for, each with its work order and its identity. */
#ifndef IPCBENCH_BENCH_PLAN_H
#define IPCBENCH_BENCH_PLAN_H

#include <stddef.h>

#include "harness/trial.h"

struct config;
struct error;
struct run;

struct plan {
    struct trial_request *requests; /* one per cell; clock and interrupted are still to be set */
    char **ids;                     /* "pingpong/shm:slots=4,sync=spin/64/same-cache", owned */
    size_t count;
    size_t capacity;
    struct topology topology;
    struct cpu_pair cpus;
    struct memory_policy memory;
    const char *placement; /* class of the pair */
    size_t trials;
    double timed_seconds;
    double warmup_seconds;
};

/* Expands the lists, in the order given, without repeats. Bad names, options, sizes, CPUs and
 * filters give one line each. */
int plan_make(struct plan *plan, const struct config *config, struct error *error);
void plan_free(struct plan *plan);

/* About how long the whole plan takes. */
double plan_seconds(const struct plan *plan);

/* Fills in the run's cells, one for each of the plan's, in order. */
int plan_describe(const struct plan *plan, struct run *run, struct error *error);

#endif
