/* io_uring(7): the reads and writes of a Unix stream socket or a pipe, put into a ring of submissions
 * and taken out of a ring of completions. What drives liburing is in transports/common/uring*. */
#include "transports/common/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/error.h"
#include "harness/transport.h"
#include "transports/common/pipes.h"
#include "transports/common/sockets.h"

static const struct option_spec io_uring_options[URING_OPTION_COUNT] = {
    [URING_OVER] = {.key = "over",
                    .kind = OPTION_CHOICE,
                    .choices = "uds-stream|pipe",
                    .default_value = "uds-stream",
                    .meaning = "what the bytes go through: a socketpair, or a pipe each way"},
    [URING_FIXED] = {.key = "fixed",
                     .kind = OPTION_CHOICE,
                     .choices = "none|files|buffers|both",
                     .default_value = "none",
                     .meaning = "registered beforehand: descriptors, buffers"},
    [URING_RECEIVE] = {.key = "receive",
                       .kind = OPTION_CHOICE,
                       .choices = "single|multishot",
                       .default_value = "single",
                       .meaning =
                           "one request each, or one for all into provided buffers (sockets)"},
    [URING_SQPOLL] = {.key = "sqpoll",
                      .kind = OPTION_CHOICE,
                      .choices = "no|own-cpu|free-cpu",
                      .default_value = "no",
                      .meaning = "a kernel thread submits: on the process's CPU, or on a free one"},
    [URING_TASKRUN] = {.key = "taskrun",
                       .kind = OPTION_CHOICE,
                       .choices = "interrupt|coop|defer",
                       .default_value = "interrupt",
                       .meaning =
                           "when completions are made: at once, at system calls, at waiting"},
    [URING_BATCH] = {.key = "batch",
                     .kind = OPTION_COUNT,
                     .default_value = "1",
                     .minimum = 1,
                     .maximum = 64,
                     .meaning = "sends per submission; from 2, a send goes with the next receive"},
    [URING_WAIT] = {.key = "wait",
                    .kind = OPTION_CHOICE,
                    .choices = "block|spin",
                    .default_value = "block",
                    .meaning = "sleep until completions come, or look for them again and again"},
};

/* A kernel thread that polls burns a CPU as well, though its process may sleep. */
static bool io_uring_spins(const struct options *options)
{
    return options->values[URING_WAIT] == WAIT_SPIN ||
           options->values[URING_SQPOLL] != URING_SQPOLL_NO;
}

/* What one buffer may have that is registered. */
static int io_uring_limits(const struct options *options, struct message_limits *limits,
                           struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 1,
                                      .maximum_bytes = URING_AREA_BYTES_MOST,
                                      .knob = "none: a registered buffer has up to 1 GiB",
                                      .is_fixed = true};
    return 0;
}

static int make_pipes(struct channel *channel, struct descriptors *descriptors, struct error *error)
{
    const int failure = pipes_make(descriptors, error);
    const int capacity_bytes =
        failure ? 0 : fcntl(descriptors->ends[SIDE_SENDER][DIRECTION_OUT], F_GETPIPE_SZ);
    if (capacity_bytes < 0)
        return error_system(error, errno, "fcntl(F_GETPIPE_SZ)");
    obtained_number(&channel->obtained, "capacity_bytes", capacity_bytes);
    return failure;
}

static int make_sockets(struct channel *channel, struct descriptors *descriptors,
                        struct error *error)
{
    int ends[SIDE_COUNT];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return error_system(error, errno, "socketpair");
    for (int side = 0; side < SIDE_COUNT; ++side) {
        descriptors->ends[side][DIRECTION_IN] = ends[side];
        descriptors->ends[side][DIRECTION_OUT] = ends[side];
    }
    return socket_set_buffers(channel, ends[SIDE_SENDER], 0, 0, error); /* as they are */
}

static int io_uring_create(struct channel *channel, struct error *error)
{
    struct uring_channel *state = channel->state;
    descriptors_init(&state->descriptors);
    return channel->options.values[URING_OVER] == URING_OVER_PIPE
               ? make_pipes(channel, &state->descriptors, error)
               : make_sockets(channel, &state->descriptors, error);
}

/* The descriptors stay blocking: io_uring tries without blocking first, and on EAGAIN waits for
 * readiness by itself, but for O_NONBLOCK, which it takes for the wish to be told. */
static int io_uring_attach(struct channel *channel, enum side side, struct error *error)
{
    struct uring_channel *state = channel->state;
    const int failure = descriptors_attach(channel, &state->descriptors, side, WAIT_BLOCK, error);
    return failure ? failure : uring_attach(channel, side, error);
}

static void io_uring_destroy(struct channel *channel)
{
    struct uring_channel *state = channel->state;
    descriptors_close(&state->descriptors);
}

const struct transport transport_io_uring = {
    .abi = TRANSPORT_ABI,
    .name = "io-uring",
    .summary = "Unix stream socket or pipe driven by io_uring",
    .family = FAMILY_BYTE_STREAM,
    .options = io_uring_options,
    .option_count = URING_OPTION_COUNT,
    .state_bytes = sizeof(struct uring_channel),
    .spins = io_uring_spins,
    .limits = io_uring_limits,
    .probe = uring_probe,
    .create = io_uring_create,
    .attach = io_uring_attach,
    .loops = uring_loops_for,
    .detach = uring_detach,
    .destroy = io_uring_destroy,
};
