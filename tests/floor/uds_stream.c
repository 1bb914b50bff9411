/* A pair of connected Unix domain stream sockets. */
#include <sys/socket.h>

#include "tests/floor/byte_stream.h"

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    floor_socket_pair(channel, SOCK_STREAM);
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
