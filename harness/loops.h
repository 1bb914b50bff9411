/* The hot loops, written once. Transports instantiate them through harness/loop_set.h.
 *
 * A loop moves messages through an `exchange`: reserve a place to write, commit it, acquire what
 * arrived, release it. The exchange is a compile-time constant to always-inline loops, so that the
 * compiler leaves one straight loop per variant: no indirect call, no option test, no allocation.
 *
 * Every message begins with its sequence number (as many of 8 bytes as fit); the top bit is kept
 * for the stop marker, a message of all ones that ends a loop. A mismatch leaves the hot path and
 * is counted as lost, duplicated or reordered. A message of 0 bytes has no number: the transport sees
 * whether it is the stop marker by the lowest bit of what the message would begin with, and sets that
 * bit where one arrives. How many were sent and received is compared afterwards.
 *
 * Payload work is the same for all: with touch the sender writes every byte and the receiver reads
 * every byte, without it only the sequence number is written and read. */
#ifndef IPCBENCH_HARNESS_LOOPS_H
#define IPCBENCH_HARNESS_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/clock.h"
#include "harness/loop_run.h"
#include "harness/relax.h"

struct exchange {
    /* Gives the place to write the next message: a slot of the transport's, or `own`. */
    int (*reserve)(void *state, unsigned char *own, size_t bytes, unsigned char **slot);
    int (*commit)(void *state, unsigned char *slot, size_t bytes);
    /* Waits for the next message and says where it lies: a slot, or `own`. */
    int (*acquire)(void *state, unsigned char *own, size_t bytes, unsigned char **message);
    int (*release)(void *state, unsigned char *message, size_t bytes);
};

/* Cold parts, in loops.c. The first is called from every loop at every step, and told to be cold it
 * takes no register from them. */
__attribute__((cold)) void loop_failed(struct loop_run *run, const char *step, int failure);
uint64_t loop_mismatch(struct loop_run *run, uint64_t expected, uint64_t got);
bool loop_is_hopeless(const struct loop_run *run);
void loop_keep_long_sample(struct loop_run *run, uint64_t ticks);
void loop_progress(struct loop_run *run, uint64_t now_ticks, uint64_t received);
void loop_fill_pattern(unsigned char *message, size_t bytes, uint64_t sequence);
bool loop_check_pattern(const unsigned char *message, size_t bytes, uint64_t sequence);

/* A number cut to the message's size is its first bytes. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sequence numbers need little-endian");

static ALWAYS_INLINE uint64_t loop_load_sequence(const unsigned char *message, uint64_t mask)
{
    uint64_t word;
    memcpy(&word, message, sizeof(word));
    return word & mask;
}

static ALWAYS_INLINE void loop_store_sequence(unsigned char *message, uint64_t sequence)
{
    memcpy(message, &sequence, sizeof(sequence));
}

/* Two registers' worth; baseline x86-64 and arm64 both split or do it in one. */
typedef uint64_t touch_vector __attribute__((vector_size(32), may_alias, aligned(8)));
enum { TOUCH_BLOCK_BYTES = 2 * sizeof(touch_vector) };

/* Writes every byte, in whole blocks: buffers and slots are padded to the block. At least one, which is
 * where a message of 0 bytes keeps its bit. */
static ALWAYS_INLINE void touch_write(unsigned char *message, size_t bytes, uint64_t value)
{
    const touch_vector vector = {value, value, value, value};
    size_t at = 0;
    do {
        touch_vector *block = (touch_vector *)(message + at);
        block[0] = vector;
        block[1] = vector;
        at += TOUCH_BLOCK_BYTES;
    } while (at < bytes);
}

static ALWAYS_INLINE uint64_t touch_read(const unsigned char *message, size_t bytes)
{
    touch_vector even = {0}, odd = {0};
    size_t at = 0;
    do {
        const touch_vector *block = (const touch_vector *)(message + at);
        even += block[0];
        odd += block[1];
        at += TOUCH_BLOCK_BYTES;
    } while (at < bytes);
    even += odd;
    return even[0] + even[1] + even[2] + even[3];
}

/* What a loop touches for every message, copied out of its run: a local whose address goes nowhere,
 * so that the compiler keeps it in registers. */
struct loop_hot {
    struct loop_run *run; /* for what is rare */
    void *state;
    unsigned char *send_buffer;
    unsigned char *receive_buffer;
    size_t bytes;
    uint64_t sequence_mask;
    uint64_t sink;
};

static ALWAYS_INLINE struct loop_hot loop_begin(struct loop_run *run, void *state)
{
    return (struct loop_hot){
        .run = run,
        .state = state,
        .send_buffer = run->send_buffer,
        .receive_buffer = run->receive_buffer,
        .bytes = run->message_bytes,
        .sequence_mask = run->sequence_mask,
    };
}

/* What a loop leaves in its run that has gone from one sequence number up to another. */
static ALWAYS_INLINE void loop_end(const struct loop_hot *hot, uint64_t first_sequence,
                                   uint64_t sequence)
{
    hot->run->sink += hot->sink;
    hot->run->messages = sequence - first_sequence;
    hot->run->sequence = sequence;
}

static ALWAYS_INLINE bool loop_succeeds(const struct loop_hot *hot, const char *step, int failure)
{
    if (LIKELY(!failure))
        return true;
    loop_failed(hot->run, step, failure);
    return false;
}

/* Sends the message that carries `sequence`. False where that failed, which is then in the run; the
 * loop ends. */
static ALWAYS_INLINE bool loop_send(const struct loop_hot *hot, const struct exchange exchange,
                                    bool touch, uint64_t sequence)
{
    unsigned char *slot = NULL;
    const int refused = exchange.reserve(hot->state, hot->send_buffer, hot->bytes, &slot);
    if (UNLIKELY(refused))
        return loop_succeeds(hot, "send", refused);
    if (touch)
        touch_write(slot, hot->bytes, sequence);
    else
        loop_store_sequence(slot, sequence);
    return loop_succeeds(hot, "send", exchange.commit(hot->state, slot, hot->bytes));
}

/* Receives one message, reads it, gives its sequence number. False as loop_send. */
static ALWAYS_INLINE bool loop_receive(struct loop_hot *hot, const struct exchange exchange,
                                       bool touch, uint64_t *sequence)
{
    unsigned char *message = NULL;
    const int refused = exchange.acquire(hot->state, hot->receive_buffer, hot->bytes, &message);
    if (UNLIKELY(refused))
        return loop_succeeds(hot, "receive", refused);
    *sequence = loop_load_sequence(message, hot->sequence_mask);
    if (touch)
        hot->sink += touch_read(message, hot->bytes);
    return loop_succeeds(hot, "receive", exchange.release(hot->state, message, hot->bytes));
}

/* Ping: sends, waits for the echo, sends the next. The stamp is taken right after each send, while
 * the message is under way, so that reading the clock costs a spinning pair nothing; a sample
 * spans from one such stamp to the next and holds exactly one message out and one echo back. */
static ALWAYS_INLINE void loop_ping(struct loop_run *run, void *state,
                                    const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t number_mask = hot.sequence_mask >> 1;
    uint64_t deadline_ticks = run->deadline_ticks;
    uint32_t *const samples = run->samples;
    const size_t capacity = run->sample_capacity;
    const uint64_t first_sequence = run->sequence;
    uint64_t sequence = first_sequence, got = 0;
    size_t count = 0;
    const bool begun = loop_send(&hot, exchange, touch, sequence & number_mask);
    uint64_t last_ticks = clock_ticks(clock_kind);
    run->first_ticks = last_ticks;
    if (UNLIKELY(!begun))
        goto done;
    for (;;) {
        if (UNLIKELY(!loop_receive(&hot, exchange, touch, &got)))
            goto done;
        if (UNLIKELY(got != (sequence & number_mask))) {
            loop_mismatch(run, sequence, got);
            if (loop_is_hopeless(run))
                deadline_ticks = 0;
        }
        ++sequence;
        if (UNLIKELY(count == capacity || (last_ticks >= deadline_ticks && count)))
            break;
        if (UNLIKELY(!loop_send(&hot, exchange, touch, sequence & number_mask)))
            goto done;
        const uint64_t now_ticks = clock_ticks(clock_kind);
        const uint64_t ticks = now_ticks - last_ticks;
        if (UNLIKELY(ticks >= UINT32_MAX))
            loop_keep_long_sample(run, ticks);
        samples[count++] = ticks >= UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
        last_ticks = now_ticks;
    }
    (void)loop_send(&hot, exchange, touch, hot.sequence_mask);
done:
    loop_end(&hot, first_sequence, sequence);
    run->sample_count = count;
    run->last_ticks = last_ticks;
}

/* Pong: echoes every message with its number until the stop marker. */
static ALWAYS_INLINE void loop_pong(struct loop_run *run, void *state,
                                    const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const uint64_t number_mask = hot.sequence_mask >> 1;
    uint64_t sequence = run->sequence, got = 0;
    const uint64_t first_sequence = sequence;
    while (LIKELY(loop_receive(&hot, exchange, touch, &got))) {
        if (UNLIKELY(got != (sequence & number_mask))) {
            if (got == hot.sequence_mask)
                break;
            sequence = loop_mismatch(run, sequence, got);
        }
        if (UNLIKELY(!loop_send(&hot, exchange, touch, got)))
            break;
        ++sequence;
    }
    loop_end(&hot, first_sequence, sequence);
}

/* How many messages go between two looks at the clock: doubled or halved towards batch_ticks. */
static ALWAYS_INLINE uint64_t loop_next_batch(uint64_t batch, uint64_t took_ticks,
                                              uint64_t batch_ticks)
{
    if (took_ticks < batch_ticks / 2 && batch < (UINT64_C(1) << 20))
        return batch * 2;
    return took_ticks > batch_ticks * 2 && batch > 1 ? batch / 2 : batch;
}

/* Produce: sends as fast as the channel takes it, then the stop marker. */
static ALWAYS_INLINE void loop_produce(struct loop_run *run, void *state,
                                       const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t first_sequence = run->sequence;
    uint64_t sequence = first_sequence, batch = 1, last_ticks = clock_ticks(run->clock_kind);
    do {
        for (const uint64_t end = sequence + batch; sequence != end; ++sequence) {
            if (UNLIKELY(!loop_send(&hot, exchange, touch, sequence & number_mask)))
                goto done;
        }
        const uint64_t now_ticks = clock_ticks(run->clock_kind);
        batch = loop_next_batch(batch, now_ticks - last_ticks, run->batch_ticks);
        last_ticks = now_ticks;
    } while (last_ticks < run->deadline_ticks || sequence - first_sequence < STREAM_MESSAGES_LEAST);
    (void)loop_send(&hot, exchange, touch, hot.sequence_mask);
done:
    loop_end(&hot, first_sequence, sequence);
}

/* Consume: receives until the stop marker and reports progress after each batch. */
static ALWAYS_INLINE void loop_consume(struct loop_run *run, void *state,
                                       const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const uint64_t number_mask = hot.sequence_mask >> 1;
    uint64_t sequence = run->sequence, first = sequence, got = 0, batch = 1;
    uint64_t last_ticks = clock_ticks(run->clock_kind);
    for (;;) {
        for (uint64_t end = sequence + batch; sequence != end; ++sequence) {
            if (UNLIKELY(!loop_receive(&hot, exchange, touch, &got)))
                goto done;
            if (UNLIKELY(got != (sequence & number_mask))) {
                if (got == hot.sequence_mask)
                    goto done;
                const uint64_t found = loop_mismatch(run, sequence, got);
                first += found - sequence;
                end += found - sequence;
                sequence = found;
            }
        }
        const uint64_t now_ticks = clock_ticks(run->clock_kind);
        loop_progress(run, now_ticks, sequence - first);
        batch = loop_next_batch(batch, now_ticks - last_ticks, run->batch_ticks);
        last_ticks = now_ticks;
    }
done:
    loop_end(&hot, first, sequence);
}

static ALWAYS_INLINE void loop_verify_produce(struct loop_run *run, void *state,
                                              const struct exchange exchange)
{
    const struct loop_hot hot = loop_begin(run, state);
    for (uint64_t count = 0; count < run->verify_messages; ++count) {
        unsigned char *slot = NULL;
        int failure = exchange.reserve(state, run->send_buffer, run->message_bytes, &slot);
        if (!failure) {
            loop_fill_pattern(slot, run->message_bytes, count);
            failure = exchange.commit(state, slot, run->message_bytes);
        }
        if (!loop_succeeds(&hot, "send", failure))
            return;
    }
}

static ALWAYS_INLINE void loop_verify_consume(struct loop_run *run, void *state,
                                              const struct exchange exchange)
{
    const struct loop_hot hot = loop_begin(run, state);
    for (uint64_t count = 0; count < run->verify_messages; ++count) {
        unsigned char *message = NULL;
        int failure = exchange.acquire(state, run->receive_buffer, run->message_bytes, &message);
        if (!failure) {
            if (!loop_check_pattern(message, run->message_bytes, count))
                ++run->integrity.corrupt;
            failure = exchange.release(state, message, run->message_bytes);
        }
        if (!loop_succeeds(&hot, "receive", failure))
            return;
    }
}

/* One message of a walk. What is timed happens between borrow and give_back, in harness/walk.c. */
static ALWAYS_INLINE void loop_lend(struct loop_run *run, void *state,
                                    const struct exchange exchange)
{
    const struct loop_hot hot = loop_begin(run, state);
    unsigned char *slot = NULL;
    int failure = exchange.reserve(state, run->send_buffer, run->message_bytes, &slot);
    if (!failure) {
        walk_lay(&run->walk, slot);
        failure = exchange.commit(state, slot, run->message_bytes);
    }
    (void)loop_succeeds(&hot, "send", failure);
}

static ALWAYS_INLINE void loop_borrow(struct loop_run *run, void *state,
                                      const struct exchange exchange)
{
    const struct loop_hot hot = loop_begin(run, state);
    (void)loop_succeeds(
        &hot, "receive",
        exchange.acquire(state, run->receive_buffer, run->message_bytes, &run->walk.message));
}

static ALWAYS_INLINE void loop_give_back(struct loop_run *run, void *state,
                                         const struct exchange exchange)
{
    const struct loop_hot hot = loop_begin(run, state);
    (void)loop_succeeds(&hot, "receive",
                        exchange.release(state, run->walk.message, run->message_bytes));
}

#endif
