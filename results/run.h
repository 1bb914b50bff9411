/* The run model: what was asked, on what machine, and what came out. Everything shown, compared or
 * plotted is made from this, and it is what a result file holds (results/json.h).
 *
 * A run owns its cells, a cell its trials. `run_free` frees everything. */
#ifndef IPCBENCH_RESULTS_RUN_H
#define IPCBENCH_RESULTS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stats.h"
#include "harness/bounds.h"
#include "harness/clock.h"
#include "harness/disturbance.h"
#include "harness/jitter.h"
#include "harness/load.h"
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
    struct {
        double p50_ns, p99_ns;
    } series[SERIES_COUNT]; /* beside the main one; 0: absent */
    /* all patterns: messages (round trips, operations) and payload bytes per second; one direction */
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

/* A cell's figure in one state of the machine: trials whose probes agree on how far apart the two CPUs
 * were. */
enum { SUMMARY_STATES_MAX = 8 };
struct summary_state {
    double probe_low_ns, probe_high_ns; /* cache-line round trips of the trials' probes */
    size_t trials;
    struct stats_median figure; /* p50 in ns, or the rate */
};

/* The cold start: medians over trials. */
struct summary_cold {
    size_t trials; /* 0: not measured */
    double first_ns;
    double p50_ns;
    double total_ns; /* of the first COLD_MESSAGES round trips */
    double faults[SIDE_COUNT];
};

/* A crew: medians over trials. */
struct summary_crew {
    double fairness; /* Jain's index of the lanes' rates; 0: one pair */
    double sender_fairness;
    double slowest_per_s; /* lane */
    double fastest_per_s;
};

/* Operations on memory: what they are about, and faults in their timed parts, totals over totals. */
struct summary_operation {
    uint64_t bytes;
    uint64_t per_sample; /* 0: no such cell */
    double minor_faults; /* per operation */
    double major_faults;
};

/* The load curve at one share of the saturation rate: medians over the trials that were stable there.
 */
struct summary_load_point {
    double share;
    size_t trials; /* not disturbed */
    size_t stable; /* of those: fewer than half stable, and there are no latencies */
    double offered_per_s;
    double p50_ns, p99_ns;
};
struct summary_load {
    struct stats_median saturation_per_s; /* the knee is the cell's rate */
    size_t point_count;                   /* 0: no load cell */
    struct summary_load_point points[LOAD_SHARES];
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
    bool dtlb_counted;                /* did the hardware count these, on both sides? */
    double dtlb_misses_per_message[SIDE_COUNT];
    struct hdr merged;               /* latency patterns; counter_count 0 elsewhere */
    struct hdr series[SERIES_COUNT]; /* likewise merged; counter_count 0 where there is none */
    uint64_t negatives;              /* one-way times below 0, in no histogram */
    /* Across two clocks: the most their offset may be. Where p50 is less than 10 times that, it is
     * limited by it: the interval is widened by it, and cells within it are not ranked. */
    double clock_bound_ns;
    bool clock_limited;
    double offered_per_s;      /* paced */
    int64_t capacity_messages; /* burst: the most of all trials; -1: not measured */
    struct summary_cold cold;
    struct summary_load load;
    struct summary_crew crew;
    struct summary_operation operation;
    struct summary_state states[SUMMARY_STATES_MAX]; /* nearest first; none without probes */
    size_t state_count;
    bool bimodal; /* the trials' figures fall into two groups, around these: */
    double mode_low, mode_high;
    size_t trials_drifting;
    double noise;            /* (high - low) / (2 * value) of the main figure's interval */
    bool noisy;              /* noise over run_precision() */
    size_t trials_unsettled; /* whose two probes disagree */
    size_t trials_faulted;   /* with page faults in the timed loop */
    size_t trials_failed;    /* failed or skipped: not part of any figure here */
    char *failed_reason;     /* of the first of those, owned; NULL where there is none */
    size_t trials_invalid;   /* ran, but not to be believed: not part of any figure either */
    char *invalid_reason;    /* likewise */
};

/* Who is measured at once in a cell, where that is not one pair. */
struct run_crew {
    size_t pairs;   /* independent; 0: one channel for all, with */
    size_t senders; /* so many; 0 of pairs */
    size_t receivers;
    bool oversubscribed; /* some processes share a CPU for want of others */
    size_t lane_count;
    struct cpu_pair cpus[CREW_LANES_MAX]; /* CPU_ANY: not pinned, or no such process */
};

/* The shared object that a transport came from, where it is none of ipcbench's own. */
struct run_plugin {
    char *path;          /* absolute */
    char build_id[65];   /* by its linker, in hexadecimal; "": it has none */
    char crc32[9];       /* of the file, as gzip and zip count it */
    uint64_t file_bytes; /* how long the file is */
};

/* Whether two cells' transports are the same code as far as can be told; NULL: built in. */
bool run_plugin_same(const struct run_plugin *a, const struct run_plugin *b);

struct run_cell {
    char *id; /* pattern/transport:options/size/placement/idle...: unique within a run */
    enum pattern pattern;
    char *transport;           /* bare name */
    struct run_plugin *plugin; /* owned; NULL: built in */
    struct run_option *options;
    size_t option_count; /* every option the transport has, defaults included */
    uint64_t size_bytes;
    char *placement; /* "same-cpu", "smt", "same-cache", "cross-cache", "cross-node", "unpinned" */
    struct cpu_pair cpus; /* CPU_ANY: unpinned, or there is no such pair */
    double rate_per_s;    /* paced: as asked for */
    uint64_t burst_messages;
    enum arrivals arrivals;
    enum idle_policy idle;
    enum touch touch;
    char *memory;             /* "local", ... */
    char *belief;             /* memory: what this variant puts to the test, or NULL */
    char *belief_against;     /* "how=touch": the cell that differs in this option alone, or NULL */
    char *belief_claim;       /* "cheaper", "dearer", "no dearer" than that, or NULL */
    struct run_crew *crew;    /* owned; NULL: one pair */
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
    double precision; /* share: trials are added until a cell's interval is no wider either way;
                         0: no trial is added */
    double budget_seconds; /* for the whole run */
    bool cold;
    struct cpu_pair cpus; /* those that the bounds are of */
};

/* How quiet the machine was while nothing was measured. */
struct baseline {
    bool taken; /* else the rest means nothing */
    struct jitter jitter[SIDE_COUNT];
    double load_average; /* of the last minute; -1: unknown */
};

/* What else happened on the two CPUs. */
struct run_noise {
    struct baseline before;    /* the first trial */
    struct baseline after;     /* the last one; not taken of an interrupted run */
    struct disturbance during; /* from the one to the other; of a resumed run, since then */
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
    struct run_noise noise;
    bool clock_drifted; /* calibrations before and after differ by over 50 ppm */
    struct run_cell *cells;
    size_t cell_count;
    struct cJSON *document; /* where the run was read from a file: owns group and key of the
                               machine's facts; else NULL */
};

void run_free(struct run *run);

/* Appends a trial to a cell, taking over what *result owns (histograms, curve, interval counts, which
 * are gone from *result afterwards), and derives its figures. On failure *result keeps all.
 */
int run_cell_add(struct run_cell *cell, struct trial_result *result, size_t round, size_t order,
                 double started_s, struct error *error);

/* Derives a trial's figures from its result; all zero unless the trial is ok. */
void run_trial_derive(const struct run_cell *cell, struct run_trial *trial);

/* The pages that the shared memory has, as smaps says; 0 where that is not known. */
uint64_t run_cell_page_bytes(const struct run_cell *cell);

/* Fills in the summary, status, reason and obtained of every cell from its trials: ok where one
 * trial is, else what the first failed trial says, or the first invalid, or the first skipped one.
 * A cell with no trial keeps its status and reason, but one that claims to be ok becomes
 * interrupted. May be called again after more trials. */
int run_summarise(struct run *run, struct error *error);
void summary_free(struct summary *summary);

/* Half the width of the interval of the cell's main figure as a share of the figure, so far; infinite
 * below 6 trials that count, whose interval reaches no 95 %. */
double run_cell_noise(const struct run_cell *cell);

/* What `noisy` is measured against: the precision asked for, or 5 % where none was. */
double run_precision(const struct run *run);
/* How long a cache line took there and back while these cells were measured: the median of the
 * probes beside their trials that ended well; 0 where there are none. */
double run_cache_line_ns(const struct run_cell *const *cells, size_t count);

/* How many processes of a side are at work at once. */
size_t run_cell_processes(const struct run_cell *cell, enum side side);

struct run_cell *run_find(struct run *run, const char *id);

#endif
