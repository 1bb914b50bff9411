/* One side of ipcbench ab: a run in a process of its own that takes turns (bench/lockstep.h). */
#ifndef IPCBENCH_BENCH_AB_SIDE_H
#define IPCBENCH_BENCH_AB_SIDE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct error;

enum ab_state {
    AB_STARTING,
    AB_BEFORE_TRIAL, /* it waits for leave to measure `order` */
    AB_BEFORE_END,   /* it waits for leave to close its run */
    AB_GONE,
};

struct ab_side {
    const char *label; /* "A" */
    enum ab_state state;
    size_t cells;  /* of its plan; 0: not told yet */
    size_t trials; /* likewise */
    size_t order;  /* of the trial it stands before, over the whole run */
    size_t cell;
    size_t round;
    int status; /* once it is gone: as waitpid gave it */
    pid_t pid;
    int leave;      /* we write */
    FILE *says;     /* we read */
    FILE *messages; /* its standard error, kept until it is gone */
};

/* Runs argv, with two more arguments that tie it to us, and waits until it stands before its first
 * trial or is gone. argv has room for two more and ends with NULL. */
int ab_side_start(struct ab_side *side, const char *label, char **argv, size_t argc,
                  struct error *error);

/* Gives leave, and waits until it stands before the next step or is gone. */
int ab_side_step(struct ab_side *side, struct error *error);

/* Ends it as Ctrl-C would, if it is not gone, and waits for that. */
void ab_side_stop(struct ab_side *side);

/* An error that says how it ended, if that was not well; a run with failed cells ended well. */
int ab_side_check(struct ab_side *side, struct error *error);

/* After ab_side_stop. */
void ab_side_close(struct ab_side *side);

#endif
