/* What `ipcbench run` was asked for, from the command line. */
#ifndef IPCBENCH_BENCH_CONFIG_H
#define IPCBENCH_BENCH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "bench/suites.h"
#include "harness/loop_run.h"
#include "harness/memory.h"
#include "harness/schedule.h"
#include "harness/topology.h"

struct error;

/* The lists are kept as typed, several occurrences joined by commas; all empty: the suite's. */
struct config {
    const struct suite *suite;
    struct text transports;
    struct text patterns;
    struct text sizes;
    struct text idles;
    struct text placements; /* occurrences apart: see list_next_placement */
    const char *filter;     /* regular expression on cell ids, or NULL */
    size_t trials;          /* 0: the suite's, and more where precision wants them */
    double precision;       /* share; 0: no trial is added; negative: the default */
    double budget_seconds;  /* 0: the default */
    double timed_seconds;
    double warmup_seconds; /* negative: the suite's */
    uint64_t seed;         /* chosen at random where not given: see has_seed */
    bool has_seed;
    enum touch touch;
    const char *cpus;     /* "S,R", or NULL: chosen */
    const char *memory;   /* a memory policy's name */
    const char *output;   /* NULL: results/runs/<time>-<suite>.json; "-": standard output */
    const char *baseline; /* also keep the result under this name, or NULL */
    const char *resume;   /* an interrupted result file, or NULL */
    struct text rates;    /* of paced, messages per second */
    struct text bursts;   /* messages at once */
    enum arrivals arrivals;
    size_t pairs;     /* at once; 0: not given */
    size_t senders;   /* on one channel; 0: not given */
    size_t receivers; /* likewise */
    bool cold;
    bool dry_run;
    bool help;
};

/* Reads the arguments after the verb. The strings stay the caller's. */
int config_parse(struct config *config, int argc, char **argv, struct error *error);
void config_free(struct config *config);

#endif
