#include "base/stats.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

void stats_sort(double *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, compare_doubles);
}

static double median_of_sorted(const double *values, size_t count)
{
    if (count == 0)
        return 0;
    const double upper = values[count / 2];
    if (count % 2 == 1)
        return upper;
    const double lower = values[count / 2 - 1];
    return lower + (upper - lower) / 2;
}

double stats_median(double *values, size_t count)
{
    stats_sort(values, count);
    return median_of_sorted(values, count);
}

struct stats_median stats_median_interval(double *values, size_t count, double confidence)
{
    if (count == 0)
        return (struct stats_median){0};
    stats_sort(values, count);

    /* C(n,i) / 2^n as mantissa * 2^exponent: 2^-n alone is no double beyond 1074 values. */
    double mantissa = 1;
    int exponent = -(int)count;
    double tail = ldexp(mantissa, exponent);
    double excluded = 2 * tail;
    size_t k = 1;

    for (size_t i = 1; i < (count + 1) / 2; i++) {
        mantissa *= (double)(count - i + 1) / (double)i;
        int shift;
        mantissa = frexp(mantissa, &shift);
        exponent += shift;
        tail += ldexp(mantissa, exponent);
        if (2 * tail > 1 - confidence)
            break;
        excluded = 2 * tail;
        k = i + 1;
    }
    return (struct stats_median){
        .value = median_of_sorted(values, count),
        .low = values[k - 1],
        .high = values[count - k],
        .coverage = 1 - excluded,
        .count = count,
    };
}
