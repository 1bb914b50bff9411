/* What the three Unix domain socket transports share: options, making a connected pair, limits, and
 * message-wise sending and receiving. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_UNIX_SOCKETS_H
#define IPCBENCH_TRANSPORTS_COMMON_UNIX_SOCKETS_H

#include <sys/socket.h>

#include "transports/common/descriptors.h"

enum {
    UNIX_SOCKETS_ADDRESS,
    UNIX_SOCKETS_SNDBUF,
    UNIX_SOCKETS_RCVBUF,
    UNIX_SOCKETS_WAIT,
    UNIX_SOCKETS_OPTION_COUNT
};
extern const struct option_spec unix_sockets_options[UNIX_SOCKETS_OPTION_COUNT];

bool unix_sockets_spin(const struct options *options);

/* A connected pair of sockets of `type` into the channel's struct descriptors, by socketpair(2) or
 * by binding and connecting to a name (path in a private folder, or abstract), with the buffer
 * sizes asked for checked against those obtained. */
int unix_sockets_create(struct channel *channel, int type, struct error *error);
int unix_sockets_attach(struct channel *channel, enum side side, struct error *error);
void unix_sockets_destroy(struct channel *channel);

/* The largest datagram or record these options allow: the send buffer less the kernel's 32 bytes.
 */
int unix_sockets_limits(const struct options *options, struct message_limits *limits,
                        struct error *error);

/* Of datagrams and records: any that limits allow. Both ends are open before the processes are forked,
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
