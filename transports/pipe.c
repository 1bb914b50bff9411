/* pipe(2): a byte stream through a kernel buffer of pages, one pipe for each direction. */
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/pipes.h"
#include "transports/common/stream_io.h"

LOOP_SETS_BY_WAIT(pipe_loops, stream_send, stream_receive)

static const struct loop_set *pipe_loops_for(const struct options *options)
{
    return pipes_loops(options, pipe_loops);
}

static int pipe_create(struct channel *channel, struct error *error)
{
    struct pipes *const pipes = channel->state;
    descriptors_init(&pipes->descriptors);
    const int failure = pipes_make(&pipes->descriptors, error);
    return failure ? failure : pipes_finish(channel, error);
}

const struct transport transport_pipe = {
    .abi = TRANSPORT_ABI,
    .name = "pipe",
    .summary = "anonymous pipe, one for each direction",
    .family = FAMILY_BYTE_STREAM,
    .options = pipes_options,
    .option_count = PIPES_OPTION_COUNT,
    .state_bytes = sizeof(struct pipes),
    .spins = pipes_spin,
    .limits = pipes_limits,
    .create = pipe_create,
    .attach = pipes_attach,
    .loops = pipe_loops_for,
    .destroy = pipes_destroy,
    .crowd_most_bytes = pipes_crowd_most_bytes,
};
