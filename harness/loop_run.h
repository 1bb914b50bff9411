/* One hot loop's work order and result, and the set of loops that a transport variant instantiates
 * (harness/loop_set.h). The loops themselves are in harness/loops.h. */
#ifndef IPCBENCH_HARNESS_LOOP_RUN_H
#define IPCBENCH_HARNESS_LOOP_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "harness/clock.h"

/* Messages that did not arrive as sent. All zero, or the cell is invalid. */
struct integrity {
    uint64_t lost;
    uint64_t duplicated;
    uint64_t reordered;
    uint64_t corrupt; /* content differs (verification pass) */
};

/* Samples are 32-bit ticks, 16 to a cache line; a longer one is UINT32_MAX here and in full there.
 */
enum { LONG_SAMPLES_MAX = 64 };

/* A stream goes on beyond its deadline until it has this many messages, and its window until it has
 * been marked by this many looks at the clock: huge messages get a rate from few of them. */
enum { STREAM_MESSAGES_LEAST = 5, STREAM_MARKS_LEAST = 3 };

/* One loop's work order and its result. Filled by the pair runner; one per process. */
struct loop_run {
    void *state; /* the channel's */
    unsigned char *send_buffer;
    unsigned char *receive_buffer;
    size_t message_bytes;
    enum clock_kind clock_kind;
    uint64_t sequence_mask; /* the bits of 64 that fit into a message */
    uint64_t sequence;      /* of the next message; carried from loop to loop */
    uint64_t deadline_ticks;

    uint32_t *samples; /* ping: round trips in ticks */
    size_t sample_capacity;
    size_t sample_count;
    uint64_t long_samples[LONG_SAMPLES_MAX];
    size_t long_sample_count;

    uint64_t batch_ticks; /* produce, consume: look at the clock about this often */
    uint64_t start_ticks; /* consume: intervals are counted from here */
    uint64_t interval_ticks;
    uint32_t *interval_counts; /* messages received in each interval */
    size_t interval_capacity;
    size_t interval_count;
    uint64_t window_start_ticks; /* after ramp-up */
    uint64_t window_end_ticks;   /* before drain */
    uint64_t window_first_ticks; /* result: what was really covered, 0: nothing yet */
    uint64_t window_last_ticks;
    uint64_t window_first_messages; /* received before window_first_ticks */
    uint64_t window_last_messages;
    uint64_t window_marks; /* times the clock was looked at inside the window */

    uint64_t verify_messages; /* verification: how many to send or expect */

    uint64_t messages;    /* result: sent (ping, produce) or received (pong, consume) */
    uint64_t first_ticks; /* ping: when the first sample began; */
    uint64_t last_ticks;  /* the samples add up to last - first */
    struct integrity integrity;
    uint64_t sink;           /* keeps the compiler from leaving out the reading */
    int failure;             /* 0, or the -errno that ended the loop */
    const char *failed_step; /* "send" or "receive" */
};

typedef void loop_function(struct loop_run *run);

enum touch { TOUCH_NONE, TOUCH_ALL };
enum { TOUCH_KINDS = 2 };

/* What one variant of a transport instantiates. */
struct loop_set {
    loop_function
        *ping[TOUCH_KINDS][CLOCK_KINDS]; /* sender: closed loop, one stamp per round trip */
    loop_function *pong[TOUCH_KINDS];    /* receiver: echoes until the stop marker */
    loop_function *produce[TOUCH_KINDS]; /* sender: as fast as it goes until the deadline */
    loop_function *consume[TOUCH_KINDS]; /* receiver: counts until the stop marker */
    loop_function *verify_produce;       /* either side: verify_messages with full contents */
    loop_function *verify_consume;       /* the other side: compares every byte */
};

#endif
