#include "transports/common/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/error.h"

const struct option_spec pipes_options[PIPES_OPTION_COUNT] = {
    [PIPES_CAPACITY] = PIPES_CAPACITY_OPTION,
    [PIPES_WAIT] = WAIT_OPTION,
    [PIPES_PACKET] = {.key = "packet",
                      .kind = OPTION_CHOICE,
                      .choices = "no|yes",
                      .default_value = "no",
                      .meaning = "each write a packet that one read takes (O_DIRECT)"},
    [PIPES_LOCK] = {.key = "lock",
                    .kind = OPTION_CHOICE,
                    .choices = "no|yes",
                    .default_value = "no",
                    .meaning = "a mutex around each message, so that none is mixed with others"},
};

static const char *const capacity_knob = "sysctl fs.pipe-max-size, fs.pipe-user-pages-soft";

int pipes_make(struct descriptors *descriptors, struct error *error)
{
    for (int side = 0; side < SIDE_COUNT; ++side) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC))
            return error_system(error, errno, "pipe2");
        descriptors->ends[!side][DIRECTION_IN] = ends[0];
        descriptors->ends[side][DIRECTION_OUT] = ends[1];
    }
    return 0;
}

static int set_capacity(int fd, uint64_t wanted_bytes, int *got_bytes, struct error *error)
{
    if (wanted_bytes && fcntl(fd, F_SETPIPE_SZ, (int)wanted_bytes) < 0) {
        const int failure = errno;
        if (failure != EPERM && failure != EBUSY && failure != ENOMEM)
            return error_system(error, failure, "fcntl(F_SETPIPE_SZ=%llu)",
                                (unsigned long long)wanted_bytes);
        return error_unavailable(error, capacity_knob, "fcntl(F_SETPIPE_SZ=%llu): %s",
                                 (unsigned long long)wanted_bytes, error_name(failure));
    }
    *got_bytes = fcntl(fd, F_GETPIPE_SZ);
    if (*got_bytes < 0)
        return error_system(error, errno, "fcntl(F_GETPIPE_SZ)");
    if ((uint64_t)*got_bytes < wanted_bytes)
        return error_unavailable(error, capacity_knob, "capacity=%llu: obtained %d",
                                 (unsigned long long)wanted_bytes, *got_bytes);
    return 0;
}

int pipes_set_capacity(struct channel *channel, const struct descriptors *descriptors,
                       struct error *error)
{
    const uint64_t wanted_bytes = channel->options.values[PIPES_CAPACITY];
    int got_bytes = 0;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        const int failure =
            set_capacity(descriptors->ends[side][DIRECTION_OUT], wanted_bytes, &got_bytes, error);
        if (failure)
            return failure;
    }
    obtained_number(&channel->obtained, "capacity_bytes", got_bytes);
    return 0;
}

static int set_packets(struct channel *channel, const struct descriptors *descriptors,
                       struct error *error)
{
    for (int side = 0; side < SIDE_COUNT; ++side) {
        const int fd = descriptors->ends[side][DIRECTION_OUT];
        const int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_DIRECT))
            return error_system(error, errno, "fcntl(O_DIRECT)");
        if (!(fcntl(fd, F_GETFL) & O_DIRECT))
            return error_unavailable(error, "Linux 3.4", "this kernel's pipes have no packets");
        obtained_text(&channel->obtained, "mode", "packet");
    }
    return 0;
}

int pipes_finish(struct channel *channel, struct error *error)
{
    const uint64_t *const values = channel->options.values;
    struct pipes *const pipes = channel->state;
    if (values[PIPES_PACKET] && values[PIPES_LOCK])
        return error_unavailable(error, "packet=no", "lock=yes: packets arrive whole without it");
    int failure = pipes_set_capacity(channel, &pipes->descriptors, error);
    if (!failure && values[PIPES_PACKET])
        failure = set_packets(channel, &pipes->descriptors, error);
    if (!failure && values[PIPES_LOCK])
        failure = pipe_locks_create(pipes, error);
    return failure;
}

int pipes_attach(struct channel *channel, enum side side, struct error *error)
{
    struct pipes *const pipes = channel->state;
    pipes->side = side;
    return descriptors_attach(channel, &pipes->descriptors, side,
                              (enum wait_kind)channel->options.values[PIPES_WAIT], error);
}

void pipes_destroy(struct channel *channel)
{
    struct pipes *const pipes = channel->state;
    descriptors_close(&pipes->descriptors);
    pipe_locks_destroy(pipes);
}

bool pipes_spin(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[PIPES_WAIT]);
}

int pipes_limits(const struct options *options, struct message_limits *limits, struct error *error)
{
    (void)error;
    *limits = (struct message_limits){.minimum_bytes = 1, .maximum_bytes = UINT64_MAX};
    if (options->values[PIPES_PACKET])
        *limits = (struct message_limits){.minimum_bytes = 1,
                                          .maximum_bytes = PIPE_BUF,
                                          .knob = "packet=no: a packet has PIPE_BUF bytes at most",
                                          .is_fixed = true};
    return 0;
}

const struct loop_set *pipes_loops(const struct options *options,
                                   const struct loop_set *const *plain)
{
    const enum wait_kind wait = (enum wait_kind)options->values[PIPES_WAIT];
    if (options->values[PIPES_LOCK])
        return pipe_locks_loops(wait);
    return options->values[PIPES_PACKET] ? pipe_packets_loops(wait) : plain[wait];
}

uint64_t pipes_crowd_most_bytes(const struct options *options)
{
    return options->values[PIPES_LOCK] ? UINT64_MAX : PIPE_BUF;
}
