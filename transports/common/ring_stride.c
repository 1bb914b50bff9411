/* The hot loops of a ring in place, every Nth slot: 0, N, 2N and so on, then 1, N + 1 and so on, until
 * all have had their turn. */
#include "transports/common/ring_exchange.h"
#include "transports/common/ring_ordered.h"

static ALWAYS_INLINE void ring_step_stride(struct ring_end *end, struct ring_order *order)
{
    order->index += order->stride;
    if (UNLIKELY(order->index >= end->slot_count)) {
        ++order->column;
        if (order->column == order->stride || order->column == end->slot_count)
            order->column = 0;
        order->index = order->column;
    }
    end->next = end->first + order->index * end->stride_bytes;
}

#define RING_STEP(state, way)                                                                      \
    ring_step_stride(&((struct ring_ordered_ends *)(state))->ends.way,                             \
                     &((struct ring_ordered_ends *)(state))->way##_order)

#define RING_LOOPS(sync)                                                                           \
    RING_IN_PLACE(sync##_stride, sync, RING_STEP)                                                  \
    LOOP_SET_LENT_ON_COPY(sync##_stride_loops, sync##_stride_exchange, struct ring_ordered_ends)

RING_LOOPS(ring_sem)
RING_LOOPS(ring_xsi)
RING_LOOPS(ring_futex)
RING_LOOPS(ring_mutex)
RING_LOOPS(ring_event)
RING_LOOPS(ring_spin)
RING_LOOPS(ring_rwlock)
RING_LOOPS(ring_spinlock)

static const struct loop_set *const loop_sets[RING_SYNCS] = {
    [RING_SEM] = &ring_sem_stride_loops,           [RING_NAMED_SEM] = &ring_sem_stride_loops,
    [RING_XSI_SEM] = &ring_xsi_stride_loops,       [RING_FUTEX] = &ring_futex_stride_loops,
    [RING_MUTEX] = &ring_mutex_stride_loops,       [RING_EVENTFD] = &ring_event_stride_loops,
    [RING_SPIN] = &ring_spin_stride_loops,         [RING_RWLOCK] = &ring_rwlock_stride_loops,
    [RING_SPINLOCK] = &ring_spinlock_stride_loops,
};

const struct loop_set *ring_stride_loops(enum ring_sync sync)
{
    return loop_sets[sync];
}
