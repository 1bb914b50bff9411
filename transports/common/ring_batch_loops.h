/* The hot loops of a ring that hands over several slots at once, for one sync: `tell`, `looks` and `hear`
 * of ring_batch.h become the exchanges of LOOP_SET_GATHERING, copying and in place. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_BATCH_LOOPS_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_BATCH_LOOPS_H

#include <string.h>

#include "harness/loop_set.h"
#include "transports/common/ring_batch.h"

#define RING_BATCH_LOOPS(sync, tell, looks, hear)                                                  \
    RING_BATCH_STEPS(sync, tell, looks, hear)                                                      \
    RING_BATCH_EXCHANGE(sync##_in_place, sync##_reserve, sync##_commit, sync##_acquire,            \
                        sync##_release, sync##_commit_at_once)                                     \
    RING_BATCH_COPIES(sync, sync##_commit, sync##_put)                                             \
    RING_BATCH_COPIES(sync, sync##_commit_at_once, sync##_put_at_once)                             \
    static ALWAYS_INLINE int sync##_take(void *state, unsigned char *own, size_t bytes,            \
                                         unsigned char **message)                                  \
    {                                                                                              \
        unsigned char *slot;                                                                       \
        const int refused = sync##_acquire(state, NULL, bytes, &slot);                             \
        if (UNLIKELY(refused))                                                                     \
            return refused;                                                                        \
        memcpy(own, slot, bytes);                                                                  \
        *message = own;                                                                            \
        return sync##_release(state, slot, bytes);                                                 \
    }                                                                                              \
    RING_BATCH_EXCHANGE(sync##_copying, loop_reserve_own, sync##_put, sync##_take,                 \
                        loop_release_nothing, sync##_put_at_once)                                  \
    LOOP_SET_GATHERING(sync##_loops_in_place, sync##_in_place, sync##_in_place_at_once,            \
                       sync##_flush, struct ring_batch_ends)                                       \
    LOOP_SET_GATHERING(sync##_loops_copying, sync##_copying, sync##_copying_at_once, sync##_flush, \
                       struct ring_batch_ends)

/* What both ways of copying are made of. */
#define RING_BATCH_STEPS(sync, tell, looks, hear)                                                  \
    static ALWAYS_INLINE int sync##_hand_over(struct ring_batch_end *batch, bool produces)         \
    {                                                                                              \
        if (batch->end.cursor == batch->told)                                                      \
            return 0;                                                                              \
        const int failure = tell(batch, produces);                                                 \
        batch->told = batch->end.cursor;                                                           \
        return failure;                                                                            \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_flush(void *state)                                             \
    {                                                                                              \
        struct ring_batch_ends *const ends = state;                                                \
        const int failure = sync##_hand_over(&ends->in, false);                                    \
        return UNLIKELY(failure) ? failure : sync##_hand_over(&ends->out, true);                   \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_wait(struct ring_batch_ends *ends,                             \
                                         struct ring_batch_end *batch, bool produces)              \
    {                                                                                              \
        if (LIKELY(batch->end.cursor != batch->end.limit) || looks(batch, produces))               \
            return 0;                                                                              \
        const int failure = sync##_flush(ends);                                                    \
        return UNLIKELY(failure) ? failure : hear(batch, produces);                                \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_step(struct ring_batch_end *batch, bool produces)              \
    {                                                                                              \
        ring_step(&batch->end);                                                                    \
        ++batch->end.cursor;                                                                       \
        return batch->end.cursor - batch->told < batch->batch ? 0                                  \
                                                              : sync##_hand_over(batch, produces); \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_reserve(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **slot)                                  \
    {                                                                                              \
        struct ring_batch_ends *const ends = state;                                                \
        (void)own, (void)bytes;                                                                    \
        *slot = ends->out.end.next;                                                                \
        return sync##_wait(ends, &ends->out, true);                                                \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_commit(void *state, unsigned char *slot, size_t bytes)         \
    {                                                                                              \
        (void)slot, (void)bytes;                                                                   \
        return sync##_step(&((struct ring_batch_ends *)state)->out, true);                         \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_commit_at_once(void *state, unsigned char *slot, size_t bytes) \
    {                                                                                              \
        struct ring_batch_ends *const ends = state;                                                \
        const int failure = sync##_commit(state, slot, bytes);                                     \
        return UNLIKELY(failure) ? failure : sync##_hand_over(&ends->out, true);                   \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_acquire(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **message)                               \
    {                                                                                              \
        struct ring_batch_ends *const ends = state;                                                \
        (void)own, (void)bytes;                                                                    \
        *message = ends->in.end.next;                                                              \
        return sync##_wait(ends, &ends->in, false);                                                \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_release(void *state, unsigned char *message, size_t bytes)     \
    {                                                                                              \
        (void)message, (void)bytes;                                                                \
        return sync##_step(&((struct ring_batch_ends *)state)->in, false);                         \
    }

/* A commit from the harness's own buffer. */
#define RING_BATCH_COPIES(sync, commit_slot, put)                                                  \
    static ALWAYS_INLINE int put(void *state, unsigned char *message, size_t bytes)                \
    {                                                                                              \
        unsigned char *slot;                                                                       \
        const int refused = sync##_reserve(state, NULL, bytes, &slot);                             \
        if (UNLIKELY(refused))                                                                     \
            return refused;                                                                        \
        memcpy(slot, message, bytes);                                                              \
        return commit_slot(state, slot, bytes);                                                    \
    }

/* The two exchanges: they differ in whether a commit hands over at once. */
#define RING_BATCH_EXCHANGE(name, reserve_slot, commit_slot, acquire_slot, release_slot, at_once)  \
    static const struct exchange name = {                                                          \
        .reserve = (reserve_slot),                                                                 \
        .commit = (commit_slot),                                                                   \
        .acquire = (acquire_slot),                                                                 \
        .release = (release_slot),                                                                 \
    };                                                                                             \
    static const struct exchange name##_at_once = {                                                \
        .reserve = (reserve_slot),                                                                 \
        .commit = (at_once),                                                                       \
        .acquire = (acquire_slot),                                                                 \
        .release = (release_slot),                                                                 \
    };

/* By enum ring_copy; of the two files that share the work of compiling them. */
extern const struct loop_set *const ring_batch_by_index[][2]; /* spin, futex, mutex */
enum { RING_BATCH_SPIN, RING_BATCH_FUTEX, RING_BATCH_MUTEX };

#endif
