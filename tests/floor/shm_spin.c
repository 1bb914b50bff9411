/* The spinning ring in a POSIX shared memory object. */
#include "tests/floor/ring.h"

#include "tests/floor/loops.h"

const struct floor_mechanism floor_shm_spin = {
    .name = "shm-spin",
    .spins = true,
    .create = floor_map_shm,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
