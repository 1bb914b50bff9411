/* Two runs that take turns, trial by trial (ipcbench ab): each says on a pipe which trial it would
 * begin, and waits on another until it may. A line each: "plan CELLS TRIALS" once, then "trial ORDER
 * CELL ROUND" before each, "end" before what closes a run. Any byte is leave to go on; the pipe's end
 * means that nobody is left to give it, and stops the run as Ctrl-C does. */
#ifndef IPCBENCH_BENCH_LOCKSTEP_H
#define IPCBENCH_BENCH_LOCKSTEP_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* In the run: descriptors, both 0 where it takes no turns. */
struct lockstep {
    int in;
    int out;
};

/* "5,6", the value of --lockstep; the member is a struct lockstep. */
int take_lockstep(const char *value, void *member, struct error *error);

/* Each says its line, and but for the first waits. Sets the interrupt flag where the other end is
 * gone. Without turns they do nothing. */
void lockstep_plan(const struct lockstep *lockstep, size_t cells, size_t trials);
void lockstep_trial(const struct lockstep *lockstep, size_t order, size_t cell, size_t round);
void lockstep_end(const struct lockstep *lockstep);

#endif
