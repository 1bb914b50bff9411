/* Did one group of per-trial figures get larger than another? Tests that look at ranks alone, so
 * that no shape of distribution is assumed, exact for as many trials as anybody runs.
 *
 *     rank_compare    two groups: Mann-Whitney (Wilcoxon rank sum), two-sided
 *     rank_ratio      two groups: by which factor, with an interval (Hodges-Lehmann)
 *     rank_pairs      differences within pairs: sign test, median difference with its interval
 *     rank_adjust     many tests at once: Holm, Benjamini-Hochberg
 *     rank_detectable what could have been seen at all
 *
 * Pure functions: nothing is kept, and but for those that say they sort, nothing is changed. Values
 * must be finite. */
#ifndef IPCBENCH_BASE_RANK_TEST_H
#define IPCBENCH_BASE_RANK_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stats.h"

struct error;

struct rank_sample {
    const double *values;
    size_t count;
};

struct rank_comparison {
    double p;           /* two-sided; 1 where a group is empty */
    double u;           /* pairs in which `after` is the larger; equal ones count half */
    double superiority; /* u as a share of all pairs (A12): 0.5 where neither is larger */
    bool tied;          /* some values are equal */
    bool exact;         /* else the normal approximation */
};

/* The p of Mann and Whitney (1947): the share of all ways to split the values into groups of these
 * sizes whose rank sum lies at least as far from its mean as the one seen. Without ties that is their
 * tabled distribution, f(i,j,u) = f(i-1,j,u-j) + f(i,j-1,u); with ties it is the permutation test on
 * mid-ranks. Both are counted in full by the shift algorithm (Streitberg and Roehmel 1986) as long
 * as the product of the sizes is at most RANK_EXACT_PAIRS; above, the normal approximation with
 * corrections for ties and continuity. Fails with ENOMEM alone. */
enum { RANK_EXACT_PAIRS = 64 * 64 };
int rank_compare(const struct rank_sample *before, const struct rank_sample *after,
                 struct rank_comparison *comparison, struct error *error);

struct rank_ratio {
    double value; /* after / before */
    double low;
    double high;
    double coverage; /* of the interval, 0..1 */
};

/* The median of all ratios after/before (Hodges and Lehmann 1963, on logarithms), and the ratios of
 * rank K and n*m+1-K as its interval, K the largest with 2 P(U < K) <= 1 - confidence (Lehmann 1963);
 * with ties it covers no less. Where the groups are too small for any, smallest and largest ratio,
 * and `coverage` says what they are worth. EINVAL where a group is empty or a value is not above 0. */
int rank_ratio(const struct rank_sample *before, const struct rank_sample *after, double confidence,
               struct rank_ratio *ratio, struct error *error);

struct rank_pairs {
    double p; /* sign test, two-sided; 1 where no difference is left */
    size_t above;
    size_t below;               /* differences of 0 are neither */
    struct stats_median median; /* difference, with the interval of stats_median_interval */
};

/* The sign test: P(X <= min(above, below)) twice, X binomial with 1/2. Sorts the differences. */
struct rank_pairs rank_pairs(double *differences, size_t count, double confidence);

enum rank_correction {
    RANK_HOLM,               /* any false alarm among all tests (Holm 1979) */
    RANK_BENJAMINI_HOCHBERG, /* the share of false ones among the alarms (1995) */
};

/* Replaces each p by its adjusted value, to be held against the level as it is. Fails with ENOMEM
 * alone. */
int rank_adjust(enum rank_correction correction, double *p, size_t count, struct error *error);

/* The standard deviation that a normal distribution with this median absolute deviation has: figures
 * of trials have outliers, which a rank test does not see either. Sorts; INFINITY without memory. */
double rank_spread(double *values, size_t count);

struct rank_plan {
    bool paired;         /* by rank_pairs on before_count differences, else by rank_compare */
    size_t before_count; /* trials, or pairs */
    size_t after_count;  /* trials; not used where paired */
    size_t tests;        /* of which one has something to find; 0 counts as 1 */
    double level;        /* of false alarms over all tests: 0.05 */
    double power;        /* share of the effects of this size that are found: 0.8 */
};

/* The smallest shift found with that power, where figures (their logarithms, for ratios) have this
 * spread; INFINITY where the trials are so few that no difference however large could be. The normal
 * approximation
 *     (z(1 - level / 2 tests) + z(power)) * c * spread * sqrt(1/n + 1/m)
 * with c = sqrt(pi/3), the rank sum's loss against means of normal values, or for pairs
 * c = sqrt(pi/2), the median's, and sqrt(1/n) (Lehmann, Nonparametrics, 1975, sections 2.4 and 4.3).
 * A guide to how many trials to run, not a verdict. */
double rank_detectable(const struct rank_plan *plan, double spread);

#endif
