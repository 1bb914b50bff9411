/* One hot loop's work order and result, and the set of loops that a transport variant instantiates
 * (harness/loop_set.h). The loops themselves are in harness/loops.h. */
#ifndef IPCBENCH_HARNESS_LOOP_RUN_H
#define IPCBENCH_HARNESS_LOOP_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/clock.h"
#include "harness/walk.h"

struct error;

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

/* What scheduled loops stamp, one array each, by the index of the message or burst. */
enum stamp {
    STAMP_SENT,     /* sender: just before the (first) send */
    STAMP_RETURNED, /* sender: the answer has been received */
    STAMP_RECEIVED, /* receiver: the (last) message has been received and read */
    STAMP_REPLIED,  /* receiver: just before the answer is sent */
};
enum { STAMP_KINDS = 4 };

/* Between a sender that fills a channel and a receiver that watches. */
struct fill_watch {
    _Alignas(128) _Atomic uint64_t filled; /* messages sent so far */
    _Alignas(128) _Atomic bool stop;
};

/* The bits of a sequence number that fit into a message; of one without payload, the one bit that tells
 * the stop marker, and none that count. */
static inline uint64_t loop_sequence_mask(size_t message_bytes)
{
    if (!message_bytes)
        return 1;
    return message_bytes < sizeof(uint64_t) ? (UINT64_C(1) << (8 * message_bytes)) - 1 : UINT64_MAX;
}

/* What a process has used in the timed parts of the pattern `memory`. */
struct worked {
    uint64_t cpu_ns;
    uint64_t voluntary_switches;
    uint64_t involuntary_switches;
    uint64_t minor_faults;
    uint64_t major_faults;
};

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

    const uint64_t *intended_ticks; /* paced: since start_ticks, ascending */
    uint64_t *stamps[STAMP_KINDS];
    size_t stamp_capacity; /* paced: how many to send */
    size_t stamp_count;    /* result */
    double ns_per_tick;
    bool sleeps;             /* waits for the next moment asleep: one CPU for both */
    uint64_t gap_ticks;      /* burst: between an answer and the next burst */
    uint64_t burst_messages; /* burst, answer: in a row */
    struct fill_watch *fill; /* fill */
    uint64_t fill_most;      /* fill: messages to give up at */

    uint64_t verify_messages; /* verification: how many to send or expect */

    uint64_t messages;    /* result: sent (ping, produce) or received (pong, consume) */
    uint64_t first_ticks; /* ping: when the first sample began; */
    uint64_t last_ticks;  /* the samples add up to last - first */
    struct integrity integrity;
    uint64_t sink;           /* keeps the compiler from leaving out the reading */
    int failure;             /* 0, or the -errno that ended the loop */
    const char *failed_step; /* "send", "receive"; memory: "prepare", "operate", "finish" */

    uint64_t lane; /* crowd_produce: which sender this is */
    uint32_t crowd_senders;
    uint32_t crowd_receivers;
    _Atomic uint32_t *senders_left; /* crowd_produce: that have not sent their last, of all */
    uint64_t digest;                /* crowd, result: sum of all numbers sent, or received */

    struct walk walk;               /* lend, borrow, give_back */
    struct error *error;            /* memory: what its untimed parts say of a failure */
    uint64_t worked_ticks;          /* memory, result: the timed parts alone */
    uint64_t operation_bytes;       /* that each operation was about */
    uint64_t operations_per_sample; /* 1, or a sample is the mean of so many */
    struct worked worked;           /* in the timed parts */
    struct worked pass_begun;       /* what the process had used when the pass began */
};

typedef void loop_function(struct loop_run *run);

enum touch { TOUCH_NONE, TOUCH_ALL };
enum { TOUCH_KINDS = 2 };

/* What one variant of a transport instantiates. */
struct loop_set {
    loop_function *ping[TOUCH_KINDS];          /* sender: closed loop, one stamp per round trip */
    loop_function *pong[TOUCH_KINDS];          /* receiver: echoes until the stop marker */
    loop_function *produce[TOUCH_KINDS];       /* sender: as fast as it goes until the deadline */
    loop_function *consume[TOUCH_KINDS];       /* receiver: counts until the stop marker */
    loop_function *paced[TOUCH_KINDS];         /* sender: on schedule */
    loop_function *collect[TOUCH_KINDS];       /* receiver: stamps every arrival */
    loop_function *burst[TOUCH_KINDS];         /* sender: some in a row, one answer */
    loop_function *answer[TOUCH_KINDS];        /* receiver: answers each burst */
    loop_function *fill;                       /* sender: until told to stop */
    loop_function *verify_produce;             /* either side: verify_messages with full contents */
    loop_function *verify_consume;             /* the other side: compares every byte */
    loop_function *crowd_produce[TOUCH_KINDS]; /* one of several senders of a channel */
    loop_function *crowd_consume[TOUCH_KINDS]; /* one of several receivers */
    /* Of slots in memory that both processes see, else NULL; one message each. */
    loop_function *lend;      /* sender: writes run->walk's chain into a slot and commits it */
    loop_function *borrow;    /* receiver: acquires it, and leaves it in run->walk.message */
    loop_function *give_back; /* receiver: releases it */
};

#endif
