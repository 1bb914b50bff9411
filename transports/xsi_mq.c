/* XSI (System V) message queues: msgget, msgsnd, msgrcv; one private queue for each direction, or one for
 * both, where each side receives by type what is for it.
 *
 * A receiver asks for one type, for any, or for the lowest up to some type. The kernel keeps a queue in
 * the order of sending and searches it from its head; for the lowest it has to search to the end, unless
 * it meets type 1, which nothing is below. So here all messages have type 2 then: in order, and searched.
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
#include "harness/wait.h"

enum {
    XSI_MQ_QBYTES,
    XSI_MQ_MTYPE,
    XSI_MQ_NOERROR,
    XSI_MQ_QUEUES,
    XSI_MQ_WAIT,
    XSI_MQ_OPTION_COUNT
};
enum mtype { MTYPE_OWN, MTYPE_ANY, MTYPE_LOWEST };
enum queues { QUEUES_TWO, QUEUES_ONE };

static const struct option_spec xsi_mq_options[XSI_MQ_OPTION_COUNT] = {
    [XSI_MQ_QBYTES] = {.key = "qbytes",
                       .kind = OPTION_BYTES,
                       .default_value = "default",
                       .minimum = 1,
                       .maximum = 1 << 30,
                       .meaning = "bytes a queue holds (msgctl IPC_SET); default: kernel.msgmnb"},
    [XSI_MQ_MTYPE] = {.key = "mtype",
                      .kind = OPTION_CHOICE,
                      .choices = "own|any|lowest",
                      .default_value = "own",
                      .meaning = "what msgrcv asks for: a type (1), any (0), the lowest (-2)"},
    [XSI_MQ_NOERROR] = {.key = "noerror",
                        .kind = OPTION_CHOICE,
                        .choices = "no|yes",
                        .default_value = "no",
                        .meaning = "MSG_NOERROR: cut what is too long, instead of E2BIG"},
    [XSI_MQ_QUEUES] = {.key = "queues",
                       .kind = OPTION_CHOICE,
                       .choices = "2|1",
                       .default_value = "2",
                       .meaning = "one for each direction, or one for both, told apart by type"},
    [XSI_MQ_WAIT] = {.key = "wait",
                     .kind = OPTION_CHOICE,
                     .choices = "block|spin",
                     .default_value = "block",
                     .meaning = "how to wait: sleep in the call, or retry (IPC_NOWAIT)"},
};

struct xsi_mq_state {
    struct wait_meter meter;
    int in; /* queue ids of this side, set by attach */
    int out;
    long type_in; /* as msgrcv takes it */
    long type_out;
    int receive_flags;
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

/* With types and flags as the options have them, which are no more than arguments of the calls. */
static ALWAYS_INLINE int typed_send(void *state, const unsigned char *message, size_t bytes,
                                    enum wait_kind wait)
{
    struct xsi_mq_state *const channel = state;
    const int queue = channel->out, flags = wait == WAIT_SPIN ? IPC_NOWAIT : 0;
    unsigned char *const typed = (unsigned char *)(uintptr_t)message - sizeof(channel->type_out);
    memcpy(typed, &channel->type_out, sizeof(channel->type_out));
    for (;;) {
        int refused = msgsnd(queue, typed, bytes, flags);
        if (wait == WAIT_SPIN && refused && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&channel->meter,
                            !(refused = msgsnd(queue, typed, bytes, flags)) || errno != EAGAIN);
        if (LIKELY(!refused))
            return 0;
        if (errno != EINTR)
            return -errno;
    }
}

static ALWAYS_INLINE int typed_receive(void *state, unsigned char *message, size_t bytes,
                                       enum wait_kind wait)
{
    struct xsi_mq_state *const channel = state;
    const int queue = channel->in;
    const int flags = channel->receive_flags | (wait == WAIT_SPIN ? IPC_NOWAIT : 0);
    unsigned char *const typed = message - sizeof(channel->type_in);
    const long type = channel->type_in;
    for (;;) {
        ssize_t moved = msgrcv(queue, typed, bytes, type, flags);
        if (wait == WAIT_SPIN && moved < 0 && errno == ENOMSG)
            WAIT_SPIN_UNTIL(&channel->meter,
                            (moved = msgrcv(queue, typed, bytes, type, flags)) >= 0 ||
                                errno != ENOMSG);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved >= 0)
            return -EBADMSG;
        if (errno != EINTR)
            return -errno;
    }
}

LOOP_SET_FOR_WAIT(typed_block_loops, typed_send, typed_receive, WAIT_BLOCK)
LOOP_SET_FOR_WAIT(typed_spin_loops, typed_send, typed_receive, WAIT_SPIN)

static bool xsi_mq_spins(const struct options *options)
{
    return options->values[XSI_MQ_WAIT] == WAIT_SPIN;
}

static const struct loop_set *xsi_mq_loops_for(const struct options *options)
{
    const uint64_t *const values = options->values;
    if (xsi_mq_spins(options))
        return &typed_spin_loops;
    return values[XSI_MQ_MTYPE] || values[XSI_MQ_NOERROR] || values[XSI_MQ_QUEUES]
               ? &typed_block_loops
               : &xsi_mq_loops;
}

static int xsi_mq_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    (void)message_bytes;
    if (options->values[XSI_MQ_QUEUES] == QUEUES_ONE && options->values[XSI_MQ_MTYPE] != MTYPE_OWN)
        return error_unavailable(error, "mtype=own, or queues=2",
                                 "on one queue a receiver of %s would take its own messages back",
                                 options->values[XSI_MQ_MTYPE] == MTYPE_ANY ? "any type"
                                                                            : "the lowest type");
    return 0;
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

/* What this kernel does with a message that is longer than the receiver's buffer, tried on the new queue.
 * Nothing tells a receiver that a message was cut: what it gets is as long as its buffer. Here it cannot
 * happen, since all messages have the size that receivers ask for. */
static int try_cut(struct channel *channel, int queue, struct error *error)
{
    enum { SENT_BYTES = 2, ROOM_BYTES = 1 };
    struct {
        long type;
        unsigned char text[SENT_BYTES];
    } message = {.type = 1};
    if (channel->message_bytes < SENT_BYTES) /* the queue may hold no more than that */
        return 0;
    if (msgsnd(queue, &message, SENT_BYTES, IPC_NOWAIT))
        return error_system(error, errno, "msgsnd");
    const bool refuses = msgrcv(queue, &message, ROOM_BYTES, 0, IPC_NOWAIT) < 0 && errno == E2BIG;
    const ssize_t got = msgrcv(queue, &message, ROOM_BYTES, 0, IPC_NOWAIT | MSG_NOERROR);
    struct msqid_ds status;
    if (msgctl(queue, IPC_STAT, &status))
        return error_system(error, errno, "msgctl(IPC_STAT)");
    if (!refuses || got != ROOM_BYTES || status.msg_qnum)
        return error_plain(error, "MSG_NOERROR: %d of %d bytes received, %lu messages left",
                           (int)got, SENT_BYTES, (unsigned long)status.msg_qnum);
    obtained_text(&channel->obtained, "too_long", "cut, and not told");
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
    if (failure)
        return failure;
    obtained_number(&channel->obtained, "qbytes", (int64_t)got_bytes);
    return channel->options.values[XSI_MQ_NOERROR] ? try_cut(channel, queue, error) : 0;
}

static int xsi_mq_create(struct channel *channel, struct error *error)
{
    const int failure = xsi_mq_make(channel, SIDE_SENDER, error);
    return failure || channel->options.values[XSI_MQ_QUEUES] == QUEUES_ONE
               ? failure
               : xsi_mq_make(channel, SIDE_RECEIVER, error);
}

static int xsi_mq_attach(struct channel *channel, enum side side, struct error *error)
{
    struct xsi_mq_state *state = channel->state;
    (void)error;
    static const long types_in[] = {[MTYPE_OWN] = 1, [MTYPE_ANY] = 0, [MTYPE_LOWEST] = -2};
    static const long types_out[] = {[MTYPE_OWN] = 1, [MTYPE_ANY] = 1, [MTYPE_LOWEST] = 2};
    const uint64_t *const values = channel->options.values;
    const enum side peer = side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER;
    const bool shares = values[XSI_MQ_QUEUES] == QUEUES_ONE;
    state->out = state->queues[shares ? SIDE_SENDER : side] - 1;
    state->in = state->queues[shares ? SIDE_SENDER : peer] - 1;
    state->type_in = shares ? (long)peer + 1 : types_in[values[XSI_MQ_MTYPE]];
    state->type_out = shares ? (long)side + 1 : types_out[values[XSI_MQ_MTYPE]];
    state->receive_flags = values[XSI_MQ_NOERROR] ? MSG_NOERROR : 0;
    channel->meter = xsi_mq_spins(&channel->options) ? &state->meter : NULL;
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
    .spins = xsi_mq_spins,
    .limits = xsi_mq_limits,
    .probe = xsi_mq_probe,
    .create = xsi_mq_create,
    .attach = xsi_mq_attach,
    .loops = xsi_mq_loops_for,
    .destroy = xsi_mq_destroy,
    .crowd_most_bytes = xsi_mq_crowd_most_bytes,
};
