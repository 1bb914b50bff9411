/* POSIX message queues: mq_send, mq_receive; one queue for each direction, its name removed at
 * once. On Linux a queue is a file descriptor, so it can be polled. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/capabilities.h"
#include "transports/common/descriptors.h"

enum { POSIX_MQ_DEPTH, POSIX_MQ_PRIORITY, POSIX_MQ_WAIT, POSIX_MQ_OPTION_COUNT };

static const struct option_spec posix_mq_options[POSIX_MQ_OPTION_COUNT] = {
    [POSIX_MQ_DEPTH] = {.key = "depth",
                        .kind = OPTION_COUNT,
                        .default_value = "default",
                        .minimum = 1,
                        .maximum = 65536,
                        .meaning = "messages a queue holds; default: fs.mqueue.msg_default"},
    [POSIX_MQ_PRIORITY] = {.key = "priority",
                           .kind = OPTION_COUNT,
                           .default_value = "0",
                           .minimum = 0,
                           .maximum = 32767,
                           .meaning = "priority every message is sent with"},
    [POSIX_MQ_WAIT] = WAIT_OPTION,
};

struct posix_mq_state {
    struct descriptors descriptors;
    unsigned priority;
};

static ALWAYS_INLINE int posix_mq_send(void *state, const unsigned char *message, size_t bytes,
                                       enum wait_kind wait)
{
    struct posix_mq_state *const channel = state;
    struct descriptors *const descriptors = &channel->descriptors;
    const mqd_t queue = descriptors->out.fd;
    const char *const text = (const char *)message;
    const unsigned priority = channel->priority;
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

static ALWAYS_INLINE int posix_mq_receive(void *state, unsigned char *message, size_t bytes,
                                          enum wait_kind wait)
{
    struct posix_mq_state *const channel = state;
    struct descriptors *const descriptors = &channel->descriptors;
    const mqd_t queue = descriptors->in.fd;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&descriptors->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = mq_receive(queue, (char *)message, bytes, NULL);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = mq_receive(queue, (char *)message, bytes, NULL)) >= 0 ||
                                errno != EAGAIN);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

LOOP_SETS_BY_WAIT(posix_mq_loops, posix_mq_send, posix_mq_receive)

static const struct loop_set *posix_mq_loops_for(const struct options *options)
{
    return posix_mq_loops[options->values[POSIX_MQ_WAIT]];
}

static bool posix_mq_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[POSIX_MQ_WAIT]);
}

/* mq_overview(7): with CAP_SYS_RESOURCE the sysctls do not bind, this does. */
static const uint64_t privileged_most_bytes = 16 << 20;

static int posix_mq_limits(const struct options *options, struct message_limits *limits,
                           struct error *error)
{
    (void)options;
    int64_t most_bytes;
    if (file_read_number("/proc/sys/fs/mqueue/msgsize_max", &most_bytes))
        return error_unavailable(error, "a kernel with CONFIG_POSIX_MQUEUE",
                                 "this kernel has no POSIX message queues");
    const bool unbound = capability_is_effective(CAPABILITY_SYS_RESOURCE) &&
                         (uint64_t)most_bytes < privileged_most_bytes;
    *limits = (struct message_limits){.minimum_bytes = 1,
                                      .maximum_bytes =
                                          unbound ? privileged_most_bytes : (uint64_t)most_bytes,
                                      .knob = "sysctl fs.mqueue.msgsize_max"};
    return 0;
}

static uint64_t posix_mq_crowd_most_bytes(const struct options *options)
{
    (void)options;
    return UINT64_MAX;
}

/* mq_open says little: EINVAL for a sysctl exceeded, EMFILE for RLIMIT_MSGQUEUE or descriptors. */
static int describe_refusal(int code, const struct mq_attr *wanted, struct error *error)
{
    const char *knob = code == EMFILE   ? "ulimit -q (RLIMIT_MSGQUEUE), ulimit -n"
                       : code == ENOSPC ? "sysctl fs.mqueue.queues_max"
                       : code == EINVAL ? "sysctl fs.mqueue.msg_max, fs.mqueue.msgsize_max"
                       : code == ENOMEM ? "ulimit -q (RLIMIT_MSGQUEUE)"
                                        : NULL;
    if (!knob)
        return error_system(error, code, "mq_open(depth %ld, %ld bytes)", wanted->mq_maxmsg,
                            wanted->mq_msgsize);
    return error_unavailable(error, knob, "mq_open(depth %ld, %ld bytes): %s", wanted->mq_maxmsg,
                             wanted->mq_msgsize, error_name(code));
}

static int posix_mq_make(struct channel *channel, enum side from, enum side to, struct error *error)
{
    struct posix_mq_state *state = channel->state;
    int64_t default_depth = 10;
    file_read_number("/proc/sys/fs/mqueue/msg_default", &default_depth);
    const uint64_t depth = channel->options.values[POSIX_MQ_DEPTH];
    struct mq_attr attributes = {.mq_maxmsg = depth ? (long)depth : (long)default_depth,
                                 .mq_msgsize = (long)channel->message_bytes};
    const struct unguessable_name name = unguessable_name();
    const int slot = leftovers_announce_name(channel->leftovers, LEFTOVER_QUEUE_NAME, name.text);
    const mqd_t queue =
        mq_open(name.text, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600, &attributes);
    const int failure = errno;
    if (queue >= 0)
        mq_unlink(name.text);
    leftovers_forget(channel->leftovers, slot);
    if (queue < 0)
        return describe_refusal(failure, &attributes, error);
    state->descriptors.ends[from][DIRECTION_OUT] = queue;
    state->descriptors.ends[to][DIRECTION_IN] = queue;
    if (mq_getattr(queue, &attributes))
        return error_system(error, errno, "mq_getattr");
    obtained_number(&channel->obtained, "depth", attributes.mq_maxmsg);
    obtained_number(&channel->obtained, "msgsize_bytes", attributes.mq_msgsize);
    return 0;
}

static int posix_mq_create(struct channel *channel, struct error *error)
{
    struct posix_mq_state *state = channel->state;
    descriptors_init(&state->descriptors);
    state->priority = (unsigned)channel->options.values[POSIX_MQ_PRIORITY];
    const int failure = posix_mq_make(channel, SIDE_SENDER, SIDE_RECEIVER, error);
    return failure ? failure : posix_mq_make(channel, SIDE_RECEIVER, SIDE_SENDER, error);
}

static int posix_mq_attach(struct channel *channel, enum side side, struct error *error)
{
    struct posix_mq_state *state = channel->state;
    return descriptors_attach(channel, &state->descriptors, side,
                              (enum wait_kind)channel->options.values[POSIX_MQ_WAIT], error);
}

static void posix_mq_destroy(struct channel *channel)
{
    struct posix_mq_state *state = channel->state;
    descriptors_close(&state->descriptors);
}

const struct transport transport_posix_mq = {
    .abi = TRANSPORT_ABI,
    .name = "posix-mq",
    .summary = "POSIX message queue: mq_send, mq_receive",
    .family = FAMILY_MESSAGE,
    .options = posix_mq_options,
    .option_count = POSIX_MQ_OPTION_COUNT,
    .state_bytes = sizeof(struct posix_mq_state),
    .spins = posix_mq_spins,
    .limits = posix_mq_limits,
    .create = posix_mq_create,
    .attach = posix_mq_attach,
    .loops = posix_mq_loops_for,
    .destroy = posix_mq_destroy,
    .crowd_most_bytes = posix_mq_crowd_most_bytes,
};
