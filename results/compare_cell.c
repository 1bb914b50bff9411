/* One cell of two runs: which trials are like each other, and what they say. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clusters.h"
#include "base/stats.h"
#include "base/text.h"
#include "results/compare_parts.h"
#include "results/run.h"

bool compare_applies(enum compare_metric metric, enum pattern pattern)
{
    return (metric == COMPARE_RATE) != pattern_is_latency(pattern);
}

double compare_figure_of(const struct run_trial *trial, enum compare_metric metric)
{
    if (trial->result.status != TRIAL_OK)
        return 0;
    switch (metric) {
    case COMPARE_P50:
        return trial->figures.p50_ns;
    case COMPARE_P99:
        return trial->figures.p99_ns;
    case COMPARE_RATE:
        return trial->figures.rate_per_s;
    }
    return 0;
}

/* --- which trials ------------------------------------------------------------------------------ */

/* The states that the probes of both runs show together, and the one to compare in. */
struct selection {
    struct clusters_states states;
    size_t chosen;
};

double compare_probe_of(const struct run_trial *trial)
{
    if (trial->result.status != TRIAL_OK)
        return 0;
    return fmin(trial->result.probe_before_ns, trial->result.probe_after_ns);
}

static bool is_in_state(const struct selection *selection, size_t state,
                        const struct run_trial *trial)
{
    return !trial->result.probes_disagree && compare_probe_of(trial) > 0 &&
           clusters_state_of(&selection->states, compare_probe_of(trial)) == state;
}

static bool is_selected(const struct selection *selection, const struct run_trial *trial)
{
    return selection->states.count < 2 || is_in_state(selection, selection->chosen, trial);
}

static size_t count_in_state(const struct selection *selection, size_t state,
                             const struct run_cell *cell)
{
    size_t count = 0;
    for (size_t index = 0; index < cell->trial_count; ++index)
        count += is_in_state(selection, state, &cell->trials[index]);
    return count;
}

static size_t collect_probes(const struct run_cell *cell, double *values)
{
    size_t count = 0;
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const double probe = compare_probe_of(&cell->trials[index]);
        if (probe > 0)
            values[count++] = probe;
    }
    return count;
}

/* "BASE's CPUs were 58 to 62 ns (7 trials) and 130 to 141 ns (3 trials) apart" */
static void tell_states(const struct selection *selection, const struct run_cell *cell,
                        const char *whose, struct text *out)
{
    const char *link = "";
    text_append(out, "%s's CPUs were ", whose);
    for (size_t state = 0; state < selection->states.count; ++state) {
        const size_t trials = count_in_state(selection, state, cell);
        if (!trials)
            continue;
        text_append(out, "%s%.0f to %.0f ns (%zu %s)", link, selection->states.states[state].low,
                    selection->states.states[state].high, trials, trials == 1 ? "trial" : "trials");
        link = " and ";
    }
    text_append(out, *link ? " apart" : "at no steady distance");
}

static void refuse_states(struct compare_cell *cell, const struct selection *selection)
{
    struct text reason = {0};
    tell_states(selection, cell->base, "BASE", &reason);
    text_append(&reason, ", ");
    tell_states(selection, cell->now, "NEW", &reason);
    text_append(&reason, " (a cache line there and back): too few trials are alike");
    snprintf(cell->reason, sizeof(cell->reason), "%s", text_string(&reason));
    text_free(&reason);
    cell->verdict = COMPARE_NOT_COMPARABLE;
}

/* The state in which the two runs' trials, by their number alone, would show the smallest
 * difference; false where in none of them even a complete separation would be significant. */
static bool choose_state(const struct compare_cell *cell, struct selection *selection)
{
    double best = INFINITY;
    for (size_t state = 0; state < selection->states.count; ++state) {
        const struct rank_plan plan = {
            .before_count = count_in_state(selection, state, cell->base),
            .after_count = count_in_state(selection, state, cell->now),
            .level = COMPARE_LEVEL,
            .power = COMPARE_POWER,
        };
        const double detectable = rank_detectable(&plan, 1);
        if (detectable < best) {
            best = detectable;
            selection->chosen = state;
        }
    }
    return isfinite(best);
}

static size_t count_left_out(const struct selection *selection, const struct run_cell *cell)
{
    size_t count = 0;
    for (size_t index = 0; index < cell->trial_count; ++index)
        count += cell->trials[index].result.status == TRIAL_OK &&
                 !is_selected(selection, &cell->trials[index]);
    return count;
}

/* False: no state is common; the verdict says so. `values` has room for the trials of both. */
static bool select_trials(struct compare_cell *cell, struct selection *selection, double *values)
{
    struct compare_stratum *const stratum = &cell->stratum;
    size_t count = collect_probes(cell->base, values);
    count += collect_probes(cell->now, values + count);
    selection->states = clusters_states(values, count, CLUSTERS_STATE_RATIO);
    *stratum = (struct compare_stratum){.states = selection->states.count};
    if (stratum->states == 0)
        return true;
    if (stratum->states > 1 && !choose_state(cell, selection)) {
        refuse_states(cell, selection);
        return false;
    }
    stratum->probe_low_ns = selection->states.states[selection->chosen].low;
    stratum->probe_high_ns = selection->states.states[selection->chosen].high;
    stratum->base_left_out = count_left_out(selection, cell->base);
    stratum->now_left_out = count_left_out(selection, cell->now);
    return true;
}

/* --- what they say ----------------------------------------------------------------------------- */

static size_t collect(const struct run_cell *cell, enum compare_metric metric,
                      const struct selection *selection, double *values)
{
    size_t count = 0;
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const double figure = compare_figure_of(&cell->trials[index], metric);
        if (figure > 0 && is_selected(selection, &cell->trials[index]))
            values[count++] = figure;
    }
    return count;
}

static double half_width(const struct stats_median *median)
{
    return (median->high - median->low) / (2 * median->value);
}

/* How far the trials of a run lie from its median; consumes the values. */
static double spread_within(double *values, const struct compare_figure *figure)
{
    const size_t count = figure->base_trials + figure->now_trials;
    for (size_t index = 0; index < count; ++index)
        values[index] =
            log(values[index] / (index < figure->base_trials ? figure->base : figure->now));
    return rank_spread(values, count);
}

/* `values`: BASE's figures, then NEW's. */
static int measure_figure(struct compare_figure *figure, double *values, struct error *error)
{
    const struct rank_sample base = {values, figure->base_trials};
    const struct rank_sample now = {values + base.count, figure->now_trials};
    struct rank_comparison comparison;
    figure->same_trials =
        base.count == now.count && !memcmp(base.values, now.values, base.count * sizeof(*values));
    int failure = rank_compare(&base, &now, &comparison, error);
    if (!failure)
        failure = rank_ratio(&base, &now, COMPARE_CONFIDENCE, &figure->ratio, error);
    if (failure)
        return failure;
    const struct stats_median base_median =
        stats_median_interval(values, base.count, COMPARE_CONFIDENCE);
    const struct stats_median now_median =
        stats_median_interval(values + base.count, now.count, COMPARE_CONFIDENCE);
    figure->present = true;
    figure->base = base_median.value;
    figure->now = now_median.value;
    figure->noise = fmax(half_width(&base_median), half_width(&now_median));
    figure->p = figure->adjusted_p = comparison.p;
    figure->spread = spread_within(values, figure);
    return 0;
}

double compare_limit_of(const struct compare_cell *cell, enum compare_metric metric,
                        const struct compare_options *options)
{
    const struct compare_figure *const figure = &cell->figures[metric];
    const double threshold = options->threshold[metric];
    if (metric == COMPARE_RATE || pattern_walks(cell->now->pattern) ||
        !pattern_has_messages(cell->now->pattern))
        return threshold; /* an access or an operation may take a nanosecond */
    return fmax(threshold, options->minimum_ns / sqrt(figure->base * figure->now));
}

static int measure_figures(struct compare_cell *cell, const struct compare_options *options,
                           const struct selection *selection, double *values, struct error *error)
{
    for (size_t index = 0; index < COMPARE_METRICS; ++index) {
        const enum compare_metric metric = (enum compare_metric)index;
        struct compare_figure *const figure = &cell->figures[index];
        figure->gated = options->gated[index];
        if (!compare_applies(metric, cell->now->pattern))
            continue;
        figure->base_trials = collect(cell->base, metric, selection, values);
        figure->now_trials = collect(cell->now, metric, selection, values + figure->base_trials);
        if (!figure->base_trials || !figure->now_trials)
            continue;
        const int failure = measure_figure(figure, values, error);
        if (failure)
            return failure;
        figure->limit = compare_limit_of(cell, metric, options);
    }
    return 0;
}

static bool is_same_measurement(const struct run_cell *base, const struct run_cell *now)
{
    if (base->trial_count != now->trial_count)
        return false;
    for (size_t index = 0; index < base->trial_count; ++index) {
        const struct run_trial *const a = &base->trials[index], *const b = &now->trials[index];
        if (a->started_s != b->started_s || a->figures.p50_ns != b->figures.p50_ns ||
            a->figures.rate_per_s != b->figures.rate_per_s)
            return false;
    }
    return true;
}

int compare_cell_measure(struct compare_cell *cell, const struct compare_options *options,
                         struct error *error)
{
    const size_t most = cell->base->trial_count + cell->now->trial_count;
    struct selection selection = {0};
    double *const values = calloc(most + 1, sizeof(*values));
    int failure = 0;
    if (!values)
        return error_system(error, ENOMEM, "%zu trials", most);
    /* Whatever states there were, they were the same. */
    if (is_same_measurement(cell->base, cell->now) || select_trials(cell, &selection, values))
        failure = measure_figures(cell, options, &selection, values, error);
    free(values);
    return failure;
}

void compare_figure_judge(struct compare_figure *figure, enum compare_metric metric, size_t tests)
{
    const struct rank_plan plan = {
        .paired = figure->paired,
        .before_count = figure->base_trials,
        .after_count = figure->now_trials,
        .tests = tests,
        .level = COMPARE_LEVEL,
        .power = COMPARE_POWER,
    };
    const double worse = compare_worsening(metric, figure->ratio.value);
    const double least = 1 + fmax(figure->limit, figure->noise);
    const bool significant = figure->adjusted_p <= COMPARE_LEVEL;
    /* With few trials the interval falls short of 95 %, however narrow. */
    const bool is_within = figure->ratio.coverage >= COMPARE_CONFIDENCE - 1e-9 &&
                           figure->ratio.high < 1 + figure->limit &&
                           figure->ratio.low > 1 / (1 + figure->limit);
    figure->detectable = expm1(rank_detectable(&plan, figure->spread));
    if (significant && !figure->same_trials && worse > least)
        figure->verdict = COMPARE_REGRESSED;
    else if (significant && !figure->same_trials && worse < 1 / least)
        figure->verdict = COMPARE_IMPROVED;
    else
        figure->verdict =
            figure->same_trials || is_within ? COMPARE_EQUIVALENT : COMPARE_INCONCLUSIVE;
}
