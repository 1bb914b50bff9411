/* Rings that hand over several slots at once, where an index or a count tells how many. */
#include "transports/common/ring_batch_loops.h"

RING_BATCH_LOOPS(ring_spin_batches, ring_spin_tell, ring_spin_looks, ring_spin_hear)
RING_BATCH_LOOPS(ring_futex_batches, ring_futex_tell_batch, ring_futex_looks, ring_futex_hear)
RING_BATCH_LOOPS(ring_mutex_batches, ring_mutex_tell, ring_mutex_looks, ring_mutex_hear)

const struct loop_set *const ring_batch_by_index[][2] = {
    [RING_BATCH_SPIN] = {&ring_spin_batches_loops_copying, &ring_spin_batches_loops_in_place},
    [RING_BATCH_FUTEX] = {&ring_futex_batches_loops_copying, &ring_futex_batches_loops_in_place},
    [RING_BATCH_MUTEX] = {&ring_mutex_batches_loops_copying, &ring_mutex_batches_loops_in_place},
};
