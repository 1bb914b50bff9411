/* Transports of the product with something known done to them: their own hooks make the channel, our
 * loops move the messages, through the public contract (harness/transport.h) and the headers of
 * transports/common/. The product knows nothing of it.
 *
 *     pipe, uds-stream           wait=block
 *     shm:sync=futex, sync=spin  in place
 *     shm:sync=sem               in place, the one whose receiver can stall
 *
 * Options beside the transport's own:
 *     delay=N      turns of a busy loop in each round trip, half of them before each side's send: on one CPU
 *                  a Unix socket's round trip took 31 % longer for 10 % put into one process alone, and 9 %
 *                  for 10 % put into both (the scheduler's fairness, perhaps; not looked into). The base has
 *                  the fences around the loop too, and is a little slower than the product
 *     stamps=each  one clock reading for each round trip; batch: for WRAPPED_BATCH of them
 *     stall-at=N   the receiver sleeps before it takes its N-th message (1 is the first it ever gets,
 *                  those of the contents' check included); 0: never
 *     stall-ms=N   for so long */
#ifndef IPCBENCH_TESTS_PROOF_WRAPPED_H
#define IPCBENCH_TESTS_PROOF_WRAPPED_H

#include "harness/transport.h"

enum { WRAPPED_BATCH = 64 };

/* Our options, behind those of the transport. */
enum wrapped_option {
    WRAPPED_DELAY,
    WRAPPED_STAMPS,
    WRAPPED_STALL_AT,
    WRAPPED_STALL_MS,
    WRAPPED_OPTION_COUNT
};

/* Where our part begins in the state, behind what any of the transports keeps there. */
enum { WRAPPED_PART_OFFSET = 8192 };

/* Behind the transport's state; set by attach. */
struct wrapped_part {
    uint64_t delay_turns;
    uint64_t stall_countdown; /* messages until the stall; 0: none comes */
    uint64_t stall_ns;
};

struct wrapped {
    struct transport transport; /* what is measured; must not move once options were parsed */
    const struct transport *inner;
    struct option_spec options[OPTIONS_MAX];
};

/* `name` is that of a built-in transport of the above. */
int wrapped_make(struct wrapped *wrapped, const char *name, struct error *error);
void wrapped_make_of(struct wrapped *wrapped, const struct transport *inner);

/* The busy loop, and how long one turn of it takes on this CPU. */
void wrapped_delay(uint64_t turns);
double wrapped_turn_ns(void);

/* Which loops serve these options; NULL: none do. Used by wrapped.c. */
enum wrapped_channel {
    WRAPPED_STREAM,
    WRAPPED_RING_FUTEX,
    WRAPPED_RING_SPIN,
    WRAPPED_RING_SEM,
    WRAPPED_CHANNELS
};
const struct loop_set *wrapped_loops(enum wrapped_channel channel, bool batch);

#endif
