#include "base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

/* splitmix64: turns neighbouring seeds into unrelated states, and never into the all-zero state
 * that xoshiro cannot leave. */
static uint64_t splitmix_next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = *state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

void random_seed(struct random *random, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++)
        random->state[i] = splitmix_next(&seed);
}

uint64_t random_next(struct random *random)
{
    uint64_t *const s = random->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    /* 2^64 mod bound: refusing that many draws leaves a whole multiple of bound. */
    const uint64_t surplus = -bound % bound;
    uint64_t draw;

    do
        draw = random_next(random);
    while (draw < surplus);
    return draw % bound;
}

void random_shuffle(struct random *random, size_t *indices, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        const size_t chosen = (size_t)random_below(random, left);
        const size_t moved = indices[left - 1];
        indices[left - 1] = indices[chosen];
        indices[chosen] = moved;
    }
}

uint64_t random_unguessable(void)
{
    uint64_t bytes = 0;
    ssize_t got;

    do
        got = getrandom(&bytes, sizeof bytes, 0);
    while (got < 0 && errno == EINTR);

    /* A sandbox may forbid getrandom. The kernel's gift at exec is as secret but does not change:
     * a second object of one process then fails visibly with EEXIST. */
    if (got != (ssize_t)sizeof bytes) {
        const void *const given_at_exec = (const void *)getauxval(AT_RANDOM);
        if (given_at_exec)
            memcpy(&bytes, given_at_exec, sizeof bytes);
        bytes = splitmix_next(&bytes);
    }
    return bytes;
}
