/* What pipe and fifo share: capacity, and its limits. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_PIPES_H
#define IPCBENCH_TRANSPORTS_COMMON_PIPES_H

#include "harness/transport.h"

/* The option table of both; `capacity` and `wait` at these positions. */
enum { PIPES_CAPACITY, PIPES_WAIT, PIPES_OPTION_COUNT };
extern const struct option_spec pipes_options[PIPES_OPTION_COUNT];

/* Asks for `capacity_bytes` on both directions (0: leaves them), reads back what there is into
 * obtained.capacity_bytes. Less than asked for is unavailable, with fs.pipe-max-size as the knob.
 */
struct descriptors;
int pipes_set_capacity(struct channel *channel, const struct descriptors *descriptors,
                       struct error *error);

/* pipe(7): writes of at most PIPE_BUF bytes are not mixed with others; and where all messages have one
 * size, what lies in a pipe whenever its lock is free is whole messages, so reads get whole ones. */
uint64_t pipes_crowd_most_bytes(const struct options *options);

#endif
