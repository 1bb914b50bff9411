/* What else happened on the two CPUs while something was measured: interrupts, time the hypervisor
 * gave to others (steal), time the process was stopped for its CPU quota.
 *
 *     struct disturbance_sources *sources = disturbance_open("");
 *     disturbance_read(sources, &cpus, &before);
 *     ... measure ...
 *     disturbance_read(sources, &cpus, &after);
 *     const struct disturbance during = disturbance_between(&before, &after);
 *     disturbance_close(sources);
 *
 * A reading is two or three small files, kept open (30 to 70 us on a machine with two CPUs). Paths
 * are taken below a root folder ("" for the machine itself), so that made trees can be read. */
#ifndef IPCBENCH_HARNESS_DISTURBANCE_H
#define IPCBENCH_HARNESS_DISTURBANCE_H

#include <stdint.h>

#include "harness/topology.h"
#include "harness/transport.h"

struct disturbance_sources;

/* -1: unknown. */
struct cpu_disturbance {
    int64_t interrupts; /* of every kind; a wake-up across CPUs is one: the pair causes some */
    int64_t timer_interrupts;
    int64_t device_interrupts; /* numbered ones that are no timer */
    int64_t steal_ns;          /* in steps of 10 ms (USER_HZ) */
};

/* Since boot, as read, or between two readings. Zeroed: nothing was read. */
struct disturbance {
    uint64_t wall_ns;                         /* CLOCK_MONOTONIC, or the time between */
    struct cpu_disturbance sides[SIDE_COUNT]; /* of the sender's and the receiver's CPU */
    int64_t throttled_ns;      /* of the own control group and those above, added up by the kernel
                                  over all CPUs; -1: unknown */
    int64_t throttled_periods; /* in which the quota ran out; -1: unknown */
};

/* NULL where memory ran out: then every reading is unknown. */
struct disturbance_sources *disturbance_open(const char *root);
void disturbance_close(struct disturbance_sources *sources);

/* A CPU of -1 is unknown in all. */
void disturbance_read(struct disturbance_sources *sources, const struct cpu_pair *cpus,
                      struct disturbance *now);

/* What is unknown in one of them is unknown. */
struct disturbance disturbance_between(const struct disturbance *before,
                                       const struct disturbance *after);

/* Was the measurement left alone enough to be believed? 0, or -EINVAL with the reason: throttled for
 * over 1 % of the time, or steal over 10 % of it on one of the CPUs. */
int disturbance_check(const struct disturbance *during, struct error *error);

/* The load average of the last minute: running and ready processes; -1: unknown. */
double load_average_read(const char *root);

/* How fast a CPU runs now, as its frequency driver says; 0: it does not. */
double cpu_frequency_hz(const char *root, int cpu);

#endif
