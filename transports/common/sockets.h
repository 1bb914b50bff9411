/* What the socket transports share: buffer sizes, asked for and read back, and busy polling. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_SOCKETS_H
#define IPCBENCH_TRANSPORTS_COMMON_SOCKETS_H

#include <stdint.h>

#include "harness/transport.h"

/* For option tables. */
#define SOCKET_SNDBUF_OPTION                                                                       \
    {                                                                                              \
        .key = "sndbuf", .kind = OPTION_BYTES, .default_value = "default", .minimum = 1024,        \
        .maximum = 1 << 30, .meaning = "SO_SNDBUF as asked for; the kernel keeps twice as much",   \
    }
#define SOCKET_RCVBUF_OPTION(what)                                                                 \
    {                                                                                              \
        .key = "rcvbuf", .kind = OPTION_BYTES, .default_value = "default", .minimum = 1024,        \
        .maximum = 1 << 30, .meaning = (what),                                                     \
    }

/* Asks for a buffer size (0: leaves it) and gives what there is. Less than asked for is unavailable,
 * with the sysctl that cuts it as the knob. */
int socket_set_sndbuf(int fd, uint64_t wanted_bytes, int *got_bytes, struct error *error);
int socket_set_rcvbuf(int fd, uint64_t wanted_bytes, int *got_bytes, struct error *error);

/* Both; what there is goes into obtained.sndbuf_bytes and rcvbuf_bytes. */
int socket_set_buffers(struct channel *channel, int fd, uint64_t sndbuf_bytes,
                       uint64_t rcvbuf_bytes, struct error *error);

/* SO_BUSY_POLL (0: leaves it), into obtained.busy_poll_us. */
int socket_set_busy_poll(struct channel *channel, int fd, uint64_t wanted_us, struct error *error);

#endif
