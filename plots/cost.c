/* The price of spinning: CPU time per message, of sender and receiver together, against latency. On
 * the Pareto front is what nothing beats in both. Points are numbered, and the numbers explained at
 * the side: thirty names do not fit among the points. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "plots/axis.h"
#include "plots/figures.h"
#include "plots/pages.h"
#include "plots/script.h"
#include "plots/shapes.h"
#include "plots/words.h"
#include "results/run.h"

enum { NUMBERED_MOST = 27, CELLS_LEAST = 2, COMPARED_MOST = 1000 };

/* One cell; those on the front come first, then the others, each the quickest first. */
struct spot {
    const struct run_cell *cell;
    struct point point; /* latency, CPU time: both ns */
    bool on_front;
    bool numbered;
    struct label label;
    double isolation; /* from the nearest other, characters; squared */
};

static double cpu_of(const struct run_cell *cell)
{
    const double *const sides = cell->summary.cpu_ns_per_message;
    return sides[0] + sides[1];
}

static bool has_cost(const struct run_cell *cell)
{
    return pattern_is_latency(cell->pattern) && !pattern_walks(cell->pattern) &&
           cell->summary.p50_ns > 0 && cpu_of(cell) > 0;
}

static double rank(const struct run_cell *cell)
{
    return cell->summary.p50_ns;
}

static int front_first(const void *left, const void *right)
{
    const struct spot *const a = left, *const b = right;
    if (a->numbered != b->numbered)
        return a->numbered ? -1 : 1;
    if (a->on_front != b->on_front)
        return a->on_front ? -1 : 1;
    return (a->point.x > b->point.x) - (a->point.x < b->point.x);
}

static int isolated_first(const void *left, const void *right)
{
    const struct spot *const a = left, *const b = right;
    if (a->on_front != b->on_front)
        return a->on_front ? -1 : 1;
    if (a->isolation != b->isolation)
        return a->isolation > b->isolation ? -1 : 1;
    return (a->point.x > b->point.x) - (a->point.x < b->point.x);
}

static int find_spots(const struct cell_group *group, struct spot *spots, struct error *error)
{
    struct point *const points = calloc(group->count, sizeof(*points));
    bool *const on_front = calloc(group->count, sizeof(*on_front));
    if (points && on_front) {
        for (size_t index = 0; index < group->count; ++index)
            points[index] =
                (struct point){group->cells[index]->summary.p50_ns, cpu_of(group->cells[index])};
        shape_pareto(points, group->count, on_front);
        for (size_t index = 0; index < group->count; ++index)
            spots[index] = (struct spot){
                .cell = group->cells[index], .point = points[index], .on_front = on_front[index]};
        qsort(spots, group->count, sizeof(*spots), front_first);
    }
    const bool failed = !points || !on_front;
    free(points);
    free(on_front);
    return failed ? error_system(error, ENOMEM, "cost") : 0;
}

/* $a: the front as a step line, from one end of the axes to the other; $b: points on it; $c: the
 * others. */
static void write_data(const struct spot *spots, size_t count, const struct axis *x_axis,
                       const struct axis *y_axis, struct text *commands)
{
    size_t front = 0;
    while (front < count && spots[front].on_front)
        ++front;
    script_data(commands, 'a', 0);
    if (front)
        script_row(commands, (const double[]){spots[0].point.x, y_axis->high}, 2);
    for (size_t index = 0; index < front; ++index)
        script_row(commands, (const double[]){spots[index].point.x, spots[index].point.y}, 2);
    if (front)
        script_row(commands, (const double[]){x_axis->high, spots[front - 1].point.y}, 2);
    script_data_end(commands);
    for (size_t part = 0; part < 2; ++part) {
        const size_t from = part == 0 ? 0 : front, end = part == 0 ? front : count;
        script_data(commands, part == 0 ? 'b' : 'c', 0);
        for (size_t index = from; index < end; ++index)
            script_row(commands, (const double[]){spots[index].point.x, spots[index].point.y}, 2);
        script_data_end(commands);
    }
}

struct plane {
    const struct canvas *canvas;
    struct area area;
    const struct axis *x_axis, *y_axis;
};

/* Where a number had to go farther from its point a line leads to it. */
static void write_number(const struct label *label, size_t number, const struct plane *plane,
                         bool on_front, struct text *commands)
{
    const double left = plane->area.left + label->at.x / plane->canvas->columns;
    const double bottom = plane->area.bottom + label->at.y / plane->canvas->lines;
    const double middle_x = label->at.x + label->columns / 2;
    const double far_x = (middle_x - label->anchor.x) / (label->columns / 2 + 1.2);
    const double far_y = (label->at.y - label->anchor.y) / 1.1;
    text_append(commands, "set label '%zu' at screen %.4f, screen %.4f left front font '%s'\n",
                number, left, bottom, on_front ? "sans-serif:Bold,11" : ",10");
    if (far_x * far_x + far_y * far_y > 1 + 1e-6 && !plane->canvas->is_terminal)
        text_append(commands,
                    "set arrow from screen %.4f, screen %.4f to screen %.4f, screen %.4f nohead "
                    "back linecolor rgb '#a0a0a0' linewidth 0.7\n",
                    plane->area.left + label->anchor.x / plane->canvas->columns,
                    plane->area.bottom + label->anchor.y / plane->canvas->lines,
                    plane->area.left + middle_x / plane->canvas->columns, bottom);
}

/* Where the points lie, in characters and lines, and how far from their nearest neighbours. */
static void lay_out(struct spot *spots, size_t count, const struct plane *plane,
                    const struct label_field *field)
{
    for (size_t index = 0; index < count; ++index)
        spots[index].label.anchor =
            (struct point){axis_share(plane->x_axis, spots[index].point.x) * field->columns,
                           axis_share(plane->y_axis, spots[index].point.y) * field->lines};
    for (size_t index = 0; index < count; ++index) {
        spots[index].isolation = INFINITY;
        for (size_t other = 0; other < count && count <= COMPARED_MOST; ++other) {
            const double x = spots[index].label.anchor.x - spots[other].label.anchor.x;
            const double y = 2 * (spots[index].label.anchor.y - spots[other].label.anchor.y);
            if (other != index)
                spots[index].isolation = fmin(spots[index].isolation, x * x + y * y);
        }
    }
}

/* Chooses who gets a number: those on the front, then those that stand apart, as far as the legend
 * has room and the number can be told from others. Moves them to the front; how many. */
static size_t choose_numbered(struct spot *spots, size_t count, size_t most,
                              const struct plane *plane)
{
    struct label labels[NUMBERED_MOST];
    const struct label_field field = {
        .columns = (plane->area.right - plane->area.left) * plane->canvas->columns,
        .lines = (plane->area.top - plane->area.bottom) * plane->canvas->lines,
    };
    const size_t tried = count < most ? count : most;
    lay_out(spots, count, plane, &field);
    qsort(spots, count, sizeof(*spots), isolated_first);
    for (size_t index = 0; index < tried; ++index) {
        labels[index] = spots[index].label;
        labels[index].columns = tried <= 9 ? 1.2 : 2.2;
    }
    shape_place_labels(labels, tried, &field);
    size_t numbered = 0;
    for (size_t index = 0; index < tried; ++index) {
        spots[index].label = labels[index];
        spots[index].numbered = !labels[index].crowded || spots[index].on_front;
        numbered += spots[index].numbered;
    }
    qsort(spots, count, sizeof(*spots), front_first);
    return numbered;
}

static void write_legend(const struct spot *spots, size_t count, size_t all,
                         const struct plane *plane, struct text *commands)
{
    const double x = plane->area.right + 2 / plane->canvas->columns;
    const double line = 1.05 / plane->canvas->lines;
    const double top = plane->area.top - 0.5 / plane->canvas->lines;
    for (size_t index = 0; index < count; ++index) {
        struct text words = {0}, name = {0};
        cell_append_name(spots[index].cell, &name);
        text_append(&words, "%s %zu  ", spots[index].on_front ? "●" : "○", index + 1);
        words_append(&words, text_string(&name), 38);
        picture_words(commands, x, top - line * (double)index, text_string(&words),
                      "left front font ',10'");
        commands->failed |= words.failed || name.failed;
        text_free(&words);
        text_free(&name);
    }
    if (all <= count)
        return;
    struct text rest = {0};
    text_append(&rest, "○ and %zu more, in the crowd", all - count);
    picture_words(commands, x, top - line * (double)count, text_string(&rest),
                  "left front font ',10'");
    text_free(&rest);
}

static void write_picture(struct spot *spots, size_t count, struct plane *plane,
                          struct text *commands)
{
    const size_t room = (size_t)((plane->area.top - plane->area.bottom) * plane->canvas->lines);
    const size_t most = room > 2 && room < NUMBERED_MOST ? room - 1 : NUMBERED_MOST;
    write_data(spots, count, plane->x_axis, plane->y_axis, commands);
    picture_use_area(commands, &plane->area);
    picture_no_key(commands);
    axis_write(commands, "x", plane->x_axis, 8);
    axis_write(commands, "y", plane->y_axis, 8);
    const size_t numbered = choose_numbered(spots, count, most, plane);
    for (size_t index = 0; index < numbered; ++index)
        write_number(&spots[index].label, index + 1, plane, spots[index].on_front, commands);
    write_legend(spots, numbered, count, plane, commands);
    text_append(commands,
                "plot $c0 using 1:2 with points linecolor rgb '#707070' pointtype 6 pointsize 1, "
                "$a0 using 1:2 with steps linecolor rgb '#0072B2' linewidth 1.5, "
                "$b0 using 1:2 with points linecolor rgb '#0072B2' pointtype 7 pointsize 1.2\n");
}

static int draw(const struct page *page, struct error *error)
{
    struct picture picture = {0};
    const struct cell_group *const group = page->group;
    const struct margins margins = {.left = 11, .right = 48};
    struct axis x_axis = {.unit = AXIS_NS, .is_log = true}, y_axis = x_axis;
    struct spot *const spots = calloc(group->count, sizeof(*spots));
    if (!spots)
        return error_system(error, ENOMEM, "cost");
    int failure = find_spots(group, spots, error);
    if (failure) {
        free(spots);
        return failure;
    }
    page_begin(page, "cost", true, &picture);
    text_append(&picture.title, "CPU cost against latency: %s",
                pattern_name(group->cells[0]->pattern));
    text_append(&picture.note,
                "Line and filled points: the Pareto front, which nothing beats in both; lower left "
                "is better.");
    struct plane plane = {
        .canvas = &page->output->canvas,
        .area = picture_area(&page->output->canvas, &picture, &margins),
        .x_axis = &x_axis,
        .y_axis = &y_axis,
    };
    for (size_t index = 0; index < group->count; ++index) {
        axis_take(&x_axis, spots[index].point.x);
        axis_take(&y_axis, spots[index].point.y);
    }
    axis_close(&x_axis);
    axis_close(&y_axis);
    picture_axis_names(&picture, plane.canvas, &plane.area,
                       &(struct axis_names){"latency (p50)", "CPU time per message, both sides"});
    write_picture(spots, group->count, &plane, &picture.commands);
    failure = plot_output_add(page->output, &picture, error);
    picture_free(&picture);
    free(spots);
    return failure;
}

static size_t items(const struct cell_group *group)
{
    return group->count >= CELLS_LEAST;
}

static int draw_all(const struct plot_cells *cells, struct plot_output *output, struct error *error)
{
    static const struct cell_rule cell_rule = {.usable = has_cost, .rank = rank};
    static const struct page_rule rule = {
        .figure = "cost",
        .needs = "no two cells of one pattern and size have a latency and the CPU time it took",
        .per_page = 1,
        .items = items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_cost = {
    .name = "cost",
    .summary = "CPU time per message against latency, with the Pareto front",
    .draw = draw_all,
};
