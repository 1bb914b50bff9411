/* Channels made of file descriptors: who owns which end, and how it waits.
 *
 * A transport's create fills in `ends`; attach closes the peer's and prepares waiting. Each
 * direction has its own descriptor, or one socket serves both. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_DESCRIPTORS_H
#define IPCBENCH_TRANSPORTS_COMMON_DESCRIPTORS_H

#include "harness/transport.h"
#include "harness/wait.h"

enum direction { DIRECTION_IN, DIRECTION_OUT };
enum { DIRECTION_COUNT = 2 };

struct descriptors {
    struct wait_meter meter;
    struct waiter in;
    struct waiter out;
    int ends[SIDE_COUNT][DIRECTION_COUNT]; /* -1: closed or not made yet */
    _Alignas(128) char end_of_hot_part;
};

/* All ends to -1; the first thing create does, so that destroy can tell. */
void descriptors_init(struct descriptors *descriptors);

/* In a child: closes the peer's ends, makes its own non-blocking unless it blocks, registers epoll.
 */
int descriptors_attach(struct channel *channel, struct descriptors *descriptors, enum side side,
                       enum wait_kind wait, struct error *error);

/* Closes everything that is open. In a child after the loop, in the parent after the children. */
void descriptors_close(struct descriptors *descriptors);

/* Does this wait kind burn the CPU? */
static inline bool wait_kind_spins(enum wait_kind wait)
{
    return wait == WAIT_SPIN;
}

#endif
