/* What the files that summarise a cell share (results/summary*.c), and those that write summaries
 * down; nobody else includes it. */
#ifndef IPCBENCH_RESULTS_SUMMARY_PARTS_H
#define IPCBENCH_RESULTS_SUMMARY_PARTS_H

#include "base/error.h"
#include "results/run.h"

#define SUMMARY_CONFIDENCE 0.95 /* of every interval */

/* Is this trial part of the figures? */
static inline bool summary_counts(const struct run_trial *trial)
{
    return trial->result.status == TRIAL_OK;
}

/* The median, with its 95 % interval, of one figure over the trials that count and have it (> 0).
 * `values` has room for all trials; the first `count` of them are what went in, sorted. */
typedef double summary_figure(const struct run_trial *trial, size_t which);
struct stats_median summary_median(const struct run_cell *cell, summary_figure *figure,
                                   size_t which, double *values);

/* A percentile of a merged histogram, 0 with fewer than 10 samples beyond it. */
double summary_tail(const struct hdr *hdr, double percentile);

/* The cell's status, reason and what was obtained, from the trial that speaks for it; how many trials
 * count, are marked or have failed, and why the first of those did. Both fail for want of memory alone. */
int summary_adopt_status(struct run_cell *cell, struct error *error);
int summary_count_trials(struct run_cell *cell, struct error *error);

/* Each fills its part of cell->summary; `values` is scratch for all trials. */
void summary_clocks(struct run_cell *cell); /* clock_bound_ns, clock_limited, negatives */
void summary_cold(struct run_cell *cell, double *values);
void summary_crew(struct run_cell *cell, double *values);
void summary_load(struct run_cell *cell, double *values);
void summary_states(struct run_cell *cell, double *values); /* states, modes */

#endif
