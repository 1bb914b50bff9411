/* What is known of the two clocks, and what that makes of times taken between them. */
#include "results/summary_parts.h"

/* Below this many times the bound, a figure is mostly bound. */
static const double clear_of_bound = 10;

void summary_clocks(struct run_cell *cell)
{
    struct summary *const summary = &cell->summary;

    for (size_t i = 0; i < cell->trial_count; i++) {
        if (!summary_counts(&cell->trials[i]))
            continue;
        const struct trial_result *const result = &cell->trials[i].result;
        const double bound_ns = clock_offset_bound_ns(&result->clock_offset);
        summary->negatives += result->negatives;
        if (bound_ns > summary->clock_bound_ns)
            summary->clock_bound_ns = bound_ns;
    }
    if (!pattern_is_latency(cell->pattern) || !pattern_is_across_clocks(cell->pattern) ||
        summary->p50_ns >= clear_of_bound * summary->clock_bound_ns)
        return;
    summary->clock_limited = true;
    summary->p50_high_ns += summary->clock_bound_ns;
    summary->p50_low_ns = summary->p50_low_ns > summary->clock_bound_ns
                              ? summary->p50_low_ns - summary->clock_bound_ns
                              : 0;
}
