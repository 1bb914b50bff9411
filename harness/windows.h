/* A trial cut into windows in the order of time: was it steady? */
#ifndef IPCBENCH_HARNESS_WINDOWS_H
#define IPCBENCH_HARNESS_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

struct trial_result;

/* The `index`-th sample of a series, in ns. */
typedef double window_sample(const void *series, size_t index);

/* result->window_values become the medians of up to WINDOWS_MAX windows of equally many samples
 * (over at most WINDOW_SAMPLES_MOST of each, evenly taken); none below WINDOW_SAMPLES_LEAST each. */
enum { WINDOW_SAMPLES_LEAST = 5, WINDOW_SAMPLES_MOST = 511 };
void windows_of_samples(struct trial_result *result, const void *series, size_t count,
                        window_sample *sample_ns);

/* The rates of a stream's intervals that lie whole inside its timed loop. */
void windows_of_intervals(struct trial_result *result, double seconds);

/* Fills drift_share and drifting from the windows: Theil-Sen. Where its interval leaves out 0 and the
 * line rises or falls by more than TRIAL_DRIFT_SHARE of the median, the trial drifts. */
void windows_judge(struct trial_result *result);

/* By how much the windows rise at least, as a share of their median: the lower end of the slope's
 * interval over the whole trial; 0 where that is not above 0. */
double windows_rise_share(const struct trial_result *result);
/* The same in the windows' own unit, ns. */
double windows_rise_ns(const struct trial_result *result);

#endif
