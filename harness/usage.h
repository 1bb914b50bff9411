/* What a process has used of the machine, read at two moments around the timed loop. */
#ifndef IPCBENCH_HARNESS_USAGE_H
#define IPCBENCH_HARNESS_USAGE_H

#include <stdint.h>

struct side_cost;

struct usage {
    uint64_t wall_ns;
    uint64_t cpu_ns;
    uint64_t voluntary_switches;
    uint64_t involuntary_switches;
    uint64_t minor_faults;
    uint64_t major_faults;
    int64_t runqueue_wait_ns; /* -1: unknown */
    int64_t cpu_migrations;   /* -1: unknown */
};

/* Before: first what needs opening files, then, once the peer is ready too, the times; after: the
 * other way round. The pair of snapshots encloses little else than the loop. */
void usage_prepare(struct usage *usage);
void usage_begin(struct usage *usage);
void usage_after(struct usage *usage);

/* Fills the cost's fields of the same names with after - before; blocked_ns becomes the time that
 * was neither running nor ready to run. */
void usage_cost(const struct usage *before, const struct usage *after, struct side_cost *cost);

#endif
