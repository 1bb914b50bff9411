/* Two UDP sockets on 127.0.0.1, connected to each other. Round trips alone: a stream would lose. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/floor/descriptors.h"

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    number_put(end, number);
    while (FLOOR_RARE(send(end->out, end->sending, end->bytes, 0) < 0)) {
        if (errno != EINTR)
            floor_fail("send");
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    while (FLOOR_RARE(recv(end->in, end->receiving, end->bytes, 0) != (ssize_t)end->bytes)) {
        if (errno != EINTR)
            floor_fail("recv");
    }
    return number_take(end);
}

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    struct sockaddr_in addresses[FLOOR_SIDES];
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        socklen_t length = sizeof(addresses[side]);
        const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        addresses[side] =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        if (bind(fd, (struct sockaddr *)&addresses[side], length) ||
            getsockname(fd, (struct sockaddr *)&addresses[side], &length))
            floor_fail("bind to loopback");
        channel->in[side] = channel->out[side] = fd;
    }
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        if (connect(channel->in[side], (struct sockaddr *)&addresses[!side],
                    sizeof(addresses[!side])))
            floor_fail("connect over loopback");
    }
}

const struct floor_mechanism floor_udp = {
    .name = "udp",
    .create = create,
    .open = floor_buffers_and_ends,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
