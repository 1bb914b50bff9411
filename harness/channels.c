#include "harness/channels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "harness/trial.h"

enum { STATE_ALIGN_BYTES = 128 };

static int channel_open(struct channel *channel, const struct trial_request *request,
                        struct workspace *workspace, struct error *error)
{
    const struct transport *transport = request->transport;
    const size_t bytes =
        (transport->state_bytes + STATE_ALIGN_BYTES) / STATE_ALIGN_BYTES * STATE_ALIGN_BYTES;
    *channel = (struct channel){
        .transport = transport,
        .options = request->options,
        .message_bytes = request->message_bytes,
        .state = aligned_alloc(STATE_ALIGN_BYTES, bytes),
        .leftovers = &workspace->leftovers,
        .metered = request->pattern == PATTERN_STREAM,
        .seed = request->seed,
        .is_walked = pattern_walks(request->pattern),
    };
    if (!channel->state)
        return error_system(error, ENOMEM, "%zu bytes of channel state", bytes);
    memset(channel->state, 0, bytes);
    return transport->create ? transport->create(channel, error) : 0;
}

static void channel_close(struct channel *channel)
{
    if (channel->state && channel->transport->destroy)
        channel->transport->destroy(channel);
    free(channel->state);
    channel->state = NULL;
}

int channels_open(struct channels *channels, const struct trial_request *request,
                  struct workspace *workspace, struct error *error)
{
    channels->count = request->crew.shares_channel ? 1 : crew_lanes(&request->crew);
    channels->items = calloc(channels->count, sizeof(*channels->items));
    if (!channels->items)
        return error_system(error, ENOMEM, "%zu channels", channels->count);
    int failure = 0;
    for (size_t lane = 0; !failure && lane < channels->count; ++lane)
        failure = channel_open(&channels->items[lane], request, workspace, error);
    return failure;
}

void channels_close(struct channels *channels)
{
    for (size_t lane = 0; channels->items && lane < channels->count; ++lane)
        channel_close(&channels->items[lane]);
    free(channels->items);
    channels->items = NULL;
}
