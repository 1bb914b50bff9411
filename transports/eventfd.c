/* eventfd(2) as a notification: a counter in the kernel that one side adds to and the other takes from.
 * No payload: what waking the other side costs. */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/descriptors.h"
#include "transports/common/notices.h"

enum { EVENTFD_TAKE, EVENTFD_WAIT, EVENTFD_OPTION_COUNT };
enum take { TAKE_ALL, TAKE_ONE };

static const struct option_spec eventfd_options[EVENTFD_OPTION_COUNT] = {
    [EVENTFD_TAKE] = {.key = "take",
                      .kind = OPTION_CHOICE,
                      .choices = "all|one",
                      .default_value = "all",
                      .meaning = "one read takes all there are, or one (EFD_SEMAPHORE)"},
    [EVENTFD_WAIT] = WAIT_OPTION,
};

struct eventfd_state {
    struct descriptors descriptors;
    struct notices notices;
    uint64_t taken; /* by the last read, and not yet given out */
};

/* The counter has 64 bits: no sender ever finds it full. */
static ALWAYS_INLINE int eventfd_send(void *state, const unsigned char *message, size_t bytes,
                                      enum wait_kind wait)
{
    struct eventfd_state *const channel = state;
    const int fd = channel->descriptors.out.fd;
    const uint64_t one = 1;
    (void)bytes, (void)wait;
    notice_leaves(&channel->notices, message);
    while (UNLIKELY(write(fd, &one, sizeof(one)) < 0)) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int eventfd_take(struct descriptors *channel, uint64_t *count,
                                      enum wait_kind wait)
{
    const int fd = channel->in.fd;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&channel->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = read(fd, count, sizeof(*count));
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&channel->meter,
                            (moved = read(fd, count, sizeof(*count))) >= 0 || errno != EAGAIN);
        if (LIKELY(moved == (ssize_t)sizeof(*count)))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

static ALWAYS_INLINE int eventfd_receive_of_all(void *state, unsigned char *message, size_t bytes,
                                                enum wait_kind wait)
{
    struct eventfd_state *const channel = state;
    (void)bytes;
    if (!channel->taken) {
        const int failure = eventfd_take(&channel->descriptors, &channel->taken, wait);
        if (UNLIKELY(failure))
            return failure;
    }
    --channel->taken;
    notice_arrives(&channel->notices, message);
    return 0;
}

static ALWAYS_INLINE int eventfd_receive_one(void *state, unsigned char *message, size_t bytes,
                                             enum wait_kind wait)
{
    struct eventfd_state *const channel = state;
    uint64_t one;
    (void)bytes;
    const int failure = eventfd_take(&channel->descriptors, &one, wait);
    if (UNLIKELY(failure))
        return failure;
    notice_arrives(&channel->notices, message);
    return 0;
}

LOOP_SETS_BY_WAIT(eventfd_all_loops, eventfd_send, eventfd_receive_of_all)
LOOP_SETS_BY_WAIT(eventfd_one_loops, eventfd_send, eventfd_receive_one)

static const struct loop_set *eventfd_loops_for(const struct options *options)
{
    const enum wait_kind wait = (enum wait_kind)options->values[EVENTFD_WAIT];
    return options->values[EVENTFD_TAKE] == TAKE_ONE ? eventfd_one_loops[wait]
                                                     : eventfd_all_loops[wait];
}

static bool eventfd_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[EVENTFD_WAIT]);
}

static int eventfd_create(struct channel *channel, struct error *error)
{
    struct eventfd_state *state = channel->state;
    const bool takes_one = channel->options.values[EVENTFD_TAKE] == TAKE_ONE;
    descriptors_init(&state->descriptors);
    const int failure = notices_create(&state->notices, error);
    if (failure)
        return failure;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        const int fd = eventfd(0, EFD_CLOEXEC | (takes_one ? EFD_SEMAPHORE : 0));
        if (fd < 0)
            return error_system(error, errno, "eventfd");
        state->descriptors.ends[side][DIRECTION_OUT] = fd;
        state->descriptors.ends[!side][DIRECTION_IN] = fd;
    }
    obtained_text(&channel->obtained, "take", takes_one ? "one" : "all");
    return 0;
}

static int eventfd_attach(struct channel *channel, enum side side, struct error *error)
{
    struct eventfd_state *state = channel->state;
    notices_attach(&state->notices, side);
    return descriptors_attach(channel, &state->descriptors, side,
                              (enum wait_kind)channel->options.values[EVENTFD_WAIT], error);
}

static void eventfd_destroy(struct channel *channel)
{
    struct eventfd_state *state = channel->state;
    descriptors_close(&state->descriptors);
    notices_destroy(&state->notices);
}

const struct transport transport_eventfd = {
    .abi = TRANSPORT_ABI,
    .name = "eventfd",
    .summary = "eventfd as notification: no payload, waking alone",
    .family = FAMILY_MESSAGE,
    .options = eventfd_options,
    .option_count = EVENTFD_OPTION_COUNT,
    .state_bytes = sizeof(struct eventfd_state),
    .spins = eventfd_spins,
    .limits = notices_limits,
    .create = eventfd_create,
    .attach = eventfd_attach,
    .loops = eventfd_loops_for,
    .destroy = eventfd_destroy,
};
