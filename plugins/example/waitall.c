/* A Unix stream socket whose receiver leaves it to the kernel to collect a whole message. This is the
 * plug-in that docs/plugin.md explains. */
#include <errno.h>
#include <ipcbench/plugin.h>
#include <sys/socket.h>
#include <unistd.h>

struct waitall {
    int ends[SIDE_COUNT];
    int own;
};

static int waitall_send(void *state, const unsigned char *message, size_t bytes)
{
    const ssize_t moved = send(((struct waitall *)state)->own, message, bytes, MSG_NOSIGNAL);
    return moved == (ssize_t)bytes ? 0 : moved < 0 ? -errno : -EBADMSG;
}

static int waitall_receive(void *state, unsigned char *message, size_t bytes)
{
    const ssize_t moved = recv(((struct waitall *)state)->own, message, bytes, MSG_WAITALL);
    return moved == (ssize_t)bytes ? 0 : moved < 0 ? -errno : -EPIPE;
}

LOOP_SET_COPYING(waitall_loops, waitall_send, waitall_receive)

static const struct loop_set *waitall_loops_for(const struct options *options)
{
    (void)options;
    return &waitall_loops;
}

static int waitall_create(struct channel *channel, struct error *error)
{
    struct waitall *const state = channel->state;
    int buffer_bytes = 0;
    socklen_t length = sizeof(buffer_bytes);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, state->ends))
        return error_system(error, errno, "socketpair");
    if (getsockopt(state->ends[SIDE_SENDER], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, &length))
        return error_system(error, errno, "getsockopt(SO_SNDBUF)");
    obtained_number(&channel->obtained, "sndbuf_bytes", buffer_bytes);
    return 0;
}

static int waitall_attach(struct channel *channel, enum side side, struct error *error)
{
    struct waitall *const state = channel->state;
    (void)error;
    state->own = state->ends[side];
    close(state->ends[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER]);
    return 0;
}

static void waitall_destroy(struct channel *channel)
{
    struct waitall *const state = channel->state;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (state->ends[side])
            close(state->ends[side]);
        state->ends[side] = 0;
    }
}

static const struct transport waitall = {
    .abi = TRANSPORT_ABI,
    .name = "waitall",
    .summary = "Unix stream socket, received with MSG_WAITALL",
    .family = FAMILY_BYTE_STREAM,
    .state_bytes = sizeof(struct waitall),
    .create = waitall_create,
    .attach = waitall_attach,
    .loops = waitall_loops_for,
    .destroy = waitall_destroy,
};
IPCBENCH_PLUGIN(waitall)
