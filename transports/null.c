/* No transfer: what the harness itself costs. The sender is answered from its own buffer, the
 * receiver makes up the numbers it expects; no byte passes between them, only the end of each loop.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"

/* Written by the sender when a loop ends, read by the receiver: relaxed, nothing else is shared. */
struct null_shared {
    _Alignas(128) _Atomic uint64_t loops_ended;
};

struct null_state {
    struct null_shared *shared;
    uint64_t stop_marker;
    uint64_t last;        /* sender: what it sent last, its own echo */
    uint64_t next;        /* receiver: the number it expects next */
    uint64_t loops_ended; /* receiver: how many ends it has seen */
    enum side side;
};

static ALWAYS_INLINE int null_send(void *state, const unsigned char *message, size_t bytes)
{
    struct null_state *const channel = state;
    (void)bytes;
    memcpy(&channel->last, message, sizeof(channel->last));
    if (UNLIKELY(channel->last == channel->stop_marker))
        atomic_fetch_add_explicit(&channel->shared->loops_ended, 1, memory_order_relaxed);
    return 0;
}

static ALWAYS_INLINE int null_receive(void *state, unsigned char *message, size_t bytes)
{
    struct null_state *const channel = state;
    uint64_t number = channel->last;
    (void)bytes;
    if (channel->side == SIDE_RECEIVER) {
        const uint64_t ended =
            atomic_load_explicit(&channel->shared->loops_ended, memory_order_relaxed);
        if (UNLIKELY(ended != channel->loops_ended)) {
            channel->loops_ended = ended;
            number = channel->stop_marker;
        } else {
            number = channel->next++ & (channel->stop_marker >> 1);
        }
    }
    memcpy(message, &number, sizeof(number));
    return 0;
}

LOOP_SET_COPYING(null_loops, null_send, null_receive)

static const struct loop_set *null_loops_for(const struct options *options)
{
    (void)options;
    return &null_loops;
}

/* As an operation on memory: none, so that a sample is what reading the clock and noting it costs. */
static int null_prepare(void *state, struct memory_pass *pass, struct error *error)
{
    (void)state, (void)error;
    pass->operations = 4096;
    return 0;
}

static int null_operate(void *state, uint64_t index)
{
    (void)state, (void)index;
    return 0;
}

static const struct memory_operation null_operation = {
    .prepare = null_prepare,
    .operate = null_operate,
};
MEMORY_LOOPS(null_memory_loops, null_operation)

static const struct memory_loops *null_memory_loops_for(const struct options *options)
{
    (void)options;
    return &null_memory_loops;
}

static bool null_spins(const struct options *options)
{
    (void)options;
    return true;
}

static int null_limits(const struct options *options, struct message_limits *limits,
                       struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 0, .maximum_bytes = UINT64_MAX};
    return 0;
}

static int null_create(struct channel *channel, struct error *error)
{
    struct null_state *state = channel->state;
    void *shared = mmap(NULL, sizeof(struct null_shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap");
    state->shared = shared;
    state->stop_marker = loop_sequence_mask(channel->message_bytes);
    return 0;
}

static int null_attach(struct channel *channel, enum side side, struct error *error)
{
    struct null_state *state = channel->state;
    (void)error;
    state->side = side;
    return 0;
}

static void null_destroy(struct channel *channel)
{
    struct null_state *state = channel->state;
    if (state->shared)
        munmap(state->shared, sizeof(struct null_shared));
    state->shared = NULL;
}

const struct transport transport_null = {
    .abi = TRANSPORT_ABI,
    .name = "null",
    .summary = "moves nothing: what the harness itself costs",
    .family = FAMILY_NONE,
    .state_bytes = sizeof(struct null_state),
    .spins = null_spins,
    .limits = null_limits,
    .create = null_create,
    .attach = null_attach,
    .loops = null_loops_for,
    .destroy = null_destroy,
    .memory_loops = null_memory_loops_for,
};
