/* Many trials of several lanes as one. */
#include "results/summary_parts.h"

enum crew_figure { CREW_FAIRNESS, CREW_SENDER_FAIRNESS, CREW_SLOWEST, CREW_FASTEST };

static double crew_figure_of(const struct run_trial *trial, size_t which)
{
    const struct crew_figures *const crew = trial->result.crew;

    if (!crew || crew->lane_count == 0)
        return 0;
    if (which == CREW_FAIRNESS)
        return crew->fairness;
    if (which == CREW_SENDER_FAIRNESS)
        return crew->sender_fairness;
    double slowest = crew->rate_per_s[0], fastest = slowest;
    for (size_t lane = 1; lane < crew->lane_count; lane++) {
        const double rate = crew->rate_per_s[lane];
        slowest = rate < slowest ? rate : slowest;
        fastest = rate > fastest ? rate : fastest;
    }
    return which == CREW_SLOWEST ? slowest : fastest;
}

void summary_crew(struct run_cell *cell, double *values)
{
    if (!cell->crew)
        return;
    cell->summary.crew = (struct summary_crew){
        .fairness = summary_median(cell, crew_figure_of, CREW_FAIRNESS, values).value,
        .sender_fairness = summary_median(cell, crew_figure_of, CREW_SENDER_FAIRNESS, values).value,
        .slowest_per_s = summary_median(cell, crew_figure_of, CREW_SLOWEST, values).value,
        .fastest_per_s = summary_median(cell, crew_figure_of, CREW_FASTEST, values).value,
    };
}

size_t run_cell_processes(const struct run_cell *cell, enum side side)
{
    const struct run_crew *const crew = cell->crew;

    if (!crew)
        return 1;
    if (crew->pairs)
        return crew->pairs;
    return side == SIDE_SENDER ? crew->senders : crew->receivers;
}
