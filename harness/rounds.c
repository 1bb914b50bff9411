#include "harness/rounds.h"

#include "base/random.h"

void rounds_order(uint64_t seed, size_t round, size_t *order, size_t count)
{
    struct random random;
    random_seed(&random, seed + UINT64_C(0x9e3779b97f4a7c15) * (round + 1));
    for (size_t index = 0; index < count; ++index)
        order[index] = index;
    random_shuffle(&random, order, count);
}
