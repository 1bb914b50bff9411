/* The forked pair, or crew of several, from inside: what parent, senders and receivers share, and a
 * child's whole life. Used by trial.c alone. */
#ifndef IPCBENCH_HARNESS_PAIR_H
#define IPCBENCH_HARNESS_PAIR_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "harness/bus_error.h"
#include "harness/probe.h"
#include "harness/trial.h"

/* `members` processes wait for each other. `arrived` counts the waiting; the last one resets it, then
 * advances `generation`, on which the others sleep (futex). Sequentially consistent throughout: it
 * is not in a hot path. */
struct pair_barrier {
    uint32_t members; /* set by the parent before fork */
    _Atomic uint32_t arrived;
    _Atomic uint32_t generation;
};

/* What a child tells its parent. Written by one child, read by the parent after it was reaped. */
struct side_report {
    bool finished;
    struct error error; /* unless finished */
    struct bus_error bus_error;
    bool prefaulted;
    struct side_cost cost;
    struct obtained obtained;
    struct integrity integrity;
    uint64_t messages;
    uint64_t stamp_count;
    uint64_t sample_count;
    uint64_t elapsed_ticks;
    uint64_t window_ticks; /* receiver, stream */
    uint64_t window_first_ticks;
    uint64_t window_messages;
    uint64_t worked_ticks; /* sender, memory */
    uint64_t operation_bytes;
    uint64_t operations_per_sample;
    uint64_t digest; /* of a shared channel: the sum of all numbers sent or received */
    uint64_t interval_count;
    uint64_t long_samples[LONG_SAMPLES_MAX];
    uint64_t long_sample_count;
    double probe_before_ns; /* sender */
    double probe_after_ns;
    int64_t way_minimum_ticks[2]; /* of the probe before and after: the way to this side */
    uint64_t warps;
    uint64_t capacity_messages; /* receiver, burst */
    uint64_t cold_faults;
    uint32_t cold_count; /* sender */
    uint32_t cold_samples[COLD_MESSAGES];
};

/* Shared by the processes of one lane (harness/crew.h) and the parent; zeroed by the parent before
 * each fork. */
struct pair_shared {
    _Alignas(128) struct probe_line probe_before;
    struct probe_line probe_after;
    _Alignas(128) struct pair_barrier barrier; /* of the lane's two alone */
    bool goes_on;                              /* set by the sender before the barrier */
    _Alignas(128) struct fill_watch fill;
    _Alignas(128) struct side_report reports[SIDE_COUNT];
};

/* Shared by all processes of a trial; likewise zeroed. */
struct crew_shared {
    _Alignas(128) struct pair_barrier barrier;
    _Alignas(128) _Atomic uint64_t
        start_ticks; /* of the loop about to run; set by lane 0's sender */
    _Alignas(128) _Atomic uint32_t senders_left; /* harness/loops_crowd.h */
};

#define INTERVAL_SECONDS 0.010 /* of a stream's interval counts */

/* What a child needs; lives in the parent's memory and reaches the child by fork. */
struct pair {
    const struct trial_request *request;
    struct workspace *workspace;
    struct channel *channels; /* one for each lane, or one for all */
    pid_t parent;
};

/* A child's life from pinning to its report. Does not return: ends by _exit. */
_Noreturn void pair_child(const struct pair *pair, size_t lane, enum side side);

/* Forks all children, waits for their end, reaps them. 0 when all ended well; else the error says
 * which one did not and why, -EINTR on an interruption, -ENOTSUP where a child found the machine
 * unable. */
int pair_run(const struct pair *pair, struct error *error);

/* How many stamps of each kind the request's loops write in each lane; 0: none. */
size_t pair_stamps_needed(const struct trial_request *request);

/* Waits until all members have arrived. */
void pair_barrier(struct pair_barrier *barrier);

#endif
