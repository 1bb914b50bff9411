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

#endif
