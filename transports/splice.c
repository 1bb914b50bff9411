/* vmsplice(2): the sender lends its pages to a pipe instead of having them copied into it; the receiver
 * reads, which is the one copy left.
 *
 * A page lent must not be written before it has been read. A pipe holds a known number of buffers, and a
 * page fills one: a sender that writes its messages into pages of a pool in turn may use the first again
 * once as many pages have gone into the pipe after it as the pipe has buffers. Nobody needs to tell.
 *
 * With gift=yes the pages are given away (SPLICE_F_GIFT), so that a pipe's reader could keep them
 * instead of copying. That takes whole pages; ours are read and come back like the others. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/free_memory.h"
#include "harness/loop_set.h"
#include "harness/prefault.h"
#include "harness/transport.h"
#include "transports/common/pipes.h"
#include "transports/common/stream_io.h"

/* The first are those of a pipe. */
enum { SPLICE_GIFT = PIPES_COMMON_COUNT, SPLICE_OPTION_COUNT };

static const struct option_spec splice_options[SPLICE_OPTION_COUNT] = {
    [PIPES_CAPACITY] = PIPES_CAPACITY_OPTION,
    [PIPES_WAIT] = WAIT_OPTION,
    [SPLICE_GIFT] = {.key = "gift",
                     .kind = OPTION_CHOICE,
                     .choices = "no|yes",
                     .default_value = "no",
                     .meaning = "SPLICE_F_GIFT: the pages are given away; whole pages alone"},
};

struct splice_state {
    struct descriptors descriptors;
    unsigned char *next; /* slot */
    unsigned char *first;
    unsigned char *beyond;
    size_t stride_bytes;
    unsigned flags;
    unsigned char *pool; /* NULL: none */
    size_t pool_bytes;
};

static ALWAYS_INLINE int splice_reserve(void *state, unsigned char *own, size_t bytes,
                                        unsigned char **slot)
{
    struct splice_state *const channel = state;
    (void)own, (void)bytes;
    *slot = channel->next;
    return 0;
}

static ALWAYS_INLINE int splice_commit(void *state, unsigned char *slot, size_t bytes,
                                       enum wait_kind wait)
{
    struct splice_state *const channel = state;
    struct descriptors *const descriptors = &channel->descriptors;
    const int fd = descriptors->out.fd;
    struct iovec pages = {.iov_base = slot, .iov_len = bytes};
    const unsigned flags = channel->flags | (wait == WAIT_BLOCK ? 0 : SPLICE_F_NONBLOCK);
    for (;;) {
        ssize_t moved = vmsplice(fd, &pages, 1, flags);
        if (wait == WAIT_SPIN && descriptor_not_ready(moved))
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            !descriptor_not_ready(moved = vmsplice(fd, &pages, 1, flags)));
        if (LIKELY(moved == (ssize_t)pages.iov_len))
            break;
        if (moved > 0) {
            pages.iov_base = (unsigned char *)pages.iov_base + moved;
            pages.iov_len -= (size_t)moved;
        } else if (wait > WAIT_SPIN && descriptor_not_ready(moved)) {
            const int failure = waiter_sleep(&descriptors->out, wait);
            if (failure)
                return failure;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    unsigned char *const next = channel->next + channel->stride_bytes;
    channel->next = next == channel->beyond ? channel->first : next;
    return 0;
}

#define SPLICE_LOOPS(set, wait)                                                                    \
    static ALWAYS_INLINE int set##_commit(void *state, unsigned char *slot, size_t bytes)          \
    {                                                                                              \
        return splice_commit(state, slot, bytes, wait);                                            \
    }                                                                                              \
    static ALWAYS_INLINE int set##_acquire(void *state, unsigned char *own, size_t bytes,          \
                                           unsigned char **message)                                \
    {                                                                                              \
        *message = own;                                                                            \
        return stream_receive(state, own, bytes, wait);                                            \
    }                                                                                              \
    static const struct exchange set##_exchange = {                                                \
        .reserve = splice_reserve,                                                                 \
        .commit = set##_commit,                                                                    \
        .acquire = set##_acquire,                                                                  \
        .release = loop_release_nothing,                                                           \
    };                                                                                             \
    LOOP_SET(set, set##_exchange)

SPLICE_LOOPS(splice_block, WAIT_BLOCK)
SPLICE_LOOPS(splice_spin, WAIT_SPIN)
SPLICE_LOOPS(splice_poll, WAIT_POLL)
SPLICE_LOOPS(splice_epoll, WAIT_EPOLL)

static const struct loop_set *splice_loops_for(const struct options *options)
{
    static const struct loop_set *const sets[WAIT_KINDS] = {
        [WAIT_BLOCK] = &splice_block,
        [WAIT_SPIN] = &splice_spin,
        [WAIT_POLL] = &splice_poll,
        [WAIT_EPOLL] = &splice_epoll,
    };
    return sets[options->values[PIPES_WAIT]];
}

static bool splice_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[PIPES_WAIT]);
}

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static int splice_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    if (options->values[SPLICE_GIFT] && message_bytes % page_bytes())
        return error_unavailable(error, "gift=no, or a multiple of the page size",
                                 "messages of %zu bytes cannot be given away: a page has %zu",
                                 message_bytes, page_bytes());
    return 0;
}

static int splice_create(struct channel *channel, struct error *error)
{
    struct splice_state *state = channel->state;
    descriptors_init(&state->descriptors);
    int failure = pipes_make(&state->descriptors, error);
    if (!failure)
        failure = pipes_set_capacity(channel, &state->descriptors, error);
    const int capacity_bytes =
        fcntl(state->descriptors.ends[SIDE_SENDER][DIRECTION_OUT], F_GETPIPE_SZ);
    return failure || capacity_bytes < 0
               ? failure /* attach asks again, and says so */
               : free_memory_check(
                     "", SIDE_COUNT * ((uint64_t)capacity_bytes + 2 * channel->message_bytes),
                     "capacity=, a smaller size", error);
}

/* Messages that begin on a page each, of which the pipe holds fewer than there are. */
static int make_pool(struct channel *channel, struct splice_state *state, enum side side,
                     struct error *error)
{
    const int capacity_bytes = fcntl(state->descriptors.ends[side][DIRECTION_OUT], F_GETPIPE_SZ);
    if (capacity_bytes < 0)
        return error_system(error, errno, "fcntl(F_GETPIPE_SZ)");
    const size_t page = page_bytes();
    const size_t message_pages = (channel->message_bytes + page - 1) / page;
    const size_t pipe_buffers = (size_t)capacity_bytes / page;
    const size_t slots = (pipe_buffers + message_pages - 1) / message_pages + 1;
    state->stride_bytes = message_pages * page;
    state->pool_bytes = slots * state->stride_bytes;
    void *pool =
        mmap(NULL, state->pool_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int refused = pool == MAP_FAILED ? -errno : prefault(pool, state->pool_bytes);
    if (pool != MAP_FAILED)
        state->pool = state->next = state->first = pool;
    if (refused)
        return error_unavailable(error, "free memory, ulimit -v, a memory cgroup's limit",
                                 "%zu bytes to lend to the pipe: %s", state->pool_bytes,
                                 error_name(-refused));
    state->beyond = state->first + state->pool_bytes;
    obtained_number(&channel->obtained, "pool_bytes", (int64_t)state->pool_bytes);
    return 0;
}

static int splice_attach(struct channel *channel, enum side side, struct error *error)
{
    struct splice_state *state = channel->state;
    state->flags = channel->options.values[SPLICE_GIFT] ? SPLICE_F_GIFT : 0;
    const int failure = make_pool(channel, state, side, error);
    if (failure)
        return failure;
    return descriptors_attach(channel, &state->descriptors, side,
                              (enum wait_kind)channel->options.values[PIPES_WAIT], error);
}

static void splice_detach(struct channel *channel, enum side side)
{
    struct splice_state *state = channel->state;
    (void)side;
    munmap(state->pool, state->pool_bytes);
    state->pool = NULL;
}

static void splice_destroy(struct channel *channel)
{
    struct splice_state *state = channel->state;
    descriptors_close(&state->descriptors);
}

const struct transport transport_splice = {
    .abi = TRANSPORT_ABI,
    .name = "splice",
    .summary = "vmsplice: pages lent to a pipe, read from there",
    .family = FAMILY_BYTE_STREAM,
    .options = splice_options,
    .option_count = SPLICE_OPTION_COUNT,
    .state_bytes = sizeof(struct splice_state),
    .spins = splice_spins,
    .probe = splice_probe,
    .create = splice_create,
    .attach = splice_attach,
    .loops = splice_loops_for,
    .detach = splice_detach,
    .destroy = splice_destroy,
};
