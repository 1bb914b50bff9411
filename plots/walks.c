/* What one access costs against the working set, a curve for each kind of pages: where the caches end,
 * and where what translates addresses does. */
#include "base/units.h"
#include "plots/figures.h"
#include "plots/sizes.h"
#include "results/run.h"

static bool walks(const struct run_cell *cell)
{
    return pattern_walks(cell->pattern) && cell->summary.p50_ns > 0;
}

static struct band access_of(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    return (struct band){summary->p50_ns, summary->p50_low_ns, summary->p50_high_ns};
}

/* The pages that it has, by smaps, then what was asked for. */
static void append_pages(const struct run_cell *cell, struct text *out)
{
    const uint64_t page_bytes = run_cell_page_bytes(cell);
    if (page_bytes)
        text_append(out, "%s, ", units_bytes(page_bytes).text);
    cell_append_name(cell, out);
}

static const char *const titles[PATTERN_COUNT] = {
    [PATTERN_PAGEWALK] = "One access at a random page, against the working set",
    [PATTERN_LINEWALK] = "One access at a random cache line, against the working set",
};

static const struct size_figure sizes = {
    .name = "pages",
    .titles = titles,
    .note =
        "Each load waits for the one before. Bands: 95 % interval over trials (of fewer than 6: "
        "their range).",
    .size_name = "working set",
    .panel_count = 1,
    .panels = {{.title = "p50 of batches of 2048 accesses",
                .axis_name = "ns per access",
                .unit = AXIS_NS,
                .value = access_of}},
    .heading = "p50 at its largest working set, pages",
    .by_last = true,
    .largest_first = true,
    .append_name = append_pages,
};
_Static_assert(WALK_BATCH == 2048, "as the panel says");

static int draw(const struct page *page, struct error *error)
{
    return size_draw(&sizes, page, error);
}

static int draw_all(const struct plot_cells *cells, struct plot_output *output, struct error *error)
{
    static const struct cell_rule cell_rule = {.usable = walks};
    static const struct page_rule rule = {
        .figure = "pages",
        .needs = "no walk has several working sets (ipcbench run --suite pages)",
        .per_page = 8,
        .items = size_items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_pages = {
    .name = "pages",
    .summary = "ns per access against the working set, by kind of pages",
    .draw = draw_all,
};
