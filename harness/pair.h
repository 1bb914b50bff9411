/* The forked pair, from inside: what parent, sender and receiver share, and a child's whole life.
 * Used by trial.c alone. */
#ifndef IPCBENCH_HARNESS_PAIR_H
#define IPCBENCH_HARNESS_PAIR_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "harness/probe.h"
#include "harness/trial.h"

/* Two processes wait for each other. `arrived` counts the waiting; the last one resets it, then
 * advances `generation`, on which the other sleeps (futex). Sequentially consistent throughout: it
 * is not in a hot path. */
struct pair_barrier {
    _Atomic uint32_t arrived;
    _Atomic uint32_t generation;
};

/* What a child tells its parent. Written by one child, read by the parent after it was reaped. */
struct side_report {
    bool finished;
    struct error error; /* unless finished */
    struct side_cost cost;
    struct obtained obtained;
    struct integrity integrity;
    uint64_t messages;
    uint64_t sample_count;
    uint64_t elapsed_ticks;
    uint64_t window_ticks; /* receiver, stream */
    uint64_t window_messages;
    uint64_t interval_count;
    uint64_t long_samples[LONG_SAMPLES_MAX];
    uint64_t long_sample_count;
    double probe_before_ns;
    double probe_after_ns;
};

/* Shared by the three processes; zeroed by the parent before each fork. */
struct pair_shared {
    _Alignas(128) struct pair_barrier barrier;
    _Alignas(128) struct probe_line probe_before;
    struct probe_line probe_after;
    _Alignas(128) _Atomic uint64_t start_ticks; /* of the loop about to run; set by the sender */
    _Alignas(128) struct side_report reports[SIDE_COUNT];
};

/* What a child needs; lives in the parent's memory and reaches the child by fork. */
struct pair {
    const struct trial_request *request;
    struct workspace *workspace;
    struct channel *channel;
    pid_t parent;
};

/* A child's life from pinning to its report. Does not return: ends by _exit. */
_Noreturn void pair_child(const struct pair *pair, enum side side);

/* Forks both children, waits for their end, reaps them. 0 when both ended well; else the error says
 * which side did not and why, -EINTR on an interruption, -ENOTSUP where a child found the machine
 * unable. */
int pair_run(const struct pair *pair, struct error *error);

/* Waits until both children have arrived. */
void pair_barrier(struct pair_barrier *barrier);

#endif
