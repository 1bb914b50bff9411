#include "base/sparkline.h"

#include <stdlib.h>
#include <string.h>

#include "base/stats.h"
#include "base/text.h"

enum { HEIGHTS = 8, FLAT = 3 };

static const char *const blocks[HEIGHTS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/* The median of each column's share of the values. Sorts within the shares. */
static void condense(double *values, size_t count, size_t columns)
{
    for (size_t column = 0; column < columns; column++) {
        const size_t from = column * count / columns;
        const size_t to = (column + 1) * count / columns;
        values[column] = stats_median(values + from, to - from);
    }
}

static void write_blocks(const double *heights, size_t columns, struct text *out)
{
    double low = heights[0], high = heights[0];

    for (size_t i = 1; i < columns; i++) {
        low = heights[i] < low ? heights[i] : low;
        high = heights[i] > high ? heights[i] : high;
    }
    for (size_t i = 0; i < columns; i++) {
        const double share = high > low ? (heights[i] - low) / (high - low) : 0;
        const size_t height = high > low ? (size_t)(share * (HEIGHTS - 1) + 0.5) : FLAT;
        text_append(out, "%s", blocks[height]);
    }
}

void sparkline_write(const double *values, size_t count, size_t columns, struct text *out)
{
    if (!count || !columns)
        return;
    double *const heights = malloc(count * sizeof *heights);
    if (!heights) {
        out->failed = true;
        return;
    }
    memcpy(heights, values, count * sizeof *heights);
    columns = columns < count ? columns : count;
    condense(heights, count, columns);
    write_blocks(heights, columns, out);
    free(heights);
}
