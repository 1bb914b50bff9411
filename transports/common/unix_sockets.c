#include "transports/common/unix_sockets.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "transports/common/sockets.h"

enum address { ADDRESS_PAIR, ADDRESS_PATH, ADDRESS_ABSTRACT };

/* unix(7): a datagram may fill the send buffer but for this much. */
enum { KERNEL_RESERVE_BYTES = 32 };

const struct option_spec unix_sockets_options[UNIX_SOCKETS_OPTION_COUNT] = {
    [UNIX_SOCKETS_ADDRESS] = {.key = "address",
                              .kind = OPTION_CHOICE,
                              .choices = "pair|path|abstract",
                              .default_value = "pair",
                              .meaning = "socketpair, or bind and connect to a name"},
    [UNIX_SOCKETS_SNDBUF] = SOCKET_SNDBUF_OPTION,
    [UNIX_SOCKETS_RCVBUF] = SOCKET_RCVBUF_OPTION("SO_RCVBUF; Unix sockets do not use it"),
    [UNIX_SOCKETS_WAIT] = WAIT_OPTION,
    [UNIX_SOCKETS_IOV] = {.key = "iov",
                          .kind = OPTION_CHOICE,
                          .choices = "1|2",
                          .default_value = "1",
                          .meaning =
                              "pieces: the message, or a header of 16 bytes and the message"},
    [UNIX_SOCKETS_CREDS] = {.key = "creds",
                            .kind = OPTION_CHOICE,
                            .choices = "no|yes",
                            .default_value = "no",
                            .meaning = "the sender's credentials with each (SO_PASSCRED)"},
    [UNIX_SOCKETS_RIGHTS] = {.key = "rights",
                             .kind = OPTION_COUNT,
                             .default_value = "0",
                             .minimum = 0,
                             .maximum = UNIX_RIGHTS_MOST,
                             .meaning = "descriptors passed with each message (SCM_RIGHTS)"},
    [UNIX_SOCKETS_BATCH] = {.key = "batch",
                            .kind = OPTION_COUNT,
                            .default_value = "1",
                            .minimum = 1,
                            .maximum = UNIX_BATCH_MOST,
                            .meaning = "messages by one call (sendmmsg, recvmmsg), in streams"},
};

/* Of the stream table the batch is missing, and its value 0. */
static uint64_t batch_of(const struct options *options)
{
    return options->values[UNIX_SOCKETS_BATCH];
}

static struct unix_extras_wanted extras_of(const struct options *options, int type)
{
    return (struct unix_extras_wanted){
        .has_header = options->values[UNIX_SOCKETS_IOV] != 0,
        .has_credentials = options->values[UNIX_SOCKETS_CREDS] != 0,
        .rights = (unsigned)options->values[UNIX_SOCKETS_RIGHTS],
        .is_stream = type == SOCK_STREAM,
    };
}

static bool has_extras(const struct options *options)
{
    return options->values[UNIX_SOCKETS_IOV] || options->values[UNIX_SOCKETS_CREDS] ||
           options->values[UNIX_SOCKETS_RIGHTS];
}

int unix_sockets_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    (void)message_bytes;
    if (batch_of(options) > 1 && has_extras(options))
        return error_unavailable(
            error, "batch=1, or without iov=, creds= and rights=", "a batch is of messages alone");
    return 0;
}

const struct loop_set *unix_sockets_loops(const struct options *options,
                                          const struct loop_set *const *plain)
{
    const enum wait_kind wait = (enum wait_kind)options->values[UNIX_SOCKETS_WAIT];
    if (batch_of(options) > 1)
        return unix_batch_loops(wait);
    return has_extras(options) ? unix_extras_loops(wait) : plain[wait];
}

bool unix_sockets_spin(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[UNIX_SOCKETS_WAIT]);
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
    struct descriptors *descriptors = &((struct unix_channel *)channel->state)->descriptors;
    const struct unix_extras_wanted extras = extras_of(&channel->options, type);
    int ends[2] = {-1, -1};
    descriptors_init(descriptors);
    int failure = connect_pair(channel, ends, type, error);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        descriptors->ends[side][DIRECTION_IN] = ends[side];
        descriptors->ends[side][DIRECTION_OUT] = ends[side];
    }
    for (int side = 0; !failure && side < SIDE_COUNT; ++side)
        failure =
            socket_set_buffers(channel, ends[side], channel->options.values[UNIX_SOCKETS_SNDBUF],
                               channel->options.values[UNIX_SOCKETS_RCVBUF], error);
    if (failure)
        return failure;
    ((struct unix_channel *)channel->state)->extras.wanted = extras;
    if (batch_of(&channel->options) > 1)
        obtained_number(&channel->obtained, "batch_messages", (int64_t)batch_of(&channel->options));
    return unix_extras_create(channel, &extras, descriptors, error);
}

int unix_sockets_attach(struct channel *channel, enum side side, struct error *error)
{
    struct unix_channel *state = channel->state;
    const uint64_t batch = batch_of(&channel->options);
    const int failure =
        descriptors_attach(channel, &state->descriptors, side,
                           (enum wait_kind)channel->options.values[UNIX_SOCKETS_WAIT], error);
    if (!failure && batch > 1)
        return unix_batch_attach(&state->batch, (unsigned)batch, channel->message_bytes, error);
    if (!failure && has_extras(&channel->options))
        return unix_extras_attach(&state->extras, &state->extras.wanted, channel->message_bytes,
                                  error);
    return failure;
}

void unix_sockets_destroy(struct channel *channel)
{
    struct unix_channel *state = channel->state;
    descriptors_close(&state->descriptors);
}

int unix_sockets_limits(const struct options *options, struct message_limits *limits,
                        struct error *error)
{
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_system(error, errno, "socket(AF_UNIX)");
    int got_bytes = 0;
    const int failure =
        socket_set_sndbuf(fd, options->values[UNIX_SOCKETS_SNDBUF], &got_bytes, error);
    close(fd);
    if (failure)
        return failure;
    const int header_bytes =
        options->values[UNIX_SOCKETS_IOV] ? (int)sizeof(struct unix_header) : 0;
    *limits = (struct message_limits){
        .minimum_bytes = 1,
        .maximum_bytes = (uint64_t)(got_bytes - KERNEL_RESERVE_BYTES - header_bytes),
        .knob = "sndbuf=, sysctl net.core.wmem_max",
    };
    return 0;
}

uint64_t unix_sockets_crowd_most_bytes(const struct options *options)
{
    return batch_of(options) > 1 ? 0 : UINT64_MAX;
}
