/* A pair of connected Unix domain stream sockets. */
#include <sys/socket.h>

#include "tests/floor/byte_stream.h"

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    int ends[FLOOR_SIDES];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        floor_fail("socketpair");
    for (int side = 0; side < FLOOR_SIDES; ++side)
        channel->in[side] = channel->out[side] = ends[side];
}

const struct floor_mechanism floor_uds_stream = {
    .name = "uds-stream",
    .create = create,
    .open = floor_buffers_and_ends,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
