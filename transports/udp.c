/* UDP over loopback: one datagram a message.
 *
 * Loopback drops what finds the receive buffer full and tells nobody, so that a sender at full speed
 * would lose more than arrives. What every program does whose datagrams have to arrive is done here,
 * too: a window. In front of each message stands a line that says how many messages this process has
 * received so far; a sender with a whole window of messages not yet confirmed waits. A receiver that
 * has sent nothing since half a window confirms with a datagram of that line alone, before it
 * waits for the next message. In a ping-pong each answer confirms, and nothing else is ever sent.
 *
 * Should a datagram get lost all the same, its number is missed and counted as with any transport;
 * where everybody then waits for it, the trial is ended at its deadline and has failed. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/descriptors.h"
#include "transports/common/inet.h"
#include "transports/common/sockets.h"

enum {
    UDP_OPTION_FAMILY,
    UDP_OPTION_WINDOW,
    UDP_OPTION_BUSY_POLL,
    UDP_OPTION_SNDBUF,
    UDP_OPTION_RCVBUF,
    UDP_OPTION_WAIT,
    UDP_OPTION_COUNT
};

static const struct option_spec udp_options[UDP_OPTION_COUNT] = {
    [UDP_OPTION_FAMILY] = INET_FAMILY_OPTION,
    [UDP_OPTION_WINDOW] = {.key = "window",
                           .kind = OPTION_COUNT,
                           .default_value = "default",
                           .minimum = 1,
                           .maximum = 1 << 30,
                           .meaning = "messages under way unconfirmed; default: what rcvbuf holds"},
    [UDP_OPTION_BUSY_POLL] = {.key = "busy-poll",
                              .kind = OPTION_COUNT,
                              .default_value = "default",
                              .minimum = 1,
                              .maximum = 1000000,
                              .meaning = "microseconds (SO_BUSY_POLL); loopback has no queue to "
                                         "poll"},
    [UDP_OPTION_SNDBUF] = SOCKET_SNDBUF_OPTION,
    [UDP_OPTION_RCVBUF] = SOCKET_RCVBUF_OPTION("SO_RCVBUF as asked for; the kernel keeps twice as "
                                               "much"),
    [UDP_OPTION_WAIT] = WAIT_OPTION,
};

/* What stands in front of a message. A whole line though 8 bytes would do: copies by the kernel that do
 * not begin on one were seen to cost a fifth more for 4 KiB. */
struct confirmation {
    uint64_t received;
    unsigned char unused[MESSAGE_HEADROOM_BYTES - sizeof(uint64_t)];
};
enum { CONFIRMATION_BYTES = sizeof(struct confirmation) };

struct udp_state {
    struct descriptors descriptors;
    uint64_t window;    /* messages */
    uint64_t sent;      /* in all */
    uint64_t confirmed; /* of those, by the peer */
    uint64_t received;  /* in all */
    uint64_t told;      /* of those, to the peer */
};

static ALWAYS_INLINE void udp_note_confirmed(struct udp_state *channel, const unsigned char *header)
{
    memcpy(&channel->confirmed, header, sizeof(channel->confirmed));
}

/* One datagram, waiting for room where that is needed: loopback takes nearly all at once. */
static ALWAYS_INLINE int udp_put(struct udp_state *channel, unsigned char *datagram, size_t bytes,
                                 enum wait_kind wait)
{
    struct descriptors *const descriptors = &channel->descriptors;
    const int fd = descriptors->out.fd;
    memcpy(datagram, &channel->received, sizeof(channel->received));
    channel->told = channel->received;
    for (;;) {
        ssize_t moved = send(fd, datagram, bytes, 0);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = send(fd, datagram, bytes, 0)) >= 0 || errno != EAGAIN);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (wait > WAIT_SPIN && errno == EAGAIN) {
            const int failure = waiter_sleep(&descriptors->out, wait);
            if (failure)
                return failure;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

/* One datagram's length; `flags` may leave it where it is. */
static ALWAYS_INLINE ssize_t udp_take(struct udp_state *channel, unsigned char *datagram,
                                      size_t bytes, int flags, enum wait_kind wait)
{
    struct descriptors *const descriptors = &channel->descriptors;
    const int fd = descriptors->in.fd;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&descriptors->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = recv(fd, datagram, bytes, MSG_TRUNC | flags);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = recv(fd, datagram, bytes, MSG_TRUNC | flags)) >= 0 ||
                                errno != EAGAIN);
        if (LIKELY(moved >= 0))
            return moved;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

/* Until the peer has confirmed enough. A message of the peer's stays where it is: its confirmation is
 * read, no more. Should that leave the window full, both sides send and neither receives. */
static ALWAYS_INLINE int udp_wait_for_window(struct udp_state *channel, enum wait_kind wait)
{
    while (channel->sent - channel->confirmed >= channel->window) {
        unsigned char header[CONFIRMATION_BYTES];
        const ssize_t bytes = udp_take(channel, header, sizeof(header), MSG_PEEK, wait);
        if (bytes < 0)
            return (int)bytes;
        udp_note_confirmed(channel, header);
        if (bytes == CONFIRMATION_BYTES)
            udp_take(channel, header, sizeof(header), 0, wait);
        else if (channel->sent - channel->confirmed >= channel->window)
            return -EDEADLK;
    }
    return 0;
}

static ALWAYS_INLINE int udp_send(void *state, const unsigned char *message, size_t bytes,
                                  enum wait_kind wait)
{
    struct udp_state *const channel = state;
    unsigned char *const datagram = (unsigned char *)(uintptr_t)message - CONFIRMATION_BYTES;
    if (UNLIKELY(channel->sent - channel->confirmed >= channel->window)) {
        const int failure = udp_wait_for_window(channel, wait);
        if (failure)
            return failure;
    }
    ++channel->sent;
    return udp_put(channel, datagram, bytes + CONFIRMATION_BYTES, wait);
}

static ALWAYS_INLINE int udp_receive(void *state, unsigned char *message, size_t bytes,
                                     enum wait_kind wait)
{
    struct udp_state *const channel = state;
    unsigned char *const datagram = message - CONFIRMATION_BYTES;
    if (UNLIKELY(2 * (channel->received - channel->told) >= channel->window &&
                 channel->received != channel->told)) {
        unsigned char header[CONFIRMATION_BYTES] = {0};
        const int failure = udp_put(channel, header, sizeof(header), wait);
        if (failure)
            return failure;
    }
    for (;;) {
        const ssize_t moved = udp_take(channel, datagram, bytes + CONFIRMATION_BYTES, 0, wait);
        if (UNLIKELY(moved < CONFIRMATION_BYTES))
            return moved < 0 ? (int)moved : -EBADMSG;
        udp_note_confirmed(channel, datagram);
        if (LIKELY(moved == (ssize_t)bytes + CONFIRMATION_BYTES))
            break;
        if (moved != CONFIRMATION_BYTES)
            return -EBADMSG;
    }
    ++channel->received;
    return 0;
}

LOOP_SETS_BY_WAIT(udp_loops, udp_send, udp_receive)

static const struct loop_set *udp_loops_for(const struct options *options)
{
    return udp_loops[options->values[UDP_OPTION_WAIT]];
}

static bool udp_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[UDP_OPTION_WAIT]);
}

/* udp(7), ip(7): a length of 16 bits, of the packet with IPv4, of what follows its header with IPv6. */
static int udp_limits(const struct options *options, struct message_limits *limits,
                      struct error *error)
{
    enum { UDP_HEADER = 8, IPV4_HEADER = 20, MOST = 65535 - UDP_HEADER - CONFIRMATION_BYTES };
    (void)error;
    const bool six = options->values[UDP_OPTION_FAMILY] == INET_IPV6;
    *limits = (struct message_limits){.minimum_bytes = 1,
                                      .maximum_bytes = (uint64_t)MOST - (six ? 0 : IPV4_HEADER),
                                      .knob = "none: a datagram's length has 16 bits",
                                      .is_fixed = true};
    return 0;
}

/* What surely fits: the kernel counts a datagram as up to twice its bytes and a fixed part, and gives
 * back what was read only when that has become a quarter of the buffer. One always fits. */
static uint64_t window_that_fits(size_t message_bytes, int rcvbuf_bytes)
{
    const uint64_t each_bytes = 2 * ((uint64_t)message_bytes + CONFIRMATION_BYTES) + 2048;
    const uint64_t fits = (uint64_t)rcvbuf_bytes / 4 * 3 / each_bytes;
    return fits ? fits : 1;
}

static int choose_window(struct channel *channel, int fd, struct error *error)
{
    struct udp_state *state = channel->state;
    const uint64_t wanted = channel->options.values[UDP_OPTION_WINDOW];
    int rcvbuf_bytes = 0;
    const int failure = socket_set_rcvbuf(fd, 0, &rcvbuf_bytes, error);
    if (failure)
        return failure;
    const uint64_t fits = window_that_fits(channel->message_bytes, rcvbuf_bytes);
    if (wanted > fits)
        return error_unavailable(error, "rcvbuf=, sysctl net.core.rmem_max",
                                 "window=%llu of %zu bytes: a receive buffer of %d holds %llu, the "
                                 "rest would be lost",
                                 (unsigned long long)wanted, channel->message_bytes, rcvbuf_bytes,
                                 (unsigned long long)fits);
    state->window = wanted ? wanted : fits;
    obtained_number(&channel->obtained, "window_messages", (int64_t)state->window);
    return 0;
}

/* What a stranger has sent to the port before it had a peer. */
static void drain(int fd)
{
    char byte;
    while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0)
        continue;
}

static int udp_create(struct channel *channel, struct error *error)
{
    struct udp_state *state = channel->state;
    const uint64_t *values = channel->options.values;
    struct inet_address addresses[SIDE_COUNT];
    int ends[SIDE_COUNT] = {-1, -1}, failure = 0;
    descriptors_init(&state->descriptors);
    for (int side = 0; !failure && side < SIDE_COUNT; ++side)
        failure = inet_open((enum inet_family)values[UDP_OPTION_FAMILY], SOCK_DGRAM, &ends[side],
                            &addresses[side], error);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        state->descriptors.ends[side][DIRECTION_IN] = ends[side];
        state->descriptors.ends[side][DIRECTION_OUT] = ends[side];
    }
    for (int side = 0; !failure && side < SIDE_COUNT; ++side) {
        failure = socket_set_buffers(channel, ends[side], values[UDP_OPTION_SNDBUF],
                                     values[UDP_OPTION_RCVBUF], error);
        if (!failure)
            failure =
                socket_set_busy_poll(channel, ends[side], values[UDP_OPTION_BUSY_POLL], error);
        if (!failure)
            failure = inet_connect(ends[side], &addresses[!side], error);
        if (!failure)
            drain(ends[side]);
    }
    return failure ? failure : choose_window(channel, ends[0], error);
}

static int udp_attach(struct channel *channel, enum side side, struct error *error)
{
    struct udp_state *state = channel->state;
    return descriptors_attach(channel, &state->descriptors, side,
                              (enum wait_kind)channel->options.values[UDP_OPTION_WAIT], error);
}

static void udp_destroy(struct channel *channel)
{
    struct udp_state *state = channel->state;
    descriptors_close(&state->descriptors);
}

const struct transport transport_udp = {
    .abi = TRANSPORT_ABI,
    .name = "udp",
    .summary = "UDP over loopback, with a window so that nothing is lost",
    .family = FAMILY_MESSAGE,
    .options = udp_options,
    .option_count = UDP_OPTION_COUNT,
    .state_bytes = sizeof(struct udp_state),
    .spins = udp_spins,
    .limits = udp_limits,
    .create = udp_create,
    .attach = udp_attach,
    .loops = udp_loops_for,
    .destroy = udp_destroy,
};
