/* A TCP connection over 127.0.0.1 with TCP_NODELAY. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/floor/byte_stream.h"

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&address, &length) ||
        connect(connected, (struct sockaddr *)&address, length))
        floor_fail("connect over loopback");
    const int ends[FLOOR_SIDES] = {connected, accept4(listener, NULL, NULL, SOCK_CLOEXEC)};
    close(listener);
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        const int on = 1;
        if (setsockopt(ends[side], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
            floor_fail("TCP_NODELAY");
        channel->in[side] = channel->out[side] = ends[side];
    }
}

const struct floor_mechanism floor_tcp = {
    .name = "tcp",
    .create = create,
    .open = floor_buffers_and_ends,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
