/* Between the io-uring transport, which says what it is and what its options are, and what drives
 * liburing for it: uring_setup.c makes a ring, uring_probe.c says whether one can be made,
 * uring_loops.c has the hot loops. Where liburing is missing, uring_absent.c is built in their place
 * and refuses with the reason, so that nothing else needs to know. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_URING_H
#define IPCBENCH_TRANSPORTS_COMMON_URING_H

#include "transports/common/descriptors.h"

/* The option table's order, and its choices in theirs. */
enum {
    URING_OVER,
    URING_FIXED,
    URING_RECEIVE,
    URING_SQPOLL,
    URING_TASKRUN,
    URING_BATCH,
    URING_WAIT,
    URING_OPTION_COUNT
};
enum uring_over { URING_OVER_UDS_STREAM, URING_OVER_PIPE };
enum uring_fixed { URING_FIXED_FILES = 1, URING_FIXED_BUFFERS = 2 }; /* bits of the choice */
enum uring_receive { URING_RECEIVE_SINGLE, URING_RECEIVE_MULTISHOT };
enum uring_sqpoll { URING_SQPOLL_NO, URING_SQPOLL_OWN_CPU, URING_SQPOLL_FREE_CPU };
enum uring_taskrun { URING_TASKRUN_INTERRUPT, URING_TASKRUN_COOP, URING_TASKRUN_DEFER };
enum { URING_AREA_BYTES_MOST = 1 << 30 }; /* io_uring_register(2): of one registered buffer */

struct uring;
struct loop_set;

/* The transport's state. A ring must not be shared across fork, so each child has its own. */
struct uring_channel {
    struct descriptors descriptors;
    struct uring *uring; /* made by uring_attach; NULL: none */
};

/* The hooks of those names. uring_attach wants `descriptors` attached already. */
int uring_probe(const struct options *options, size_t message_bytes, struct error *error);
int uring_attach(struct channel *channel, enum side side, struct error *error);
const struct loop_set *uring_loops_for(const struct options *options);
void uring_detach(struct channel *channel, enum side side);

#endif
