/* A pair of connected Unix domain datagram sockets. */
#include <sys/socket.h>

#include "tests/floor/datagrams.h"

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    floor_socket_pair(channel, SOCK_DGRAM);
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
