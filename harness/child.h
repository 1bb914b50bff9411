/* The first steps of a forked child that measures the machine itself (bounds, jitter). */
#ifndef IPCBENCH_HARNESS_CHILD_H
#define IPCBENCH_HARNESS_CHILD_H

#include <sys/types.h>

/* Called by the child: dies with the parent from here on, after `seconds_most` in any case (a peer
 * that died would be waited for for ever), leaves SIGINT to the parent, and runs on `cpu` alone.
 * Ends by _exit(1) where the parent is gone already or the CPU is refused. */
void child_settle(int cpu, pid_t parent, unsigned seconds_most);

#endif
