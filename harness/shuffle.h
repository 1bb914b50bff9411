/* A seeded permutation of 0 .. count - 1 that is computed, not looked up: a table of it would itself
 * miss the cache and the TLB, and measure that.
 *
 * An index is mixed by steps that each map the numbers of `bits` bits onto themselves (adding, xoring
 * the upper half into the lower, multiplying by an odd number), and mixed again while the outcome is
 * not below `count`; that ends, since it walks along a cycle of the mixing that comes back to an index
 * that is, and is one to one for the same reason. Below two rounds on average, one where count is a
 * power of two.
 *
 * The same count and seed give the same order in both processes. Not for secrets. */
#ifndef IPCBENCH_HARNESS_SHUFFLE_H
#define IPCBENCH_HARNESS_SHUFFLE_H

#include <stdint.h>

#include "harness/relax.h"

struct shuffle {
    uint64_t count;
    uint64_t mask; /* 2^bits - 1, the smallest that holds count - 1 */
    uint64_t offset;
    uint64_t factors[2]; /* odd */
    unsigned shift;      /* half of the bits, at least 1 */
};

/* count > 0. */
struct shuffle shuffle_of(uint64_t count, uint64_t seed);

static ALWAYS_INLINE uint64_t shuffle_mix(const struct shuffle *shuffle, uint64_t index)
{
    uint64_t mixed = (index + shuffle->offset) & shuffle->mask;
    mixed ^= mixed >> shuffle->shift;
    mixed = (mixed * shuffle->factors[0]) & shuffle->mask;
    mixed ^= mixed >> shuffle->shift;
    mixed = (mixed * shuffle->factors[1]) & shuffle->mask;
    return mixed ^ (mixed >> shuffle->shift);
}

/* Where `index` (below count) comes to lie. */
static ALWAYS_INLINE uint64_t shuffle_at(const struct shuffle *shuffle, uint64_t index)
{
    uint64_t place = shuffle_mix(shuffle, index);
    while (UNLIKELY(place >= shuffle->count))
        place = shuffle_mix(shuffle, place);
    return place;
}

#endif
