/* The result that was written last, for verbs that are given no file. */
#ifndef IPCBENCH_BENCH_NEWEST_H
#define IPCBENCH_BENCH_NEWEST_H

struct error;
struct text;

/* Appends the path of the newest file in results/runs; of several of one moment the one whose name,
 * which begins with the time, is the last. `purpose` ends the error's sentence: "to compare". */
int newest_result(struct text *path, const char *purpose, struct error *error);

#endif
