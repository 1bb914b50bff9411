#include "transports/common/sockets.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/error.h"

/* One buffer of a socket: how it is asked for and what limits it. */
struct buffer_kind {
    int option;
    const char *name;
    const char *knob;
};
static const struct buffer_kind send_buffer = {SO_SNDBUF, "SO_SNDBUF", "sysctl net.core.wmem_max"};
static const struct buffer_kind receive_buffer = {SO_RCVBUF, "SO_RCVBUF",
                                                  "sysctl net.core.rmem_max"};

/* The kernel doubles what is asked for and cuts it at the limit without a word. */
static int set_buffer(int fd, const struct buffer_kind *kind, uint64_t wanted_bytes, int *got_bytes,
                      struct error *error)
{
    const int wanted = (int)wanted_bytes;
    socklen_t length = sizeof(*got_bytes);
    if (wanted && setsockopt(fd, SOL_SOCKET, kind->option, &wanted, sizeof(wanted)))
        return error_system(error, errno, "setsockopt(%s=%d)", kind->name, wanted);
    if (getsockopt(fd, SOL_SOCKET, kind->option, got_bytes, &length))
        return error_system(error, errno, "getsockopt(%s)", kind->name);
    if (*got_bytes / 2 < wanted)
        return error_unavailable(error, kind->knob, "%s=%d: obtained %d", kind->name, wanted,
                                 *got_bytes / 2);
    return 0;
}

int socket_set_sndbuf(int fd, uint64_t wanted_bytes, int *got_bytes, struct error *error)
{
    return set_buffer(fd, &send_buffer, wanted_bytes, got_bytes, error);
}

int socket_set_rcvbuf(int fd, uint64_t wanted_bytes, int *got_bytes, struct error *error)
{
    return set_buffer(fd, &receive_buffer, wanted_bytes, got_bytes, error);
}

int socket_set_buffers(struct channel *channel, int fd, uint64_t sndbuf_bytes,
                       uint64_t rcvbuf_bytes, struct error *error)
{
    int got_bytes = 0;
    int failure = socket_set_sndbuf(fd, sndbuf_bytes, &got_bytes, error);
    if (failure)
        return failure;
    obtained_number(&channel->obtained, "sndbuf_bytes", got_bytes);
    failure = socket_set_rcvbuf(fd, rcvbuf_bytes, &got_bytes, error);
    if (failure)
        return failure;
    obtained_number(&channel->obtained, "rcvbuf_bytes", got_bytes);
    return 0;
}

int socket_set_busy_poll(struct channel *channel, int fd, uint64_t wanted_us, struct error *error)
{
    int value = (int)wanted_us;
    socklen_t length = sizeof(value);
    if (value && setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &value, sizeof(value))) {
        const int failure = errno;
        if (failure == EPERM)
            return error_unavailable(error, "sysctl net.core.busy_read, or CAP_NET_ADMIN",
                                     "setsockopt(SO_BUSY_POLL=%d): not permitted", value);
        if (failure == ENOPROTOOPT)
            return error_unavailable(error, "a kernel with CONFIG_NET_RX_BUSY_POLL",
                                     "setsockopt(SO_BUSY_POLL=%d): unknown here", value);
        return error_system(error, failure, "setsockopt(SO_BUSY_POLL=%d)", value);
    }
    if (!getsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &value, &length))
        obtained_number(&channel->obtained, "busy_poll_us", value);
    return 0;
}
