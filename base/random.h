/* Seeded pseudo-random numbers (xoshiro256**, seeded through splitmix64; Blackman and Vigna,
 * "Scrambled Linear Pseudorandom Number Generators", 2021). The same seed gives the same order on
 * every machine. Not for secrets. */
#ifndef IPCBENCH_BASE_RANDOM_H
#define IPCBENCH_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);

/* Uniform in [0, bound), without modulo bias. bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);

/* Fisher-Yates over `count` indices. */
void random_shuffle(struct random *random, size_t *indices, size_t count);

/* Bytes nobody can guess (getrandom), for names of kernel objects. */
uint64_t random_unguessable(void);

#endif
