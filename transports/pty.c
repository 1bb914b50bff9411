/* A pseudo-terminal in raw mode: what is written to one end is read at the other, through the terminal's
 * line discipline, which hands it on from a kernel thread. The sender has the master. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/stream_io.h"

enum { PTY_WAIT, PTY_OPTION_COUNT };

static const struct option_spec pty_options[PTY_OPTION_COUNT] = {
    [PTY_WAIT] = WAIT_OPTION,
};

LOOP_SETS_BY_WAIT(pty_loops, stream_send, stream_receive)

static const struct loop_set *pty_loops_for(const struct options *options)
{
    return pty_loops[options->values[PTY_WAIT]];
}

static bool pty_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[PTY_WAIT]);
}

static int open_master(int *master, struct error *error)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master >= 0)
        return 0;
    const int failure = errno;
    if (failure == ENOSPC || failure == EAGAIN)
        return error_unavailable(error, "sysctl kernel.pty.max", "posix_openpt: %s",
                                 error_name(failure));
    if (failure == ENOENT || failure == ENODEV || failure == EACCES || failure == EPERM ||
        failure == EIO)
        return error_unavailable(error, "devpts mounted on /dev/pts, with /dev/ptmx",
                                 "posix_openpt: %s", error_name(failure));
    return error_system(error, failure, "posix_openpt");
}

/* By the master's descriptor, not by a name that could lead elsewhere. Nobody opens it again: it is
 * ours alone, and locked as soon as we have it. */
static int open_slave(int master, int *slave, struct error *error)
{
    int locked = 0;
    if (ioctl(master, TIOCSPTLCK, &locked))
        return error_system(error, errno, "ioctl(TIOCSPTLCK)");
    *slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    const int failure = errno;
    locked = 1;
    ioctl(master, TIOCSPTLCK, &locked);
    if (*slave >= 0) {
        fchmod(*slave, 0600); /* best effort: locked is what keeps others out */
        return 0;
    }
    if (failure == ENOTTY || failure == EINVAL)
        return error_unavailable(error, "Linux 4.13", "ioctl(TIOCGPTPEER): %s",
                                 error_name(failure));
    return error_system(error, failure, "ioctl(TIOCGPTPEER)");
}

/* Nothing is echoed, translated or taken for a control character. */
static int make_raw(struct channel *channel, int slave, struct error *error)
{
    struct termios terminal;
    if (tcgetattr(slave, &terminal))
        return error_system(error, errno, "tcgetattr");
    cfmakeraw(&terminal);
    if (tcsetattr(slave, TCSANOW, &terminal) || tcgetattr(slave, &terminal))
        return error_system(error, errno, "tcsetattr");
    const bool raw = !(terminal.c_lflag & (ICANON | ECHO | ISIG)) && !(terminal.c_oflag & OPOST);
    obtained_text(&channel->obtained, "mode", raw ? "raw" : "cooked");
    return raw ? 0 : error_plain(error, "the terminal does not go into raw mode");
}

static int pty_create(struct channel *channel, struct error *error)
{
    struct descriptors *descriptors = channel->state;
    int master = -1, slave = -1;
    descriptors_init(descriptors);
    int failure = open_master(&master, error);
    if (!failure)
        failure = open_slave(master, &slave, error);
    for (int direction = 0; direction < DIRECTION_COUNT; ++direction) {
        descriptors->ends[SIDE_SENDER][direction] = master;
        descriptors->ends[SIDE_RECEIVER][direction] = slave;
    }
    return failure ? failure : make_raw(channel, slave, error);
}

static int pty_attach(struct channel *channel, enum side side, struct error *error)
{
    return descriptors_attach(channel, channel->state, side,
                              (enum wait_kind)channel->options.values[PTY_WAIT], error);
}

static void pty_destroy(struct channel *channel)
{
    descriptors_close(channel->state);
}

const struct transport transport_pty = {
    .abi = TRANSPORT_ABI,
    .name = "pty",
    .summary = "pseudo-terminal in raw mode",
    .family = FAMILY_BYTE_STREAM,
    .options = pty_options,
    .option_count = PTY_OPTION_COUNT,
    .state_bytes = sizeof(struct descriptors),
    .spins = pty_spins,
    .create = pty_create,
    .attach = pty_attach,
    .loops = pty_loops_for,
    .destroy = pty_destroy,
};
