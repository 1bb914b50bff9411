/* Instantiates the hot loops for every sync of the ring, copying and in place, slots in sequence.
 * Other orders have loops of their own (ring_ordered.c): these stay as they are. */
#include <string.h>

#include "transports/common/ring_exchange.h"
#include "transports/common/ring_ordered.h"

#define RING_STEP(state, way) ring_step(&((struct ring_ends *)(state))->way)

/* In place, and copying: own buffers, one memcpy each way. */
#define RING_LOOPS(sync)                                                                           \
    RING_IN_PLACE(sync, sync, RING_STEP)                                                           \
    static ALWAYS_INLINE int sync##_send(void *state, const unsigned char *message, size_t bytes)  \
    {                                                                                              \
        unsigned char *slot;                                                                       \
        const int refused = sync##_reserve(state, NULL, bytes, &slot);                             \
        if (UNLIKELY(refused))                                                                     \
            return refused;                                                                        \
        memcpy(slot, message, bytes);                                                              \
        return sync##_commit(state, slot, bytes);                                                  \
    }                                                                                              \
    static ALWAYS_INLINE int sync##_receive(void *state, unsigned char *message, size_t bytes)     \
    {                                                                                              \
        unsigned char *slot;                                                                       \
        const int refused = sync##_acquire(state, NULL, bytes, &slot);                             \
        if (UNLIKELY(refused))                                                                     \
            return refused;                                                                        \
        memcpy(message, slot, bytes);                                                              \
        return sync##_release(state, slot, bytes);                                                 \
    }                                                                                              \
    LOOP_SET_LENT_ON_COPY(sync##_in_place, sync##_exchange, struct ring_ends)                      \
    LOOP_SET_COPYING_ON_COPY(sync##_copying, sync##_send, sync##_receive, struct ring_ends)

RING_LOOPS(ring_sem)
RING_LOOPS(ring_xsi)
RING_LOOPS(ring_futex)
RING_LOOPS(ring_mutex)
RING_LOOPS(ring_event)
RING_LOOPS(ring_spin)
RING_LOOPS(ring_rwlock)
RING_LOOPS(ring_spinlock)

static const struct loop_set *const loop_sets[RING_SYNCS][2] = {
    [RING_SEM] = {&ring_sem_copying, &ring_sem_in_place},
    [RING_NAMED_SEM] = {&ring_sem_copying, &ring_sem_in_place}, /* differ only in where they lie */
    [RING_XSI_SEM] = {&ring_xsi_copying, &ring_xsi_in_place},
    [RING_FUTEX] = {&ring_futex_copying, &ring_futex_in_place},
    [RING_MUTEX] = {&ring_mutex_copying, &ring_mutex_in_place},
    [RING_EVENTFD] = {&ring_event_copying, &ring_event_in_place},
    [RING_SPIN] = {&ring_spin_copying, &ring_spin_in_place},
    [RING_RWLOCK] = {&ring_rwlock_copying, &ring_rwlock_in_place},
    [RING_SPINLOCK] = {&ring_spinlock_copying, &ring_spinlock_in_place},
};

const struct loop_set *ring_loops(enum ring_sync sync, enum ring_copy copy, uint64_t order)
{
    switch ((enum ring_order_kind)options_choice(order)) {
    case RING_RANDOM:
        return ring_random_loops(sync);
    case RING_STRIDE:
        return ring_stride_loops(sync);
    case RING_SEQUENTIAL:
        break;
    }
    return loop_sets[sync][copy];
}
