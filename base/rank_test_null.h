/* The null distribution of rank sums; used by rank_test*.c alone. */
#ifndef IPCBENCH_BASE_RANK_TEST_NULL_H
#define IPCBENCH_BASE_RANK_TEST_NULL_H

#include <stddef.h>
#include <stdint.h>

struct error;

/* shares[sum] of all ways to choose some of the scores add up to `sum`. */
struct rank_null {
    double *shares; /* owned */
    size_t count;
};

/* All ways to choose `chosen` of `count` scores, which ascend. */
int rank_null_of(const uint64_t *scores, size_t count, size_t chosen, struct rank_null *null,
                 struct error *error);
/* The same for the scores 1..count. */
int rank_null_of_ranks(size_t count, size_t chosen, struct rank_null *null, struct error *error);
void rank_null_free(struct rank_null *null);

/* Of the standard normal distribution: the share beyond z, and the z below which `share` lies. */
double rank_normal_beyond(double z);
double rank_normal_quantile(double share);

#endif
