/* Did it get slower? Two runs in, a judgement of every cell out. A pure function of the two runs:
 * nothing is measured and nothing is printed (results/compare_report.h says it in words).
 *
 *     struct comparison comparison;
 *     compare_runs(&base, &now, &options, &comparison, &error)
 *     compare_outcome(&comparison)
 *     compare_free(&comparison)
 *
 * What is compared are the figures of single trials (fresh pairs of processes). The effect is the
 * Hodges-Lehmann ratio now/base with its interval, the test that of Mann and Whitney, corrected over
 * all gated figures (base/rank_test.h). Verdicts are the same from either side: swapping the runs
 * turns regressed into improved and each ratio into its inverse. */
#ifndef IPCBENCH_RESULTS_COMPARE_H
#define IPCBENCH_RESULTS_COMPARE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/rank_test.h"
#include "harness/pattern.h"

struct run;
struct run_cell;

#define COMPARE_LEVEL      0.05 /* of false alarms over all gated figures */
#define COMPARE_POWER      0.8
#define COMPARE_CONFIDENCE 0.95

/* p50 and p99 are those of the patterns whose main figure is a latency, the rate that of stream and
 * load (its knee). The rate of other patterns is a latency's inverse, or was asked for. */
enum compare_metric { COMPARE_P50, COMPARE_P99, COMPARE_RATE };
enum { COMPARE_METRICS = 3 };
const char *compare_metric_name(enum compare_metric metric);

/* Rates are of streams and load, the rest of latencies. */
bool compare_applies(enum compare_metric metric, enum pattern pattern); /* "p50", "p99", "rate" */

enum compare_verdict {
    COMPARE_REGRESSED,      /* worse: significantly, and by more than the limits */
    COMPARE_FAILED,         /* fails or is invalid, and was not in BASE */
    COMPARE_IMPROVED,       /* better, by the same rules */
    COMPARE_INCONCLUSIVE,   /* neither different nor equal enough: more trials might tell */
    COMPARE_NOT_COMPARABLE, /* the CPUs were never equally far apart in both */
    COMPARE_MISSING,        /* figures in BASE alone */
    COMPARE_NEW,            /* figures in NEW alone */
    COMPARE_UNMEASURED,     /* no figures in either */
    COMPARE_EQUIVALENT,     /* the whole interval lies within the threshold */
};
enum { COMPARE_VERDICTS = 9 };
const char *compare_verdict_name(enum compare_verdict verdict);

enum compare_correction { COMPARE_HOLM, COMPARE_BENJAMINI_HOCHBERG, COMPARE_UNCORRECTED };
const char *compare_correction_name(enum compare_correction correction); /* "holm", "bh", "none" */

struct compare_options {
    bool gated[COMPARE_METRICS]; /* which figures decide */
    double
        threshold[COMPARE_METRICS]; /* share: 0.05 lets a latency grow, or a rate sink, by 1.05 */
    double minimum_ns;              /* latencies that differ by less are the same */
    enum compare_correction correction;
    bool allow_different;  /* machine or parameters; the differences are listed all the same */
    bool paired;           /* trials of one round were measured side by side: see compare_pairs.c */
    bool by_place;         /* cells are the same by their place in the runs, not by their ids */
    const regex_t *filter; /* only cells whose id matches; NULL: all */
};

/* Gates p50 and rate at 5 %, shows p99 (10 %), 50 ns, Holm. */
struct compare_options compare_defaults(void);

/* One figure of a cell. Shares are of BASE's figure: 0.05 is 5 %. */
struct compare_figure {
    bool present; /* both runs have it; else nothing below counts */
    bool gated;   /* others are shown, corrected among themselves, and decide nothing */
    bool same_trials;
    bool paired; /* `base_trials` pairs, by the sign test; else two groups, by Mann-Whitney */
    enum compare_verdict verdict; /* regressed, improved, inconclusive or equivalent */
    size_t base_trials, now_trials;
    double base, now; /* medians over trials; ns, or per second */
    struct rank_ratio ratio;
    double p, adjusted_p;
    double limit;      /* share: the threshold, or minimum_ns where that is more */
    double noise;      /* share: half the interval of the median, of the noisier run */
    double spread;     /* standard deviation of the logarithms within a run */
    double detectable; /* share that would be found 8 times of 10; INFINITY: no difference could */
};

/* Which trials went in, where the machine had several states (see CLUSTERS_STATE_RATIO). */
struct compare_stratum {
    size_t states; /* over both runs; up to 1: all trials went in */
    double probe_low_ns, probe_high_ns;
    size_t base_left_out, now_left_out; /* trials in other states, or with probes that disagree */
    size_t pairs_left_out;              /* where paired: the same, of pairs */
};

struct compare_cell {
    const char *id;
    const struct run_cell *base, *now; /* NULL: not in that run */
    enum compare_verdict verdict;      /* of its gated figures the first by enum order */
    bool judged;                       /* it has a gated figure, or a verdict that needs none */
    bool sometimes_fails;              /* some trials of NEW failed or are invalid, none of BASE */
    bool unconfirmed;                  /* measured again it was not as bad: see compare_retest */
    char reason[2 * ERROR_MESSAGE_BYTES]; /* of a verdict that is not from figures; else "" */
    struct compare_stratum stratum;
    struct compare_figure figures[COMPARE_METRICS];
};

/* A fact or a parameter that is not the same. */
struct compare_difference {
    char *what; /* "kernel/release", "timed_seconds"; owned, as are the others */
    char *base; /* "(unknown)" where it is absent */
    char *now;
    bool refused; /* else it may differ, and is told as a note */
};

struct comparison {
    const struct run *base, *now;     /* not owned; must outlive this */
    const char *base_name, *now_name; /* for reports, set by the caller: files; not owned */
    struct compare_options options;
    struct compare_cell *cells; /* BASE's order, then those of NEW alone */
    size_t cell_count;
    struct compare_difference *differences; /* the refused ones first */
    size_t difference_count;
    size_t refused; /* differences that forbid to compare; 0 where that is allowed */
    size_t tests;   /* gated figures */
    size_t counts[COMPARE_VERDICTS]; /* of judged cells */
    size_t judged;
    size_t sometimes_failing;
};

/* EINVAL where the filter leaves no cell, else ENOMEM alone. Where differences are refused, cells
 * are left empty. */
int compare_runs(const struct run *base, const struct run *now,
                 const struct compare_options *options, struct comparison *comparison,
                 struct error *error);
void compare_free(struct comparison *comparison);

/* Whether a cell gives reason to measure it again: it regressed, or failed. */
bool compare_is_flagged(const struct compare_cell *cell);

/* Flagged cells of `comparison`, measured again: those that are not flagged in `again`, which holds
 * them by the same ids, become inconclusive, and say why. */
void compare_retest(struct comparison *comparison, const struct comparison *again);

/* How many pairs of trials it takes for a difference to be significant among that many figures though
 * one of COMPARE_PAIRS_PER_CONTRARY says the contrary: on a shared machine one trial in six may be slower
 * by a third from beginning to end. */
enum { COMPARE_PAIRS_PER_CONTRARY = 4 };
size_t compare_pairs_needed(size_t figures);

/* What it comes to, the gravest first. */
enum compare_outcome {
    COMPARE_OUTCOME_NOT_COMPARABLE, /* refused, or not one cell could be compared */
    COMPARE_OUTCOME_FAILED,
    COMPARE_OUTCOME_REGRESSED,
    COMPARE_OUTCOME_FINE,
};
enum compare_outcome compare_outcome(const struct comparison *comparison);

#endif
