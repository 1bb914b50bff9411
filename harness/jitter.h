/* How quiet a CPU is: the gaps that a process sees which does nothing but read the clock.
 *
 * A gap is a step from one reading to the next over JITTER_GAP_FACTOR times the shortest one, as
 * rigtorp's hiccups counts them: interrupts, other processes, the hypervisor. A virtual machine's
 * host shows here too. */
#ifndef IPCBENCH_HARNESS_JITTER_H
#define IPCBENCH_HARNESS_JITTER_H

#include <signal.h>
#include <stdint.h>

#include "harness/topology.h"
#include "harness/transport.h"

struct clock;
struct error;
struct hdr;

#define JITTER_GAP_FACTOR 8

struct jitter {
    int cpu;
    double seconds;    /* for which was looked; 0: not measured */
    double minimum_ns; /* shortest step but 0, in a few milliseconds before */
    uint64_t gaps;
    /* At 99.9 % of all moments the gap then going on, if any, was no longer: gaps beyond it take a
     * thousandth of the time. (The 99.9th percentile of a few hundred gaps would be the longest
     * one.) 0: all gaps together take less than that. */
    double p999_ns;
    double max_ns;       /* the longest; 0 without gaps */
    double lost_share;   /* of the time, spent in gaps: 0..1 */
    double frequency_hz; /* of the CPU, right after spinning; 0: it is not told */
};

struct jitter_request {
    struct cpu_pair cpus;
    double seconds;
    const struct clock *clock;
    const volatile sig_atomic_t *interrupted; /* not 0: end at once, -EINTR. May be NULL */
};

/* Measures on both CPUs at once (on one CPU given twice: once, for both sides), each in a forked
 * child pinned to it, which does not outlive this call or this process. On failure nothing is
 * measured: all zero. */
int jitter_measure(const struct jitter_request *request, struct jitter sides[SIDE_COUNT],
                   struct error *error);

/* Fills in seconds, gaps, p999_ns, max_ns and lost_share from the gaps seen in `elapsed_ns`. */
void jitter_describe(const struct hdr *gaps_ns, double elapsed_ns, struct jitter *jitter);

#endif
