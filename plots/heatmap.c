/* Cache-line round trip between any two CPUs. Rows and columns are ordered by node, cache and core, so
 * that what is near lies together. Light is near and dark is far, in grey as well. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "plots/axis.h"
#include "plots/output.h"
#include "plots/plots.h"
#include "plots/script.h"
#include "results/topology_json.h"

enum { NUMBERS_MOST = 24, TICKS_MOST = 20 };

/* The CPUs that were measured, in the order of the map. */
struct order {
    const struct topology_matrix *matrix;
    const struct cpu **cpus; /* owned; into the matrix */
    size_t count;
};

static double value_at(const struct order *order, size_t row, size_t column)
{
    const struct topology_matrix *const matrix = order->matrix;
    const size_t from = (size_t)(order->cpus[row] - matrix->cpus);
    const size_t to = (size_t)(order->cpus[column] - matrix->cpus);
    return matrix->round_trip_ns[from * matrix->count + to];
}

static int by_place(const void *left, const void *right)
{
    const struct cpu *const a = *(const struct cpu *const *)left;
    const struct cpu *const b = *(const struct cpu *const *)right;
    const int keys[][2] = {{a->node, b->node},
                           {a->package, b->package},
                           {a->cache_group, b->cache_group},
                           {a->smt_group, b->smt_group},
                           {a->id, b->id}};
    for (size_t index = 0; index < sizeof(keys) / sizeof(keys[0]); ++index) {
        if (keys[index][0] != keys[index][1])
            return keys[index][0] < keys[index][1] ? -1 : 1;
    }
    return 0;
}

static int order_cpus(const struct topology_matrix *matrix, struct order *order,
                      struct error *error)
{
    *order = (struct order){.matrix = matrix,
                            .cpus = calloc(matrix->count + 1, sizeof(const struct cpu *))};
    if (!order->cpus)
        return error_system(error, ENOMEM, "heatmap");
    for (size_t row = 0; row < matrix->count && matrix->round_trip_ns; ++row) {
        bool measured = false;
        for (size_t column = 0; column < matrix->count; ++column)
            measured |= matrix->round_trip_ns[row * matrix->count + column] > 0;
        if (measured)
            order->cpus[order->count++] = &matrix->cpus[row];
    }
    qsort(order->cpus, order->count, sizeof(*order->cpus), by_place);
    return 0;
}

static struct axis write_data(const struct order *order, struct text *commands)
{
    struct axis values = {.unit = AXIS_NS};
    for (size_t row = 0; row < order->count; ++row) {
        for (size_t column = 0; column < order->count; ++column)
            axis_take(&values,
                      value_at(order, row, column) > 0 ? value_at(order, row, column) : NAN);
    }
    values.is_log = values.taken && values.high > 8 * values.low;
    script_data(commands, 'm', 0);
    for (size_t row = 0; row < order->count; ++row) {
        for (size_t column = 0; column < order->count; ++column) {
            const double value = value_at(order, row, column);
            /* How dark: numbers on it are white or black. */
            const double share =
                value > 0 && values.high > values.low ? axis_share(&values, value) : 0;
            script_row(
                commands,
                (const double[]){(double)column, (double)row, value > 0 ? value : NAN, share > 0.5},
                4);
        }
    }
    script_data_end(commands);
    return values;
}

/* Lines where a node, a package or a cache ends. */
static void write_borders(const struct order *order, struct text *commands)
{
    for (size_t index = 1; index < order->count; ++index) {
        const struct cpu *const a = order->cpus[index - 1], *const b = order->cpus[index];
        const bool far = a->node != b->node || a->package != b->package;
        if (!far && a->cache_group == b->cache_group)
            continue;
        const double at = (double)index - 0.5;
        text_append(commands,
                    "set arrow from first %g, graph 0 to first %g, graph 1 nohead front linewidth "
                    "%d linecolor rgb '#000000'\n"
                    "set arrow from graph 0, first %g to graph 1, first %g nohead front linewidth "
                    "%d linecolor rgb '#000000'\n",
                    at, at, far ? 2 : 1, at, at, far ? 2 : 1);
    }
}

/* Every so many CPUs are named. */
static size_t tick_step(const struct order *order)
{
    size_t step = 1;
    while (order->count > TICKS_MOST * step)
        step *= 2;
    return step;
}

static void write_cpu_axis(const struct order *order, char which, struct text *commands)
{
    const size_t step = tick_step(order);
    text_append(commands, "set %ctics scale 0 (", which);
    for (size_t index = 0; index < order->count; index += step)
        text_append(commands, "%s'%d' %zu", index ? ", " : "", order->cpus[index]->id, index);
    text_append(commands, ")\n");
}

static void write_map(const struct order *order, const struct canvas *canvas, struct area area,
                      struct text *commands)
{
    struct axis values = write_data(order, commands);
    axis_close(&values);
    picture_use_area(commands, &area);
    picture_no_key(commands);
    text_append(commands, "unset grid\nset border 15\n");
    text_append(commands, "set xrange [-0.5:%g]\nset yrange [%g:-0.5]\n",
                (double)order->count - 0.5, (double)order->count - 0.5);
    write_cpu_axis(order, 'x', commands);
    write_cpu_axis(order, 'y', commands);
    write_borders(order, commands);
    axis_write(commands, "cb", &values, 6);
    text_append(commands,
                "set palette defined (0 '#fde725', 1 '#aadc32', 2 '#5cc863', 3 '#27ad81', "
                "4 '#21908d', 5 '#2c718e', 6 '#3b518b', 7 '#472c7a', 8 '#440154')\n");
    text_append(commands,
                "set colorbox vertical user origin screen %.4f, screen %.4f size screen %.4f, "
                "screen %.4f\n",
                area.right + 2 / canvas->columns, area.bottom, 2.5 / canvas->columns,
                area.top - area.bottom);
    if (!canvas->is_terminal)
        picture_words(commands, area.right + 2 / canvas->columns, area.top + 0.8 / canvas->lines,
                      "round trip", "left front font ',10'");
    /* Boxes, each a little over its share: no seams, and what was not measured stays white. */
    if (canvas->is_terminal)
        text_append(commands, "plot $m0 using 1:2:(sprintf('%%.0f', $3)) with labels");
    else
        text_append(commands,
                    "plot $m0 using 1:2:(0.502):(0.502):3 with boxxyerror fillstyle solid "
                    "noborder linecolor palette");
    if (!canvas->is_terminal && order->count <= NUMBERS_MOST)
        text_append(commands,
                    ", $m0 using 1:2:(sprintf($3 < 99.95 ? '%%.1f' : '%%.0f', $3)):($4 > 0.5 ? "
                    "0xffffff : 0) with labels textcolor rgb variable font ',%d'",
                    order->count <= 12 ? 11 : 8);
    text_append(commands, "\n");
}

/* A square in the middle of the pixels that are left. */
static struct area square(const struct canvas *canvas, const struct picture *picture)
{
    const struct margins margins = {.left = 9, .right = 20};
    struct area area = picture_area(canvas, picture, &margins);
    if (canvas->is_terminal)
        return area;
    const double height = (area.top - area.bottom) * canvas->lines * PICTURE_LINE_PIXELS;
    const double width = height / (canvas->columns * PICTURE_CHARACTER_PIXELS);
    area.left = (area.left + area.right - width) / 2;
    area.right = area.left + width;
    return area;
}

static int draw(const struct order *order, const char *name, struct plot_output *output,
                struct error *error)
{
    struct picture picture = {0};
    text_append(&picture.name, "heatmap");
    text_append(&picture.title, "Cache line, there and back between two CPUs");
    text_append(&picture.subtitle,
                "%zu CPUs, ordered by node, cache and core; median of %zu rounds; "
                "ns",
                order->count, order->matrix->rounds);
    text_append(&picture.note, "Lines: other cache; thick: other node or package. %s", name);
    const struct area area = square(&output->canvas, &picture);
    picture_axis_names(&picture, &output->canvas, &area, &(struct axis_names){"CPU", "CPU"});
    if (tick_step(order) > 1)
        text_append(&picture.note, "; of %zu CPUs in a row one is named", tick_step(order));
    write_map(order, &output->canvas, area, &picture.commands);
    const int failure = plot_output_add(output, &picture, error);
    picture_free(&picture);
    return failure;
}

int plots_of_topology(const struct topology_matrix *matrix, const char *name,
                      struct plot_output *output, struct error *error)
{
    struct order order;
    int failure = order_cpus(matrix, &order, error);
    if (failure)
        return failure;
    output->corner.length = 0;
    text_append(&output->corner, "%s; %s",
                matrix->machine ? matrix->machine : "machine not in the file",
                matrix->taken_at ? matrix->taken_at : "no date");
    if (!matrix->round_trip_ns)
        plot_output_left_out(output, "heatmap",
                             "%s has no round trips (ipcbench topology --measure --json)", name);
    else if (order.count < 2)
        plot_output_left_out(output, "heatmap", "%s has fewer than two CPUs measured", name);
    else if (output->canvas.is_terminal && (double)order.count * 6 > output->canvas.columns - 29)
        plot_output_left_out(output, "heatmap",
                             "%zu CPUs do not fit into the terminal (ipcbench topology --measure)",
                             order.count);
    else
        failure = draw(&order, name, output, error);
    free(order.cpus);
    return failure;
}
