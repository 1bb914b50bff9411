/* Which result file is meant where none is named. */
#ifndef IPCBENCH_BENCH_NEWEST_H
#define IPCBENCH_BENCH_NEWEST_H

struct error;
struct text;

/* Appends the path of the file in results/runs that was written last; of several at once the one
 * whose name, which begins with the time, is the last. */
int newest_result(struct text *path, struct error *error);

#endif
