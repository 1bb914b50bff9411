#include "harness/shuffle.h"

#include "base/random.h"

struct shuffle shuffle_of(uint64_t count, uint64_t seed)
{
    const unsigned bits = count > 1 ? 64 - (unsigned)__builtin_clzll(count - 1) : 0;
    struct random random;
    random_seed(&random, seed);
    const uint64_t offset = random_next(&random);
    const uint64_t first = random_next(&random) | 1;
    return (struct shuffle){
        .count = count,
        .mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1,
        .offset = offset,
        .factors = {first, random_next(&random) | 1},
        .shift = bits > 1 ? (bits + 1) / 2 : 1,
    };
}
