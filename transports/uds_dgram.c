/* AF_UNIX, SOCK_DGRAM: one datagram a message. */
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/unix_sockets.h"

LOOP_SETS_BY_WAIT(uds_dgram_loops, record_send, record_receive)

static const struct loop_set *uds_dgram_loops_for(const struct options *options)
{
    return unix_sockets_loops(options, uds_dgram_loops);
}

static int uds_dgram_create(struct channel *channel, struct error *error)
{
    return unix_sockets_create(channel, SOCK_DGRAM, error);
}

const struct transport transport_uds_dgram = {
    .abi = TRANSPORT_ABI,
    .name = "uds-dgram",
    .summary = "Unix domain datagram socket (reliable and ordered on Linux)",
    .family = FAMILY_MESSAGE,
    .options = unix_sockets_options,
    .option_count = UNIX_SOCKETS_OPTION_COUNT,
    .state_bytes = sizeof(struct unix_channel),
    .spins = unix_sockets_spin,
    .limits = unix_sockets_limits,
    .probe = unix_sockets_probe,
    .create = uds_dgram_create,
    .attach = unix_sockets_attach,
    .loops = uds_dgram_loops_for,
    .destroy = unix_sockets_destroy,
    .crowd_most_bytes = unix_sockets_crowd_most_bytes,
};
