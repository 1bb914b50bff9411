/* POSIX message queues: mq_send, mq_receive; one queue for each direction, its name removed at
 * once. On Linux a queue is a file descriptor, so it can be polled. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/capabilities.h"
#include "transports/common/descriptors.h"
#include "transports/common/queue_io.h"
#include "transports/common/queue_notice.h"
#include "transports/common/queue_order.h"

enum {
    POSIX_MQ_DEPTH,
    POSIX_MQ_PRIORITY,
    POSIX_MQ_MIXED,
    POSIX_MQ_NOTIFY,
    POSIX_MQ_TIMED,
    POSIX_MQ_WAIT,
    POSIX_MQ_OPTION_COUNT
};

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
    [POSIX_MQ_MIXED] = {.key = "mixed",
                        .kind = OPTION_CHOICE,
                        .choices = "no|yes",
                        .default_value = "no",
                        .meaning = "every other message with one more than priority="},
    [POSIX_MQ_NOTIFY] = {.key = "notify",
                         .kind = OPTION_CHOICE,
                         .choices = "none|signal|thread",
                         .default_value = "none",
                         .meaning = "how a receiver that finds none is told (mq_notify)"},
    [POSIX_MQ_TIMED] = {.key = "timed",
                        .kind = OPTION_CHOICE,
                        .choices = "no|yes",
                        .default_value = "no",
                        .meaning = "mq_timedsend, mq_timedreceive: a minute, from each call on"},
    [POSIX_MQ_WAIT] = WAIT_OPTION,
};

struct posix_mq_state {
    struct descriptors descriptors;
    unsigned priority;
    uint64_t depth;
    struct queue_order order;   /* mixed=yes */
    struct queue_notice notice; /* notify= */
};

static ALWAYS_INLINE int posix_mq_send(void *state, const unsigned char *message, size_t bytes,
                                       enum wait_kind wait)
{
    struct posix_mq_state *const channel = state;
    return queue_put(&channel->descriptors, message, bytes, channel->priority, wait);
}

static ALWAYS_INLINE int posix_mq_receive(void *state, unsigned char *message, size_t bytes,
                                          enum wait_kind wait)
{
    struct posix_mq_state *const channel = state;
    return queue_get(&channel->descriptors, message, bytes, NULL, wait);
}

LOOP_SETS_BY_WAIT(posix_mq_loops, posix_mq_send, posix_mq_receive)

/* mixed=yes: what is received lies in the order's buffers. */
static ALWAYS_INLINE int mixed_commit(void *state, unsigned char *slot, size_t bytes,
                                      enum wait_kind wait)
{
    struct posix_mq_state *const channel = state;
    const unsigned priority = channel->priority + queue_order_raise(&channel->order);
    const int failure = queue_put(&channel->descriptors, slot, bytes, priority, wait);
    ++channel->order.sent;
    return failure;
}

static ALWAYS_INLINE int mixed_acquire(void *state, size_t bytes, unsigned char **message,
                                       enum wait_kind wait)
{
    struct posix_mq_state *const channel = state;
    while (!(*message = queue_order_first(&channel->order))) {
        unsigned priority = 0;
        int failure =
            queue_get(&channel->descriptors, channel->order.spare, bytes, &priority, wait);
        if (LIKELY(!failure))
            failure = queue_order_put(&channel->order, priority - channel->priority);
        if (UNLIKELY(failure))
            return failure;
    }
    return 0;
}

static ALWAYS_INLINE int mixed_release(void *state, unsigned char *message, size_t bytes)
{
    struct posix_mq_state *const channel = state;
    (void)message, (void)bytes;
    queue_order_release(&channel->order);
    return 0;
}

#define MIXED_LOOPS(name, wait)                                                                    \
    static ALWAYS_INLINE int name##_commit(void *state, unsigned char *slot, size_t bytes)         \
    {                                                                                              \
        return mixed_commit(state, slot, bytes, wait);                                             \
    }                                                                                              \
    static ALWAYS_INLINE int name##_acquire(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **message)                               \
    {                                                                                              \
        (void)own;                                                                                 \
        return mixed_acquire(state, bytes, message, wait);                                         \
    }                                                                                              \
    static const struct exchange name##_exchange = {                                               \
        .reserve = loop_reserve_own,                                                               \
        .commit = name##_commit,                                                                   \
        .acquire = name##_acquire,                                                                 \
        .release = mixed_release,                                                                  \
    };                                                                                             \
    LOOP_SET(name, name##_exchange)

MIXED_LOOPS(mixed_block, WAIT_BLOCK)
MIXED_LOOPS(mixed_spin, WAIT_SPIN)
MIXED_LOOPS(mixed_poll, WAIT_POLL)
MIXED_LOOPS(mixed_epoll, WAIT_EPOLL)

static const struct loop_set *const mixed_loops[WAIT_KINDS] = {
    [WAIT_BLOCK] = &mixed_block,
    [WAIT_SPIN] = &mixed_spin,
    [WAIT_POLL] = &mixed_poll,
    [WAIT_EPOLL] = &mixed_epoll,
};

/* timed=yes: the moment is told, as the calls want it, and so reckoned anew for each. */
static ALWAYS_INLINE struct timespec patience_end(void)
{
    enum { PATIENCE_SECONDS = 60 };
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_SECONDS;
    return end;
}

static ALWAYS_INLINE int timed_send(void *state, const unsigned char *message, size_t bytes)
{
    const struct posix_mq_state *const channel = state;
    const struct timespec end = patience_end();
    while (UNLIKELY(mq_timedsend(channel->descriptors.out.fd, (const char *)message, bytes,
                                 channel->priority, &end))) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int timed_receive(void *state, unsigned char *message, size_t bytes)
{
    const struct posix_mq_state *const channel = state;
    const struct timespec end = patience_end();
    for (;;) {
        const ssize_t moved =
            mq_timedreceive(channel->descriptors.in.fd, (char *)message, bytes, NULL, &end);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (errno != EINTR)
            return -errno;
    }
}

LOOP_SET_COPYING(timed_loops, timed_send, timed_receive)

/* notify=: senders block as ever, the receivers' end of a queue does not. */
static ALWAYS_INLINE int notified_send(void *state, const unsigned char *message, size_t bytes)
{
    return posix_mq_send(state, message, bytes, WAIT_BLOCK);
}

static ALWAYS_INLINE int notified_receive(void *state, unsigned char *message, size_t bytes)
{
    struct posix_mq_state *const channel = state;
    const mqd_t queue = channel->descriptors.in.fd;
    for (;;) {
        const ssize_t moved = mq_receive(queue, (char *)message, bytes, NULL);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        const int failure = errno == EAGAIN  ? queue_notice_wait(&channel->notice, queue)
                            : errno == EINTR ? 0
                                             : -errno;
        if (UNLIKELY(failure))
            return failure;
    }
}

LOOP_SET_COPYING(notified_loops, notified_send, notified_receive)

static const struct loop_set *posix_mq_loops_for(const struct options *options)
{
    const uint64_t *const values = options->values;
    if (values[POSIX_MQ_NOTIFY])
        return &notified_loops;
    if (values[POSIX_MQ_TIMED])
        return &timed_loops;
    return (values[POSIX_MQ_MIXED] ? mixed_loops : posix_mq_loops)[values[POSIX_MQ_WAIT]];
}

static int posix_mq_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    const uint64_t *const values = options->values;
    const bool mixed = values[POSIX_MQ_MIXED] != 0, timed = values[POSIX_MQ_TIMED] != 0;
    const bool notified = values[POSIX_MQ_NOTIFY] != NOTIFY_NONE;
    (void)message_bytes;
    if (mixed + timed + notified > 1)
        return error_unavailable(error, "one of mixed=, notify= and timed=",
                                 "mixed=, notify= and timed= are measured one at a time");
    if ((timed || notified) && values[POSIX_MQ_WAIT] != WAIT_BLOCK)
        return error_unavailable(error, "wait=block", "%s is a way to wait of its own",
                                 timed ? "timed=yes" : "notify=");
    if (mixed && values[POSIX_MQ_PRIORITY] == posix_mq_options[POSIX_MQ_PRIORITY].maximum)
        return error_unavailable(error, "a lower priority=", "there is no priority above %u",
                                 (unsigned)values[POSIX_MQ_PRIORITY]);
    return 0;
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
    const bool for_two = options->values[POSIX_MQ_MIXED] || options->values[POSIX_MQ_NOTIFY];
    return for_two ? 0 : UINT64_MAX;
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
    /* What does not block is a property of the open queue, which both sides would share. */
    mqd_t receiving = queue;
    if (queue >= 0 && channel->options.values[POSIX_MQ_NOTIFY])
        receiving = mq_open(name.text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int failure_again = errno;
    if (queue >= 0)
        mq_unlink(name.text);
    leftovers_forget(channel->leftovers, slot);
    if (queue < 0)
        return describe_refusal(failure, &attributes, error);
    state->descriptors.ends[from][DIRECTION_OUT] = queue;
    state->descriptors.ends[to][DIRECTION_IN] = receiving;
    if (receiving < 0)
        return describe_refusal(failure_again, &attributes, error);
    if (mq_getattr(queue, &attributes))
        return error_system(error, errno, "mq_getattr");
    state->depth = (uint64_t)attributes.mq_maxmsg;
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
    const uint64_t *const values = channel->options.values;
    const int failure = descriptors_attach(channel, &state->descriptors, side,
                                           (enum wait_kind)values[POSIX_MQ_WAIT], error);
    if (!failure && values[POSIX_MQ_MIXED])
        return queue_order_attach(&state->order, state->depth, channel->message_bytes, error);
    if (!failure && values[POSIX_MQ_NOTIFY])
        return queue_notice_attach(&state->notice, (enum queue_notify)values[POSIX_MQ_NOTIFY],
                                   state->descriptors.in.fd, error);
    return failure;
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
    .probe = posix_mq_probe,
    .create = posix_mq_create,
    .attach = posix_mq_attach,
    .loops = posix_mq_loops_for,
    .destroy = posix_mq_destroy,
    .crowd_most_bytes = posix_mq_crowd_most_bytes,
};
