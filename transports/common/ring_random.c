/* The hot loops of a ring in place, slots in the order of a computed permutation (harness/shuffle.h),
 * every lap the same. */
#include "transports/common/ring_exchange.h"
#include "transports/common/ring_ordered.h"

static ALWAYS_INLINE void ring_step_random(struct ring_end *end, struct ring_order *order)
{
    order->index = order->index + 1 == end->slot_count ? 0 : order->index + 1;
    end->next = end->first + shuffle_at(&order->shuffle, order->index) * end->stride_bytes;
}

#define RING_STEP(state, way)                                                                      \
    ring_step_random(&((struct ring_ordered_ends *)(state))->ends.way,                             \
                     &((struct ring_ordered_ends *)(state))->way##_order)

#define RING_LOOPS(sync)                                                                           \
    RING_IN_PLACE(sync##_random, sync, RING_STEP)                                                  \
    LOOP_SET_LENT_ON_COPY(sync##_random_loops, sync##_random_exchange, struct ring_ordered_ends)

RING_LOOPS(ring_sem)
RING_LOOPS(ring_xsi)
RING_LOOPS(ring_futex)
RING_LOOPS(ring_mutex)
RING_LOOPS(ring_event)
RING_LOOPS(ring_spin)
RING_LOOPS(ring_rwlock)
RING_LOOPS(ring_spinlock)

static const struct loop_set *const loop_sets[RING_SYNCS] = {
    [RING_SEM] = &ring_sem_random_loops,           [RING_NAMED_SEM] = &ring_sem_random_loops,
    [RING_XSI_SEM] = &ring_xsi_random_loops,       [RING_FUTEX] = &ring_futex_random_loops,
    [RING_MUTEX] = &ring_mutex_random_loops,       [RING_EVENTFD] = &ring_event_random_loops,
    [RING_SPIN] = &ring_spin_random_loops,         [RING_RWLOCK] = &ring_rwlock_random_loops,
    [RING_SPINLOCK] = &ring_spinlock_random_loops,
};

const struct loop_set *ring_random_loops(enum ring_sync sync)
{
    return loop_sets[sync];
}
