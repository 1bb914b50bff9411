#include "bench/curves.h"

#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "bench/columns.h"
#include "bench/grid.h"

enum { SATURATION_COLUMNS = 6, CURVE_COLUMNS = 5 };

static void write_share(const struct run_cell *cell, char *field)
{
    const double saturation = cell->summary.load.saturation_per_s.value;
    snprintf(field, GRID_FIELD_BYTES, saturation > 0 ? "%.0f%%" : "-",
             cell->summary.rate_per_s / saturation * 100);
}

static void write_saturations(const struct run_cell **cells, size_t count, struct text *out)
{
    static const char *const headings[SATURATION_COLUMNS] = {"", "saturation",       "", "knee",
                                                             "", "knee / saturation"};
    struct grid grid = {.columns = SATURATION_COLUMNS};
    char(*row)[GRID_FIELD_BYTES] = grid_row(&grid);
    for (size_t column = 0; row && column < SATURATION_COLUMNS; ++column)
        snprintf(row[column], GRID_FIELD_BYTES, "%s", headings[column]);
    for (size_t index = 0; index < count; ++index) {
        row = grid_row(&grid);
        if (!row)
            break;
        const struct stats_median *median = &cells[index]->summary.load.saturation_per_s;
        const struct main_figure saturation = {median->value, median->low, median->high};
        const struct main_figure knee = main_figure_of(cells[index]);
        column_name(cells[index], row[0]);
        snprintf(row[1], GRID_FIELD_BYTES, "%s", units_rate(saturation.value).text);
        column_interval(&saturation, row[2]);
        snprintf(row[3], GRID_FIELD_BYTES, "%s", units_rate(knee.value).text);
        column_interval(&knee, row[4]);
        write_share(cells[index], row[5]);
    }
    grid_write(&grid, out);
    grid_free(&grid);
}

static void write_point(const struct summary_load_point *point, char (*row)[GRID_FIELD_BYTES])
{
    snprintf(row[0], GRID_FIELD_BYTES, "%.0f%%", point->share * 100);
    snprintf(row[1], GRID_FIELD_BYTES, "%s", units_rate(point->offered_per_s).text);
    snprintf(row[2], GRID_FIELD_BYTES, "%s",
             point->p50_ns > 0   ? units_ns(point->p50_ns).text
             : point->trials > 0 ? "unstable"
                                 : "disturbed");
    snprintf(row[3], GRID_FIELD_BYTES, "%s",
             point->p99_ns > 0 ? units_ns(point->p99_ns).text : "-");
    snprintf(row[4], GRID_FIELD_BYTES, "%zu of %zu", point->stable, point->trials);
}

static void write_curve(const struct run_cell *cell, struct text *out)
{
    static const char *const headings[CURVE_COLUMNS] = {"of saturation", "offered", "response p50",
                                                        "p99", "stable"};
    const struct summary_load *load = &cell->summary.load;
    struct grid grid = {.columns = CURVE_COLUMNS};
    char name[GRID_FIELD_BYTES];
    char(*row)[GRID_FIELD_BYTES] = grid_row(&grid);
    column_name(cell, name);
    for (size_t column = 0; row && column < CURVE_COLUMNS; ++column)
        snprintf(row[column], GRID_FIELD_BYTES, "%s", headings[column]);
    for (size_t index = 0; index < load->point_count; ++index) {
        row = grid_row(&grid);
        if (row)
            write_point(&load->points[index], row);
    }
    text_append(out, "  %s\n", name);
    grid_write(&grid, out);
    grid_free(&grid);
}

void curves_write(const struct run_cell **cells, size_t count, struct text *out)
{
    write_saturations(cells, count, out);
    for (size_t index = 0; index < count; ++index)
        write_curve(cells[index], out);
}
