/* What goes along with a message over a Unix socket: a header of its own in front (iov=2), the sender's
 * credentials (creds=yes), descriptors (rights=N). The same sendmsg and recvmsg for all: attach prepares
 * the headers, and the loops move what these say.
 *
 * The receiver holds what came against what was asked for, with each message: the header must tell this
 * message's length, the credentials must be there and be this user's, the descriptors must be there; they
 * are closed at once, as whoever is given descriptors has to do at some time. Anything else is -EBADMSG.
 */
#ifndef IPCBENCH_TRANSPORTS_COMMON_UNIX_EXTRAS_H
#define IPCBENCH_TRANSPORTS_COMMON_UNIX_EXTRAS_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "transports/common/descriptors.h"

/* unix(7), SCM_MAX_FD. */
enum { UNIX_RIGHTS_MOST = 253 };

/* What a header holds: a length, as any protocol's does. */
struct unix_header {
    uint64_t message_bytes;
    uint64_t unused;
};

/* What every message has. */
struct unix_extras_wanted {
    bool has_header;
    bool has_credentials;
    unsigned rights;
    bool is_stream; /* no boundaries: a message may arrive in pieces */
};

/* One direction's call, prepared. */
struct unix_call {
    struct msghdr message;
    struct iovec pieces[2];
    struct iovec *body; /* which of them is the message */
    struct unix_header header;
    size_t whole_bytes;   /* header and message */
    size_t control_bytes; /* 0: no control data */
    _Alignas(struct cmsghdr) unsigned char control[CMSG_SPACE(sizeof(struct ucred)) +
                                                   CMSG_SPACE(UNIX_RIGHTS_MOST * sizeof(int))];
};

struct unix_extras {
    struct unix_extras_wanted wanted;
    int passed_fd; /* what is sent along */
    struct unix_call out;
    struct unix_call in;
};

/* In create, for both ends: the socket options that these need. */
int unix_extras_create(struct channel *channel, const struct unix_extras_wanted *wanted,
                       const struct descriptors *descriptors, struct error *error);

/* In attach. Unavailable where this process could not open as many descriptors as a message brings. */
int unix_extras_attach(struct unix_extras *extras, const struct unix_extras_wanted *wanted,
                       size_t message_bytes, struct error *error);

/* The loops, by enum wait_kind. The state is a struct unix_channel. */
const struct loop_set *unix_extras_loops(enum wait_kind wait);

#endif
