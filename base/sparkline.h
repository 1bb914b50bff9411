/* A series as one line of blocks of eight heights: "▂▂▁▂▂▃▂▂▇▇█▇". */
#ifndef IPCBENCH_BASE_SPARKLINE_H
#define IPCBENCH_BASE_SPARKLINE_H

#include <stddef.h>

struct text;

/* Appends at most `columns` characters: one for each value, or the median of several where there are
 * more. The lowest is ▁, the highest █; a flat series is all ▄. Finite values only. */
void sparkline_write(const double *values, size_t count, size_t columns, struct text *out);

#endif
