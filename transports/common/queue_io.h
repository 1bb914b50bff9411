/* One message of a POSIX queue, which on Linux is a descriptor: waiting for room or for a message as with
 * any other. The wait kind is a constant to the compiler. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_QUEUE_IO_H
#define IPCBENCH_TRANSPORTS_COMMON_QUEUE_IO_H

#include <mqueue.h>

#include "transports/common/descriptors.h"

static ALWAYS_INLINE int queue_put(struct descriptors *descriptors, const unsigned char *message,
                                   size_t bytes, unsigned priority, enum wait_kind wait)
{
    const mqd_t queue = descriptors->out.fd;
    const char *const text = (const char *)message;
    for (;;) {
        int refused = mq_send(queue, text, bytes, priority);
        if (wait == WAIT_SPIN && refused && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            !(refused = mq_send(queue, text, bytes, priority)) || errno != EAGAIN);
        if (LIKELY(!refused))
            return 0;
        if (wait > WAIT_SPIN && errno == EAGAIN) {
            const int failure = waiter_sleep(&descriptors->out, wait);
            if (failure)
                return failure;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

/* `priority` may be NULL. */
static ALWAYS_INLINE int queue_get(struct descriptors *descriptors, unsigned char *message,
                                   size_t bytes, unsigned *priority, enum wait_kind wait)
{
    const mqd_t queue = descriptors->in.fd;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&descriptors->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = mq_receive(queue, (char *)message, bytes, priority);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = mq_receive(queue, (char *)message, bytes, priority)) >= 0 ||
                                errno != EAGAIN);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

#endif
