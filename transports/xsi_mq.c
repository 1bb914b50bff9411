/* XSI (System V) message queues: msgget, msgsnd, msgrcv; one private queue for each direction.
 *
 * The queue lives until it is removed, so it is announced to the guard for the whole trial. */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"

enum { XSI_MQ_QBYTES, XSI_MQ_OPTION_COUNT };

static const struct option_spec xsi_mq_options[XSI_MQ_OPTION_COUNT] = {
    [XSI_MQ_QBYTES] = {.key = "qbytes",
                       .kind = OPTION_BYTES,
                       .default_value = "default",
                       .minimum = 1,
                       .maximum = 1 << 30,
                       .meaning = "bytes a queue holds (msgctl IPC_SET); default: kernel.msgmnb"},
};

struct xsi_mq_state {
    int in; /* queue ids of this side, set by attach */
    int out;
    int queues[SIDE_COUNT]; /* by sending side; id + 1, 0: none */
    int slots[SIDE_COUNT];
};

static const long message_type = 1;

/* The type lies in front of the payload: in the headroom that the harness leaves there. */
static ALWAYS_INLINE int xsi_mq_send(void *state, const unsigned char *message, size_t bytes)
{
    const struct xsi_mq_state *const channel = state;
    unsigned char *const typed = (unsigned char *)(uintptr_t)message - sizeof(message_type);
    memcpy(typed, &message_type, sizeof(message_type));
    while (UNLIKELY(msgsnd(channel->out, typed, bytes, 0))) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int xsi_mq_receive(void *state, unsigned char *message, size_t bytes)
{
    const struct xsi_mq_state *const channel = state;
    for (;;) {
        const ssize_t moved =
            msgrcv(channel->in, message - sizeof(message_type), bytes, message_type, 0);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (errno != EINTR)
            return -errno;
    }
}

LOOP_SET_COPYING(xsi_mq_loops, xsi_mq_send, xsi_mq_receive)

static const struct loop_set *xsi_mq_loops_for(const struct options *options)
{
    (void)options;
    return &xsi_mq_loops;
}

static int xsi_mq_limits(const struct options *options, struct message_limits *limits,
                         struct error *error)
{
    int64_t message_most_bytes, queue_most_bytes;
    if (file_read_number("/proc/sys/kernel/msgmax", &message_most_bytes) ||
        file_read_number("/proc/sys/kernel/msgmnb", &queue_most_bytes))
        return error_unavailable(error, "a kernel with CONFIG_SYSVIPC",
                                 "this kernel has no XSI message queues");
    const uint64_t queue_bytes = options->values[XSI_MQ_QBYTES] ? options->values[XSI_MQ_QBYTES]
                                                                : (uint64_t)queue_most_bytes;
    *limits = (struct message_limits){.minimum_bytes = 1,
                                      .maximum_bytes = (uint64_t)message_most_bytes,
                                      .knob = "sysctl kernel.msgmax"};
    if (queue_bytes < limits->maximum_bytes)
        *limits = (struct message_limits){
            .minimum_bytes = 1, .maximum_bytes = queue_bytes, .knob = "qbytes=, kernel.msgmnb"};
    return 0;
}

static uint64_t xsi_mq_crowd_most_bytes(const struct options *options)
{
    (void)options;
    return UINT64_MAX;
}

static int set_queue_bytes(int queue, uint64_t wanted_bytes, uint64_t *got_bytes,
                           struct error *error)
{
    struct msqid_ds status;
    if (msgctl(queue, IPC_STAT, &status))
        return error_system(error, errno, "msgctl(IPC_STAT)");
    if (wanted_bytes && wanted_bytes != status.msg_qbytes) {
        status.msg_qbytes = wanted_bytes;
        if (msgctl(queue, IPC_SET, &status)) {
            const int failure = errno;
            if (failure == EPERM)
                return error_unavailable(error, "sysctl kernel.msgmnb, or CAP_SYS_RESOURCE",
                                         "msgctl(IPC_SET, qbytes=%llu): not permitted",
                                         (unsigned long long)wanted_bytes);
            return error_system(error, failure, "msgctl(IPC_SET, qbytes=%llu)",
                                (unsigned long long)wanted_bytes);
        }
        if (msgctl(queue, IPC_STAT, &status))
            return error_system(error, errno, "msgctl(IPC_STAT)");
    }
    *got_bytes = status.msg_qbytes;
    return 0;
}

static int xsi_mq_make(struct channel *channel, enum side from, struct error *error)
{
    struct xsi_mq_state *state = channel->state;
    const int queue = msgget(IPC_PRIVATE, 0600);
    if (queue < 0 && (errno == ENOSPC || errno == ENOSYS))
        return error_unavailable(error, "sysctl kernel.msgmni", "msgget: %s", error_name(errno));
    if (queue < 0)
        return error_system(error, errno, "msgget");
    state->queues[from] = queue + 1;
    state->slots[from] = leftovers_announce_id(channel->leftovers, LEFTOVER_XSI_QUEUE, queue);
    uint64_t got_bytes = 0;
    const int failure =
        set_queue_bytes(queue, channel->options.values[XSI_MQ_QBYTES], &got_bytes, error);
    if (!failure)
        obtained_number(&channel->obtained, "qbytes", (int64_t)got_bytes);
    return failure;
}

static int xsi_mq_create(struct channel *channel, struct error *error)
{
    const int failure = xsi_mq_make(channel, SIDE_SENDER, error);
    return failure ? failure : xsi_mq_make(channel, SIDE_RECEIVER, error);
}

static int xsi_mq_attach(struct channel *channel, enum side side, struct error *error)
{
    struct xsi_mq_state *state = channel->state;
    (void)error;
    state->out = state->queues[side] - 1;
    state->in = state->queues[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER] - 1;
    return 0;
}

static void xsi_mq_destroy(struct channel *channel)
{
    struct xsi_mq_state *state = channel->state;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (!state->queues[side])
            continue;
        msgctl(state->queues[side] - 1, IPC_RMID, NULL);
        leftovers_forget(channel->leftovers, state->slots[side]);
        state->queues[side] = 0;
    }
}

const struct transport transport_xsi_mq = {
    .abi = TRANSPORT_ABI,
    .name = "xsi-mq",
    .summary = "XSI (System V) message queue: msgsnd, msgrcv",
    .family = FAMILY_MESSAGE,
    .options = xsi_mq_options,
    .option_count = XSI_MQ_OPTION_COUNT,
    .state_bytes = sizeof(struct xsi_mq_state),
    .limits = xsi_mq_limits,
    .create = xsi_mq_create,
    .attach = xsi_mq_attach,
    .loops = xsi_mq_loops_for,
    .destroy = xsi_mq_destroy,
    .crowd_most_bytes = xsi_mq_crowd_most_bytes,
};
