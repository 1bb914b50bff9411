/* What a table shows of a cell, by pattern: columns as data. */
#ifndef IPCBENCH_BENCH_COLUMNS_H
#define IPCBENCH_BENCH_COLUMNS_H

#include <stddef.h>

#include "results/run.h"

/* Writes a cell's field, at most GRID_FIELD_BYTES, or leaves it empty. */
typedef void column_write(const struct run_cell *cell, char *field);

struct column {
    const char *heading;
    column_write *write;
};

struct columns {
    const struct column *columns;
    size_t count;
};

/* The columns of a pattern's block; none for `load`, which is shown as curves. */
struct columns columns_of(enum pattern pattern);

/* What a block of several pairs, or of several on one channel, shows in addition. */
struct columns columns_of_crew(const struct run_crew *crew);

/* The part of the id that names the row: transport with options. */
void column_name(const struct run_cell *cell, char *field);

/* The main figure with its interval. */
struct main_figure {
    double value, low, high;
};
struct main_figure main_figure_of(const struct run_cell *cell);

/* "±3.1%": half the interval's width as a share of the value. */
void column_interval(const struct main_figure *figure, char *field);

#endif
