/* What the proofs measure with: this machine's CPUs, clock and workspace. */
#ifndef IPCBENCH_TESTS_PROOF_STAGE_H
#define IPCBENCH_TESTS_PROOF_STAGE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/topology.h"
#include "harness/trial.h"

struct stage {
    struct topology topology;
    struct cpu_pair cpus; /* two different ones, where there are */
    struct clock clock;
    struct workspace workspace;
    double warmup_seconds;
    double timed_seconds; /* of each trial, unless the request is changed */
    const volatile sig_atomic_t *interrupted;
};

/* `stage` has its last three fields set; room for trials of up to seconds_most. */
int stage_open(struct stage *stage, double seconds_most, struct error *error);
void stage_close(struct stage *stage);
bool stage_has_two_cpus(const struct stage *stage);

/* One way to run one transport. */
struct stage_cell {
    const char *name; /* of the transport */
    const char *options;
    bool one_cpu; /* sender and receiver on one: quiet, where they take turns */
};

/* 64 bytes, written and read; the caller adds what its pattern needs. Options of wrapped transports
 * go on from there. */
int stage_request(struct stage *stage, const struct transport *transport,
                  const struct stage_cell *cell, struct trial_request *request,
                  struct error *error);

/* Notes SIGINT and SIGTERM in a flag that is 0 before. */
const volatile sig_atomic_t *stage_watch_signals(void);

#endif
