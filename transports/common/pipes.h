/* What pipe and fifo share; capacity and its limits are splice's, too. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_PIPES_H
#define IPCBENCH_TRANSPORTS_COMMON_PIPES_H

#include "harness/transport.h"
#include "transports/common/descriptors.h"

/* The option table of both; `capacity` and `wait` at these positions. */
enum {
    PIPES_CAPACITY,
    PIPES_WAIT,
    PIPES_PACKET,
    PIPES_LOCK,
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

/* The state of a pipe or a FIFO: descriptors first, which is all that loops without locks know. */
struct pipes {
    struct descriptors descriptors;
    struct pipe_locks *locks; /* shared; NULL without lock=yes */
    enum side side;           /* in a child: which of them */
};

/* Anonymous pipes for both directions, without a capacity asked for. */
int pipes_make(struct descriptors *descriptors, struct error *error);

/* Asks for `capacity_bytes` on both directions (0: leaves them), reads back what there is into
 * obtained.capacity_bytes. Less than asked for is unavailable, with fs.pipe-max-size as the knob.
 */
int pipes_set_capacity(struct channel *channel, const struct descriptors *descriptors,
                       struct error *error);

/* In create, when the pipes are there: what was asked for beyond them. packet=yes: each write becomes a
 * packet (O_DIRECT), which one read takes. lock=yes: the mutexes, one for each end of each pipe. */
int pipes_finish(struct channel *channel, struct error *error);

/* The hooks of a transport whose state is a struct pipes. */
int pipes_attach(struct channel *channel, enum side side, struct error *error);
void pipes_destroy(struct channel *channel);
bool pipes_spin(const struct options *options);

/* A packet has at most PIPE_BUF bytes; a stream of bytes knows no limit. */
int pipes_limits(const struct options *options, struct message_limits *limits, struct error *error);

/* The loops: `plain`, by enum wait_kind, or those of packets or locks. */
const struct loop_set *pipes_loops(const struct options *options,
                                   const struct loop_set *const *plain);

/* pipe(7): writes of at most PIPE_BUF bytes are not mixed with others; and where all messages have one
 * size, what lies in a pipe whenever its lock is free is whole messages, so reads get whole ones. Larger
 * ones from several senders would be mixed, which no framing could take apart again: lock=yes keeps
 * everyone else from the end of a pipe at which a message is being moved. */
uint64_t pipes_crowd_most_bytes(const struct options *options);

/* pipes_packet.c */
const struct loop_set *pipe_packets_loops(enum wait_kind wait);

/* pipes_locked.c */
int pipe_locks_create(struct pipes *pipes, struct error *error);
void pipe_locks_destroy(struct pipes *pipes); /* twice as well */
const struct loop_set *pipe_locks_loops(enum wait_kind wait);

#endif
