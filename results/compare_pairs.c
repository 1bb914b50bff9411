/* One cell of two runs that took turns (ipcbench ab): the trials of one round were measured one right
 * after the other, in changing order. What the machine did meanwhile it did to both, so it is their
 * ratio that counts, pair by pair: the median of the ratios' logarithms with its order-statistic
 * interval, and the sign test. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/clusters.h"
#include "base/stats.h"
#include "results/compare_parts.h"

/* Of the pairs that count: BASE's figures, NEW's, and the logarithms of their ratios. */
struct pairs {
    double *base, *now, *logs;
    size_t count;
};

static const struct run_trial *find_round(const struct run_cell *cell, size_t round)
{
    for (size_t index = 0; index < cell->trial_count; ++index) {
        if (cell->trials[index].round == round)
            return &cell->trials[index];
    }
    return NULL;
}

/* Whether a virtual machine's CPUs were as far apart for one as for the other; unknown passes. Probes
 * that disagree within a trial do too: where that matters (spinning) the trial is invalid, and else it
 * befalls both sides alike. */
static bool were_alike(const struct run_trial *base, const struct run_trial *now)
{
    const double left = compare_probe_of(base), right = compare_probe_of(now);
    return left <= 0 || right <= 0 || fmax(left, right) <= CLUSTERS_STATE_RATIO * fmin(left, right);
}

/* Pairs of trials that both give the figure; those that were not alike are counted instead. */
static size_t collect(const struct compare_cell *cell, enum compare_metric metric,
                      struct pairs *pairs)
{
    size_t left_out = 0;
    pairs->count = 0;
    for (size_t index = 0; index < cell->base->trial_count; ++index) {
        const struct run_trial *const base = &cell->base->trials[index];
        const struct run_trial *const now = find_round(cell->now, base->round);
        if (!now)
            continue;
        const double before = compare_figure_of(base, metric);
        const double after = compare_figure_of(now, metric);
        if (before <= 0 || after <= 0)
            continue;
        if (!were_alike(base, now)) {
            ++left_out;
            continue;
        }
        pairs->base[pairs->count] = before;
        pairs->now[pairs->count] = after;
        pairs->logs[pairs->count++] = log(after / before);
    }
    return left_out;
}

static bool is_same(const struct pairs *pairs)
{
    for (size_t index = 0; index < pairs->count; ++index) {
        if (pairs->base[index] != pairs->now[index])
            return false;
    }
    return true;
}

/* Consumes the pairs. */
static void measure(struct compare_figure *figure, struct pairs *pairs)
{
    figure->same_trials = is_same(pairs);
    figure->present = true;
    figure->paired = true;
    figure->base_trials = figure->now_trials = pairs->count;
    const struct rank_pairs test = rank_pairs(pairs->logs, pairs->count, COMPARE_CONFIDENCE);
    figure->p = figure->adjusted_p = test.p;
    figure->ratio = (struct rank_ratio){
        .value = exp(test.median.value),
        .low = exp(test.median.low),
        .high = exp(test.median.high),
        .coverage = test.median.coverage,
    };
    figure->noise = expm1((test.median.high - test.median.low) / 2);
    figure->base = stats_median(pairs->base, pairs->count);
    figure->now = stats_median(pairs->now, pairs->count);
    for (size_t index = 0; index < pairs->count; ++index)
        pairs->logs[index] -= test.median.value;
    figure->spread = rank_spread(pairs->logs, pairs->count);
}

int compare_cell_measure_pairs(struct compare_cell *cell, const struct compare_options *options,
                               struct error *error)
{
    const size_t most = cell->base->trial_count;
    double *const values = calloc(3 * most + 1, sizeof(*values));
    if (!values)
        return error_system(error, ENOMEM, "%zu trials", most);
    struct pairs pairs = {.base = values, .now = values + most, .logs = values + 2 * most};
    for (size_t index = 0; index < COMPARE_METRICS; ++index) {
        const enum compare_metric metric = (enum compare_metric)index;
        struct compare_figure *const figure = &cell->figures[index];
        figure->gated = options->gated[index];
        if (!compare_applies(metric, cell->now->pattern))
            continue;
        const size_t left_out = collect(cell, metric, &pairs);
        if (left_out > cell->stratum.pairs_left_out)
            cell->stratum.pairs_left_out = left_out;
        if (!pairs.count)
            continue;
        measure(figure, &pairs);
        figure->limit = compare_limit_of(cell, metric, options);
    }
    free(values);
    return 0;
}

/* The sign test's p where `contrary` of n pairs say the opposite of the rest. */
static double sign_test_p(size_t pairs, size_t contrary)
{
    double tail = 0, term = exp2(-(double)pairs);
    for (size_t k = 0; k <= contrary; ++k) {
        tail += term;
        term *= (double)(pairs - k) / (double)(k + 1);
    }
    return fmin(1, 2 * tail);
}

size_t compare_pairs_needed(size_t figures)
{
    size_t pairs = 1;
    while (sign_test_p(pairs, pairs / COMPARE_PAIRS_PER_CONTRARY) * (double)figures > COMPARE_LEVEL)
        ++pairs;
    return pairs;
}
