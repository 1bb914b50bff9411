/* AF_UNIX, SOCK_STREAM: a byte stream; messages may arrive in pieces. */
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/stream_io.h"
#include "transports/common/unix_sockets.h"

LOOP_SETS_BY_WAIT(uds_stream_loops, stream_send, stream_receive)

static const struct loop_set *uds_stream_loops_for(const struct options *options)
{
    return unix_sockets_loops(options, uds_stream_loops);
}

static int uds_stream_create(struct channel *channel, struct error *error)
{
    return unix_sockets_create(channel, SOCK_STREAM, error);
}

const struct transport transport_uds_stream = {
    .abi = TRANSPORT_ABI,
    .name = "uds-stream",
    .summary = "Unix domain stream socket",
    .family = FAMILY_BYTE_STREAM,
    .options = unix_sockets_options,
    .option_count = UNIX_SOCKETS_STREAM_OPTION_COUNT,
    .state_bytes = sizeof(struct unix_channel),
    .spins = unix_sockets_spin,
    .probe = unix_sockets_probe,
    .create = uds_stream_create,
    .attach = unix_sockets_attach,
    .loops = uds_stream_loops_for,
    .destroy = unix_sockets_destroy,
};
