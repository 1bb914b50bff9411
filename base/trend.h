/* Does a series go up or down? The slope of equally spaced values, of windows in time order say, by
 * Theil and Sen: no distribution is assumed, and 29 % of the values may be outliers of any size.
 *
 *     slope     median of the N = n(n-1)/2 slopes (v[j] - v[i]) / (j - i), i < j
 *     interval  their k-th smallest and k-th largest, k = floor((N - z * sigma) / 2)
 *     sigma^2   n(n-1)(2n+5) / 18
 *
 * sigma is the standard deviation of Kendall's S where there is no trend, z the two-sided quantile
 * of the normal distribution for `confidence`. Sen, "Estimates of the regression coefficient based
 * on Kendall's tau", JASA 63 (1968); Hollander and Wolfe, "Nonparametric Statistical Methods",
 * section 9.3. k is rounded down, so that the interval covers at least what it claims (`make
 * coverage-ci` shows it). The correction of sigma for equal values, made in tests for any trend at
 * all, is left out: with it the interval of coarsely grained values (n = 6, a grain of one standard
 * deviation) covers 93.4 % instead of 95 %, without it 96.5 %.
 *
 * The values are taken for independent of one another around the line. Where neighbours resemble
 * each other the interval is too narrow: call nothing drifting by its direction alone, look at its
 * share too. */
#ifndef IPCBENCH_BASE_TREND_H
#define IPCBENCH_BASE_TREND_H

#include <stddef.h>

enum trend_direction { TREND_NONE, TREND_UP, TREND_DOWN };

/* The slope and its interval, in units of the values per step from one to the next. */
struct trend {
    double slope;  /* fewer than two values: 0 */
    double low;    /* -INFINITY and INFINITY where there are too few values for the confidence: */
    double high;   /* 95 % takes at least 6 */
    double median; /* of the values */
    size_t count;
};

/* `values` are finite and stay as they are. `confidence` is in (0, 1). Needs scratch memory for the
 * N slopes (360 KB for 300 values); returns 0, or -ENOMEM with an empty trend: no direction. */
int trend_of(const double *values, size_t count, double confidence, struct trend *trend);

/* How far the line goes from the first value to the last, as a share of the median's size: 0.02 is
 * 2 % up. 0 where the median is 0. */
double trend_share(const struct trend *trend);

/* Up or down only where the whole interval is. */
enum trend_direction trend_direction(const struct trend *trend);

/* "none", "up", "down". */
const char *trend_direction_name(enum trend_direction direction);

#endif
