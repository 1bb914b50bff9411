/* TCP over loopback: a byte stream through the whole internet stack of this machine.
 *
 * Both ends are made by the parent. A stranger may connect to the listening port in the moment that it
 * is open; only the connection that comes from our own other end is kept. */
#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/inet.h"
#include "transports/common/sockets.h"
#include "transports/common/stream_io.h"

enum {
    TCP_OPTION_FAMILY,
    TCP_OPTION_NODELAY,
    TCP_OPTION_QUICKACK,
    TCP_OPTION_BUSY_POLL,
    TCP_OPTION_SNDBUF,
    TCP_OPTION_RCVBUF,
    TCP_OPTION_WAIT,
    TCP_OPTION_COUNT
};

static const struct option_spec tcp_options[TCP_OPTION_COUNT] = {
    [TCP_OPTION_FAMILY] = INET_FAMILY_OPTION,
    [TCP_OPTION_NODELAY] = {.key = "nodelay",
                            .kind = OPTION_CHOICE,
                            .choices = "yes|no",
                            .default_value = "yes",
                            .meaning = "TCP_NODELAY: send at once; no: small ones wait (Nagle)"},
    [TCP_OPTION_QUICKACK] = {.key = "quickack",
                             .kind = OPTION_CHOICE,
                             .choices = "default|always",
                             .default_value = "default",
                             .meaning = "TCP_QUICKACK set anew after each receive; it does not "
                                        "last"},
    [TCP_OPTION_BUSY_POLL] = {.key = "busy-poll",
                              .kind = OPTION_COUNT,
                              .default_value = "default",
                              .minimum = 1,
                              .maximum = 1000000,
                              .meaning = "microseconds (SO_BUSY_POLL); loopback has no queue to "
                                         "poll"},
    /* Less than loopback's segments of 64 KiB stalls: for 40 ms at a time on delayed confirmations,
     * and, full of tiny messages, for as long as retransmission backs off. */
    [TCP_OPTION_SNDBUF] = {.key = "sndbuf",
                           .kind = OPTION_BYTES,
                           .default_value = "default",
                           .minimum = 64 << 10,
                           .maximum = 1 << 30,
                           .meaning = "SO_SNDBUF as asked for; default: grows by itself"},
    [TCP_OPTION_RCVBUF] = SOCKET_RCVBUF_OPTION("SO_RCVBUF as asked for; default: grows by itself"),
    [TCP_OPTION_WAIT] = WAIT_OPTION,
};

/* The kernel leaves quick acknowledgement by itself once a connection looks interactive. */
static ALWAYS_INLINE int tcp_receive_acked(void *state, unsigned char *message, size_t bytes,
                                           enum wait_kind wait)
{
    struct descriptors *const channel = state;
    const int on = 1;
    const int failure = stream_receive(state, message, bytes, wait);
    if (UNLIKELY(failure))
        return failure;
    return LIKELY(!setsockopt(channel->in.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on))) ? 0
                                                                                           : -errno;
}

LOOP_SETS_BY_WAIT(tcp_loops, stream_send, stream_receive)
LOOP_SETS_BY_WAIT(tcp_acked_loops, stream_send, tcp_receive_acked)

static const struct loop_set *tcp_loops_for(const struct options *options)
{
    const enum wait_kind wait = (enum wait_kind)options->values[TCP_OPTION_WAIT];
    return options->values[TCP_OPTION_QUICKACK] ? tcp_acked_loops[wait] : tcp_loops[wait];
}

static bool tcp_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[TCP_OPTION_WAIT]);
}

/* Patience for the two calls that a flood of strangers could hold up, and how many are sent away. */
static const struct timeval patience = {.tv_sec = 5};
enum { STRANGERS_MOST = 64 };

/* Buffer sizes belong to both ends before they connect: they decide the window's scale. A reset instead
 * of an orderly end leaves no port waiting for stray packets, which a thousand trials would use up. */
static int prepare(struct channel *channel, int fd, struct error *error)
{
    const uint64_t *values = channel->options.values;
    const struct linger reset = {.l_onoff = 1};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)))
        return error_system(error, errno, "setsockopt(SO_LINGER)");
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
        return error_system(error, errno, "setsockopt(SO_SNDTIMEO, SO_RCVTIMEO)");
    return socket_set_buffers(channel, fd, values[TCP_OPTION_SNDBUF], values[TCP_OPTION_RCVBUF],
                              error);
}

/* The connection whose other end is at `ours`. */
static int accept_own(int listener, const struct inet_address *ours, int *accepted,
                      struct error *error)
{
    for (int stranger = 0; stranger < STRANGERS_MOST; ++stranger) {
        struct inet_address peer = {.length = sizeof(peer.storage)};
        *accepted = accept4(listener, (struct sockaddr *)&peer.storage, &peer.length, SOCK_CLOEXEC);
        if (*accepted < 0)
            return error_system(error, errno, "accept");
        if (inet_is_same(&peer, ours))
            return 0;
        close(*accepted);
        *accepted = -1;
    }
    return error_plain(error, "%d connections to the listening port, none of them ours",
                       STRANGERS_MOST);
}

static int connect_both(struct channel *channel, int ends[2], int listener,
                        const struct inet_address *address, struct error *error)
{
    struct inet_address ours;
    int failure = prepare(channel, listener, error);
    if (failure)
        return failure;
    if (listen(listener, STRANGERS_MOST))
        return error_system(error, errno, "listen");
    failure = inet_open((enum inet_family)channel->options.values[TCP_OPTION_FAMILY], SOCK_STREAM,
                        &ends[0], &ours, error);
    if (!failure)
        failure = prepare(channel, ends[0], error);
    if (!failure)
        failure = inet_connect(ends[0], address, error);
    return failure ? failure : accept_own(listener, &ours, &ends[1], error);
}

/* What was inherited from the listener or held for connecting only. */
static int settle(struct channel *channel, int fd, struct error *error)
{
    const uint64_t *values = channel->options.values;
    const struct timeval forever = {0};
    int nodelay = !values[TCP_OPTION_NODELAY], segment_bytes = 0;
    socklen_t length = sizeof(nodelay);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &forever, sizeof(forever)) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever)))
        return error_system(error, errno, "setsockopt(SO_SNDTIMEO, SO_RCVTIMEO)");
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof(nodelay)) ||
        getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length))
        return error_system(error, errno, "setsockopt(TCP_NODELAY)");
    obtained_number(&channel->obtained, "nodelay", nodelay != 0);
    length = sizeof(segment_bytes);
    if (!getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, &length))
        obtained_number(&channel->obtained, "segment_bytes", segment_bytes);
    const int failure = socket_set_buffers(channel, fd, 0, 0, error); /* as they are now */
    return failure ? failure
                   : socket_set_busy_poll(channel, fd, values[TCP_OPTION_BUSY_POLL], error);
}

static int tcp_create(struct channel *channel, struct error *error)
{
    struct descriptors *descriptors = channel->state;
    struct inet_address address;
    int ends[2] = {-1, -1}, listener = -1;
    descriptors_init(descriptors);
    int failure = inet_open((enum inet_family)channel->options.values[TCP_OPTION_FAMILY],
                            SOCK_STREAM, &listener, &address, error);
    if (!failure)
        failure = connect_both(channel, ends, listener, &address, error);
    if (listener >= 0)
        close(listener);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        descriptors->ends[side][DIRECTION_IN] = ends[side];
        descriptors->ends[side][DIRECTION_OUT] = ends[side];
    }
    for (int side = 0; !failure && side < SIDE_COUNT; ++side)
        failure = settle(channel, ends[side], error);
    return failure;
}

static int tcp_attach(struct channel *channel, enum side side, struct error *error)
{
    return descriptors_attach(channel, channel->state, side,
                              (enum wait_kind)channel->options.values[TCP_OPTION_WAIT], error);
}

static void tcp_destroy(struct channel *channel)
{
    descriptors_close(channel->state);
}

const struct transport transport_tcp = {
    .abi = TRANSPORT_ABI,
    .name = "tcp",
    .summary = "TCP over loopback",
    .family = FAMILY_BYTE_STREAM,
    .options = tcp_options,
    .option_count = TCP_OPTION_COUNT,
    .state_bytes = sizeof(struct descriptors),
    .spins = tcp_spins,
    .create = tcp_create,
    .attach = tcp_attach,
    .loops = tcp_loops_for,
    .destroy = tcp_destroy,
};
