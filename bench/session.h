/* One `ipcbench run` from plan to file: what the steps of it share. */
#ifndef IPCBENCH_BENCH_SESSION_H
#define IPCBENCH_BENCH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/config.h"
#include "bench/plan.h"
#include "bench/progress.h"
#include "results/journal.h"
#include "results/run.h"

struct session {
    struct config config;
    struct plan plan;
    struct run run;
    struct workspace workspace;
    struct clock clock; /* of this process; run.clock is what the file says */
    struct journal journal;
    struct progress progress;
    char *output;                       /* path of the final file; NULL: standard output */
    struct disturbance counts_at_start; /* see bench/noise.h */
    uint64_t began_ns; /* CLOCK_MONOTONIC when this run would have begun without an interruption */
    bool resumed;
};

/* Measures everything that is still to be measured: rounds over the cells in seeded random order,
 * each trial journalled as it ends. Stops early on an interruption; that is no failure. */
int session_measure(struct session *session, struct error *error);

/* Loads what an interrupted run left at `path` (the file, or the journal beside it) and takes its
 * arguments for this one's. */
int session_load(struct session *session, const char *path, struct error *error);

/* The command that goes on with this run, with the plug-ins that it then needs to be told again. */
void session_say_how_to_resume(const struct session *session, struct text *out);

/* The cells of the loaded run against those of the plan: the same, in the same order. */
int session_check_resumed(const struct session *session, struct error *error);

#endif
