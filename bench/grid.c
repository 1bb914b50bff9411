#include "bench/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

char (*grid_row(struct grid *grid))[GRID_FIELD_BYTES]
{
    if (grid->rows == grid->capacity) {
        const size_t capacity = grid->capacity ? 2 * grid->capacity : 16;
        char(*fields)[GRID_FIELD_BYTES] =
            realloc(grid->fields, capacity * grid->columns * GRID_FIELD_BYTES);
        if (!fields)
            return NULL;
        grid->fields = fields;
        grid->capacity = capacity;
    }
    char(*row)[GRID_FIELD_BYTES] = grid->fields + grid->rows++ * grid->columns;
    memset(row, 0, grid->columns * GRID_FIELD_BYTES);
    return row;
}

static void grid_widths(const struct grid *grid, size_t *widths)
{
    for (size_t row = 0; row < grid->rows; ++row) {
        for (size_t column = 0; column < grid->columns; ++column) {
            const size_t width = text_columns(grid->fields[row * grid->columns + column]);
            if (width > widths[column])
                widths[column] = width;
        }
    }
}

static void write_row(const struct grid *grid, size_t row, const size_t *widths, struct text *out)
{
    const char(*fields)[GRID_FIELD_BYTES] =
        (const char(*)[GRID_FIELD_BYTES])(grid->fields + row * grid->columns);
    size_t pending = 2; /* spaces owed before the next visible field: no blanks at the line's end */
    for (size_t column = 0; column < grid->columns; ++column) {
        const size_t room = widths[column] - text_columns(fields[column]);
        if (column == 0) {
            text_append(out, "%*s%s", (int)pending, "", fields[column]);
            pending = room;
            continue;
        }
        pending += 2 + room;
        if (!fields[column][0])
            continue;
        text_append(out, "%*s%s", (int)pending, "", fields[column]);
        pending = 0;
    }
    text_append(out, "\n");
}

void grid_write(const struct grid *grid, struct text *out)
{
    size_t widths[GRID_COLUMNS_MAX] = {0};
    grid_widths(grid, widths);
    for (size_t row = 0; row < grid->rows; ++row)
        write_row(grid, row, widths, out);
}

void grid_free(struct grid *grid)
{
    free(grid->fields);
    *grid = (struct grid){0};
}
