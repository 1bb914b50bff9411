/* ZeroMQ over ipc://: what libzmq's queues and its I/O thread cost over the Unix socket under them.
 *
 * A context does not survive fork, so each process makes its own: the sender binds a name in a private
 * folder, the receiver, who attaches after it, connects. The I/O thread inherits the CPU that the
 * process is pinned to, as it does in a program that pins itself first.
 *
 * With send=lend the sender writes into slots of ours that zmq_msg_init_data hands over without a
 * copy; the I/O thread gives each back when the kernel has it, in the order in which they were sent.
 * A receiver has no such way here: where a received message lies is not aligned. */
#include <errno.h>
#include <ipcbench/plugin.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum { ZEROMQ_SOCKET, ZEROMQ_SEND, ZEROMQ_HWM, ZEROMQ_OPTION_COUNT };
enum { SOCKET_PAIR, SOCKET_PUSH_PULL };
enum { SEND_COPY, SEND_LEND };

static const struct option_spec zeromq_options[ZEROMQ_OPTION_COUNT] = {
    [ZEROMQ_SOCKET] = {.key = "socket",
                       .kind = OPTION_CHOICE,
                       .choices = "pair|push-pull",
                       .default_value = "pair",
                       .meaning = "one PAIR socket, or PUSH and PULL for each direction"},
    [ZEROMQ_SEND] = {.key = "send",
                     .kind = OPTION_CHOICE,
                     .choices = "copy|lend",
                     .default_value = "copy",
                     .meaning = "zmq_send copies, or zmq_msg_init_data lends the memory"},
    [ZEROMQ_HWM] = {.key = "hwm",
                    .kind = OPTION_COUNT,
                    .default_value = "default",
                    .minimum = 1,
                    .maximum = 1000000,
                    .meaning = "messages that a side may queue (ZMQ_SNDHWM, ZMQ_RCVHWM); default: "
                               "1000"},
};

/* Lent slots, each free again when its turn comes. */
enum { SLOTS_MOST = 64, SLOTS_LEAST = 2, SLOTS_MOST_BYTES = 16 << 20 };
struct slots {
    unsigned char *memory;
    size_t slot_bytes;
    size_t count;
    size_t next;
    sem_t free; /* how many */
};

struct zeromq {
    void *out;
    void *in;
    struct slots slots;
    void *context;
    struct private_folder folder;
};

/* --- the loops ----------------------------------------------------------------------------------- */

static int zeromq_send(void *state, const unsigned char *message, size_t bytes)
{
    const struct zeromq *const zeromq = state;
    int sent;
    do
        sent = zmq_send(zeromq->out, message, bytes, 0);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static int zeromq_receive(void *state, unsigned char *message, size_t bytes)
{
    const struct zeromq *const zeromq = state;
    int got;
    do
        got = zmq_recv(zeromq->in, message, bytes, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (size_t)got == bytes ? 0 : -EBADMSG;
}

LOOP_SET_COPYING(zeromq_copying, zeromq_send, zeromq_receive)

/* On the I/O thread, when it is done with a slot. */
static void slot_give_back(void *data, void *slots)
{
    (void)data;
    sem_post(&((struct slots *)slots)->free);
}

static ALWAYS_INLINE int zeromq_reserve(void *state, unsigned char *own, size_t bytes,
                                        unsigned char **slot)
{
    struct slots *const slots = &((struct zeromq *)state)->slots;
    (void)own, (void)bytes;
    while (sem_wait(&slots->free)) {
        if (errno != EINTR)
            return -errno;
    }
    *slot = slots->memory + slots->next * slots->slot_bytes;
    slots->next = slots->next + 1 == slots->count ? 0 : slots->next + 1;
    return 0;
}

static ALWAYS_INLINE int zeromq_commit(void *state, unsigned char *slot, size_t bytes)
{
    struct zeromq *const zeromq = state;
    zmq_msg_t message;
    int sent;
    if (zmq_msg_init_data(&message, slot, bytes, slot_give_back, &zeromq->slots))
        return -errno;
    do
        sent = zmq_msg_send(&message, zeromq->out, 0);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static ALWAYS_INLINE int zeromq_acquire(void *state, unsigned char *own, size_t bytes,
                                        unsigned char **message)
{
    *message = own;
    return zeromq_receive(state, own, bytes);
}

static const struct exchange zeromq_lending_exchange = {
    .reserve = zeromq_reserve,
    .commit = zeromq_commit,
    .acquire = zeromq_acquire,
    .release = loop_release_nothing,
};
LOOP_SET(zeromq_lending, zeromq_lending_exchange)

static const struct loop_set *zeromq_loops(const struct options *options)
{
    return options->values[ZEROMQ_SEND] == SEND_LEND ? &zeromq_lending : &zeromq_copying;
}

/* --- set-up -------------------------------------------------------------------------------------- */

static int zeromq_create(struct channel *channel, struct error *error)
{
    struct zeromq *const zeromq = channel->state;
    return private_folder_create(channel->leftovers, &zeromq->folder, error);
}

static int zeromq_failed(struct error *error, const char *what)
{
    return error_system(error, EIO, "%s: %s", what, zmq_strerror(errno));
}

/* A socket of one direction, or of both; the sender's side is the one that binds. */
struct wanted {
    int type;
    int number; /* of the name */
    enum side side;
};

static void *socket_open(struct channel *channel, const struct wanted *wanted, struct error *error)
{
    struct zeromq *const zeromq = channel->state;
    const int hwm = (int)channel->options.values[ZEROMQ_HWM], at_once = 0;
    char name[LEFTOVER_NAME_BYTES + 16];
    void *const socket = zmq_socket(zeromq->context, wanted->type);
    snprintf(name, sizeof(name), "ipc://%s/%d", zeromq->folder.path, wanted->number);
    if (!socket) {
        zeromq_failed(error, "zmq_socket");
        return NULL;
    }
    if (zmq_setsockopt(socket, ZMQ_LINGER, &at_once, sizeof(at_once)) ||
        (hwm && (zmq_setsockopt(socket, ZMQ_SNDHWM, &hwm, sizeof(hwm)) ||
                 zmq_setsockopt(socket, ZMQ_RCVHWM, &hwm, sizeof(hwm)))))
        zeromq_failed(error, "zmq_setsockopt");
    else if (wanted->side == SIDE_SENDER ? zmq_bind(socket, name) : zmq_connect(socket, name))
        zeromq_failed(error, wanted->side == SIDE_SENDER ? "zmq_bind" : "zmq_connect");
    else
        return socket;
    zmq_close(socket);
    return NULL;
}

static int slots_open(struct slots *slots, size_t message_bytes, struct error *error)
{
    slots->slot_bytes = message_padded_bytes(message_bytes);
    slots->count = SLOTS_MOST_BYTES / slots->slot_bytes;
    slots->count = slots->count > SLOTS_MOST    ? SLOTS_MOST
                   : slots->count < SLOTS_LEAST ? SLOTS_LEAST
                                                : slots->count;
    slots->memory = aligned_alloc(MESSAGE_ALIGN_BYTES, slots->count * slots->slot_bytes);
    if (!slots->memory || sem_init(&slots->free, 0, (unsigned)slots->count))
        return error_system(error, ENOMEM, "%zu slots of %zu bytes", slots->count,
                            slots->slot_bytes);
    return 0;
}

static void record(struct channel *channel)
{
    struct zeromq *const zeromq = channel->state;
    int major, minor, patch, hwm = 0;
    size_t length = sizeof(hwm);
    char version[24];
    zmq_version(&major, &minor, &patch);
    snprintf(version, sizeof(version), "libzmq %d.%d.%d", major, minor, patch);
    obtained_text(&channel->obtained, "library", version);
    if (!zmq_getsockopt(zeromq->out, ZMQ_SNDHWM, &hwm, &length))
        obtained_number(&channel->obtained, "hwm_messages", hwm);
    if (zeromq->slots.count)
        obtained_number(&channel->obtained, "slots", (int64_t)zeromq->slots.count);
}

static int zeromq_attach(struct channel *channel, enum side side, struct error *error)
{
    struct zeromq *const zeromq = channel->state;
    const bool sends = side == SIDE_SENDER;
    zeromq->context = zmq_ctx_new();
    if (!zeromq->context)
        return zeromq_failed(error, "zmq_ctx_new");
    if (channel->options.values[ZEROMQ_SOCKET] == SOCKET_PAIR) {
        zeromq->out = socket_open(channel, &(struct wanted){ZMQ_PAIR, 0, side}, error);
        zeromq->in = zeromq->out;
    } else { /* name 0 is the way there, 1 the way back */
        const struct wanted out = {ZMQ_PUSH, sends ? 0 : 1, side};
        const struct wanted in = {ZMQ_PULL, sends ? 1 : 0, side};
        zeromq->out = socket_open(channel, &out, error);
        zeromq->in = zeromq->out ? socket_open(channel, &in, error) : NULL;
    }
    if (!zeromq->out || !zeromq->in)
        return -EIO;
    if (channel->options.values[ZEROMQ_SEND] == SEND_LEND) {
        const int failure = slots_open(&zeromq->slots, channel->message_bytes, error);
        if (failure)
            return failure;
    }
    record(channel);
    return 0;
}

static void zeromq_detach(struct channel *channel, enum side side)
{
    struct zeromq *const zeromq = channel->state;
    (void)side;
    if (zeromq->in != zeromq->out)
        zmq_close(zeromq->in);
    zmq_close(zeromq->out);
    zmq_ctx_term(zeromq->context); /* ends the I/O thread: no slot is lent any more */
    if (zeromq->slots.memory)
        sem_destroy(&zeromq->slots.free);
    free(zeromq->slots.memory);
}

static void zeromq_destroy(struct channel *channel)
{
    struct zeromq *const zeromq = channel->state;
    private_folder_remove(channel->leftovers, &zeromq->folder);
}

static const struct transport zeromq = {
    .abi = TRANSPORT_ABI,
    .name = "zeromq",
    .summary = "ZeroMQ sockets over ipc:// (libzmq)",
    .family = FAMILY_MESSAGE,
    .options = zeromq_options,
    .option_count = ZEROMQ_OPTION_COUNT,
    .state_bytes = sizeof(struct zeromq),
    .create = zeromq_create,
    .attach = zeromq_attach,
    .loops = zeromq_loops,
    .detach = zeromq_detach,
    .destroy = zeromq_destroy,
};
IPCBENCH_PLUGIN(zeromq)
