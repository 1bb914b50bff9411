/* The load curves of a block, for the table. */
#ifndef IPCBENCH_BENCH_CURVES_H
#define IPCBENCH_BENCH_CURVES_H

#include <stddef.h>

struct run_cell;
struct text;

/* Appends saturation and knee of each cell, then for each its curve: share of the saturation rate,
 * rate, p50 and p99 of the response, or "unstable". */
void curves_write(const struct run_cell **cells, size_t count, struct text *out);

#endif
