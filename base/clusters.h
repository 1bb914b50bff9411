/* Do figures of one kind fall apart into groups? Two questions, two answers: whether a cell's trials
 * have two modes (a test, with a known rate of false alarms), and which states the probes saw (a
 * grouping, where several modes are the rule). All values are positive, finite, and on a scale where
 * ratios count; the order in which they come makes no difference. */
#ifndef IPCBENCH_BASE_CLUSTERS_H
#define IPCBENCH_BASE_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>

/* The best cut of the values into a low and a high cluster, and whether it is one. */
struct clusters_split {
    bool bimodal;
    double explained;  /* share of the variance of the logarithms that the cut explains, 0..1 */
    size_t low_count;  /* 0, as all the others, where there are fewer than 6 values or one */
    size_t high_count; /* of them is not positive */
    double low_median;
    double high_median;
};

/* Two clusters by 1-D 2-means on the logarithms: among all cuts that leave each side at least 2
 * values and 15 % of them, the one with the largest variance between the sides (Otsu, "A threshold
 * selection method from gray-level histograms", IEEE Trans. SMC 9, 1979). Bimodal if
 *     explained >= 0.76 + 0.5 / sqrt(n)    and    high_median >= 1.05 * low_median
 *
 * The best cut explains much of any sample (of a normal one 64 %, of a few values more), so the
 * limit comes from simulation: of unimodal samples of 6 to 100 values at most 5 % are called
 * bimodal, be they normal, lognormal, exponential, a floor with exponential or lognormal delays on
 * top, uniform or heavy-tailed (worst: 4.5 %, lognormal delays, n = 12; below 1.5 % for normal and
 * lognormal). Two even modes a factor of 2 apart, each 5 % wide, are found in 98 % of samples of 10
 * and 74 % of samples of 6, some of which have a lone value on one side. test_clusters simulates all
 * this. Explained variance of 0.8 with even sides is a distance of the modes of 4 standard
 * deviations (Ashman's D = 4; 2 is usually taken for separate). The second condition keeps the
 * grain of a clock from looking like modes. */
struct clusters_split clusters_split(double *values, size_t count); /* sorts in place */

/* The last one takes all that lies beyond it. */
enum { CLUSTERS_STATES_MOST = 8 };

/* How far apart two cache-line round trips must be to be of different states. */
#define CLUSTERS_STATE_RATIO 1.5

struct clusters_state {
    size_t count;
    double low;
    double median;
    double high;
};

/* The states in ascending order: 0 is the nearest pair of CPUs, the quickest round trip. */
struct clusters_states {
    size_t count;
    struct clusters_state states[CLUSTERS_STATES_MOST];
};

/* Going up the sorted values, one begins a new state when it exceeds `ratio` (> 1) times the median
 * of the state so far; so a row of small steps does not chain two states together. */
struct clusters_states clusters_states(double *values, size_t count, double ratio); /* sorts too */

/* The state that a value belongs to, which for values between two states is the nearer by ratio.
 * Count 0: 0. */
size_t clusters_state_of(const struct clusters_states *states, double value);

#endif
