/* The states the machine was in while a run was measured, for the table. */
#ifndef IPCBENCH_BENCH_STATES_H
#define IPCBENCH_BENCH_STATES_H

struct run;
struct text;

/* Where the probes saw more than one distance between the two CPUs: says so, and gives the figure per
 * state of every cell that it makes a difference to. */
void states_write(const struct run *run, struct text *out);

#endif
