/* Messages and bytes per second against message size, and what copying memory alone would allow. */
#include <stdio.h>

#include "plots/figures.h"
#include "plots/script.h"
#include "plots/sizes.h"
#include "results/run.h"

static bool has_rate(const struct run_cell *cell)
{
    return cell->pattern == PATTERN_STREAM && cell->summary.rate_per_s > 0;
}

static struct band messages_of(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    return (struct band){summary->rate_per_s, summary->rate_low_per_s, summary->rate_high_per_s};
}

static struct band bytes_of(const struct run_cell *cell)
{
    const struct band messages = messages_of(cell);
    const double bytes = (double)cell->size_bytes;
    return (struct band){messages.value * bytes, messages.low * bytes, messages.high * bytes};
}

/* What memcpy does of 64 KiB in the cache, and of 64 MiB. */
struct bound {
    double bytes_per_s;
    const char *words;
};
enum { BOUNDS = 2 };
static void bounds_of(const struct run *run, struct bound bounds[BOUNDS])
{
    bounds[0] = (struct bound){run->bounds.memcpy_cached_bytes_per_s, "memcpy in the cache"};
    bounds[1] = (struct bound){run->bounds.memcpy_uncached_bytes_per_s, "memcpy in memory"};
}

static void take_bounds(const struct run *run, struct axis *axis)
{
    struct bound bounds[BOUNDS];
    bounds_of(run, bounds);
    for (size_t index = 0; index < BOUNDS; ++index)
        axis_take(axis, bounds[index].bytes_per_s);
}

/* As bytes a constant; as messages it falls with their size. */
static void add_bounds(const struct run *run, bool as_messages, struct text *commands,
                       struct text *plot)
{
    struct bound bounds[BOUNDS];
    bounds_of(run, bounds);
    for (size_t index = 0; index < BOUNDS; ++index) {
        if (bounds[index].bytes_per_s <= 0)
            continue;
        script_element(plot, "%.6g%s with lines linecolor rgb '#000000' linewidth 1 dashtype 3",
                       bounds[index].bytes_per_s, as_messages ? "/x" : "");
        if (as_messages)
            continue;
        text_append(commands,
                    "set label '%s: %s' at graph 0.03, first %.6g offset 0,0.6 left front font "
                    "',10'\n",
                    bounds[index].words,
                    axis_figure_text(AXIS_BYTES_PER_S, bounds[index].bytes_per_s).text,
                    bounds[index].bytes_per_s);
    }
}

static void add_to_messages(const struct run *run, const struct axis *axis, struct text *commands,
                            struct text *plot)
{
    (void)axis;
    add_bounds(run, true, commands, plot);
}

static void add_to_bytes(const struct run *run, const struct axis *axis, struct text *commands,
                         struct text *plot)
{
    (void)axis;
    add_bounds(run, false, commands, plot);
}

static const char *const titles[PATTERN_COUNT] = {
    [PATTERN_STREAM] = "Throughput against message size",
};

static const struct size_figure sizes = {
    .size_name = "message size",
    .panel_count = 2,
    .name = "throughput",
    .titles = titles,
    .note = "Bands: 95 % interval over trials. Dotted: the bound of copying each byte once.",
    .panels = {{.title = "messages per second",
                .axis_name = "messages/s",
                .unit = AXIS_PER_S,
                .value = messages_of,
                .add = add_to_messages},
               {.title = "payload bytes per second",
                .axis_name = "",
                .unit = AXIS_BYTES_PER_S,
                .value = bytes_of,
                .take = take_bounds,
                .add = add_to_bytes}},
    .heading = "messages/s at its smallest size",
    .largest_first = true,
};

static int draw(const struct page *page, struct error *error)
{
    return size_draw(&sizes, page, error);
}

static int draw_all(const struct plot_cells *cells, struct plot_output *output, struct error *error)
{
    static const struct cell_rule cell_rule = {.usable = has_rate};
    static const struct page_rule rule = {
        .figure = "throughput",
        .needs = "no transport has streams of several sizes (ipcbench run -p stream -s 64,4K,64K)",
        .per_page = 8,
        .items = size_items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_throughput = {
    .name = "throughput",
    .summary = "messages and bytes per second against size, with memcpy's bound",
    .draw = draw_all,
};
