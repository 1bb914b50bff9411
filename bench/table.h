/* The table a run ends with: what the reader sees first. Made from the run model alone. */
#ifndef IPCBENCH_BENCH_TABLE_H
#define IPCBENCH_BENCH_TABLE_H

struct run;
struct text;

/* Appends: the machine and its bounds; a block per pattern, size and place, sorted by median round trip or
 * by rate, best first; a legend of the marks that occur; the cells that were skipped, are invalid
 * or failed, each with its reason. */
void table_write(const struct run *run, struct text *out);

#endif
