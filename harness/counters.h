/* Hardware counters of one process, by perf_event_open, where the kernel and the machine give them.
 *
 *     counters_open(&counters)           in the child, outside the timed part
 *     counters_start, counters_stop      around the timed loop
 *     counters_read, counters_close      after it
 *
 * Counted in user and kernel mode where permitted, else in user mode alone (said in `scope`). */
#ifndef IPCBENCH_HARNESS_COUNTERS_H
#define IPCBENCH_HARNESS_COUNTERS_H

#include <stdint.h>

enum counter_kind {
    COUNTER_CYCLES,
    COUNTER_INSTRUCTIONS,
    COUNTER_CACHE_MISSES,
    COUNTER_DTLB_MISSES,
};
enum { COUNTER_KINDS = 4 };

/* "cycles", "instructions", "cache_misses", "dtlb_misses" */
const char *counter_name(enum counter_kind kind);

struct counters {
    int fds[COUNTER_KINDS]; /* -1: not available */
    int failure;            /* errno of the first that could not be opened */
    int user_only;
};

/* Plain data for shared memory. */
struct counters_reading {
    int64_t values[COUNTER_KINDS]; /* -1: absent; scaled where the kernel multiplexed */
    char scope[16];                /* "user+kernel", "user", "" where none is available */
    char reason[96];               /* why some are absent, "" where none is */
};

void counters_open(struct counters *counters);
void counters_start(const struct counters *counters);
void counters_stop(const struct counters *counters);
void counters_read(const struct counters *counters, struct counters_reading *reading);
void counters_close(struct counters *counters);

#endif
