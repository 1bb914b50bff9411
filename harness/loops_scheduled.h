/* The hot loops that follow a schedule, beside those of harness/loops.h that go as fast as they can.
 *
 *     paced    sends message i at its intended time, fixed in advance, late ones at once
 *     collect  its receiver: stamps every arrival
 *     burst    sends some messages in a row, waits for one answer, pauses; one message is `oneway`
 *     answer   its receiver: stamps the last arrival of a burst, then its answer
 *     fill     sends until told to stop: how many messages fit while nobody receives
 *
 * Every stamp goes to an array of its own in memory that only the stamping process writes while the
 * loop runs, at the index of the message or burst. The arrays are joined afterwards, so that a message
 * need not be large enough for a stamp and carries nothing but its number. */
#ifndef IPCBENCH_HARNESS_LOOPS_SCHEDULED_H
#define IPCBENCH_HARNESS_LOOPS_SCHEDULED_H

#include <stdatomic.h>

#include "harness/loops.h"

/* Cold, in loops.c: sleeps until about `due_ticks`. */
void loop_sleep_until(const struct loop_run *run, uint64_t now_ticks, uint64_t due_ticks);

/* Returns the reading that found the moment reached. */
static ALWAYS_INLINE uint64_t loop_wait_until(const struct loop_run *run, uint64_t due_ticks,
                                              enum clock_kind clock_kind)
{
    uint64_t now_ticks = clock_ticks(clock_kind);
    if (UNLIKELY(run->sleeps && now_ticks < due_ticks)) {
        loop_sleep_until(run, now_ticks, due_ticks);
        now_ticks = clock_ticks(clock_kind);
    }
    while (now_ticks < due_ticks)
        now_ticks = clock_ticks(clock_kind);
    return now_ticks;
}

/* `flush` NULL, or what hands over the messages that the exchange has kept back: called whenever the next
 * one is not due yet. */
static ALWAYS_INLINE void loop_paced_flushing(struct loop_run *run, void *state,
                                              const struct exchange exchange, bool touch,
                                              int (*flush)(void *state))
{
    struct loop_hot hot = loop_begin(run, state);
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t start_ticks = run->start_ticks, deadline_ticks = run->deadline_ticks;
    const uint64_t first_sequence = run->sequence;
    const uint64_t *const intended_ticks = run->intended_ticks;
    uint64_t *const sent_ticks = run->stamps[STAMP_SENT];
    const size_t planned = run->stamp_capacity;
    size_t count = 0;
    for (; count < planned; ++count) {
        const uint64_t due_ticks = start_ticks + intended_ticks[count];
        if (UNLIKELY(due_ticks >= deadline_ticks))
            break;
        if (flush && clock_ticks(clock_kind) < due_ticks &&
            UNLIKELY(!loop_succeeds(&hot, "send", flush(state))))
            goto done;
        const uint64_t now_ticks = loop_wait_until(run, due_ticks, clock_kind);
        if (UNLIKELY(now_ticks >= deadline_ticks))
            break;
        sent_ticks[count] = now_ticks;
        if (UNLIKELY(!loop_send(&hot, exchange, touch, (first_sequence + count) & number_mask)))
            goto done;
    }
    (void)loop_send(&hot, exchange, touch, hot.sequence_mask);
done:
    loop_end(&hot, first_sequence, first_sequence + count);
    run->stamp_count = count;
}

static ALWAYS_INLINE void loop_paced(struct loop_run *run, void *state,
                                     const struct exchange exchange, bool touch)
{
    loop_paced_flushing(run, state, exchange, touch, NULL);
}

static ALWAYS_INLINE void loop_collect(struct loop_run *run, void *state,
                                       const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t first_sequence = run->sequence;
    uint64_t *const received_ticks = run->stamps[STAMP_RECEIVED];
    const size_t capacity = run->stamp_capacity;
    uint64_t sequence = first_sequence, got = 0;
    for (;; ++sequence) {
        const bool received = loop_receive(&hot, exchange, touch, &got);
        const uint64_t now_ticks = clock_ticks(clock_kind);
        if (UNLIKELY(!received))
            break;
        if (UNLIKELY(got != (sequence & number_mask))) {
            if (got == hot.sequence_mask)
                break;
            sequence = loop_mismatch(run, sequence, got);
        }
        const uint64_t index = sequence - first_sequence;
        if (LIKELY(index < capacity))
            received_ticks[index] = now_ticks;
    }
    loop_end(&hot, first_sequence, sequence);
    run->stamp_count = run->messages < capacity ? (size_t)run->messages : capacity;
}

/* The answer to a burst carries the number of its last message. */
static ALWAYS_INLINE void loop_burst(struct loop_run *run, void *state,
                                     const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t first_sequence = run->sequence, burst_messages = run->burst_messages;
    uint64_t *const sent_ticks = run->stamps[STAMP_SENT];
    uint64_t *const returned_ticks = run->stamps[STAMP_RETURNED];
    uint64_t deadline_ticks = run->deadline_ticks, sequence = first_sequence, got = 0;
    uint64_t due_ticks = run->start_ticks;
    size_t count = 0;
    while (count < run->stamp_capacity) {
        sent_ticks[count] = loop_wait_until(run, due_ticks, clock_kind);
        if (UNLIKELY(sent_ticks[count] >= deadline_ticks && count))
            break;
        for (const uint64_t end = sequence + burst_messages; sequence != end; ++sequence) {
            if (UNLIKELY(!loop_send(&hot, exchange, touch, sequence & number_mask)))
                goto done;
        }
        if (UNLIKELY(!loop_receive(&hot, exchange, touch, &got)))
            goto done;
        returned_ticks[count] = clock_ticks(clock_kind);
        due_ticks = returned_ticks[count++] + run->gap_ticks;
        if (UNLIKELY(got != ((sequence - 1) & number_mask))) {
            loop_mismatch(run, sequence - 1, got);
            if (loop_is_hopeless(run))
                deadline_ticks = 0;
        }
    }
    (void)loop_send(&hot, exchange, touch, hot.sequence_mask);
done:
    loop_end(&hot, first_sequence, sequence);
    run->stamp_count = count;
}

static ALWAYS_INLINE void loop_answer(struct loop_run *run, void *state,
                                      const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t first_sequence = run->sequence, burst_messages = run->burst_messages;
    uint64_t *const received_ticks = run->stamps[STAMP_RECEIVED];
    uint64_t *const replied_ticks = run->stamps[STAMP_REPLIED];
    uint64_t sequence = first_sequence, end = sequence + burst_messages, got = 0;
    size_t count = 0;
    while (LIKELY(loop_receive(&hot, exchange, touch, &got))) {
        if (UNLIKELY(got != (sequence & number_mask))) {
            if (got == hot.sequence_mask)
                break;
            sequence = loop_mismatch(run, sequence, got);
        }
        if (++sequence < end)
            continue;
        const uint64_t now_ticks = clock_ticks(clock_kind);
        if (LIKELY(count < run->stamp_capacity)) {
            received_ticks[count] = now_ticks;
            replied_ticks[count++] = clock_ticks(clock_kind);
        }
        if (UNLIKELY(!loop_send(&hot, exchange, touch, (end - 1) & number_mask)))
            break;
        end += burst_messages;
    }
    loop_end(&hot, first_sequence, sequence);
    run->stamp_count = count;
}

/* `filled` and `stop` are all that the two processes share here, and each carries no other data with
 * it: relaxed. */
static ALWAYS_INLINE void loop_fill(struct loop_run *run, void *state,
                                    const struct exchange exchange)
{
    struct loop_hot hot = loop_begin(run, state);
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t first_sequence = run->sequence;
    uint64_t sequence = first_sequence;
    while (sequence - first_sequence < run->fill_most &&
           !atomic_load_explicit(&run->fill->stop, memory_order_relaxed)) {
        if (UNLIKELY(!loop_send(&hot, exchange, false, sequence & number_mask)))
            goto done;
        atomic_store_explicit(&run->fill->filled, ++sequence - first_sequence,
                              memory_order_relaxed);
    }
    (void)loop_send(&hot, exchange, false, hot.sequence_mask);
done:
    loop_end(&hot, first_sequence, sequence);
}

#endif
