/* One trial: a fresh sender and receiver process over one transport, and what they measured.
 *
 *     struct workspace workspace;
 *     workspace_open(&workspace, ...);                  once per run
 *     trial_run(&request, &workspace, &result, &error)  once per trial
 *     trial_result_free(&result)
 *     workspace_close(&workspace);
 *
 * Order inside: create, fork, pin, memory policy, buffers prefaulted, attach (sender, then
 * receiver), probe, full contents verified both ways, warm-up, barrier, timed loop, probe, detach,
 * reap, destroy. The parent sleeps on the children's pidfds until they end or the deadline passes.
 */
#ifndef IPCBENCH_HARNESS_TRIAL_H
#define IPCBENCH_HARNESS_TRIAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hdr.h"
#include "harness/clock.h"
#include "harness/counters.h"
#include "harness/idle.h"
#include "harness/leftovers.h"
#include "harness/loop_run.h"
#include "harness/memory.h"
#include "harness/topology.h"
#include "harness/transport.h"

enum pattern {
    PATTERN_PINGPONG, /* closed-loop round trips, each one a sample */
    PATTERN_STREAM,   /* one direction as fast as it goes, counted at the receiver */
};
enum { PATTERN_COUNT = 2 };
const char *pattern_name(enum pattern pattern);
int pattern_parse(const char *text, enum pattern *pattern, struct error *error);

struct trial_request {
    const struct transport *transport;
    struct options options;
    enum pattern pattern;
    size_t message_bytes;
    enum touch touch;
    struct cpu_pair cpus;
    int sender_node; /* NUMA nodes of the two CPUs */
    int receiver_node;
    struct memory_policy memory;
    enum idle_policy idle;
    double warmup_seconds;
    double timed_seconds;
    const struct clock *clock;
    const volatile sig_atomic_t *interrupted; /* not 0: end the trial at once. May be NULL */
};

enum trial_status {
    TRIAL_OK,
    TRIAL_SKIPPED, /* cannot be done here; error says why and which knob would change it */
    TRIAL_INVALID, /* ran, but the number must not be believed; error says why */
    TRIAL_FAILED,  /* an error, a dead or hung child */
    TRIAL_INTERRUPTED,
};
const char *trial_status_name(enum trial_status status);

/* What one process spent during the timed loop. */
struct side_cost {
    uint64_t messages; /* sent plus received by this side, round trips counted once */
    uint64_t cpu_ns;
    uint64_t voluntary_switches;
    uint64_t involuntary_switches;
    uint64_t minor_faults;
    uint64_t major_faults;
    int64_t cpu_migrations;   /* -1: the kernel does not tell */
    int64_t runqueue_wait_ns; /* ready but not running; -1: the kernel does not tell */
    uint64_t blocked_ns;      /* waiting for the peer: asleep, or spinning (sampled, see wait.h;
                                   in streams alone for the rings) */
    uint64_t wait_episodes; /* operations of a spinning process that found the channel not ready */
    uint64_t wait_retries;  /* and the retries they took (EAGAIN, for descriptors) */
    int memory_node;        /* of its message buffers; -1: unknown */
    struct counters_reading counters;
};

struct trial_result {
    enum trial_status status;
    struct error error;     /* unless TRIAL_OK */
    bool faults_in_loop;    /* page faults inside the timed loop */
    bool probes_disagree;   /* by more than TRIAL_PROBE_RATIO: the state changed under the trial */
    double probe_before_ns; /* cache-line round trip between the two CPUs; 0: not taken (one CPU) */
    double probe_after_ns;
    uint64_t messages;         /* round trips, or messages received in the window */
    double elapsed_ns;         /* the timed loop's, or the window's length */
    struct hdr histogram;      /* pingpong: round trips in ns; counter_count 0 elsewhere */
    double rate_per_s;         /* messages (round trips) per second */
    uint32_t *interval_counts; /* stream: messages received per interval, owned */
    size_t interval_count;
    double interval_ns;
    struct integrity integrity; /* both sides together */
    struct side_cost sides[SIDE_COUNT];
    struct obtained obtained;
};

#define TRIAL_PROBE_RATIO 1.5

/* The memory that parent and children share, mapped once per run and used by each trial in turn:
 * control block, reports, samples. */
struct workspace {
    struct leftovers leftovers;
    struct pair_shared *shared;
    uint32_t *samples; /* of the last trial, until the next one starts */
    size_t sample_capacity;
    uint32_t *interval_counts;
    size_t interval_capacity;
};

/* Room for `timed_seconds` of the fastest round trips (20 ns). */
int workspace_open(struct workspace *workspace, double timed_seconds, struct error *error);
void workspace_close(struct workspace *workspace);

/* Why this request cannot be carried out here, without forking anything: two spinners on one CPU, a
 * size over the transport's limit, the transport's own probe. 0: it can. */
int trial_check(const struct trial_request *request, struct workspace *workspace,
                struct error *error);

/* Runs one trial. Always fills *result (free it with trial_result_free); the status says how it
 * went. Leaves no process, descriptor or name behind. The last trial's raw round trips stay
 * readable as workspace->samples[0 .. result->messages) in clock ticks. */
void trial_run(const struct trial_request *request, struct workspace *workspace,
               struct trial_result *result);
void trial_result_free(struct trial_result *result);

#endif
