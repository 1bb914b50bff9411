/* Rings that hand over several slots at once: those whose batches are counted, and the choice. */
#include "transports/common/ring_batch_loops.h"

RING_BATCH_LOOPS(ring_sem_batches, ring_sem_tell, ring_sem_looks, ring_sem_hear)
RING_BATCH_LOOPS(ring_xsi_batches, ring_xsi_tell, ring_xsi_looks, ring_xsi_hear)
RING_BATCH_LOOPS(ring_event_batches, ring_event_tell, ring_event_looks, ring_event_hear)

static const struct loop_set *const sem_loops[] = {&ring_sem_batches_loops_copying,
                                                   &ring_sem_batches_loops_in_place};
static const struct loop_set *const xsi_loops[] = {&ring_xsi_batches_loops_copying,
                                                   &ring_xsi_batches_loops_in_place};
static const struct loop_set *const event_loops[] = {&ring_event_batches_loops_copying,
                                                     &ring_event_batches_loops_in_place};

const struct loop_set *ring_batch_loops(enum ring_sync sync, enum ring_copy copy)
{
    switch (sync) {
    case RING_XSI_SEM:
        return xsi_loops[copy];
    case RING_EVENTFD:
        return event_loops[copy];
    case RING_FUTEX:
        return ring_batch_by_index[RING_BATCH_FUTEX][copy];
    case RING_MUTEX:
        return ring_batch_by_index[RING_BATCH_MUTEX][copy];
    case RING_SPIN:
        return ring_batch_by_index[RING_BATCH_SPIN][copy];
    case RING_SEM:
    case RING_NAMED_SEM:
    case RING_RWLOCK: /* never asked for */
    case RING_SPINLOCK:
        break;
    }
    return sem_loops[copy];
}
