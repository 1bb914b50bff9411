/* A ring that tells the other side about several slots at once (batch=N): for each sync, how a side
 * tells and how it waits.
 *
 * A producer publishes when it has filled N slots, a consumer gives back when it has emptied N. Whoever
 * has to wait hands over first whatever it has kept, in both directions: then nobody waits for slots
 * that somebody keeps. The loops do the same where they turn to something else (LOOP_SET_GATHERING).
 *
 * spin and futex tell where their cursor is, as they do slot by slot. mutex adds to the count under the
 * lock. Semaphores and eventfds count batches: how far one goes stands in a mark, an array of as many
 * words as there are slots, at the position of the batch's first slot. Memory ordering: a mark is
 * written before the post and read after the wait that takes it, and is the reader's as long as the
 * slot itself is; it is written again a whole round later, when the reader has given that slot back.
 *
 * All return 0 or -errno. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_BATCH_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_BATCH_H

#include "transports/common/ring.h"
#include "transports/common/ring_sync.h"

/* `position` goes on by `slots`, of which there are no more than one round. */
static ALWAYS_INLINE uint64_t ring_position_after(const struct ring_end *end, uint64_t position,
                                                  uint64_t slots)
{
    const uint64_t next = position + slots;
    return next >= end->slot_count ? next - end->slot_count : next;
}

static ALWAYS_INLINE void ring_mark_write(struct ring_batch_end *batch)
{
    const uint64_t slots = batch->end.cursor - batch->told;
    batch->told_marks[batch->told_position] = slots;
    batch->told_position = ring_position_after(&batch->end, batch->told_position, slots);
}

static ALWAYS_INLINE void ring_mark_read(struct ring_batch_end *batch)
{
    const uint64_t slots = batch->heard_marks[batch->heard_position];
    batch->heard_position = ring_position_after(&batch->end, batch->heard_position, slots);
    batch->end.limit += slots;
}

/* What counts batches: `up` and `down` of the slot by slot ring, once for each. */
#define RING_BATCH_BY_MARKS(sync)                                                                  \
    static ALWAYS_INLINE int sync##_tell(struct ring_batch_end *batch, bool produces)              \
    {                                                                                              \
        ring_mark_write(batch);                                                                    \
        return produces ? sync##_publish(&batch->end) : sync##_give_back(&batch->end);             \
    }                                                                                              \
    static ALWAYS_INLINE bool sync##_looks(struct ring_batch_end *batch, bool produces)            \
    {                                                                                              \
        (void)batch, (void)produces;                                                               \
        return false;                                                                              \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_hear(struct ring_batch_end *batch, bool produces)              \
    {                                                                                              \
        const int failure =                                                                        \
            produces ? sync##_wait_free(&batch->end) : sync##_wait_filled(&batch->end);            \
        if (LIKELY(!failure))                                                                      \
            ring_mark_read(batch);                                                                 \
        return failure;                                                                            \
    }
RING_BATCH_BY_MARKS(ring_sem)
RING_BATCH_BY_MARKS(ring_xsi)
RING_BATCH_BY_MARKS(ring_event)

/* What polls the other side's index. Looking is cheap: before anything is handed over early. */
static ALWAYS_INLINE bool ring_index_looks(struct ring_batch_end *batch, bool produces)
{
    struct ring_end *const end = &batch->end;
    end->limit =
        produces ? atomic_load_explicit(&end->header->head, memory_order_acquire) + end->slot_count
                 : atomic_load_explicit(&end->header->tail, memory_order_acquire);
    return end->cursor != end->limit;
}

static ALWAYS_INLINE bool ring_spin_looks(struct ring_batch_end *batch, bool produces)
{
    return ring_index_looks(batch, produces);
}
static ALWAYS_INLINE int ring_spin_tell(struct ring_batch_end *batch, bool produces)
{
    struct ring_header *const header = batch->end.header;
    atomic_store_explicit(produces ? &header->tail : &header->head, batch->end.cursor,
                          memory_order_release);
    return 0;
}
static ALWAYS_INLINE int ring_spin_hear(struct ring_batch_end *batch, bool produces)
{
    return produces ? ring_spin_wait_free(&batch->end) : ring_spin_wait_filled(&batch->end);
}

static ALWAYS_INLINE bool ring_futex_looks(struct ring_batch_end *batch, bool produces)
{
    return ring_index_looks(batch, produces);
}
static ALWAYS_INLINE int ring_futex_tell_batch(struct ring_batch_end *batch, bool produces)
{
    struct ring_header *const header = batch->end.header;
    return produces ? ring_futex_tell(batch->end.cursor, &header->tail, &header->consumer_sleeps)
                    : ring_futex_tell(batch->end.cursor, &header->head, &header->producer_sleeps);
}
static ALWAYS_INLINE int ring_futex_hear(struct ring_batch_end *batch, bool produces)
{
    return produces ? ring_futex_wait_free(&batch->end) : ring_futex_wait_filled(&batch->end);
}

/* Whoever waits has told everything: what the count says is new to it. */
static ALWAYS_INLINE bool ring_mutex_looks(struct ring_batch_end *batch, bool produces)
{
    (void)batch, (void)produces;
    return false;
}
static ALWAYS_INLINE int ring_mutex_tell(struct ring_batch_end *batch, bool produces)
{
    struct ring_header *const header = batch->end.header;
    const uint64_t slots = batch->end.cursor - batch->told;
    return ring_mutex_change(header, produces ? &header->filled_condition : &header->free_condition,
                             produces ? slots : 0 - slots);
}
static ALWAYS_INLINE int ring_mutex_hear(struct ring_batch_end *batch, bool produces)
{
    struct ring_end *const end = &batch->end;
    struct ring_header *const header = end->header;
    uint64_t filled;
    const int failure =
        ring_mutex_await(header, produces ? &header->free_condition : &header->filled_condition,
                         produces ? end->slot_count : 0, &filled);
    if (LIKELY(!failure))
        end->limit = end->cursor + (produces ? end->slot_count - filled : filled);
    return failure;
}

#endif
