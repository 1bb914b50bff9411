/* Is one group larger than another, where values were taken under several conditions that may matter
 * more than the group? Only values of one condition (stratum) are compared with each other; what all
 * strata say is added up. With one stratum this is rank_compare and rank_ratio. */
#ifndef IPCBENCH_BASE_RANK_STRATA_H
#define IPCBENCH_BASE_RANK_STRATA_H

#include <stddef.h>

#include "base/rank_test.h"

struct error;

struct rank_stratum {
    struct rank_sample before;
    struct rank_sample after;
};

struct rank_strata {
    double p;                /* two-sided; 1 where no stratum has values of both groups */
    double least_p;          /* of a complete separation: no difference could give less */
    struct rank_ratio ratio; /* after / before; all 0 where there is nothing to compare */
    size_t agreeing; /* strata whose own median ratio lies on the same side of 1 as `ratio` */
    size_t strata;   /* that have values of both groups */
};

/* The sum of the strata's rank sums (van Elteren 1960, with equal weights), against its permutation
 * distribution within strata: the convolution of theirs, counted in full up to RANK_EXACT_PAIRS
 * pairs, normal above. The ratio is the median of all ratios within strata, its interval their order
 * statistics by the same distribution (Lehmann 1963, for a shift that all strata share). The test
 * needs no such assumption: without any difference it alarms as rarely as it says. Values are above
 * 0 (EINVAL). */
int rank_strata_compare(const struct rank_stratum *strata, size_t count, double confidence,
                        struct rank_strata *result, struct error *error);

#endif
