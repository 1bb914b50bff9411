/* The run model: what was asked, on what machine, and what came out. Everything shown, compared or
 * plotted is made from this, and it is what a result file holds (results/json.h).
 *
 * A run owns its cells, a cell its trials. `run_free` frees everything. */
#ifndef IPCBENCH_RESULTS_RUN_H
#define IPCBENCH_RESULTS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/bounds.h"
#include "harness/clock.h"
#include "harness/machine.h"
#include "harness/trial.h"

#define RUN_SCHEMA "ipcbench-result/1"

enum run_status { RUN_COMPLETE, RUN_INTERRUPTED };

/* One trial of a cell. Percentiles and the like are in `figures`, derived by run_trial_derive. */
struct figures {
    /* latency patterns. The median is given from one sample on, so that a transport of large
     * messages can be ranked; a tail percentile with fewer than 10 samples beyond it is 0 (absent).
     */
    double p50_ns;
    double p99_ns;
    double p999_ns;
    double max_ns;
    /* all patterns: messages (round trips) and payload bytes per second; one direction */
    double rate_per_s;
    double bytes_per_s;
    double cpu_ns_per_message[SIDE_COUNT];
    double switches_per_message[SIDE_COUNT]; /* voluntary and involuntary */
};

struct run_trial {
    size_t round;     /* 0-based; every cell is measured once in a round */
    size_t order;     /* 0-based position in the whole run */
    double started_s; /* since the run started */
    struct trial_result result;
    struct figures figures; /* of this trial */
};

struct run_option {
    char *key;
    char *text;     /* as typed: "poll", "default", "64K" */
    bool is_number; /* then `number` holds the value */
    uint64_t number;
};

/* The figures of a cell over its trials that are TRIAL_OK. */
struct summary {
    size_t trials;            /* that count */
    double interval_coverage; /* of every interval here, 0..1: less than 0.95 below 6 trials */
    /* latency patterns: median over trials of the trials' medians, with its interval; the tail from
     * the merged histogram (absent, 0, with fewer than 10 samples beyond) */
    double p50_ns, p50_low_ns, p50_high_ns;
    double p99_ns, p999_ns, max_ns;
    /* median over trials, with its interval */
    double rate_per_s, rate_low_per_s, rate_high_per_s;
    double bytes_per_s;
    /* totals over totals: all trials' time by all trials' messages */
    double cpu_ns_per_message[SIDE_COUNT];
    double switches_per_message[SIDE_COUNT];
    double blocked_share[SIDE_COUNT]; /* of the timed loop, spent waiting for the peer */
    struct hdr merged;                /* latency patterns; counter_count 0 elsewhere */
    double noise;                     /* (high - low) / (2 * value) of the main figure's interval */
    bool noisy;                       /* noise over 5 % */
    size_t trials_unsettled;          /* whose two probes disagree */
    size_t trials_faulted;            /* with page faults in the timed loop */
    size_t trials_failed;             /* neither ok nor interrupted: not part of any figure here */
    char *failed_reason;              /* of the first of those, owned; NULL where there is none */
};

struct run_cell {
    char *id; /* pattern/transport:options/size/placement/idle...: unique within a run */
    enum pattern pattern;
    char *transport; /* bare name */
    struct run_option *options;
    size_t option_count; /* every option the transport has, defaults included */
    uint64_t size_bytes;
    char *placement; /* "same-cpu", "smt", "same-cache", "cross-cache", "cross-node" */
    enum idle_policy idle;
    enum touch touch;
    char *memory;             /* "local", ... */
    enum trial_status status; /* ok: at least one trial is; interrupted: not measured yet */
    char *reason;             /* unless ok or interrupted: then NULL */
    char *knob;               /* what would change a skip, or NULL */
    struct obtained obtained;
    struct run_trial *trials;
    size_t trial_count;
    size_t trial_capacity;
    struct summary summary; /* run_summarise */
};

/* What was asked: enough to do it again. */
struct run_request {
    char **arguments; /* as typed after `ipcbench run` */
    size_t argument_count;
    uint64_t seed;
    size_t trials;
    double timed_seconds;
    double warmup_seconds;
    struct cpu_pair cpus;
};

struct run {
    enum run_status status;
    char *version;     /* of ipcbench */
    char *started_at;  /* RFC 3339, UTC */
    char *finished_at; /* NULL while running */
    double elapsed_s;
    struct run_request request;
    struct machine machine;
    struct clock clock;
    struct bounds bounds;
    bool clock_drifted; /* calibrations before and after differ by over 50 ppm */
    struct run_cell *cells;
    size_t cell_count;
    struct cJSON *document; /* where the run was read from a file: owns group and key of the
                               machine's facts; else NULL */
};

void run_free(struct run *run);

/* Appends a trial to a cell, taking over what *result owns (its histogram and interval counts,
 * which are gone from *result afterwards), and derives its figures. On failure *result keeps all.
 */
int run_cell_add(struct run_cell *cell, struct trial_result *result, size_t round, size_t order,
                 double started_s, struct error *error);

/* Derives a trial's figures from its result; all zero unless the trial is ok. */
void run_trial_derive(const struct run_cell *cell, struct run_trial *trial);

/* Fills in the summary, status, reason and obtained of every cell from its trials: ok where one
 * trial is, else what the first failed trial says, or the first invalid, or the first skipped one.
 * A cell with no trial keeps its status and reason, but one that claims to be ok becomes
 * interrupted. May be called again after more trials. */
int run_summarise(struct run *run, struct error *error);
void summary_free(struct summary *summary);

struct run_cell *run_find(struct run *run, const char *id);

#endif
