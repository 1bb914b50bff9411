#ifndef IPCBENCH_HARNESS_WORKSPACE_H
#define IPCBENCH_HARNESS_WORKSPACE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/leftovers.h"
#include "harness/loop_run.h"

struct error;

/* The memory that parent and children share, mapped once per run and used by each trial in turn:
 * control block, reports, samples. Every array is there once for each lane of the trial, one behind
 * the other; capacities are a lane's. */
struct workspace {
    struct leftovers leftovers;
    struct disturbance_sources *disturbances; /* kept open from trial to trial */
    struct crew_shared *crew;
    struct pair_shared *shared;
    size_t lanes;      /* room for so many */
    uint32_t *samples; /* of the last trial, until the next one starts */
    size_t sample_capacity;
    uint32_t *interval_counts;
    size_t interval_capacity;
    uint64_t *intended_ticks;      /* of a scheduled loop, since its start */
    uint64_t *stamps[STAMP_KINDS]; /* likewise absolute; each stamp_capacity long */
    size_t stamp_capacity;
    size_t stamp_lanes;
};

/* How many round trips fit into that time at most. */
size_t workspace_samples_most(double timed_seconds);

/* Room for `timed_seconds` of the fastest round trips (20 ns). */
int workspace_open(struct workspace *workspace, double timed_seconds, struct error *error);
void workspace_close(struct workspace *workspace);

/* Makes room for so many lanes with at least `stamps` stamps of each kind each; before fork. */
int workspace_reserve(struct workspace *workspace, size_t lanes, size_t stamps,
                      struct error *error);

/* The workspace as one lane sees it: its own part of every array. Owns nothing. */
struct workspace workspace_of_lane(const struct workspace *workspace, size_t lane);

#endif
