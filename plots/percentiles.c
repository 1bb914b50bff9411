/* Who has the worst tail: latency against 1/(1 - percentile), of every transport of one pattern and
 * size. All pages of a group have the same axes, and on each the other pages' curves are grey. */
#include <math.h>

#include "base/units.h"
#include "plots/axis.h"
#include "plots/figures.h"
#include "plots/pages.h"
#include "plots/script.h"
#include "results/run.h"

enum {
    TICKS_PER_HALF_DISTANCE = 10,
    BEYOND_LEAST = 10, /* samples beyond a percentile that is shown: as in tables */
    NINES_MOST = 9,
};

static bool has_distribution(const struct run_cell *cell)
{
    const struct hdr *const merged = &cell->summary.merged;
    const bool is_of_messages = /* a walk's samples are means */
        pattern_is_latency(cell->pattern) && !pattern_walks(cell->pattern);
    return is_of_messages && merged->counter_count > 0 && merged->total > 2 * BEYOND_LEAST;
}

/* Those with too few messages for a p99 come last, by p90. */
static double tail(const struct run_cell *cell)
{
    const double longest_ns = 1e12;
    return cell->summary.p99_ns > 0
               ? cell->summary.p99_ns
               : longest_ns + (double)hdr_percentile(&cell->summary.merged, 90);
}

/* The next step of which enough samples lie beyond, and before: the minimum is one lucky message. */
static bool next_step(struct hdr_steps *steps, double *x)
{
    do {
        if (!hdr_steps_next(steps) || steps->hdr->total - steps->cumulative < BEYOND_LEAST)
            return false;
    } while (steps->percentile < 5);
    *x = 1 / (1 - steps->percentile / 100);
    return isfinite(*x);
}

static void take_curve(const struct run_cell *cell, struct axis *x_axis, struct axis *y_axis)
{
    struct hdr_steps steps = hdr_steps(&cell->summary.merged, TICKS_PER_HALF_DISTANCE);
    for (double x; next_step(&steps, &x);) {
        axis_take(x_axis, x);
        axis_take(y_axis, (double)steps.value);
    }
}

/* $c: the curve; $p: where the axis has its ticks, for the points that tell curves apart. */
static void write_curve(const struct run_cell *cell, size_t index, struct text *commands)
{
    const struct hdr *const merged = &cell->summary.merged;
    struct hdr_steps steps = hdr_steps(merged, TICKS_PER_HALF_DISTANCE);
    script_data(commands, 'c', index);
    for (double x; next_step(&steps, &x);)
        script_row(commands, (const double[]){x, (double)steps.value}, 2);
    script_data_end(commands);
    script_data(commands, 'p', index);
    double beyond = 0.5;
    for (int nines = 0; nines <= NINES_MOST; ++nines) {
        const double percentile = 100 * (1 - beyond);
        if (hdr_count_beyond(merged, percentile) >= BEYOND_LEAST)
            script_row(commands,
                       (const double[]){1 / beyond, (double)hdr_percentile(merged, percentile)}, 2);
        beyond = pow(10, -(nines + 1));
    }
    script_data_end(commands);
}

static void write_percentile_axis(const struct axis *axis, struct text *commands)
{
    text_append(commands, "set logscale x\nset xrange [%g:%g]\nset xtics ('50 %%%%' 2", 1.0,
                axis->high);
    for (int nines = 1; nines <= NINES_MOST; ++nines)
        text_append(commands, ", '%.*f %%%%' 1e%d", nines > 2 ? nines - 2 : 0,
                    100 * (1 - pow(10, -nines)), nines);
    text_append(commands, ")\n");
}

static void write_key_entry(const struct run_cell *cell, struct text *plot)
{
    const bool has_p99 = cell->summary.p99_ns > 0;
    const double value =
        has_p99 ? cell->summary.p99_ns : (double)hdr_percentile(&cell->summary.merged, 90);
    struct text entry = {0};
    text_append(&entry, "%s%s  ", has_p99 ? "" : "p90 ", units_ns(value).text);
    cell_append_name(cell, &entry);
    script_title(plot, text_string(&entry), 42);
    plot->failed |= entry.failed;
    text_free(&entry);
}

static void write_plot(const struct page *page, struct text *commands)
{
    struct text plot = {0};
    for (size_t index = 0; index < page->items; ++index) {
        if (page_is_grey(page, index))
            script_element(&plot, "$c%zu using 1:2 with lines linecolor rgb '#c8c8c8' notitle",
                           index);
    }
    for (size_t index = page->first; index < page->first + page->count; ++index) {
        const unsigned style = script_style_of(index - page->first);
        script_element(&plot, "$c%zu using 1:2 with lines linestyle %u notitle", index, style);
        script_element(&plot, "$p%zu using 1:2 with points linestyle %u notitle", index, style);
        script_element(&plot, "NaN with linespoints linestyle %u", style);
        write_key_entry(page->group->cells[index], &plot);
    }
    text_append_bytes(commands, text_string(&plot), plot.length);
    text_append(commands, "\n");
    commands->failed |= plot.failed;
    text_free(&plot);
}

static const char *const titles[PATTERN_COUNT] = {
    [PATTERN_PINGPONG] = "Round trip by percentile",
    [PATTERN_ONEWAY] = "One-way latency by percentile",
    [PATTERN_BURST] = "Time until a burst is received, by percentile",
    [PATTERN_PACED] = "Response time by percentile",
    [PATTERN_MEMORY] = "Operation on memory by percentile",
};

static int draw(const struct page *page, struct error *error)
{
    const struct canvas *const canvas = &page->output->canvas;
    const struct margins margins = {.left = 11, .right = 48};
    struct axis x_axis = {.is_log = true}, y_axis = {.unit = AXIS_NS, .is_log = true};
    struct picture picture = {0};
    struct text *const commands = &picture.commands;
    const struct cell_group *const group = page->group;
    page_begin(page, "percentiles", true, &picture);
    text_append(&picture.title, "%s", titles[group->cells[0]->pattern]);
    text_append(&picture.note, "Curves end where fewer than %d messages lie beyond.", BEYOND_LEAST);
    page_explain_grey(page, &picture);
    const struct area area = picture_area(canvas, &picture, &margins);
    for (size_t index = 0; index < group->count; ++index) {
        take_curve(group->cells[index], &x_axis, &y_axis);
        write_curve(group->cells[index], index, commands);
    }
    axis_close(&x_axis);
    axis_close(&y_axis);
    picture_use_area(commands, &area);
    picture_key(commands, canvas, &area, "p99, shortest first");
    write_percentile_axis(&x_axis, commands);
    axis_write(commands, "y", &y_axis, 8);
    picture_axis_names(&picture, canvas, &area,
                       &(struct axis_names){"share of messages that took no longer", "latency"});
    write_plot(page, commands);
    const int failure = plot_output_add(page->output, &picture, error);
    picture_free(&picture);
    return failure;
}

static size_t items(const struct cell_group *group)
{
    return group->count;
}

static int draw_all(const struct plot_cells *cells, struct plot_output *output, struct error *error)
{
    static const struct cell_rule cell_rule = {.usable = has_distribution, .rank = tail};
    static const struct page_rule rule = {
        .figure = "percentiles",
        .needs = "no cell has latencies (patterns pingpong, oneway, burst, paced)",
        .per_page = SCRIPT_STYLES,
        .items = items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_percentiles = {
    .name = "percentiles",
    .summary = "latency by percentile, per pattern and size: the tails",
    .draw = draw_all,
};
