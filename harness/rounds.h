/* Rounds: every cell is measured once in each, in an order of its own. */
#ifndef IPCBENCH_HARNESS_ROUNDS_H
#define IPCBENCH_HARNESS_ROUNDS_H

#include <stddef.h>
#include <stdint.h>

/* Fills `order` with a permutation of 0..count-1 that depends on seed and round alone, so that an
 * interrupted run resumes in the order it would have had. */
void rounds_order(uint64_t seed, size_t round, size_t *order, size_t count);

#endif
