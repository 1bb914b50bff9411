/* A futex word as a notification: a counter in shared memory that one side adds to; the other sleeps in
 * the kernel while it has taken all. No payload: what waking the other side costs.
 *
 * Memory ordering, with wake=needed: a receiver raises its flag, then looks at the counter once more; a
 * sender counts, then looks at the flag: all four sequentially consistent, so that one of the two
 * sees the other. The flag is the futex word: a sender may be so late that it takes down not the flag it
 * has seen but the next one, before its owner sleeps, who then finds the word changed and looks again.
 * (With the counter as the word it would sleep, and nobody would know.)
 * With wake=always there is no flag, and the counter is the word. */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/notices.h"

enum { FUTEX_OPTION_WAKE, FUTEX_OPTION_WAIT, FUTEX_OPTION_COUNT };
enum wake { WAKE_NEEDED, WAKE_ALWAYS };
enum futex_wait { FUTEX_BLOCKS, FUTEX_SPINS };

static const struct option_spec futex_options[FUTEX_OPTION_COUNT] = {
    [FUTEX_OPTION_WAKE] = {.key = "wake",
                           .kind = OPTION_CHOICE,
                           .choices = "needed|always",
                           .default_value = "needed",
                           .meaning = "FUTEX_WAKE only where the receiver sleeps, or each time"},
    [FUTEX_OPTION_WAIT] = {.key = "wait",
                           .kind = OPTION_CHOICE,
                           .choices = "block|spin",
                           .default_value = "block",
                           .meaning = "how to wait: sleep in the call, or look again"},
};

struct futex_state {
    struct notices notices;
    uint32_t taken; /* of those posted */
    _Alignas(128) struct wait_meter meter;
};

static ALWAYS_INLINE int futex_wake(_Atomic uint32_t *word)
{
    return UNLIKELY(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0) ? -errno : 0;
}

static ALWAYS_INLINE int futex_send_and_wake(void *state, const unsigned char *message,
                                             size_t bytes)
{
    struct futex_state *const channel = state;
    struct notice_words *const out = channel->notices.out;
    (void)bytes;
    notice_leaves(&channel->notices, message);
    atomic_fetch_add_explicit(&out->posted, 1, memory_order_seq_cst);
    return futex_wake(&out->posted);
}

static ALWAYS_INLINE int futex_send(void *state, const unsigned char *message, size_t bytes)
{
    struct futex_state *const channel = state;
    struct notice_words *const out = channel->notices.out;
    (void)bytes;
    notice_leaves(&channel->notices, message);
    atomic_fetch_add_explicit(&out->posted, 1, memory_order_seq_cst);
    if (LIKELY(!atomic_load_explicit(&out->sleeps, memory_order_seq_cst)) ||
        !atomic_exchange_explicit(&out->sleeps, 0, memory_order_seq_cst))
        return 0;
    return futex_wake(&out->sleeps);
}

/* While the word is what it is said to be. */
static ALWAYS_INLINE int futex_sleep(_Atomic uint32_t *word, uint32_t value)
{
    return syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0) && errno != EAGAIN &&
                   errno != EINTR
               ? -errno
               : 0;
}

static ALWAYS_INLINE int futex_receive_always(void *state, unsigned char *message, size_t bytes)
{
    struct futex_state *const channel = state;
    struct notice_words *const in = channel->notices.in;
    const uint32_t taken = channel->taken;
    (void)bytes;
    while (atomic_load_explicit(&in->posted, memory_order_acquire) == taken) {
        const int failure = futex_sleep(&in->posted, taken);
        if (UNLIKELY(failure))
            return failure;
    }
    channel->taken = taken + 1;
    notice_arrives(&channel->notices, message);
    return 0;
}

static ALWAYS_INLINE int futex_receive(void *state, unsigned char *message, size_t bytes)
{
    struct futex_state *const channel = state;
    struct notice_words *const in = channel->notices.in;
    const uint32_t taken = channel->taken;
    (void)bytes;
    while (atomic_load_explicit(&in->posted, memory_order_acquire) == taken) {
        atomic_store_explicit(&in->sleeps, 1, memory_order_seq_cst);
        const int failure = atomic_load_explicit(&in->posted, memory_order_seq_cst) == taken
                                ? futex_sleep(&in->sleeps, 1)
                                : 0;
        if (UNLIKELY(failure))
            return failure;
        atomic_store_explicit(&in->sleeps, 0, memory_order_relaxed);
    }
    channel->taken = taken + 1;
    notice_arrives(&channel->notices, message);
    return 0;
}

static ALWAYS_INLINE int futex_receive_spinning(void *state, unsigned char *message, size_t bytes)
{
    struct futex_state *const channel = state;
    struct notice_words *const in = channel->notices.in;
    const uint32_t taken = channel->taken;
    (void)bytes;
    if (atomic_load_explicit(&in->posted, memory_order_acquire) == taken)
        WAIT_SPIN_UNTIL(&channel->meter,
                        atomic_load_explicit(&in->posted, memory_order_acquire) != taken);
    channel->taken = taken + 1;
    notice_arrives(&channel->notices, message);
    return 0;
}

LOOP_SET_COPYING(futex_needed_loops, futex_send, futex_receive)
LOOP_SET_COPYING(futex_always_loops, futex_send_and_wake, futex_receive_always)
LOOP_SET_COPYING(futex_needed_spinning_loops, futex_send, futex_receive_spinning)
LOOP_SET_COPYING(futex_always_spinning_loops, futex_send_and_wake, futex_receive_spinning)

static const struct loop_set *futex_loops_for(const struct options *options)
{
    const bool always = options->values[FUTEX_OPTION_WAKE] == WAKE_ALWAYS;
    if (options->values[FUTEX_OPTION_WAIT] == FUTEX_SPINS)
        return always ? &futex_always_spinning_loops : &futex_needed_spinning_loops;
    return always ? &futex_always_loops : &futex_needed_loops;
}

static bool futex_spins(const struct options *options)
{
    return options->values[FUTEX_OPTION_WAIT] == FUTEX_SPINS;
}

static int futex_create(struct channel *channel, struct error *error)
{
    struct futex_state *state = channel->state;
    obtained_text(&channel->obtained, "wake",
                  channel->options.values[FUTEX_OPTION_WAKE] == WAKE_ALWAYS ? "always" : "needed");
    return notices_create(&state->notices, error);
}

static int futex_attach(struct channel *channel, enum side side, struct error *error)
{
    struct futex_state *state = channel->state;
    (void)error;
    notices_attach(&state->notices, side);
    channel->meter = futex_spins(&channel->options) ? &state->meter : NULL;
    return 0;
}

static void futex_destroy(struct channel *channel)
{
    struct futex_state *state = channel->state;
    notices_destroy(&state->notices);
}

const struct transport transport_futex = {
    .abi = TRANSPORT_ABI,
    .name = "futex",
    .summary = "futex as notification: no payload, waking alone",
    .family = FAMILY_SHARED_MEMORY,
    .options = futex_options,
    .option_count = FUTEX_OPTION_COUNT,
    .state_bytes = sizeof(struct futex_state),
    .spins = futex_spins,
    .limits = notices_limits,
    .create = futex_create,
    .attach = futex_attach,
    .loops = futex_loops_for,
    .destroy = futex_destroy,
};
