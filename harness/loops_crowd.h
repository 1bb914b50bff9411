/* The hot loops of several senders and receivers on one channel, beside produce and consume of
 * harness/loops.h.
 *
 * Messages have at least 8 bytes: the sender's lane and its own count from 0. A receiver gets some
 * of every sender's messages, in that sender's order, so that a number that is not above the last
 * one of the same sender is a fault; what is missing, or was received by two, shows when the parent
 * compares the count and the sum of all numbers sent with those received.
 *
 * The end. Every sender, after its last message, counts itself out of `senders_left`; the last one to
 * do so sends one stop marker for each receiver, and a receiver that takes one stops. Each decrement
 * is a release after the sender's own sends and an acquire before the markers, and the decrements of
 * one counter are one release sequence: all messages of all senders happen before the first marker.
 * A channel that keeps the order of sends that happen one after the other therefore gives out every
 * message before a marker, to whichever receiver; and with as many markers as receivers, none of
 * which takes two, everybody stops and nothing is left behind. The last one also sets the counter
 * back before its markers: nobody looks at it again until all have met at a barrier. */
#ifndef IPCBENCH_HARNESS_LOOPS_CROWD_H
#define IPCBENCH_HARNESS_LOOPS_CROWD_H

#include <stdatomic.h>

#include "harness/loops.h"

/* Bit 63 is the stop marker's alone. */
enum { CROWD_MESSAGE_BYTES_LEAST = sizeof(uint64_t), CROWD_NUMBER_BITS = 57 };
#define CROWD_NUMBER_MASK ((UINT64_C(1) << CROWD_NUMBER_BITS) - 1)

/* Cold, in loops.c. */
void loop_crowd_mismatch(struct loop_run *run, uint64_t next, uint64_t number);
bool loop_crowd_is_last(struct loop_run *run);

static ALWAYS_INLINE void loop_crowd_produce(struct loop_run *run, void *state,
                                             const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const uint64_t lane = run->lane << CROWD_NUMBER_BITS;
    uint64_t number = 0, digest = 0, batch = 1, last_ticks = clock_ticks(run->clock_kind);
    do {
        for (const uint64_t end = number + batch; number != end; ++number) {
            if (UNLIKELY(!loop_send(&hot, exchange, touch, lane | number)))
                goto done;
            digest += lane | number;
        }
        const uint64_t now_ticks = clock_ticks(run->clock_kind);
        batch = loop_next_batch(batch, now_ticks - last_ticks, run->batch_ticks);
        last_ticks = now_ticks;
    } while (last_ticks < run->deadline_ticks || number < STREAM_MESSAGES_LEAST);
    if (loop_crowd_is_last(run)) {
        bool sent = true;
        for (uint32_t marker = 0; sent && marker < run->crowd_receivers; ++marker)
            sent = loop_send(&hot, exchange, touch, hot.sequence_mask);
    }
done:
    run->sink += hot.sink;
    run->messages = number;
    run->digest = digest;
}

static ALWAYS_INLINE void loop_crowd_consume(struct loop_run *run, void *state,
                                             const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    uint64_t next[1 << (63 - CROWD_NUMBER_BITS)] = {0}; /* by lane: above all its numbers so far */
    uint64_t received = 0, digest = 0, got = 0, batch = 1;
    uint64_t last_ticks = clock_ticks(run->clock_kind);
    for (;;) {
        for (const uint64_t end = received + batch; received != end; ++received) {
            if (UNLIKELY(!loop_receive(&hot, exchange, touch, &got)))
                goto done;
            if (UNLIKELY(got == hot.sequence_mask))
                goto done;
            uint64_t *const lane_next = &next[(got & ~(UINT64_C(1) << 63)) >> CROWD_NUMBER_BITS];
            const uint64_t number = got & CROWD_NUMBER_MASK;
            digest += got;
            if (UNLIKELY(number < *lane_next))
                loop_crowd_mismatch(run, *lane_next, number);
            else
                *lane_next = number + 1;
        }
        const uint64_t now_ticks = clock_ticks(run->clock_kind);
        loop_progress(run, now_ticks, received);
        batch = loop_next_batch(batch, now_ticks - last_ticks, run->batch_ticks);
        last_ticks = now_ticks;
    }
done:
    run->sink += hot.sink;
    run->messages = received;
    run->digest = digest;
}

#endif
