#include "harness/windows.h"

#include <math.h>

#include "base/stats.h"
#include "base/trend.h"
#include "harness/trial.h"

static const double trend_confidence = 0.95;

void windows_of_samples(struct trial_result *result, const void *series, size_t count,
                        window_sample *sample_ns)
{
    double values[WINDOW_SAMPLES_MOST];
    size_t windows = count / WINDOW_SAMPLES_LEAST;
    if (windows > WINDOWS_MAX)
        windows = WINDOWS_MAX;
    result->window_count = windows;
    for (size_t window = 0; window < windows; ++window) {
        const size_t first = count * window / windows, beyond = count * (window + 1) / windows;
        const size_t step = (beyond - first + WINDOW_SAMPLES_MOST - 1) / WINDOW_SAMPLES_MOST;
        size_t taken = 0;
        for (size_t index = first; index < beyond; index += step)
            values[taken++] = sample_ns(series, index);
        result->window_values[window] = stats_median(values, taken);
    }
}

/* Neighbouring intervals are put together where there are more than windows. */
void windows_of_intervals(struct trial_result *result, double seconds)
{
    const double interval_s = result->interval_ns / 1e9;
    size_t whole = (size_t)(seconds / interval_s + 0.01);
    if (whole > result->interval_count)
        whole = result->interval_count;
    const size_t windows = whole < WINDOWS_MAX ? whole : WINDOWS_MAX;
    result->window_count = windows;
    for (size_t window = 0; window < windows; ++window) {
        const size_t first = whole * window / windows, beyond = whole * (window + 1) / windows;
        double messages = 0;
        for (size_t index = first; index < beyond; ++index)
            messages += result->interval_counts[index];
        result->window_values[window] = messages / ((double)(beyond - first) * interval_s);
    }
}

static struct trend trend_of_windows(const struct trial_result *result)
{
    struct trend trend;
    if (trend_of(result->window_values, result->window_count, trend_confidence, &trend))
        return (struct trend){0}; /* no memory: nothing is claimed */
    return trend;
}

void windows_judge(struct trial_result *result)
{
    const struct trend trend = trend_of_windows(result);
    result->drift_share = trend_share(&trend);
    result->drifting =
        trend_direction(&trend) != TREND_NONE && fabs(result->drift_share) > TRIAL_DRIFT_SHARE;
}

double windows_rise_share(const struct trial_result *result)
{
    struct trend trend = trend_of_windows(result);
    trend.slope = trend.low;
    return trend_direction(&trend) == TREND_UP ? trend_share(&trend) : 0;
}

double windows_rise_ns(const struct trial_result *result)
{
    const struct trend trend = trend_of_windows(result);
    return trend_direction(&trend) == TREND_UP ? trend.low * (double)(result->window_count - 1) : 0;
}
