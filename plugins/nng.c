/* nng over ipc://: what nng's messages and its pool of threads cost over the Unix socket under them.
 *
 * nng's threads do not survive fork, so each process starts its own: the sender listens on a name in a
 * private folder, the receiver, who attaches after it, dials. The threads inherit the CPU that the
 * process is pinned to, as they do in a program that pins itself first.
 *
 * With message=lend both sides work in the library's own messages: the sender writes into one that
 * nng_msg_alloc gave, the receiver reads where nng_recvmsg put it. Behind a received message there is
 * no room to read on in whole words, so sizes must then be multiples of 64 bytes. */
#include <errno.h>
#include <ipcbench/plugin.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <stdio.h>

enum { NNG_SOCKET, NNG_MESSAGE, NNG_BUFFER, NNG_OPTION_COUNT };
enum { SOCKET_PAIR, SOCKET_PUSH_PULL };
enum { MESSAGE_COPY, MESSAGE_LEND };

static const struct option_spec nng_options[NNG_OPTION_COUNT] = {
    [NNG_SOCKET] = {.key = "socket",
                    .kind = OPTION_CHOICE,
                    .choices = "pair|push-pull",
                    .default_value = "pair",
                    .meaning = "one PAIR socket, or PUSH and PULL for each direction"},
    [NNG_MESSAGE] = {.key = "message",
                     .kind = OPTION_CHOICE,
                     .choices = "copy|lend",
                     .default_value = "copy",
                     .meaning = "nng_send and nng_recv copy; nng_sendmsg and nng_recvmsg do not"},
    [NNG_BUFFER] = {.key = "buffer",
                    .kind = OPTION_COUNT,
                    .default_value = "default",
                    .minimum = 1,
                    .maximum = 8192,
                    .meaning =
                        "messages that a side may queue (send-buffer, recv-buffer); default: "
                        "the library's own"},
};

struct nng {
    nng_socket out;
    nng_socket in;
    nng_msg *lent; /* being written */
    nng_msg *held; /* being read */
    struct private_folder folder;
};

/* --- the loops ----------------------------------------------------------------------------------- */

/* The library's errors have numbers of their own. */
static int nng_errno(int failure)
{
    return failure == NNG_ECLOSED || failure == NNG_ECONNRESET ? -EPIPE
           : failure == NNG_ENOMEM                             ? -ENOMEM
                                                               : -EIO;
}

static int nng_copy_out(void *state, const unsigned char *message, size_t bytes)
{
    const struct nng *const nng = state;
    const int failure = nng_send(nng->out, (void *)(uintptr_t)message, bytes, 0);
    return failure ? nng_errno(failure) : 0;
}

static int nng_copy_in(void *state, unsigned char *message, size_t bytes)
{
    const struct nng *const nng = state;
    size_t got = bytes;
    const int failure = nng_recv(nng->in, message, &got, 0);
    return failure ? nng_errno(failure) : got == bytes ? 0 : -EBADMSG;
}

LOOP_SET_COPYING(nng_copying, nng_copy_out, nng_copy_in)

static ALWAYS_INLINE int nng_reserve(void *state, unsigned char *own, size_t bytes,
                                     unsigned char **slot)
{
    struct nng *const nng = state;
    (void)own;
    const int failure = nng_msg_alloc(&nng->lent, message_padded_bytes(bytes));
    if (failure)
        return nng_errno(failure);
    *slot = nng_msg_body(nng->lent);
    return 0;
}

static ALWAYS_INLINE int nng_commit(void *state, unsigned char *slot, size_t bytes)
{
    struct nng *const nng = state;
    (void)slot;
    int failure = nng_msg_chop(nng->lent, message_padded_bytes(bytes) - bytes);
    if (!failure)
        failure = nng_sendmsg(nng->out, nng->lent, 0);
    if (failure)
        nng_msg_free(nng->lent);
    return failure ? nng_errno(failure) : 0;
}

static ALWAYS_INLINE int nng_acquire(void *state, unsigned char *own, size_t bytes,
                                     unsigned char **message)
{
    struct nng *const nng = state;
    (void)own;
    const int failure = nng_recvmsg(nng->in, &nng->held, 0);
    if (failure)
        return nng_errno(failure);
    *message = nng_msg_body(nng->held);
    if (LIKELY(nng_msg_len(nng->held) == bytes))
        return 0;
    nng_msg_free(nng->held);
    return -EBADMSG;
}

static ALWAYS_INLINE int nng_release(void *state, unsigned char *message, size_t bytes)
{
    (void)message, (void)bytes;
    nng_msg_free(((struct nng *)state)->held);
    return 0;
}

static const struct exchange nng_lending_exchange = {
    .reserve = nng_reserve,
    .commit = nng_commit,
    .acquire = nng_acquire,
    .release = nng_release,
};
LOOP_SET(nng_lending, nng_lending_exchange)

static const struct loop_set *nng_loops(const struct options *options)
{
    return options->values[NNG_MESSAGE] == MESSAGE_LEND ? &nng_lending : &nng_copying;
}

/* --- set-up -------------------------------------------------------------------------------------- */

static int nng_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    if (options->values[NNG_MESSAGE] == MESSAGE_LEND && message_bytes % MESSAGE_ALIGN_BYTES)
        return error_unavailable(error, "a size that is a multiple of 64 bytes, or message=copy",
                                 "received messages of %zu bytes cannot be read in place",
                                 message_bytes);
    return 0;
}

static int nng_create(struct channel *channel, struct error *error)
{
    struct nng *const nng = channel->state;
    return private_folder_create(channel->leftovers, &nng->folder, error);
}

static int nng_failed(struct error *error, const char *what, int failure)
{
    return error_system(error, EIO, "%s: %s", what, nng_strerror(failure));
}

/* A socket of one direction, or of both; the sender's side is the one that listens. */
struct wanted {
    int (*open)(nng_socket *socket);
    int number; /* of the name */
    enum side side;
};

static int socket_open(struct channel *channel, const struct wanted *wanted, nng_socket *socket,
                       struct error *error)
{
    const struct nng *const nng = channel->state;
    const int buffer = (int)channel->options.values[NNG_BUFFER];
    char name[LEFTOVER_NAME_BYTES + 16];
    snprintf(name, sizeof(name), "ipc://%s/%d", nng->folder.path, wanted->number);
    int failure = wanted->open(socket);
    if (failure)
        return nng_failed(error, "opening a socket", failure);
    failure = nng_socket_set_size(*socket, NNG_OPT_RECVMAXSZ, 0);
    if (failure)
        return nng_failed(error, NNG_OPT_RECVMAXSZ, failure);
    /* A direction that a socket has not got has no buffer either. */
    if (buffer) {
        const int of_sends = nng_socket_set_int(*socket, NNG_OPT_SENDBUF, buffer);
        const int of_receives = nng_socket_set_int(*socket, NNG_OPT_RECVBUF, buffer);
        if (of_sends && of_receives)
            return nng_failed(error, "setting a buffer", of_sends);
    }
    /* The dialler connects in the background; sends wait for it. */
    failure = wanted->side == SIDE_SENDER ? nng_listen(*socket, name, NULL, 0)
                                          : nng_dial(*socket, name, NULL, NNG_FLAG_NONBLOCK);
    return failure
               ? nng_failed(error, wanted->side == SIDE_SENDER ? "nng_listen" : "nng_dial", failure)
               : 0;
}

static void record(struct channel *channel)
{
    struct nng *const nng = channel->state;
    char version[24];
    int messages;
    snprintf(version, sizeof(version), "nng %s", nng_version());
    obtained_text(&channel->obtained, "library", version);
    if (!nng_socket_get_int(nng->out, NNG_OPT_SENDBUF, &messages))
        obtained_number(&channel->obtained, "send_buffer_messages", messages);
    if (!nng_socket_get_int(nng->in, NNG_OPT_RECVBUF, &messages))
        obtained_number(&channel->obtained, "receive_buffer_messages", messages);
}

static int nng_attach(struct channel *channel, enum side side, struct error *error)
{
    struct nng *const nng = channel->state;
    const bool sends = side == SIDE_SENDER;
    int failure;
    if (channel->options.values[NNG_SOCKET] == SOCKET_PAIR) {
        const struct wanted pair = {nng_pair0_open, 0, side};
        failure = socket_open(channel, &pair, &nng->out, error);
        nng->in = nng->out;
    } else { /* name 0 is the way there, 1 the way back */
        const struct wanted out = {nng_push0_open, sends ? 0 : 1, side};
        const struct wanted in = {nng_pull0_open, sends ? 1 : 0, side};
        failure = socket_open(channel, &out, &nng->out, error);
        if (!failure)
            failure = socket_open(channel, &in, &nng->in, error);
    }
    if (!failure)
        record(channel);
    return failure;
}

static void nng_detach(struct channel *channel, enum side side)
{
    struct nng *const nng = channel->state;
    (void)side;
    if (nng->in.id != nng->out.id)
        nng_close(nng->in);
    nng_close(nng->out);
}

static void nng_destroy(struct channel *channel)
{
    struct nng *const nng = channel->state;
    private_folder_remove(channel->leftovers, &nng->folder);
}

static const struct transport nng = {
    .abi = TRANSPORT_ABI,
    .name = "nng",
    .summary = "nng sockets over ipc:// (libnng)",
    .family = FAMILY_MESSAGE,
    .options = nng_options,
    .option_count = NNG_OPTION_COUNT,
    .state_bytes = sizeof(struct nng),
    .probe = nng_probe,
    .create = nng_create,
    .attach = nng_attach,
    .loops = nng_loops,
    .detach = nng_detach,
    .destroy = nng_destroy,
};
IPCBENCH_PLUGIN(nng)
