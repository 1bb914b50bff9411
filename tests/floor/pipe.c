/* Two pipes, one for each direction. */
#include <fcntl.h>

#include "tests/floor/byte_stream.h"

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    int forward[2], backward[2];
    if (pipe2(forward, O_CLOEXEC) || pipe2(backward, O_CLOEXEC))
        floor_fail("pipe2");
    channel->in[FLOOR_RECEIVER] = forward[0];
    channel->out[FLOOR_SENDER] = forward[1];
    channel->in[FLOOR_SENDER] = backward[0];
    channel->out[FLOOR_RECEIVER] = backward[1];
}

const struct floor_mechanism floor_pipe = {
    .name = "pipe",
    .create = create,
    .open = floor_buffers_and_ends,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
