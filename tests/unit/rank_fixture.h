/* What the tests of base/rank_test.h share. Included after cmocka.h. */
#ifndef IPCBENCH_TESTS_UNIT_RANK_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_RANK_FIXTURE_H

#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/rank_test.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static inline bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

static inline struct rank_comparison compare(const double *before, size_t n, const double *after,
                                             size_t m)
{
    const struct rank_sample samples[] = {{before, n}, {after, m}};
    struct rank_comparison comparison;
    struct error error = {0};
    assert_int_equal(rank_compare(&samples[0], &samples[1], &comparison, &error), 0);
    return comparison;
}

#endif
