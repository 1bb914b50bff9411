/* What pipe, fifo and splice share: capacity, and its limits. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_PIPES_H
#define IPCBENCH_TRANSPORTS_COMMON_PIPES_H

#include "harness/transport.h"

struct descriptors;

/* The option table of both; `capacity` and `wait` at these positions. */
enum {
    PIPES_CAPACITY,
    PIPES_WAIT,
    PIPES_PACKET,
    PIPES_OPTION_COUNT,
    PIPES_COMMON_COUNT = PIPES_PACKET /* of those that splice has, too */
};
#define PIPES_CAPACITY_OPTION                                                                      \
    {                                                                                              \
        .key = "capacity", .kind = OPTION_BYTES, .default_value = "default", .minimum = 4096,      \
        .maximum = 1 << 30,                                                                        \
        .meaning = "bytes the pipe holds (F_SETPIPE_SZ); default: the system's",                   \
    }
extern const struct option_spec pipes_options[PIPES_OPTION_COUNT];

/* Anonymous pipes for both directions, without a capacity asked for. */
int pipes_make(struct descriptors *descriptors, struct error *error);

/* Asks for `capacity_bytes` on both directions (0: leaves them), reads back what there is into
 * obtained.capacity_bytes. Less than asked for is unavailable, with fs.pipe-max-size as the knob.
 */
int pipes_set_capacity(struct channel *channel, const struct descriptors *descriptors,
                       struct error *error);

/* In create, where packet=yes: each write becomes a packet (O_DIRECT), which one read takes. */
int pipes_set_packets(struct channel *channel, const struct descriptors *descriptors,
                      struct error *error);

/* A packet has at most PIPE_BUF bytes; a stream of bytes knows no limit. */
int pipes_limits(const struct options *options, struct message_limits *limits, struct error *error);

/* The loops: `plain`, by enum wait_kind, or those of packets. */
const struct loop_set *pipes_loops(const struct options *options,
                                   const struct loop_set *const *plain);

/* pipe(7): writes of at most PIPE_BUF bytes are not mixed with others; and where all messages have one
 * size, what lies in a pipe whenever its lock is free is whole messages, so reads get whole ones. Larger
 * ones from several senders would be mixed, which no framing could take apart again without a lock. */
uint64_t pipes_crowd_most_bytes(const struct options *options);

#endif
