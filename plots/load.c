/* Response time against offered load, and the knee: the highest rate that is held with a p99 of at
 * most three times the lowest. */
#include <math.h>
#include <stdlib.h>

#include "plots/axis.h"
#include "plots/figures.h"
#include "plots/pages.h"
#include "plots/script.h"
#include "plots/shapes.h"
#include "results/run.h"

enum { PANELS = 2 };
static const char *const panel_titles[PANELS] = {"p50 of the response", "p99 of the response"};

static bool has_curve(const struct run_cell *cell)
{
    return cell->pattern == PATTERN_LOAD && cell->summary.load.point_count > 0;
}

static double rank(const struct run_cell *cell)
{
    return -cell->summary.rate_per_s;
}

static double value_of(const struct summary_load_point *point, size_t panel)
{
    return panel == 0 ? point->p50_ns : point->p99_ns;
}

/* The points that have a value. */
static size_t curve_of(const struct run_cell *cell, size_t panel, struct point points[LOAD_SHARES])
{
    const struct summary_load *const load = &cell->summary.load;
    size_t count = 0;
    for (size_t index = 0; index < load->point_count; ++index) {
        const struct summary_load_point *const point = &load->points[index];
        if (value_of(point, panel) > 0 && point->offered_per_s > 0)
            points[count++] = (struct point){point->offered_per_s, value_of(point, panel)};
    }
    return count;
}

/* $a, $b: the curves; $u: rates that were not held; $k, $l: the knee on each curve, as rate, height of
 * its line, and height on the curve, which a knee between the last rate that was held and the next
 * one has not. */
static void write_data(const struct run_cell *cell, size_t index, struct text *commands)
{
    const struct summary_load *const load = &cell->summary.load;
    for (size_t panel = 0; panel < PANELS; ++panel) {
        struct point points[LOAD_SHARES];
        const size_t count = curve_of(cell, panel, points);
        double height = 0;
        script_data(commands, (char)('a' + panel), index);
        for (size_t at = 0; at < count; ++at)
            script_row(commands, (const double[]){points[at].x, points[at].y}, 2);
        script_data_end(commands);
        script_data(commands, (char)('k' + panel), index);
        if (shape_height(points, count, cell->summary.rate_per_s, &height))
            script_row(commands, (const double[]){cell->summary.rate_per_s, height, height}, 3);
        else if (count && cell->summary.rate_per_s > points[count - 1].x)
            script_row(commands,
                       (const double[]){cell->summary.rate_per_s, points[count - 1].y, NAN}, 3);
        script_data_end(commands);
    }
    script_data(commands, 'u', index);
    for (size_t at = 0; at < load->point_count; ++at) {
        if (load->points[at].trials > 0 && load->points[at].p50_ns <= 0)
            script_row(commands, (const double[]){load->points[at].offered_per_s, 1}, 2);
    }
    script_data_end(commands);
}

static void write_key_entry(const struct run_cell *cell, struct text *plot)
{
    const double saturation = cell->summary.load.saturation_per_s.value;
    const double knee = cell->summary.rate_per_s;
    struct text entry = {0};
    text_append(&entry, "%s/s", knee > 0 ? axis_figure_text(AXIS_PER_S, knee).text : "none");
    if (saturation > 0)
        text_append(&entry, " (%.0f %%)", knee / saturation * 100);
    text_append(&entry, "  ");
    cell_append_name(cell, &entry);
    script_title(plot, text_string(&entry), 42);
    plot->failed |= entry.failed;
    text_free(&entry);
}

static void write_curve(const struct page *page, size_t index, size_t panel,
                        const struct axis *y_axis, struct text *plot)
{
    const struct run_cell *const cell = page->group->cells[index];
    const unsigned style = script_style_of(index - page->first);
    const char curve = (char)('a' + panel), knee = (char)('k' + panel);
    if (cell->summary.rate_per_s > 0)
        script_element(plot,
                       "$%c%zu using 1:2:(0):(%.6g-$2) with vectors nohead linestyle %u linewidth "
                       "1",
                       knee, index, y_axis->low, style);
    script_element(plot, "$%c%zu using 1:2 with linespoints linestyle %u", curve, index, style);
    if (panel == 0)
        write_key_entry(cell, plot);
    script_element(plot, "$%c%zu using 1:3 with points linestyle %u pointtype 6 pointsize 2.2",
                   knee, index, style);
    script_element(plot, "$u%zu using 1:(%.6g) with points linestyle %u pointtype 2 pointsize 0.7",
                   index, y_axis->high / exp(0.03 * log(y_axis->high / y_axis->low)), style);
}

static void write_plot(const struct page *page, size_t panel, const struct axis *y_axis,
                       struct text *commands)
{
    struct text plot = {0};
    for (size_t index = 0; index < page->items; ++index) {
        if (page_is_grey(page, index))
            script_element(&plot, "$%c%zu using 1:2 with lines linecolor rgb '#c8c8c8'",
                           (char)('a' + panel), index);
    }
    for (size_t index = page->first; index < page->first + page->count; ++index)
        write_curve(page, index, panel, y_axis, &plot);
    text_append_bytes(commands, text_string(&plot), plot.length);
    text_append(commands, "\nunset label\n");
    commands->failed |= plot.failed;
    text_free(&plot);
}

static void take_cell(const struct run_cell *cell, struct axis *x_axis, struct axis *y_axis)
{
    const struct summary_load *const load = &cell->summary.load;
    for (size_t index = 0; index < load->point_count; ++index) {
        axis_take(x_axis, load->points[index].offered_per_s);
        for (size_t panel = 0; panel < PANELS; ++panel)
            axis_take(y_axis, value_of(&load->points[index], panel));
    }
}

static void write_panels(const struct page *page, struct picture *picture)
{
    const struct canvas *const canvas = &page->output->canvas;
    const struct margins margins = {.left = 11, .right = 48, .above = 1};
    const struct area whole = picture_area(canvas, picture, &margins);
    struct text *const commands = &picture->commands;
    struct axis x_axis = {.unit = AXIS_PER_S, .is_log = true};
    struct axis y_axis = {.unit = AXIS_NS, .is_log = true};
    for (size_t index = 0; index < page->items; ++index) {
        take_cell(page->group->cells[index], &x_axis, &y_axis);
        write_data(page->group->cells[index], index, commands);
    }
    axis_close(&x_axis);
    axis_close(&y_axis);
    text_append(commands, "set multiplot\n");
    axis_write(commands, "x", &x_axis, canvas->is_terminal ? 4 : 5);
    axis_write(commands, "y", &y_axis, 8);
    picture_key(commands, canvas, &whole, "knee (share of saturation)");
    for (size_t panel = 0; panel < PANELS; ++panel) {
        const struct grid_place grid = {
            .columns = PANELS, .rows = 1, .index = panel, .gap_columns = 10};
        const struct area area = picture_part(canvas, picture, &whole, &grid);
        picture_use_area(commands, &area);
        picture_words(commands, area.left, area.top + 0.8 / canvas->lines, panel_titles[panel],
                      "left front font ',12'");
        picture_axis_names(
            picture, canvas, &area,
            &(struct axis_names){"offered load, messages/s", panel ? "" : "response time"});
        write_plot(page, panel, &y_axis, commands);
        picture_no_key(commands);
    }
    text_append(commands, "unset multiplot\n");
}

static int draw(const struct page *page, struct error *error)
{
    struct picture picture = {0};
    page_begin(page, "load", true, &picture);
    text_append(&picture.title, "Response time against offered load");
    text_append(&picture.note,
                "Vertical line, circle: the knee, the highest rate held with a p99 of at most %.0f "
                "times the lowest. Crosses at the top: rates that were not held.",
                LOAD_KNEE_RATIO);
    page_explain_grey(page, &picture);
    write_panels(page, &picture);
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
    static const struct cell_rule cell_rule = {.usable = has_curve, .rank = rank};
    static const struct page_rule rule = {
        .figure = "load",
        .needs = "no cell has a load curve (ipcbench run -p load)",
        .per_page = SCRIPT_STYLES,
        .items = items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_load = {
    .name = "load",
    .summary = "response time against offered load, with the knee",
    .draw = draw_all,
};
