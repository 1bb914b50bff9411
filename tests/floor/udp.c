/* Two UDP sockets on 127.0.0.1, connected to each other. Round trips alone: a stream would lose. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/floor/datagrams.h"

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
