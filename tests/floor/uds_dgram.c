/* A pair of connected Unix domain datagram sockets. */
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
    int ends[FLOOR_SIDES];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends))
        floor_fail("socketpair");
    for (int side = 0; side < FLOOR_SIDES; ++side)
        channel->in[side] = channel->out[side] = ends[side];
}

const struct floor_mechanism floor_uds_dgram = {
    .name = "uds-dgram",
    .create = create,
    .open = floor_buffers_and_ends,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
