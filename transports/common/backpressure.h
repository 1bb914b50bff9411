/* For mechanisms that refuse when they are full and do not tell when there is room again. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_BACKPRESSURE_H
#define IPCBENCH_TRANSPORTS_COMMON_BACKPRESSURE_H

#include <time.h>

/* Sleeps for about as long as the other side needs for some dozen messages: thousands are queued then,
 * so that it does not run dry, and on one CPU it gets its turn. */
static inline void backpressure_pause(void)
{
    const struct timespec pause = {.tv_nsec = 20000};
    nanosleep(&pause, NULL);
}

#endif
