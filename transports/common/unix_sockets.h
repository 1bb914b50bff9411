/* What the three Unix domain socket transports share: options, making a connected pair, limits, and
 * message-wise sending and receiving. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_UNIX_SOCKETS_H
#define IPCBENCH_TRANSPORTS_COMMON_UNIX_SOCKETS_H

#include <sys/socket.h>

#include "transports/common/descriptors.h"
#include "transports/common/unix_batch.h"
#include "transports/common/unix_extras.h"

/* Streams know no batch: theirs is the table without the last. */
enum {
    UNIX_SOCKETS_ADDRESS,
    UNIX_SOCKETS_SNDBUF,
    UNIX_SOCKETS_RCVBUF,
    UNIX_SOCKETS_WAIT,
    UNIX_SOCKETS_IOV,
    UNIX_SOCKETS_CREDS,
    UNIX_SOCKETS_RIGHTS,
    UNIX_SOCKETS_BATCH,
    UNIX_SOCKETS_OPTION_COUNT,
    UNIX_SOCKETS_STREAM_OPTION_COUNT = UNIX_SOCKETS_BATCH
};
extern const struct option_spec unix_sockets_options[UNIX_SOCKETS_OPTION_COUNT];

/* Their state. The descriptors first: all that plain messages use. */
struct unix_channel {
    struct descriptors descriptors;
    struct unix_batch batch;
    struct unix_extras extras;
};

bool unix_sockets_spin(const struct options *options);

/* A batch with what only single messages can have is unavailable. */
int unix_sockets_probe(const struct options *options, size_t message_bytes, struct error *error);

/* The loops: `plain`, by enum wait_kind, unless the options ask for more. */
const struct loop_set *unix_sockets_loops(const struct options *options,
                                          const struct loop_set *const *plain);

/* A connected pair of sockets of `type` into the channel's struct unix_channel, by socketpair(2) or
 * by binding and connecting to a name (path in a private folder, or abstract), with the buffer
 * sizes asked for checked against those obtained. */
int unix_sockets_create(struct channel *channel, int type, struct error *error);
int unix_sockets_attach(struct channel *channel, enum side side, struct error *error);
void unix_sockets_destroy(struct channel *channel);

/* The largest datagram or record these options allow: the send buffer less the kernel's 32 bytes
 * and a header. */
int unix_sockets_limits(const struct options *options, struct message_limits *limits,
                        struct error *error);

/* Of datagrams and records: any that limits allow; none in batches, of which a receiver takes several
 * messages at once, stop markers among them. Both ends are open before the processes are forked,
 * so several have the same end, whatever its address. */
uint64_t unix_sockets_crowd_most_bytes(const struct options *options);

/* One whole message where the kernel keeps boundaries. A message of another length is -EBADMSG. */
static ALWAYS_INLINE int record_send(void *state, const unsigned char *message, size_t bytes,
                                     enum wait_kind wait)
{
    struct descriptors *const channel = state;
    const int fd = channel->out.fd;
    for (;;) {
        ssize_t moved = send(fd, message, bytes, MSG_NOSIGNAL);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&channel->meter,
                            (moved = send(fd, message, bytes, MSG_NOSIGNAL)) >= 0 ||
                                errno != EAGAIN);
        if (moved >= 0)
            return moved == (ssize_t)bytes ? 0 : -EBADMSG;
        if (wait > WAIT_SPIN && errno == EAGAIN) {
            const int failure = waiter_sleep(&channel->out, wait);
            if (failure)
                return failure;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

static ALWAYS_INLINE int record_receive(void *state, unsigned char *message, size_t bytes,
                                        enum wait_kind wait)
{
    struct descriptors *const channel = state;
    const int fd = channel->in.fd;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&channel->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = recv(fd, message, bytes, MSG_TRUNC);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&channel->meter,
                            (moved = recv(fd, message, bytes, MSG_TRUNC)) >= 0 || errno != EAGAIN);
        if (moved >= 0) {
            if (moved == 0 && bytes)
                return -EPIPE; /* the peer closed its end: records of length 0 are never sent */
            return moved == (ssize_t)bytes ? 0 : -EBADMSG;
        }
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

#endif
