/* p50 and p99 against message size. */
#include <stdlib.h>

#include "base/stats.h"
#include "plots/figures.h"
#include "plots/sizes.h"
#include "results/run.h"

static bool has_latency(const struct run_cell *cell)
{
    return pattern_is_latency(cell->pattern) && !pattern_walks(cell->pattern) &&
           cell->summary.p50_ns > 0;
}

static struct band median_of(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    return (struct band){summary->p50_ns, summary->p50_low_ns, summary->p50_high_ns};
}

/* The median of the trials' own, as comparisons have it: tables give that of all trials together, which
 * one bad trial can make, and of which nobody can say how repeatable it is. */
static struct band tail_of(const struct run_cell *cell)
{
    double *const values = calloc(cell->trial_count + 1, sizeof(*values));
    size_t count = 0;
    for (size_t index = 0; values && index < cell->trial_count; ++index) {
        const struct run_trial *const trial = &cell->trials[index];
        if (trial->result.status == TRIAL_OK && trial->figures.p99_ns > 0)
            values[count++] = trial->figures.p99_ns;
    }
    const struct stats_median median = stats_median_interval(values, count, 0.95);
    free(values);
    if (!count) /* trials too short to have one: that of all together, and no interval */
        return (struct band){.value = cell->summary.p99_ns};
    return (struct band){median.value, median.low, median.high};
}

static const char *const titles[PATTERN_COUNT] = {
    [PATTERN_PINGPONG] = "Round trip against message size",
    [PATTERN_ONEWAY] = "One-way latency against message size",
    [PATTERN_BURST] = "Time until a burst is received, against message size",
    [PATTERN_PACED] = "Response time against message size",
    [PATTERN_MEMORY] = "Operation on memory against the region's size",
};

static const struct size_figure sizes = {
    .size_name = "message size",
    .name = "latency",
    .titles = titles,
    .note = "Bands: 95 % interval over trials (of fewer than 6: their range). p99 without a band: "
            "of all "
            "trials together.",
    .panel_count = 2,
    .panels = {{.title = "p50", .axis_name = "latency", .unit = AXIS_NS, .value = median_of},
               {.title = "p99 (median of the trials')",
                .axis_name = "",
                .unit = AXIS_NS,
                .value = tail_of}},
    .heading = "p50 at its smallest size",
};

static int draw(const struct page *page, struct error *error)
{
    return size_draw(&sizes, page, error);
}

static int draw_all(const struct plot_cells *cells, struct plot_output *output, struct error *error)
{
    static const struct cell_rule cell_rule = {.usable = has_latency};
    static const struct page_rule rule = {
        .figure = "latency",
        .needs = "no transport has latencies of several sizes (ipcbench run -s 64,4K,64K)",
        .per_page = 8,
        .items = size_items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_latency = {
    .name = "latency",
    .summary = "p50 and p99 against message size, with intervals",
    .draw = draw_all,
};
