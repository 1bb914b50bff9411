#include "base/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/stats.h"

/* The z for which a normal variable lies in [-z, z] with this probability. Bisection: 60 halvings of
 * 40 leave less than a double resolves. */
static double two_sided_quantile(double probability)
{
    double low = 0;
    double high = 40;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        if (erf(middle / sqrt(2)) < probability)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* Standard deviation of Kendall's S over this many values without a trend. */
static double kendall_sigma(size_t count)
{
    const double n = (double)count;
    return sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

static size_t fill_slopes(double *slopes, const double *values, size_t count)
{
    size_t filled = 0;
    for (size_t j = 1; j < count; j++)
        for (size_t i = 0; i < j; i++)
            slopes[filled++] = (values[j] - values[i]) / (double)(j - i);
    return filled;
}

int trend_of(const double *values, size_t count, double confidence, struct trend *trend)
{
    *trend = (struct trend){.low = -INFINITY, .high = INFINITY};
    if (count == 0)
        return 0;

    /* For the n values, and once these are done with for the n(n-1)/2 slopes. */
    double *const scratch = calloc(count * (count + 1) / 2, sizeof *scratch);
    if (!scratch)
        return -ENOMEM;
    memcpy(scratch, values, count * sizeof *scratch);
    trend->count = count;
    trend->median = stats_median(scratch, count);

    const size_t slopes = fill_slopes(scratch, values, count);
    trend->slope = stats_median(scratch, slopes);
    const double noise = two_sided_quantile(confidence) * kendall_sigma(count);
    if ((double)slopes - noise >= 2) {
        const size_t k = (size_t)(((double)slopes - noise) / 2);
        trend->low = scratch[k - 1];
        trend->high = scratch[slopes - k];
    }
    free(scratch);
    return 0;
}

double trend_share(const struct trend *trend)
{
    if (trend->count < 2 || trend->median == 0)
        return 0;
    return trend->slope * (double)(trend->count - 1) / fabs(trend->median);
}

enum trend_direction trend_direction(const struct trend *trend)
{
    if (trend->low > 0)
        return TREND_UP;
    return trend->high < 0 ? TREND_DOWN : TREND_NONE;
}

const char *trend_direction_name(enum trend_direction direction)
{
    static const char *const names[] = {
        [TREND_NONE] = "none", [TREND_UP] = "up", [TREND_DOWN] = "down"};
    return names[direction];
}
