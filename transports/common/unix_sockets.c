#include "transports/common/unix_sockets.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"

enum address { ADDRESS_PAIR, ADDRESS_PATH, ADDRESS_ABSTRACT };

/* unix(7): a datagram may fill the send buffer but for this much. */
enum { KERNEL_RESERVE_BYTES = 32 };

const struct option_spec unix_sockets_options[UNIX_SOCKETS_OPTION_COUNT] = {
    [UNIX_SOCKETS_ADDRESS] = {.key = "address",
                              .kind = OPTION_CHOICE,
                              .choices = "pair|path|abstract",
                              .default_value = "pair",
                              .meaning = "socketpair, or bind and connect to a name"},
    [UNIX_SOCKETS_SNDBUF] = {.key = "sndbuf",
                             .kind = OPTION_BYTES,
                             .default_value = "default",
                             .minimum = 1024,
                             .maximum = 1 << 30,
                             .meaning = "SO_SNDBUF as asked for; the kernel keeps twice as much"},
    [UNIX_SOCKETS_RCVBUF] = {.key = "rcvbuf",
                             .kind = OPTION_BYTES,
                             .default_value = "default",
                             .minimum = 1024,
                             .maximum = 1 << 30,
                             .meaning = "SO_RCVBUF; Unix sockets do not use it"},
    [UNIX_SOCKETS_WAIT] = WAIT_OPTION,
};

bool unix_sockets_spin(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[UNIX_SOCKETS_WAIT]);
}

/* One buffer of a socket: how it is asked for and what limits it. */
struct buffer_kind {
    int option;
    const char *name;
    const char *knob;
    const char *obtained_key;
};
static const struct buffer_kind send_buffer = {SO_SNDBUF, "SO_SNDBUF", "sysctl net.core.wmem_max",
                                               "sndbuf_bytes"};
static const struct buffer_kind receive_buffer = {SO_RCVBUF, "SO_RCVBUF",
                                                  "sysctl net.core.rmem_max", "rcvbuf_bytes"};

/* The kernel doubles what is asked for and cuts it at the limit without a word. */
static int set_buffer(int fd, const struct buffer_kind *kind, uint64_t wanted_bytes, int *got_bytes,
                      struct error *error)
{
    const int wanted = (int)wanted_bytes;
    socklen_t length = sizeof(*got_bytes);
    if (wanted && setsockopt(fd, SOL_SOCKET, kind->option, &wanted, sizeof(wanted)))
        return error_system(error, errno, "setsockopt(%s=%d)", kind->name, wanted);
    if (getsockopt(fd, SOL_SOCKET, kind->option, got_bytes, &length))
        return error_system(error, errno, "getsockopt(%s)", kind->name);
    if (*got_bytes / 2 < wanted)
        return error_unavailable(error, kind->knob, "%s=%d: obtained %d", kind->name, wanted,
                                 *got_bytes / 2);
    return 0;
}

static int set_buffers(struct channel *channel, int fd, struct error *error)
{
    const uint64_t *values = channel->options.values;
    int got_bytes = 0;
    int failure = set_buffer(fd, &send_buffer, values[UNIX_SOCKETS_SNDBUF], &got_bytes, error);
    if (failure)
        return failure;
    obtained_number(&channel->obtained, send_buffer.obtained_key, got_bytes);
    failure = set_buffer(fd, &receive_buffer, values[UNIX_SOCKETS_RCVBUF], &got_bytes, error);
    if (failure)
        return failure;
    obtained_number(&channel->obtained, receive_buffer.obtained_key, got_bytes);
    return 0;
}

/* A socket's name: in a private folder, or abstract and unguessable. */
struct socket_name {
    struct sockaddr_un address;
    socklen_t length;
};

static int socket_name_make(struct socket_name *name, const char *folder, int number,
                            struct error *error)
{
    name->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    char *path = name->address.sun_path;
    const size_t room = sizeof(name->address.sun_path);
    int length;
    if (folder) {
        length = snprintf(path, room, "%s/%d", folder, number);
        if (length < 0 || (size_t)length >= room)
            return error_plain(error, "TMPDIR: the path of a socket may have %zu bytes", room - 1);
        name->length = sizeof(name->address);
    } else {
        length = snprintf(path + 1, room - 1, "%s.%d", unguessable_name().text, number);
        name->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    }
    return 0;
}

static int socket_bind(int fd, const struct socket_name *name, struct error *error)
{
    if (bind(fd, (const struct sockaddr *)&name->address, name->length))
        return error_system(error, errno, "bind");
    return 0;
}

static int socket_connect(int fd, const struct socket_name *name, struct error *error)
{
    if (connect(fd, (const struct sockaddr *)&name->address, name->length))
        return error_system(error, errno, "connect");
    return 0;
}

/* ends[0] connects to ends[1]; datagram sockets bind and connect both ways, the others listen. */
static int connect_by_name(int ends[2], int type, const char *folder, struct error *error)
{
    struct socket_name names[2];
    for (int index = 0; index < 2; ++index) {
        ends[index] = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
        if (ends[index] < 0)
            return error_system(error, errno, "socket(AF_UNIX)");
        const int failure = socket_name_make(&names[index], folder, index, error);
        if (failure)
            return failure;
    }
    int failure = socket_bind(ends[1], &names[1], error);
    if (failure)
        return failure;
    if (type == SOCK_DGRAM) {
        failure = socket_bind(ends[0], &names[0], error);
        if (!failure)
            failure = socket_connect(ends[0], &names[1], error);
        return failure ? failure : socket_connect(ends[1], &names[0], error);
    }
    if (listen(ends[1], 1))
        return error_system(error, errno, "listen");
    failure = socket_connect(ends[0], &names[1], error);
    if (failure)
        return failure;
    const int accepted = accept4(ends[1], NULL, NULL, SOCK_CLOEXEC);
    if (accepted < 0)
        return error_system(error, errno, "accept");
    close(ends[1]);
    ends[1] = accepted;
    return 0;
}

static int connect_pair(struct channel *channel, int ends[2], int type, struct error *error)
{
    switch ((enum address)channel->options.values[UNIX_SOCKETS_ADDRESS]) {
    case ADDRESS_ABSTRACT:
        return connect_by_name(ends, type, NULL, error);
    case ADDRESS_PATH: {
        struct private_folder folder = {0};
        int failure = private_folder_create(channel->leftovers, &folder, error);
        if (!failure)
            failure = connect_by_name(ends, type, folder.path, error);
        private_folder_remove(channel->leftovers, &folder);
        return failure;
    }
    case ADDRESS_PAIR:
        break;
    }
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends))
        return error_system(error, errno, "socketpair");
    return 0;
}

int unix_sockets_create(struct channel *channel, int type, struct error *error)
{
    struct descriptors *descriptors = channel->state;
    int ends[2] = {-1, -1};
    descriptors_init(descriptors);
    int failure = connect_pair(channel, ends, type, error);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        descriptors->ends[side][DIRECTION_IN] = ends[side];
        descriptors->ends[side][DIRECTION_OUT] = ends[side];
    }
    for (int side = 0; !failure && side < SIDE_COUNT; ++side)
        failure = set_buffers(channel, ends[side], error);
    return failure;
}

int unix_sockets_attach(struct channel *channel, enum side side, struct error *error)
{
    return descriptors_attach(channel, channel->state, side,
                              (enum wait_kind)channel->options.values[UNIX_SOCKETS_WAIT], error);
}

void unix_sockets_destroy(struct channel *channel)
{
    descriptors_close(channel->state);
}

int unix_sockets_limits(const struct options *options, struct message_limits *limits,
                        struct error *error)
{
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_system(error, errno, "socket(AF_UNIX)");
    int got_bytes = 0;
    const int failure =
        set_buffer(fd, &send_buffer, options->values[UNIX_SOCKETS_SNDBUF], &got_bytes, error);
    close(fd);
    if (failure)
        return failure;
    *limits = (struct message_limits){
        .minimum_bytes = 1,
        .maximum_bytes = (uint64_t)(got_bytes - KERNEL_RESERVE_BYTES),
        .knob = "sndbuf=, sysctl net.core.wmem_max",
    };
    return 0;
}

uint64_t unix_sockets_crowd_most_bytes(const struct options *options)
{
    (void)options;
    return UINT64_MAX;
}
