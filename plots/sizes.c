#include "plots/sizes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "plots/script.h"
#include "results/run.h"

/* One transport's cells, sizes ascending. */
struct curve {
    const struct run_cell *const *cells;
    size_t count;
    double rank;
};

size_t size_items(const struct cell_group *group)
{
    size_t items = 0;
    for (size_t first = 0; first < group->count; first += cell_group_run(group, first))
        items += cell_group_run(group, first) > 1;
    return items;
}

static int by_rank(const void *left, const void *right)
{
    const struct curve *const a = left, *const b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->cells < b->cells ? -1 : a->cells > b->cells;
}

/* What a curve is ranked by, and what the key says of it. */
static const struct run_cell *speaker(const struct size_figure *figure,
                                      const struct run_cell *const *cells, size_t count)
{
    return cells[figure->by_last ? count - 1 : 0];
}

static void find_curves(const struct size_figure *figure, const struct cell_group *group,
                        struct curve *curves)
{
    size_t count = 0;
    for (size_t first = 0; first < group->count; first += cell_group_run(group, first)) {
        const size_t run = cell_group_run(group, first);
        const double value =
            figure->panels[0].value(speaker(figure, &group->cells[first], run)).value;
        if (run > 1)
            curves[count++] =
                (struct curve){&group->cells[first], run, figure->largest_first ? -value : value};
    }
    qsort(curves, count, sizeof(*curves), by_rank);
}

static void write_data(const struct size_panel *panel, const struct curve *curves, size_t count,
                       char letter, struct text *commands)
{
    for (size_t index = 0; index < count; ++index) {
        script_data(commands, letter, index);
        for (size_t at = 0; at < curves[index].count; ++at) {
            const struct run_cell *const cell = curves[index].cells[at];
            const struct band band = panel->value(cell);
            const bool known = band.low > 0 && band.high > 0;
            const double row[] = {(double)cell->size_bytes, band.value, known ? band.low : NAN,
                                  known ? band.high : NAN};
            if (band.value > 0)
                script_row(commands, row, 4);
        }
        script_data_end(commands);
    }
}

static struct axis take_values(const struct size_panel *panel, const struct run *run,
                               const struct curve *curves, size_t count)
{
    struct axis axis = {.unit = panel->unit, .is_log = true};
    for (size_t index = 0; index < count; ++index) {
        for (size_t at = 0; at < curves[index].count; ++at) {
            const struct band band = panel->value(curves[index].cells[at]);
            axis_take(&axis, band.value);
            axis_take(&axis, band.low);
            axis_take(&axis, band.high);
        }
    }
    if (panel->take)
        panel->take(run, &axis);
    axis_close(&axis);
    return axis;
}

static void write_key_entry(const struct size_figure *figure, const struct curve *curve,
                            struct text *plot)
{
    const double value = figure->panels[0].value(speaker(figure, curve->cells, curve->count)).value;
    struct text entry = {0};
    text_append(&entry, "%s  ", axis_figure_text(figure->panels[0].unit, value).text);
    (figure->append_name ? figure->append_name : cell_append_name)(curve->cells[0], &entry);
    script_title(plot, text_string(&entry), 42);
    plot->failed |= entry.failed;
    text_free(&entry);
}

/* Few sizes are the ticks themselves. */
static struct axis size_axis(const struct curve *curves, size_t count)
{
    struct axis axis = {.unit = AXIS_BYTES, .is_log = true};
    for (size_t index = 0; index < count; ++index) {
        for (size_t at = 0; at < curves[index].count; ++at) {
            axis_take(&axis, (double)curves[index].cells[at]->size_bytes);
            axis_want_tick(&axis, (double)curves[index].cells[at]->size_bytes);
        }
    }
    axis_close(&axis);
    return axis;
}

struct panel_place {
    const struct size_figure *figure;
    size_t panel;
    const struct page *page;
    const struct curve *curves;
    bool is_terminal;
};

/* Grey ones first, bands next, lines on top. */
static void write_curves(const struct panel_place *place, struct text *plot)
{
    const struct page *const page = place->page;
    const char letter = (char)('a' + place->panel);
    for (size_t index = 0; index < page->items; ++index) {
        if (page_is_grey(page, index))
            script_element(plot, "$%c%zu using 1:2 with lines linecolor rgb '#c8c8c8'", letter,
                           index);
    }
    for (size_t index = page->first; !place->is_terminal && index < page->first + page->count;
         ++index)
        script_element(plot,
                       "$%c%zu using 1:3:4 with filledcurves linestyle %u fillstyle transparent "
                       "solid 0.12 noborder",
                       letter, index, script_style_of(index - page->first));
    for (size_t index = page->first; index < page->first + page->count; ++index) {
        script_element(plot, "$%c%zu using 1:2 with linespoints linestyle %u", letter, index,
                       script_style_of(index - page->first));
        if (place->panel == 0)
            write_key_entry(place->figure, &place->curves[index], plot);
    }
}

static void write_panel(const struct panel_place *place, const struct axis *x_axis,
                        struct text *commands)
{
    const struct size_panel *const panel = &place->figure->panels[place->panel];
    const struct run *const run = place->page->cells->run;
    const struct axis y_axis = take_values(panel, run, place->curves, place->page->items);
    struct text plot = {0};
    axis_write(commands, "x", x_axis, place->is_terminal ? 4 : 6);
    axis_write(commands, "y", &y_axis, 8);
    if (panel->add)
        panel->add(run, &y_axis, commands, &plot);
    write_curves(place, &plot);
    text_append_bytes(commands, text_string(&plot), plot.length);
    text_append(commands, "\nunset label\nunset arrow\n");
    commands->failed |= plot.failed;
    text_free(&plot);
}

static void write_panels(const struct size_figure *figure, const struct page *page,
                         const struct curve *curves, struct picture *picture)
{
    const struct canvas *const canvas = &page->output->canvas;
    const struct margins margins = {.left = 11, .right = 48, .above = 1};
    const struct area whole = picture_area(canvas, picture, &margins);
    struct text *const commands = &picture->commands;
    const struct axis x_axis = size_axis(curves, page->items);
    for (size_t panel = 0; panel < figure->panel_count; ++panel)
        write_data(&figure->panels[panel], curves, page->items, (char)('a' + panel), commands);
    text_append(commands, "set multiplot\n");
    picture_key(commands, canvas, &whole, figure->heading);
    for (size_t panel = 0; panel < figure->panel_count; ++panel) {
        const struct grid_place grid = {
            .columns = figure->panel_count, .rows = 1, .index = panel, .gap_columns = 12};
        const struct area area = picture_part(canvas, picture, &whole, &grid);
        const struct panel_place place = {figure, panel, page, curves, canvas->is_terminal};
        picture_use_area(commands, &area);
        picture_words(commands, area.left, area.top + 0.8 / (canvas->lines),
                      figure->panels[panel].title, "left front font ',12'");
        picture_axis_names(
            picture, canvas, &area,
            &(struct axis_names){figure->size_name, figure->panels[panel].axis_name});
        write_panel(&place, &x_axis, commands);
        picture_no_key(commands);
    }
    text_append(commands, "unset multiplot\n");
}

int size_draw(const struct size_figure *figure, const struct page *page, struct error *error)
{
    struct picture picture = {0};
    struct curve *const curves = calloc(page->items, sizeof(*curves));
    if (!curves)
        return error_system(error, ENOMEM, "%s", figure->name);
    find_curves(figure, page->group, curves);
    page_begin(page, figure->name, false, &picture);
    text_append(&picture.title, "%s", figure->titles[page->group->cells[0]->pattern]);
    text_append(&picture.note, "%s", figure->note);
    page_explain_grey(page, &picture);
    write_panels(figure, page, curves, &picture);
    const int failure = plot_output_add(page->output, &picture, error);
    picture_free(&picture);
    free(curves);
    return failure;
}
