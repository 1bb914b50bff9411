/* The spinning ring in an anonymous shared mapping. */
#include "tests/floor/ring.h"

#include "tests/floor/loops.h"

const struct floor_mechanism floor_mmap_spin = {
    .name = "mmap-spin",
    .spins = true,
    .create = floor_map_anonymous,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
