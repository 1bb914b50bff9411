/* Unix domain sockets, connected to each other. */
#include <sys/socket.h>

#include "tests/floor/descriptors.h"

void floor_socket_pair(struct floor_channel *channel, int type)
{
    int ends[FLOOR_SIDES];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends))
        floor_fail("socketpair");
    for (int side = 0; side < FLOOR_SIDES; ++side)
        channel->in[side] = channel->out[side] = ends[side];
}
