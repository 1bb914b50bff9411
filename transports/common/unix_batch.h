/* Several datagrams or records by one system call: sendmmsg and recvmmsg (batch=N). A sender gathers up
 * to N messages in buffers of its own, of which the loops write; a receiver takes up to N, as many as
 * there are, and gives them out one by one. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_UNIX_BATCH_H
#define IPCBENCH_TRANSPORTS_COMMON_UNIX_BATCH_H

#include <sys/socket.h>

#include "transports/common/descriptors.h"

/* One call takes no more: sendmmsg(2), UIO_MAXIOV. */
enum { UNIX_BATCH_MOST = 1024 };

struct unix_batch {
    unsigned most;     /* messages of one call */
    unsigned gathered; /* to be sent */
    unsigned taken;    /* received by the last call */
    unsigned given;    /* of those, to the loop */
    size_t stride_bytes;
    unsigned char *out_buffers;
    unsigned char *in_buffers;
    struct mmsghdr *out_calls;
    struct mmsghdr *in_calls;
};

/* In attach: buffers for both directions. Unavailable where they are more than is sensible. */
int unix_batch_attach(struct unix_batch *batch, unsigned most, size_t message_bytes,
                      struct error *error);

/* The loops, by enum wait_kind. The state is a struct unix_channel. */
const struct loop_set *unix_batch_loops(enum wait_kind wait);

#endif
