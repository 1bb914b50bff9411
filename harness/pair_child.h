/* One child at work: what pair_child.c (its life), pair_prepare.c (room for what it writes down) and
 * pair_work.c (its loops) share. */
#ifndef IPCBENCH_HARNESS_PAIR_CHILD_H
#define IPCBENCH_HARNESS_PAIR_CHILD_H

#include "harness/buffers.h"
#include "harness/loop_run.h"
#include "harness/pair.h"

struct child {
    const struct pair *pair;
    const struct trial_request *request; /* its lane's, like all that follows */
    const struct workspace *workspace;
    struct channel *channel;
    size_t lane;
    struct pair_shared *shared;
    struct side_report *report;
    enum side side;
    const struct loop_set *loops;
    const struct memory_loops *memory_loops; /* of the pattern `memory` */
    struct memory_nodes nodes;
    struct buffers buffers;
    struct loop_run run;
};

static inline bool child_sends(const struct child *child)
{
    return child->side == SIDE_SENDER;
}

/* Waits until all processes of the trial are there. */
void child_barrier(const struct child *child);

/* For a scheduled loop of so many seconds: stamps, as far as the workspace has room, and the gaps. 0, or
 * -errno with the error filled. */
int child_prepare_stamps(struct child *child, double seconds, struct error *error);
/* For the timed loop: samples, stamps or counts, as the pattern has them. After the warm-up, whose rate
 * says how many samples. */
int child_prepare_timed(struct child *child, struct error *error);

/* Each does its part on both sides; all meet at barriers inside. 0, or -errno with the error
 * filled, after which the peer may be waiting for ever and the parent ends it. */

/* The first messages after attach, as round trips, where the request wants them. */
int work_cold(struct child *child, struct error *error);
/* Full contents both ways. */
int work_verify(struct child *child, struct error *error);
/* How many messages fit while nobody receives; for bursts. */
int work_fill(struct child *child, struct error *error);
int work_warm_up(struct child *child, struct error *error);
/* The timed loop with its costs, into the report. */
int work_timed(struct child *child, struct error *error);
/* Of a walk: the message that work_verify has lent. */
void work_give_back(struct child *child);

#endif
