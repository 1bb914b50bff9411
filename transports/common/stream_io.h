/* Whole messages over a byte stream: loops over partial reads and writes. The wait kind is a
 * constant to the compiler. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_STREAM_IO_H
#define IPCBENCH_TRANSPORTS_COMMON_STREAM_IO_H

#include <sys/types.h>
#include <unistd.h>

#include "transports/common/descriptors.h"

static ALWAYS_INLINE bool descriptor_not_ready(ssize_t moved)
{
    return moved < 0 && errno == EAGAIN;
}

static ALWAYS_INLINE int stream_send(void *state, const unsigned char *message, size_t bytes,
                                     enum wait_kind wait)
{
    struct descriptors *const channel = state;
    const int fd = channel->out.fd;
    for (;;) {
        ssize_t moved = write(fd, message, bytes);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (wait == WAIT_SPIN && descriptor_not_ready(moved))
            WAIT_SPIN_UNTIL(&channel->meter,
                            !descriptor_not_ready(moved = write(fd, message, bytes)));
        if (moved > 0) {
            message += moved;
            bytes -= (size_t)moved;
            if (!bytes)
                return 0;
        } else if (wait > WAIT_SPIN && descriptor_not_ready(moved)) {
            const int failure = waiter_sleep(&channel->out, wait);
            if (failure)
                return failure;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

static ALWAYS_INLINE int stream_receive(void *state, unsigned char *message, size_t bytes,
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
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (wait == WAIT_SPIN && descriptor_not_ready(moved))
            WAIT_SPIN_UNTIL(&channel->meter,
                            !descriptor_not_ready(moved = read(fd, message, bytes)));
        if (moved > 0) {
            message += moved;
            bytes -= (size_t)moved;
            if (!bytes)
                return 0;
        } else if (moved == 0) {
            return -EPIPE; /* the peer closed its end */
        } else if (errno != EINTR && errno != EAGAIN) {
            return -errno;
        }
    }
}

#endif
