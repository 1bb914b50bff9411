/* Pipes whose every write is a packet: sent as any other, received by one read, whole or not at all. */
#include "harness/loop_set.h"
#include "transports/common/pipes.h"
#include "transports/common/stream_io.h"

static ALWAYS_INLINE int packet_receive(void *state, unsigned char *message, size_t bytes,
                                        enum wait_kind wait)
{
    struct descriptors *const channel = state;
    const int fd = channel->in.fd;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&channel->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = read(fd, message, bytes);
        if (wait == WAIT_SPIN && descriptor_not_ready(moved))
            WAIT_SPIN_UNTIL(&channel->meter,
                            !descriptor_not_ready(moved = read(fd, message, bytes)));
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return moved ? -EBADMSG : -EPIPE;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

LOOP_SETS_BY_WAIT(packet_loops, stream_send, packet_receive)

const struct loop_set *pipe_packets_loops(enum wait_kind wait)
{
    return packet_loops[wait];
}
