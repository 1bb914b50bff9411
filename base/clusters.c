#include "base/clusters.h"

#include <math.h>

#include "base/stats.h"

enum { COUNT_LEAST = 6, SIDE_LEAST = 2, SIDE_LEAST_PERCENT = 15 };
static const double median_ratio_least = 1.05;

/* clusters.h says where it comes from. */
static double explained_least(size_t count)
{
    return 0.76 + 0.5 / sqrt((double)count);
}

static size_t side_least(size_t count)
{
    const size_t share = (count * SIDE_LEAST_PERCENT + 99) / 100;
    return share > SIDE_LEAST ? share : SIDE_LEAST;
}

/* How far above the least value, as a logarithm: exactly 0 for equal ones. */
static double height(const double *sorted, size_t index)
{
    return log(sorted[index] / sorted[0]);
}

static double mean_height(const double *sorted, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += height(sorted, i);
    return sum / (double)count;
}

/* Sum of squares of the distances from the mean. */
static double sum_of_squares(const double *sorted, size_t count, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const double distance = height(sorted, i) - mean;
        sum += distance * distance;
    }
    return sum;
}

/* The number of values below the best cut; `between` becomes the sum of squares it explains. */
static size_t best_cut(const double *sorted, size_t count, double mean, double *between)
{
    const size_t least = side_least(count);
    size_t best = least;
    double below = 0; /* sum of the distances from the mean of the values below the cut */
    *between = 0;

    for (size_t cut = 1; cut <= count - least; cut++) {
        below += height(sorted, cut - 1) - mean;
        /* Those above sum up to -below, since all of them sum up to 0. */
        const double explained = below * below * (1 / (double)cut + 1 / (double)(count - cut));
        if (cut >= least && explained > *between) {
            *between = explained;
            best = cut;
        }
    }
    return best;
}

struct clusters_split clusters_split(double *values, size_t count)
{
    stats_sort(values, count);
    if (count < COUNT_LEAST || values[0] <= 0)
        return (struct clusters_split){0};

    double between;
    const double mean = mean_height(values, count);
    const double total = sum_of_squares(values, count, mean);
    const size_t cut = best_cut(values, count, mean, &between);
    struct clusters_split split = {
        .explained = total > 0 ? fmin(between / total, 1) : 0,
        .low_count = cut,
        .high_count = count - cut,
        .low_median = stats_median(values, cut),
        .high_median = stats_median(values + cut, count - cut),
    };
    split.bimodal = split.explained >= explained_least(count) &&
                    split.high_median >= median_ratio_least * split.low_median;
    return split;
}

static double median_of_sorted(const double *sorted, size_t count)
{
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static struct clusters_state state_of(const double *sorted, size_t count)
{
    return (struct clusters_state){
        .count = count,
        .low = sorted[0],
        .median = median_of_sorted(sorted, count),
        .high = sorted[count - 1],
    };
}

struct clusters_states clusters_states(double *values, size_t count, double ratio)
{
    struct clusters_states found = {0};
    size_t first = 0;

    stats_sort(values, count);
    for (size_t i = 1; i < count && found.count < CLUSTERS_STATES_MOST - 1; i++) {
        if (values[i] <= ratio * median_of_sorted(values + first, i - first))
            continue;
        found.states[found.count++] = state_of(values + first, i - first);
        first = i;
    }
    if (count > 0)
        found.states[found.count++] = state_of(values + first, count - first);
    return found;
}

size_t clusters_state_of(const struct clusters_states *states, double value)
{
    size_t index = 0;
    /* Nearer by ratio to the next state's low than to this one's high: beyond their geometric mean. */
    while (index + 1 < states->count &&
           value * value > states->states[index].high * states->states[index + 1].low)
        index++;
    return index;
}
