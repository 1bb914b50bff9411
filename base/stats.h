/* Order statistics over a handful of per-trial figures. */
#ifndef IPCBENCH_BASE_STATS_H
#define IPCBENCH_BASE_STATS_H

#include <stddef.h>

/* A median with its distribution-free interval: the order statistics [k, n+1-k] with the largest k
 * for which 2 * sum_{i<k} C(n,i) / 2^n <= 1 - confidence. With fewer than 6 values no such interval
 * reaches 95 %: then low and high are minimum and maximum and `coverage` says what they are worth.
 */
struct stats_median {
    double value;
    double low;
    double high;
    double coverage; /* of the interval given, 0..1; n = 1: 0 */
    size_t count;
};

/* Sorts `values` in place. count = 0 gives all zeros. */
struct stats_median stats_median_interval(double *values, size_t count, double confidence);

/* Median of `count` values; sorts in place; the mean of the middle two for even counts. */
double stats_median(double *values, size_t count);

void stats_sort(double *values, size_t count);

#endif
