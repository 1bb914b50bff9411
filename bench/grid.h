/* Columns of text, as wide as they need to be: the first flush left, the others flush right. */
#ifndef IPCBENCH_BENCH_GRID_H
#define IPCBENCH_BENCH_GRID_H

#include <stddef.h>

struct text;

enum { GRID_COLUMNS_MAX = 16, GRID_FIELD_BYTES = 96 };

struct grid {
    size_t columns;
    size_t rows;
    size_t capacity;
    char (*fields)[GRID_FIELD_BYTES]; /* row by row, owned */
};

/* A new row of empty fields; NULL when memory ran out. The fields are written in place. */
char (*grid_row(struct grid *grid))[GRID_FIELD_BYTES];

void grid_write(const struct grid *grid, struct text *out);
void grid_free(struct grid *grid);

#endif
