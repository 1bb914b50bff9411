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
#include "harness/crew.h"
#include "harness/disturbance.h"
#include "harness/idle.h"
#include "harness/loop_run.h"
#include "harness/memory.h"
#include "harness/pattern.h"
#include "harness/schedule.h"
#include "harness/topology.h"
#include "harness/transport.h"
#include "harness/workspace.h"

/* Where buffers and stack lie within their pages, so that luck with the layout is averaged over
 * trials. */
struct layout {
    size_t buffer_offset_bytes; /* a multiple of MESSAGE_ALIGN_BYTES, under 4096 */
    size_t stack_offset_bytes;  /* under 4096 */
};
struct layout layout_of(uint64_t seed);

struct trial_request {
    const struct transport *transport;
    struct options options;
    enum pattern pattern;
    size_t message_bytes;
    enum touch touch;
    struct cpu_pair cpus; /* CPU_ANY: not pinned, nor probed */
    int sender_node;      /* NUMA nodes of the two CPUs; -1: not pinned */
    int receiver_node;
    struct memory_policy memory;
    enum idle_policy idle;
    double warmup_seconds;
    double timed_seconds;
    double probe_seconds;    /* for each of the two probes; 0: the usual 3 ms */
    double offered_per_s;    /* paced */
    enum arrivals arrivals;  /* paced, load */
    uint64_t burst_messages; /* burst */
    uint64_t seed;           /* of what is random within the trial: arrivals */
    struct layout layout;
    bool cold;        /* also measure the first messages after attach */
    struct crew crew; /* several pairs, or several over one channel; its lane 0 is what cpus and
                         nodes above say */
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
    int memory_node;        /* of its message buffers; -1: unknown, or on several */
    struct counters_reading counters;
};

/* Latencies beside the main histogram. */
enum series {
    SERIES_SERVICE,    /* paced: from the actual send to the receipt */
    SERIES_SEND_LAG,   /* paced: from the intended to the actual send */
    SERIES_BACKWARD,   /* oneway: the answer's way back */
    SERIES_ROUND_TRIP, /* oneway, burst: there and back, on the sender's clock alone */
};
enum { SERIES_COUNT = 4 };
const char *series_name(enum series series);

/* The receiver's clock less the sender's lies within [low, high]: from messages that would have
 * travelled in less than no time otherwise, before and after the timed loop. */
struct clock_offset {
    double low_ns;
    double high_ns;
    uint64_t warps; /* readings that lay before an earlier one of the other CPU */
};
/* The most by which it may be off, in ns. */
double clock_offset_bound_ns(const struct clock_offset *offset);

/* How an open loop went. */
struct pace {
    double offered_per_s;
    double achieved_per_s;     /* received */
    uint64_t backlog_messages; /* due but not received when the last one was due */
    double rise_share;    /* of the windows' median response over the trial, at least; 0: none */
    double rise_messages; /* the same as messages in the queue, at this rate */
    bool stable;
};

/* Stable: at least 0.99 of what was offered was achieved, no more than a thirtieth of the messages
 * (or 8) were outstanding at the end of the schedule, and the windows' median response does not rise,
 * beyond doubt, by more than a tenth over the trial and by what 8 more messages in the queue would
 * make it (Little's law: less is a machine that changed, not a queue that builds up). */
bool pace_is_stable(const struct pace *pace, size_t planned);

/* The first messages after attach, as round trips. */
enum { COLD_MESSAGES = 1000 };
struct cold_start {
    uint64_t messages; /* 0: not measured */
    double first_ns;
    double p50_ns;
    double max_ns;
    double total_ns;
    uint64_t faults[SIDE_COUNT]; /* minor and major */
};

/* What one operation of the pattern `memory` is about. */
struct operation_extent {
    uint64_t bytes;      /* such as a page's; 0: of none */
    uint64_t per_sample; /* operations that one sample is the mean of: 1, or a whole call's */
};

enum { WINDOWS_MAX = 30 };

struct trial_result {
    enum trial_status status;
    struct error error;     /* unless TRIAL_OK */
    bool faults_in_loop;    /* page faults inside the timed loop */
    bool prefaulted;        /* all memory of the channel had been brought in before it */
    bool probes_disagree;   /* by more than TRIAL_PROBE_RATIO: the state changed under the trial */
    double probe_before_ns; /* cache-line round trip between the two CPUs; 0: not taken (one
                               CPU, or not pinned) */
    double probe_after_ns;
    uint64_t
        messages; /* round trips, bursts, messages received (stream: in the window), operations,
                     accesses (of walks) */
    double elapsed_ns; /* the timed loop's (memory: its timed parts'), or the window's length */
    struct operation_extent operation; /* memory; else 0 */
    struct hdr
        histogram; /* latency patterns, ns: round trips; one way; burst until its last message
                             is received; response. counter_count 0 elsewhere */
    struct hdr series[SERIES_COUNT]; /* counter_count 0 where the pattern has no such */
    uint64_t negatives;              /* times that came out below 0: in no histogram */
    double rate_per_s;               /* messages (round trips, bursts, accesses) per second */
    uint64_t batch_accesses;         /* walks: that a sample is the mean of; else 0 */
    double
        access_ns; /* walks, operations of which a sample is a mean: its median, to a fraction; else 0 */
    struct clock_offset clock_offset; /* all 0 on one CPU */
    struct pace pace;                 /* paced */
    int64_t capacity_messages; /* burst: whole messages that fit while nobody receives, at most
                                  FILL_MESSAGES_MOST; -1: not measured */
    double window_values[WINDOWS_MAX]; /* the trial in order: median latency in ns, or rate */
    size_t window_count;
    double drift_share; /* last against first window, by the Theil-Sen line */
    bool drifting;      /* by more than TRIAL_DRIFT_SHARE, and beyond doubt */
    struct cold_start cold;
    struct layout layout;
    struct load_curve *load;   /* load, owned */
    struct crew_figures *crew; /* a crew's lanes, owned; NULL of an ordinary pair */
    uint32_t *interval_counts; /* stream: messages received per interval, owned */
    size_t interval_count;
    double interval_ns;
    struct integrity integrity; /* both sides together */
    struct side_cost sides[SIDE_COUNT];
    struct obtained obtained;
    struct disturbance disturbance; /* from before the fork until both were reaped; zeroed where
                                       nothing ran */
};

#define TRIAL_PROBE_RATIO 1.5
#define TRIAL_DRIFT_SHARE 0.02
enum { FILL_MESSAGES_MOST = 1 << 18 };

/* Why this request cannot be carried out here, without forking anything: two spinners on one CPU or
 * under a CPU quota of less than two, a size over the transport's limit, the transport's own probe.
 * 0: it can. */
int trial_check(const struct trial_request *request, struct workspace *workspace,
                struct error *error);

/* Runs one trial. Always fills *result (free it with trial_result_free); the status says how it
 * went. Leaves no process, descriptor or name behind. The last trial's raw round trips stay
 * readable as workspace->samples[0 .. result->messages) in clock ticks. */
void trial_run(const struct trial_request *request, struct workspace *workspace,
               struct trial_result *result);
void trial_result_free(struct trial_result *result);

#endif
