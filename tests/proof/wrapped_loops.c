/* The product's exchanges with a delay, and a ping that reads the clock once for a batch. */
#include <time.h>

#include "harness/loop_set.h"
#include "tests/proof/wrapped.h"
#include "transports/common/descriptors.h"
#include "transports/common/ring.h"
#include "transports/common/ring_sync.h"
#include "transports/common/stream_io.h"

/* The transport's state first, then our part. */
struct wrapped_stream {
    union {
        struct descriptors descriptors;
        char room[WRAPPED_PART_OFFSET];
    };
    struct wrapped_part part;
};
_Static_assert(offsetof(struct wrapped_stream, part) == WRAPPED_PART_OFFSET, "no gap");

struct wrapped_ring {
    union {
        struct ring_state ring;
        char room[WRAPPED_PART_OFFSET];
    };
    struct wrapped_part part;
};
_Static_assert(offsetof(struct wrapped_ring, part) == WRAPPED_PART_OFFSET, "no gap");

/* As loop_ping, but a sample spans WRAPPED_BATCH round trips. */
static ALWAYS_INLINE void loop_ping_batch(struct loop_run *run, void *state,
                                          const struct exchange exchange, bool touch)
{
    struct loop_hot hot = loop_begin(run, state);
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t number_mask = hot.sequence_mask >> 1;
    const uint64_t first_sequence = run->sequence;
    uint64_t sequence = first_sequence, got = 0;
    size_t count = 0;
    bool going = loop_send(&hot, exchange, touch, sequence & number_mask);
    uint64_t last_ticks = clock_ticks(clock_kind);
    run->first_ticks = last_ticks;
    while (going && count < run->sample_capacity && (last_ticks < run->deadline_ticks || !count)) {
        for (const uint64_t end = sequence + WRAPPED_BATCH; going && sequence != end;) {
            going = loop_receive(&hot, exchange, touch, &got);
            if (UNLIKELY(going && got != (sequence & number_mask)))
                loop_mismatch(run, sequence, got);
            ++sequence;
            if (LIKELY(going))
                going = loop_send(&hot, exchange, touch, sequence & number_mask);
        }
        const uint64_t now_ticks = clock_ticks(clock_kind);
        const uint64_t ticks = now_ticks - last_ticks;
        if (UNLIKELY(ticks >= UINT32_MAX))
            loop_keep_long_sample(run, ticks);
        run->samples[count++] = ticks >= UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
        last_ticks = now_ticks;
    }
    if (LIKELY(going && loop_receive(&hot, exchange, touch, &got)))
        (void)loop_send(&hot, exchange, touch, hot.sequence_mask);
    loop_end(&hot, first_sequence, sequence + 1);
    run->sample_count = count;
    run->last_ticks = last_ticks;
}

/* Both sets of one exchange; that of batches has what a ping-pong needs. */
/* clang-format off */
#define WRAPPED_SETS(set, exchange)                                                                \
    LOOP_SET(set, exchange)                                                                        \
    LOOP_ON_STATE(set##_batch_none, loop_ping_batch, void, exchange, false)                        \
    LOOP_ON_STATE(set##_batch_all, loop_ping_batch, void, exchange, true)                          \
    static const struct loop_set set##_batch = {                                                   \
        .ping = LOOP_BY_TOUCH(set##_batch),                                                        \
        .pong = LOOP_BY_TOUCH(set##_pong),                                                         \
        .verify_produce = set##_verify_produce,                                                    \
        .verify_consume = set##_verify_consume,                                                    \
    };
/* clang-format on */

static ALWAYS_INLINE int delayed_send(void *state, const unsigned char *message, size_t bytes)
{
    wrapped_delay(((struct wrapped_stream *)state)->part.delay_turns);
    return stream_send(state, message, bytes, WAIT_BLOCK);
}

static ALWAYS_INLINE int plain_receive(void *state, unsigned char *message, size_t bytes)
{
    return stream_receive(state, message, bytes, WAIT_BLOCK);
}

LOOP_COPYING_EXCHANGE(stream, delayed_send, plain_receive)
WRAPPED_SETS(stream_loops, stream_exchange)

static ALWAYS_INLINE void step(struct ring_end *end)
{
    unsigned char *const next = end->next + end->stride_bytes;
    end->next = next == end->beyond ? end->first : next;
}

/* Cold: once in a trial. */
static __attribute__((noinline)) void stall(const struct wrapped_part *part)
{
    const struct timespec pause = {.tv_sec = (time_t)(part->stall_ns / 1000000000),
                                   .tv_nsec = (long)(part->stall_ns % 1000000000)};
    nanosleep(&pause, NULL);
}

#define WRAPPED_RING(sync, stalls)                                                                 \
    static ALWAYS_INLINE int sync##_reserve(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **slot)                                  \
    {                                                                                              \
        struct wrapped_ring *const wrapped = state;                                                \
        (void)own, (void)bytes;                                                                    \
        wrapped_delay(wrapped->part.delay_turns);                                                  \
        *slot = wrapped->ring.ends.out.next;                                                       \
        return sync##_wait_free(&wrapped->ring.ends.out);                                          \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_commit(void *state, unsigned char *slot, size_t bytes)         \
    {                                                                                              \
        struct wrapped_ring *const wrapped = state;                                                \
        (void)slot, (void)bytes;                                                                   \
        step(&wrapped->ring.ends.out);                                                             \
        return sync##_publish(&wrapped->ring.ends.out);                                            \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_acquire(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **message)                               \
    {                                                                                              \
        struct wrapped_ring *const wrapped = state;                                                \
        (void)own, (void)bytes;                                                                    \
        if ((stalls) && wrapped->part.stall_countdown && !--wrapped->part.stall_countdown)         \
            stall(&wrapped->part);                                                                 \
        *message = wrapped->ring.ends.in.next;                                                     \
        return sync##_wait_filled(&wrapped->ring.ends.in);                                         \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_release(void *state, unsigned char *message, size_t bytes)     \
    {                                                                                              \
        struct wrapped_ring *const wrapped = state;                                                \
        (void)message, (void)bytes;                                                                \
        step(&wrapped->ring.ends.in);                                                              \
        return sync##_give_back(&wrapped->ring.ends.in);                                           \
    }                                                                                              \
    static const struct exchange sync##_exchange = {                                               \
        .reserve = sync##_reserve,                                                                 \
        .commit = sync##_commit,                                                                   \
        .acquire = sync##_acquire,                                                                 \
        .release = sync##_release,                                                                 \
    };                                                                                             \
    WRAPPED_SETS(sync##_loops, sync##_exchange)

WRAPPED_RING(ring_futex, false)
WRAPPED_RING(ring_spin, false)
WRAPPED_RING(ring_sem, true)

const struct loop_set *wrapped_loops(enum wrapped_channel channel, bool batch)
{
    static const struct loop_set *const sets[WRAPPED_CHANNELS][2] = {
        [WRAPPED_STREAM] = {&stream_loops, &stream_loops_batch},
        [WRAPPED_RING_FUTEX] = {&ring_futex_loops, &ring_futex_loops_batch},
        [WRAPPED_RING_SPIN] = {&ring_spin_loops, &ring_spin_loops_batch},
        [WRAPPED_RING_SEM] = {&ring_sem_loops, &ring_sem_loops_batch},
    };
    return sets[channel][batch];
}
