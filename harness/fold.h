/* From what the two processes wrote down to a trial's figures, in the parent, after both have ended:
 * samples and stamps into histograms, windows and the pace. Used by trial.c alone. */
#ifndef IPCBENCH_HARNESS_FOLD_H
#define IPCBENCH_HARNESS_FOLD_H

#include "harness/pair.h"
#include "harness/windows.h"

/* Fills in histogram, series, windows, messages, elapsed and pace, as the pattern has them. Fails on
 * exhausted memory alone. */
int fold_trial(const struct trial_request *request, const struct workspace *workspace,
               struct trial_result *result, struct error *error);

/* Its part for oneway, burst and paced. */
int fold_stamped(const struct trial_request *request, const struct workspace *workspace,
                 struct trial_result *result, struct error *error);

/* The median of a series to a fraction of a nanosecond, where histograms have whole ones; 0 of none. Fails
 * on exhausted memory alone. */
int fold_median(const void *series, size_t count, window_sample *sample_ns, double *median_ns,
                struct error *error);

/* Its part for walks: per access. */
int fold_walk(const struct trial_request *request, const struct workspace *workspace,
              struct trial_result *result, struct error *error);

/* Of a crew's stream, when all lanes have been added up: elapsed_ns becomes one window for all, from the
 * first look at the clock inside it to the last. A lane that got no CPU at the window's edge would otherwise
 * count as if it had gone on like that all the time. */
void fold_crew_window(const struct trial_request *request, const struct workspace *workspace,
                      struct trial_result *result);

/* Of one channel for several: what was sent against what was received, by number and by the sum of the
 * numbers. */
void fold_channel(const struct trial_request *request, const struct workspace *workspace,
                  struct trial_result *result);

/* The same of two whose messages are of 0 bytes, which have no numbers to tell by. */
void fold_unnumbered(const struct workspace *workspace, struct trial_result *result);

/* The cold start and the clocks' offset, which every pattern has. */
int fold_cold(const struct trial_request *request, const struct workspace *workspace,
              struct trial_result *result, struct error *error);
/* Returns -ERANGE where the bounds taken before and after exclude each other: a clock has drifted. */
int fold_clock_offset(const struct trial_request *request, const struct workspace *workspace,
                      struct clock_offset *offset);

#endif
