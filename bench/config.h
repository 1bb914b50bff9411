/* What `ipcbench run` was asked for, from the command line. */
#ifndef IPCBENCH_BENCH_CONFIG_H
#define IPCBENCH_BENCH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "bench/filter.h"
#include "bench/lockstep.h"
#include "bench/registry.h"
#include "bench/suites.h"
#include "harness/loop_run.h"
#include "harness/memory.h"
#include "harness/schedule.h"
#include "harness/topology.h"

struct command_words;
struct error;

/* The lists are kept as typed, several occurrences joined by commas; all empty: the suite's. */
struct config {
    const struct suite *suite;
    struct registry registry; /* what was asked for; loaded by whoever makes a plan of it */
    struct text transports;
    struct text patterns;
    struct text sizes;
    struct text idles;
    struct text placements; /* occurrences apart: see list_next_placement */
    struct filter filter;   /* on cell ids */
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
    struct lockstep lockstep;
    bool cold;
    bool dry_run;
};

/* Reads arguments, argv[0] being the verb. The strings stay the caller's. */
int config_parse(struct config *config, int argc, char **argv, struct error *error);

/* Whether what was given goes together; makes up a seed where none was. */
int config_check(struct config *config, const struct command_words *words, struct error *error);

/* --save-baseline and --baseline; the member is a const char *. */
int take_baseline_name(const char *value, void *member, struct error *error);

/* Of a request that is a struct config, for tables of verbs. */
void config_prepare(void *request);
void config_free(void *request);

/* What the verb does (bench/run.c). */
int run_verb(void *request, const struct command_words *words, struct error *error);

#endif
