/* Is a count more than chance gives? */
#ifndef IPCBENCH_TESTS_PROOF_CHANCE_H
#define IPCBENCH_TESTS_PROOF_CHANCE_H

#include <stddef.h>

/* P(X >= seen) for X binomial(count, share). */
double chance_of(size_t seen, size_t count, double share);

#endif
