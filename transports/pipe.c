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

static bool pipe_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[PIPES_WAIT]);
}

static int pipe_create(struct channel *channel, struct error *error)
{
    struct descriptors *descriptors = channel->state;
    descriptors_init(descriptors);
    int failure = pipes_make(descriptors, error);
    if (!failure)
        failure = pipes_set_capacity(channel, descriptors, error);
    return failure ? failure : pipes_set_packets(channel, descriptors, error);
}

static int pipe_attach(struct channel *channel, enum side side, struct error *error)
{
    return descriptors_attach(channel, channel->state, side,
                              (enum wait_kind)channel->options.values[PIPES_WAIT], error);
}

static void pipe_destroy(struct channel *channel)
{
    descriptors_close(channel->state);
}

const struct transport transport_pipe = {
    .abi = TRANSPORT_ABI,
    .name = "pipe",
    .summary = "anonymous pipe, one for each direction",
    .family = FAMILY_BYTE_STREAM,
    .options = pipes_options,
    .option_count = PIPES_OPTION_COUNT,
    .state_bytes = sizeof(struct descriptors),
    .spins = pipe_spins,
    .limits = pipes_limits,
    .create = pipe_create,
    .attach = pipe_attach,
    .loops = pipe_loops_for,
    .destroy = pipe_destroy,
    .crowd_most_bytes = pipes_crowd_most_bytes,
};
