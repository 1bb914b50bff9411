#include "transports/common/unix_batch.h"

#include <sys/mman.h>
#include <sys/uio.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/prefault.h"
#include "transports/common/unix_sockets.h"

/* Both directions' buffers; more would measure memory. */
static const size_t buffers_most_bytes = 256 << 20;

/* Mapped rather than allocated: it is there before the loops, and goes with the process. */
static int map_private(size_t bytes, void **memory, struct error *error)
{
    *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (*memory == MAP_FAILED)
        return error_unavailable(error, "a smaller batch=, ulimit -v", "mmap(%zu bytes): %s", bytes,
                                 error_name(errno));
    const int failure = prefault(*memory, bytes);
    if (failure)
        return error_unavailable(error, "a smaller batch=, free memory",
                                 "prefault of %zu bytes: %s", bytes, error_name(-failure));
    return 0;
}

/* One direction: calls, their pieces, buffers. */
static int prepare(const struct unix_batch *batch, size_t message_bytes, unsigned char **buffers,
                   struct mmsghdr **calls, struct error *error)
{
    void *memory;
    int failure = map_private(batch->most * batch->stride_bytes, &memory, error);
    if (failure)
        return failure;
    *buffers = memory;
    failure =
        map_private(batch->most * (sizeof(struct mmsghdr) + sizeof(struct iovec)), &memory, error);
    if (failure)
        return failure;
    *calls = memory;
    struct iovec *const pieces = (struct iovec *)(void *)(*calls + batch->most);
    for (unsigned index = 0; index < batch->most; ++index) {
        pieces[index] = (struct iovec){*buffers + index * batch->stride_bytes, message_bytes};
        (*calls)[index].msg_hdr = (struct msghdr){.msg_iov = &pieces[index], .msg_iovlen = 1};
    }
    return 0;
}

int unix_batch_attach(struct unix_batch *batch, unsigned most, size_t message_bytes,
                      struct error *error)
{
    *batch = (struct unix_batch){.most = most, .stride_bytes = message_padded_bytes(message_bytes)};
    if (batch->stride_bytes > buffers_most_bytes / 2 / most)
        return error_unavailable(
            error, "a smaller batch=", "batch=%u: buffers for so many messages of %zu bytes", most,
            message_bytes);
    const int failure =
        prepare(batch, message_bytes, &batch->out_buffers, &batch->out_calls, error);
    return failure ? failure
                   : prepare(batch, message_bytes, &batch->in_buffers, &batch->in_calls, error);
}

/* All that is gathered. A call may send some of it, and a blocking one says so when it cannot go on. */
static ALWAYS_INLINE int batch_flush(struct unix_channel *channel, enum wait_kind wait)
{
    struct unix_batch *const batch = &channel->batch;
    struct descriptors *const descriptors = &channel->descriptors;
    const int fd = descriptors->out.fd;
    unsigned sent = 0;
    while (sent < batch->gathered) {
        struct mmsghdr *const calls = batch->out_calls + sent;
        const unsigned left = batch->gathered - sent;
        int moved = sendmmsg(fd, calls, left, MSG_NOSIGNAL);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = sendmmsg(fd, calls, left, MSG_NOSIGNAL)) >= 0 ||
                                errno != EAGAIN);
        if (LIKELY(moved >= 0)) {
            sent += (unsigned)moved;
        } else if (wait > WAIT_SPIN && errno == EAGAIN) {
            const int failure = waiter_sleep(&descriptors->out, wait);
            if (failure)
                return failure;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    batch->gathered = 0;
    return 0;
}

static ALWAYS_INLINE int batch_take(struct unix_channel *channel, enum wait_kind wait)
{
    struct unix_batch *const batch = &channel->batch;
    struct descriptors *const descriptors = &channel->descriptors;
    const int fd = descriptors->in.fd;
    const int flags = MSG_WAITFORONE | MSG_TRUNC;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&descriptors->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        int moved = recvmmsg(fd, batch->in_calls, batch->most, flags, NULL);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter, (moved = recvmmsg(fd, batch->in_calls, batch->most,
                                                                   flags, NULL)) >= 0 ||
                                                     errno != EAGAIN);
        if (LIKELY(moved > 0)) {
            batch->taken = (unsigned)moved;
            batch->given = 0;
            return 0;
        }
        if (errno != EINTR && errno != EAGAIN)
            return moved ? -errno : -EPIPE;
    }
}

static ALWAYS_INLINE int batch_acquire(struct unix_channel *channel, size_t bytes,
                                       unsigned char **message, enum wait_kind wait)
{
    struct unix_batch *const batch = &channel->batch;
    if (batch->given == batch->taken) {
        int failure = batch_flush(channel, wait);
        if (LIKELY(!failure))
            failure = batch_take(channel, wait);
        if (UNLIKELY(failure))
            return failure;
    }
    *message = batch->in_buffers + batch->given * batch->stride_bytes;
    const size_t received = batch->in_calls[batch->given++].msg_len;
    if (LIKELY(received == bytes))
        return 0;
    return received ? -EBADMSG
                    : -EPIPE; /* records of length 0 are never sent: the end of the peer */
}

static ALWAYS_INLINE int batch_reserve(void *state, unsigned char *own, size_t bytes,
                                       unsigned char **slot)
{
    const struct unix_batch *const batch = &((struct unix_channel *)state)->batch;
    (void)own, (void)bytes;
    *slot = batch->out_buffers + batch->gathered * batch->stride_bytes;
    return 0;
}

#define UNIX_BATCH_LOOPS(name, wait)                                                               \
    static ALWAYS_INLINE int name##_flush(void *state)                                             \
    {                                                                                              \
        return batch_flush(state, wait);                                                           \
    }                                                                                              \
    static ALWAYS_INLINE int name##_commit(void *state, unsigned char *slot, size_t bytes)         \
    {                                                                                              \
        struct unix_batch *const batch = &((struct unix_channel *)state)->batch;                   \
        (void)slot, (void)bytes;                                                                   \
        return ++batch->gathered < batch->most ? 0 : batch_flush(state, wait);                     \
    }                                                                                              \
    static ALWAYS_INLINE int name##_commit_at_once(void *state, unsigned char *slot, size_t bytes) \
    {                                                                                              \
        (void)slot, (void)bytes;                                                                   \
        ++((struct unix_channel *)state)->batch.gathered;                                          \
        return batch_flush(state, wait);                                                           \
    }                                                                                              \
    static ALWAYS_INLINE int name##_acquire(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **message)                               \
    {                                                                                              \
        (void)own;                                                                                 \
        return batch_acquire(state, bytes, message, wait);                                         \
    }                                                                                              \
    static const struct exchange name##_gathering = {                                              \
        .reserve = batch_reserve,                                                                  \
        .commit = name##_commit,                                                                   \
        .acquire = name##_acquire,                                                                 \
        .release = loop_release_nothing,                                                           \
    };                                                                                             \
    static const struct exchange name##_prompt = {                                                 \
        .reserve = batch_reserve,                                                                  \
        .commit = name##_commit_at_once,                                                           \
        .acquire = name##_acquire,                                                                 \
        .release = loop_release_nothing,                                                           \
    };                                                                                             \
    LOOP_SET_GATHERING(name##_loops, name##_gathering, name##_prompt, name##_flush,                \
                       struct unix_channel)

UNIX_BATCH_LOOPS(batch_block, WAIT_BLOCK)
UNIX_BATCH_LOOPS(batch_spin, WAIT_SPIN)
UNIX_BATCH_LOOPS(batch_poll, WAIT_POLL)
UNIX_BATCH_LOOPS(batch_epoll, WAIT_EPOLL)

const struct loop_set *unix_batch_loops(enum wait_kind wait)
{
    static const struct loop_set *const loops[WAIT_KINDS] = {
        [WAIT_BLOCK] = &batch_block_loops,
        [WAIT_SPIN] = &batch_spin_loops,
        [WAIT_POLL] = &batch_poll_loops,
        [WAIT_EPOLL] = &batch_epoll_loops,
    };
    return loops[wait];
}
