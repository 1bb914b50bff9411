/* Built where liburing is missing: io-uring is listed all the same, and says why it cannot run. */
#include "base/error.h"
#include "harness/loop_set.h"
#include "transports/common/uring.h"

int uring_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    (void)options, (void)message_bytes;
    return error_unavailable(error, "install liburing-dev (2.3 or newer) and rebuild",
                             "built without liburing");
}

int uring_attach(struct channel *channel, enum side side, struct error *error)
{
    (void)side;
    return uring_probe(&channel->options, channel->message_bytes, error);
}

/* Never run: a transport has loops, even one that is refused before. */
static int refuse_send(void *state, const unsigned char *message, size_t bytes)
{
    (void)state, (void)message, (void)bytes;
    return -ENOSYS;
}

static int refuse_receive(void *state, unsigned char *message, size_t bytes)
{
    (void)state, (void)message, (void)bytes;
    return -ENOSYS;
}

LOOP_SET_COPYING(absent_loops, refuse_send, refuse_receive)

const struct loop_set *uring_loops_for(const struct options *options)
{
    (void)options;
    return &absent_loops;
}

void uring_detach(struct channel *channel, enum side side)
{
    (void)channel, (void)side;
}
