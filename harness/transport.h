/* The transport contract: what one file in transports/ must provide to be measured.
 *
 * A trial goes through these steps; the right column says in which process each hook runs.
 *
 *     limits, probe   parent            planning: can this cell run here? leaves nothing behind
 *     create          parent            before fork: make the kernel objects
 *     attach          sender, receiver  after fork, pinning and memory policy: close what the peer
 *                                       owns, map, prefault
 *     loops           sender, receiver  hot: the instantiated loops (harness/loop_set.h)
 *     detach          sender, receiver  after the last sample
 *     destroy         parent            after both were reaped, also after any failure
 *
 * The sender attaches before the receiver does, so what attach touches first lies under the
 * sender's memory policy. Every hook that can fail returns 0 or -errno and fills the error; a hook
 * that finds the machine unable (a missing huge page, a limit) uses error_unavailable: the cell is
 * skipped with that reason, not failed.
 *
 * An operation on memory (FAMILY_OPERATION) is described by the same struct, in a file in
 * transports/memory/: it gives memory_loops instead of loops, and its sender alone measures.
 *
 * To add a transport, add one file transports/<name>.c that defines
 *     const struct transport transport_<name> = { .abi = TRANSPORT_ABI, .name = "<name>", ... };
 * ('-' in the name is '_' in the file and the symbol). Nothing else changes. Outside this tree the same
 * struct goes into a shared object (harness/plugin.h). */
#ifndef IPCBENCH_HARNESS_TRANSPORT_H
#define IPCBENCH_HARNESS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/options.h"
#include "harness/pattern.h"

struct error;
struct leftovers;
struct loop_set;
struct memory_loops;
struct wait_meter;

/* Raised whenever a transport compiled against an older header would misbehave. */
enum { TRANSPORT_ABI = 2 };

enum transport_family {
    FAMILY_NONE,          /* moves nothing: the harness alone */
    FAMILY_BYTE_STREAM,   /* no message boundaries: a message may arrive in pieces */
    FAMILY_MESSAGE,       /* the kernel keeps message boundaries */
    FAMILY_SHARED_MEMORY, /* both processes see the same pages */
    FAMILY_OPERATION,     /* no transport: something done to memory, measured by PATTERN_MEMORY */
};

enum side { SIDE_SENDER, SIDE_RECEIVER };
enum { SIDE_COUNT = 2 };

/* Buffers that the harness hands to send and receive are aligned to MESSAGE_ALIGN_BYTES, padded to
 * a multiple of it, and preceded by MESSAGE_HEADROOM_BYTES which belong to the transport (a message
 * type in front of the payload, say). Slots that a transport lends must be padded likewise, so that
 * whole words can be read and written at the end of an odd-sized message. */
enum { MESSAGE_ALIGN_BYTES = 64, MESSAGE_HEADROOM_BYTES = 64 };

/* What a message takes up, padded; one of 0 bytes as much as one of 1. */
static inline size_t message_padded_bytes(size_t message_bytes)
{
    return message_bytes ? (message_bytes + MESSAGE_ALIGN_BYTES - 1) / MESSAGE_ALIGN_BYTES *
                               MESSAGE_ALIGN_BYTES
                         : MESSAGE_ALIGN_BYTES;
}

/* Message sizes that the transport can carry with given options. */
struct message_limits {
    uint64_t minimum_bytes; /* 0: it can notify without a payload (harness/loops.h) */
    uint64_t maximum_bytes;
    char knob[96]; /* what sets the maximum: "kernel.msgmax", "" where nothing but memory does */
    bool is_fixed; /* the maximum is the mechanism's own, on any machine: where a suite says "all",
                      larger messages are left out rather than skipped each time */
};

/* What the system gave, next to what was asked for: plain data, so that it can cross processes. */
enum { OBTAINED_MAX = 10 };
struct obtained_fact {
    char key[28];  /* with its unit: "capacity_bytes" */
    char text[28]; /* used where `is_number` is false */
    int64_t number;
    bool is_number;
};
struct obtained {
    size_t count;
    struct obtained_fact facts[OBTAINED_MAX];
};
void obtained_number(struct obtained *obtained, const char *key, int64_t number);
void obtained_text(struct obtained *obtained, const char *key, const char *text);

/* Memory that both processes see: the harness checks the NUMA node it lies on. */
struct region {
    void *address;
    size_t bytes;
};

/* One channel between a sender and a receiver. The harness makes it; fork copies it, so after fork
 * each process has its own. */
struct channel {
    const struct transport *transport;
    struct options options;
    size_t message_bytes; /* every message of a trial has this size */
    void *state; /* transport->state_bytes, zeroed before create, aligned to 128; what the hot
                    functions get. The memory is the harness's, its content the transport's. */
    struct obtained obtained; /* filled by create (parent) and attach (each child) */
    struct region region;     /* set by attach where there is shared memory, else zero */
    bool prefaulted; /* set by attach: every page that the loops will touch is present; a fault in
                        the timed loop then invalidates the trial */
    bool metered;    /* set by the harness: is waiting to be metered? Not in ping-pong, where every
                     message waits and the meter itself would show */
    struct wait_meter *meter; /* set by attach where these options spin: in the state; else NULL */
    struct leftovers *leftovers; /* where create announces what could outlive the process */
    uint64_t
        seed; /* set by the harness, of the trial: for what is random but the same on both sides */
    bool
        is_walked; /* set by the harness: one message, one way, is all there will be (harness/walk.h):
                       room for one will do, however large it is */
};

/* What people believe of a variant, and what it is to be held against: by the bytes that operations are
 * about per second of operating, trial by trial. */
enum operation_claim {
    BELIEF_CHEAPER,   /* beyond doubt, and by more than the threshold of comparisons */
    BELIEF_DEARER,    /* likewise */
    BELIEF_NO_DEARER, /* cheaper, or alike within the threshold */
};
struct operation_belief {
    const char *text;    /* a sentence as they would say it */
    const char *against; /* "how=touch": the cell that differs in this option alone */
    enum operation_claim claim;
};

struct transport {
    unsigned abi;        /* TRANSPORT_ABI */
    const char *name;    /* as typed after -t */
    const char *summary; /* one line, under 70 columns */
    enum transport_family family;
    const struct option_spec *options;
    size_t option_count;
    size_t state_bytes;

    /* Do these options burn a CPU while waiting? Such a pair is refused on one CPU. NULL: never. */
    bool (*spins)(const struct options *options);

    /* Sizes that these options allow here. NULL: anything from 1 byte up. */
    int (*limits)(const struct options *options, struct message_limits *limits,
                  struct error *error);

    /* Can these options work here, now, for this user, with messages of this size? Only for what
     * create cannot find out: the harness also tries create and destroy. NULL: nothing more. */
    int (*probe)(const struct options *options, size_t message_bytes, struct error *error);

    /* Makes the kernel objects: owner-only, names unguessable and unlinked as early as possible;
     * what can outlive the process is announced first (harness/leftovers.h). NULL: nothing to make.
     */
    int (*create)(struct channel *channel, struct error *error);

    /* In each child. NULL: nothing to do. */
    int (*attach)(struct channel *channel, enum side side, struct error *error);

    /* The loops for these options. Called once, outside the timed part. NULL: it moves no messages
     * (an operation). */
    const struct loop_set *(*loops)(const struct options *options);

    /* In each child after the last sample. Cannot fail. NULL: the exit of the process does it. */
    void (*detach)(struct channel *channel, enum side side);

    /* In the parent, after create (complete or not) and after the children are gone; may be called
     * twice. Leaves no name, descriptor or segment. NULL: nothing to do. */
    void (*destroy)(struct channel *channel);

    /* The largest message that several senders may pass to several receivers through one channel:
     * each arrives whole at exactly one of them, and those of one sender in order; what was sent after
     * a send has returned comes out after it. The loops must come from LOOP_SET_COPYING or
     * LOOP_SETS_BY_WAIT. NULL: a channel is for two. */
    uint64_t (*crowd_most_bytes)(const struct options *options);

    /* For PATTERN_MEMORY (harness/loops_memory.h); the size is then that of the region, in bytes. NULL:
     * it is no operation. */
    const struct memory_loops *(*memory_loops)(const struct options *options);

    /* The belief that an operation with these options puts to the test. NULL, the hook or what it
     * returns: none; it is what others are held against. */
    const struct operation_belief *(*belief)(const struct options *options);
};

/* Can this be measured with that pattern? Else one line that says with which it can. */
int transport_takes(const struct transport *transport, enum pattern pattern, struct error *error);

#endif
