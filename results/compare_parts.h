/* What results/compare*.c share; nobody else includes it. */
#ifndef IPCBENCH_RESULTS_COMPARE_PARTS_H
#define IPCBENCH_RESULTS_COMPARE_PARTS_H

#include "results/compare.h"
#include "results/run.h"

/* Fills in the stratum and the figures but for adjusted_p, detectable and verdict; or, where there is
 * nothing to test, the verdict and its reason. Base and now are set. */
int compare_cell_measure(struct compare_cell *cell, const struct compare_options *options,
                         struct error *error);

/* The same from trials that were measured in pairs. */
int compare_cell_measure_pairs(struct compare_cell *cell, const struct compare_options *options,
                               struct error *error);

/* Below which difference figures are the same, as a share; the same from either side. Of walks the
 * threshold alone: an access may take a nanosecond. */
double compare_limit_of(const struct compare_cell *cell, enum compare_metric metric,
                        const struct compare_options *options);

/* The shorter of a trial's two probes: a cache line there and back; 0: none. */
double compare_probe_of(const struct run_trial *trial);

/* The rest, of a figure corrected together with `tests` (1: not corrected). */
void compare_figure_judge(struct compare_figure *figure, enum compare_metric metric, size_t tests);

double compare_figure_of(const struct run_trial *trial, enum compare_metric metric);

/* Appends what differs between machines and parameters to comparison->differences and counts the
 * refused ones. */
int compare_settings(struct comparison *comparison, struct error *error);

/* By which factor it got worse: above 1 is worse, for latencies and rates alike. */
static inline double compare_worsening(enum compare_metric metric, double ratio)
{
    return metric == COMPARE_RATE ? 1 / ratio : ratio;
}

/* Digits behind the point: two that count for small shares, none for large ones. */
static inline int compare_digits(double percent)
{
    return percent > -9.95 && percent < 9.95 ? 1 : 0;
}

#endif
