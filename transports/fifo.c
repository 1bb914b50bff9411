/* mkfifo(3): a pipe with a name. The names are removed as soon as both ends are open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/pipes.h"
#include "transports/common/stream_io.h"

LOOP_SETS_BY_WAIT(fifo_loops, stream_send, stream_receive)

static const struct loop_set *fifo_loops_for(const struct options *options)
{
    return pipes_loops(options, fifo_loops);
}

/* A non-blocking reader opens at once; with it there, so does the writer. Then both may block. */
static int fifo_open(const char *path, int *reader, int *writer, struct error *error)
{
    if (mkfifo(path, 0600))
        return error_system(error, errno, "mkfifo(%s)", path);
    *reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*reader < 0)
        return error_system(error, errno, "open(%s) for reading", path);
    *writer = open(path, O_WRONLY | O_CLOEXEC);
    if (*writer < 0)
        return error_system(error, errno, "open(%s) for writing", path);
    if (fcntl(*reader, F_SETFL, O_RDONLY))
        return error_system(error, errno, "fcntl(%s)", path);
    return 0;
}

static int fifo_make(struct descriptors *descriptors, const char *folder, enum side from,
                     enum side to, struct error *error)
{
    char path[LEFTOVER_NAME_BYTES + 16];
    snprintf(path, sizeof(path), "%s/%d", folder, (int)from);
    return fifo_open(path, &descriptors->ends[to][DIRECTION_IN],
                     &descriptors->ends[from][DIRECTION_OUT], error);
}

static int fifo_create(struct channel *channel, struct error *error)
{
    struct descriptors *const descriptors = &((struct pipes *)channel->state)->descriptors;
    struct private_folder folder = {0};
    descriptors_init(descriptors);
    int failure = private_folder_create(channel->leftovers, &folder, error);
    if (!failure)
        failure = fifo_make(descriptors, folder.path, SIDE_SENDER, SIDE_RECEIVER, error);
    if (!failure)
        failure = fifo_make(descriptors, folder.path, SIDE_RECEIVER, SIDE_SENDER, error);
    private_folder_remove(channel->leftovers, &folder);
    return failure ? failure : pipes_finish(channel, error);
}

const struct transport transport_fifo = {
    .abi = TRANSPORT_ABI,
    .name = "fifo",
    .summary = "named pipe, one for each direction, unlinked once open",
    .family = FAMILY_BYTE_STREAM,
    .options = pipes_options,
    .option_count = PIPES_OPTION_COUNT,
    .state_bytes = sizeof(struct pipes),
    .spins = pipes_spin,
    .limits = pipes_limits,
    .create = fifo_create,
    .attach = pipes_attach,
    .loops = fifo_loops_for,
    .destroy = pipes_destroy,
    .crowd_most_bytes = pipes_crowd_most_bytes,
};
