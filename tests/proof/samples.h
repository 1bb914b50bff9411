/* Random variables for the tests that simulate. */
#ifndef IPCBENCH_TESTS_PROOF_SAMPLES_H
#define IPCBENCH_TESTS_PROOF_SAMPLES_H

#include <math.h>

#include "base/random.h"

/* In (0, 1), never an end. */
static inline double sample_uniform(struct random *random)
{
    return ((double)(random_next(random) >> 11) + 0.5) * 0x1p-53;
}

/* Mean 1. */
static inline double sample_exponential(struct random *random)
{
    return -log(sample_uniform(random));
}

/* Mean 0, standard deviation 1 (Box and Muller). */
static inline double sample_normal(struct random *random)
{
    const double radius = sqrt(2 * sample_exponential(random));
    return radius * cos(2 * M_PI * sample_uniform(random));
}

/* Student's t with 2 degrees of freedom: no variance at all. */
static inline double sample_heavy(struct random *random)
{
    const double normal = sample_normal(random);
    return normal / sqrt(sample_exponential(random));
}

/* Modes at 1 and `distance`, the second with this probability, each of relative width `spread`. */
static inline double sample_two_modes(struct random *random, double distance, double probability,
                                      double spread)
{
    const double mode = sample_uniform(random) < probability ? distance : 1;
    return mode * exp(spread * sample_normal(random));
}

#endif
