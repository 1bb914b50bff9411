/* A virtual machine's CPUs change places: how far apart the two of a pair were is seen by the probes
 * beside each trial. Figures of different states are different figures; and figures may fall into
 * two groups for other reasons. */
#include "results/summary_parts.h"

#include "base/clusters.h"

#include <math.h>

_Static_assert((int)SUMMARY_STATES_MAX == (int)CLUSTERS_STATES_MOST, "every state has its place");

static double probe_of(const struct run_trial *trial, size_t which)
{
    const struct trial_result *const result = &trial->result;
    (void)which;
    return fmin(result->probe_before_ns, result->probe_after_ns);
}

static double main_figure_of(const struct run_cell *cell, const struct run_trial *trial)
{
    return pattern_is_latency(cell->pattern) ? trial->figures.p50_ns : trial->figures.rate_per_s;
}

/* A state has a figure of its own where the trial's two probes agree on it. */
static struct stats_median figure_in_state(const struct run_cell *cell,
                                           const struct clusters_states *states, size_t state,
                                           double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct run_trial *const trial = &cell->trials[i];
        const double figure = summary_counts(trial) ? main_figure_of(cell, trial) : 0;
        if (figure > 0 && !trial->result.probes_disagree && probe_of(trial, 0) > 0 &&
            clusters_state_of(states, probe_of(trial, 0)) == state)
            values[count++] = figure;
    }
    return stats_median_interval(values, count, SUMMARY_CONFIDENCE);
}

static void find_modes(struct run_cell *cell, double *values)
{
    struct summary *const summary = &cell->summary;
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct run_trial *const trial = &cell->trials[i];
        const double figure = summary_counts(trial) ? main_figure_of(cell, trial) : 0;
        if (figure > 0)
            values[count++] = figure;
    }
    const struct clusters_split split = clusters_split(values, count);
    summary->bimodal = split.bimodal;
    if (!split.bimodal)
        return;
    summary->mode_low = split.low_median;
    summary->mode_high = split.high_median;
}

void summary_states(struct run_cell *cell, double *values)
{
    struct summary *const summary = &cell->summary;

    find_modes(cell, values);
    const size_t count = summary_median(cell, probe_of, 0, values).count;
    const struct clusters_states states = clusters_states(values, count, CLUSTERS_STATE_RATIO);
    summary->state_count = 0;
    for (size_t i = 0; i < states.count; i++) {
        const struct stats_median figure = figure_in_state(cell, &states, i, values);
        if (figure.count == 0)
            continue; /* seen in passing, by trials whose two probes disagree */
        summary->states[summary->state_count++] = (struct summary_state){
            .probe_low_ns = states.states[i].low,
            .probe_high_ns = states.states[i].high,
            .trials = figure.count,
            .figure = figure,
        };
    }
}
