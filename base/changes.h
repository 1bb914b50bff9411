/* Where does a series change its level? E-divisive (Matteson and James, "A nonparametric approach for
 * multiple change point analysis of multivariate data", JASA 109, 2014) with alpha = 1, which asks for
 * no distribution and no threshold:
 *
 *     Q(t, k) = t' k' / (t' + k') * (2 mean|x - y| - mean|x - x'| - mean|y - y'|)
 *
 * x are the t' values before t, y the k' values from t to k; the means within a side are over its
 * pairs. The t of the largest Q over all t and k is where the series may change: k lets a change be
 * seen that a later one takes back. Whether it does is a permutation test: the values of the segment
 * are shuffled `permutations` times, and p = (shuffles with as large a Q + 1) / (permutations + 1),
 * which is never 0. A segment that changes is cut in two, and each part is asked again.
 *
 * Shuffling takes the values for exchangeable where nothing changes. A slow drift has no level at all:
 * it is cut into steps, as many as the noise lets be seen. */
#ifndef IPCBENCH_BASE_CHANGES_H
#define IPCBENCH_BASE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

struct error;

struct changes_rule {
    size_t side_least; /* values on each side of a change, at least 2 */
    size_t permutations;
    double level; /* p at most: 1 / (permutations + 1) or more, else nothing can be found */
    uint64_t seed;
};

/* 5 values on each side, 999 permutations, p = 0.001: one false alarm in a thousand quiet series. */
struct changes_rule changes_rule_default(void);

struct change {
    size_t at; /* the first value of the new level */
    double p;
};

struct changes {
    struct change *items; /* in the order of the series; owned */
    size_t count;
};

/* Time grows with the square of the count, times the permutations where something is found (a
 * segment without a change is given up as soon as its p is over the level). */
enum { CHANGES_VALUES_MOST = 2000 };

/* `values` are finite and stay as they are; logarithms, where levels are compared by ratio. A series
 * too short for two sides has no change. EINVAL for more than CHANGES_VALUES_MOST, ENOMEM. The same
 * values and rule give the same answer everywhere. Free with changes_free. */
int changes_find(const double *values, size_t count, const struct changes_rule *rule,
                 struct changes *found, struct error *error);
void changes_free(struct changes *found);

#endif
