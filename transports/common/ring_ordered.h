/* The loops of rings in place whose slots are not used in sequence. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_ORDERED_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_ORDERED_H

#include "transports/common/ring.h"

const struct loop_set *ring_random_loops(enum ring_sync sync);
const struct loop_set *ring_stride_loops(enum ring_sync sync);

#endif
