#include "transports/common/unix_extras.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "transports/common/backpressure.h"
#include "transports/common/stream_io.h"
#include "transports/common/unix_sockets.h"

int unix_extras_create(struct channel *channel, const struct unix_extras_wanted *wanted,
                       const struct descriptors *descriptors, struct error *error)
{
    for (int side = 0; wanted->has_credentials && side < SIDE_COUNT; ++side) {
        const int fd = descriptors->ends[side][DIRECTION_IN];
        int is_on = 1;
        socklen_t length = sizeof(is_on);
        if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &is_on, length) ||
            getsockopt(fd, SOL_SOCKET, SO_PASSCRED, &is_on, &length))
            return error_system(error, errno, "setsockopt(SO_PASSCRED)");
        obtained_number(&channel->obtained, "passcred", is_on);
    }
    if (wanted->has_header)
        obtained_number(&channel->obtained, "header_bytes", sizeof(struct unix_header));
    if (wanted->rights)
        obtained_number(&channel->obtained, "descriptors", wanted->rights);
    return 0;
}

/* As many as a message brings must find room beside what is open. */
static int check_room(int fd, unsigned count, struct error *error)
{
    int opened[UNIX_RIGHTS_MOST];
    unsigned got = 0;
    int failure = 0;
    while (got < count && !failure) {
        opened[got] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        failure = opened[got] < 0 ? errno : 0;
        got += !failure;
    }
    const unsigned room = got;
    while (got)
        close(opened[--got]);
    if (!failure)
        return 0;
    return error_unavailable(error, "ulimit -n (RLIMIT_NOFILE)",
                             "rights=%u: there is room for %u more descriptors", count, room);
}

static void call_prepare(struct unix_call *call, const struct unix_extras_wanted *wanted,
                         size_t message_bytes)
{
    const size_t header_bytes = wanted->has_header ? sizeof(call->header) : 0;
    *call = (struct unix_call){.header.message_bytes = message_bytes,
                               .whole_bytes = header_bytes + message_bytes};
    call->pieces[0] = (struct iovec){.iov_base = &call->header, .iov_len = header_bytes};
    call->body = &call->pieces[wanted->has_header ? 1 : 0];
    call->body->iov_len = message_bytes;
    call->message = (struct msghdr){.msg_iov = call->pieces,
                                    .msg_iovlen = wanted->has_header ? 2 : 1,
                                    .msg_control = call->control};
}

int unix_extras_attach(struct unix_extras *extras, const struct unix_extras_wanted *wanted,
                       size_t message_bytes, struct error *error)
{
    extras->wanted = *wanted;
    call_prepare(&extras->out, wanted, message_bytes);
    call_prepare(&extras->in, wanted, message_bytes);
    if (wanted->has_credentials) /* the kernel adds the sender's by itself */
        extras->in.control_bytes += CMSG_SPACE(sizeof(struct ucred));
    extras->passed_fd = -1;
    if (!wanted->rights)
        return 0;
    extras->passed_fd = eventfd(0, EFD_CLOEXEC);
    if (extras->passed_fd < 0 && errno == EMFILE)
        return error_unavailable(error, "ulimit -n (RLIMIT_NOFILE)", "eventfd: EMFILE");
    if (extras->passed_fd < 0)
        return error_system(error, errno, "eventfd");
    const size_t bytes = wanted->rights * sizeof(int);
    struct unix_call *const out = &extras->out;
    struct cmsghdr *const control = (struct cmsghdr *)(void *)out->control;
    *control = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(bytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    for (unsigned index = 0; index < wanted->rights; ++index)
        memcpy(CMSG_DATA(control) + index * sizeof(int), &extras->passed_fd, sizeof(int));
    out->message.msg_controllen = CMSG_SPACE(bytes);
    extras->in.control_bytes += CMSG_SPACE(bytes);
    return check_room(extras->passed_fd, wanted->rights, error);
}

/* What of a stream did not go with the first call, or is still to come. Rare: it waits as stream_io
 * does. */
static __attribute__((noinline)) int send_rest(struct unix_channel *channel, size_t sent,
                                               enum wait_kind wait)
{
    const struct unix_call *const call = &channel->extras.out;
    if (!channel->extras.wanted.is_stream)
        return -EBADMSG;
    for (size_t piece = 0; piece < call->message.msg_iovlen; ++piece) {
        const struct iovec *const part = &call->pieces[piece];
        const size_t done = sent < part->iov_len ? sent : part->iov_len;
        sent -= done;
        if (done == part->iov_len)
            continue;
        const int failure =
            stream_send(&channel->descriptors, (const unsigned char *)part->iov_base + done,
                        part->iov_len - done, wait);
        if (failure)
            return failure;
    }
    return 0;
}

static __attribute__((noinline)) int receive_rest(struct unix_channel *channel, size_t received,
                                                  enum wait_kind wait)
{
    const struct unix_call *const call = &channel->extras.in;
    if (!received)
        return -EPIPE;
    if (!channel->extras.wanted.is_stream)
        return -EBADMSG;
    for (size_t piece = 0; piece < call->message.msg_iovlen; ++piece) {
        const struct iovec *const part = &call->pieces[piece];
        const size_t done = received < part->iov_len ? received : part->iov_len;
        received -= done;
        if (done == part->iov_len)
            continue;
        const int failure =
            stream_receive(&channel->descriptors, (unsigned char *)part->iov_base + done,
                           part->iov_len - done, wait);
        if (failure)
            return failure;
    }
    return 0;
}

/* Closes descriptors that came, and returns how many. */
static ALWAYS_INLINE unsigned close_rights(struct cmsghdr *control)
{
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < count; ++index) {
        int fd;
        memcpy(&fd, CMSG_DATA(control) + index * sizeof(fd), sizeof(fd));
        close(fd);
    }
    return (unsigned)count;
}

static ALWAYS_INLINE bool are_credentials(const struct cmsghdr *control)
{
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(control), sizeof(sender));
    return sender.pid > 0 && sender.uid == geteuid();
}

/* Is all there that has to be? */
static ALWAYS_INLINE int check_control(const struct unix_extras *extras, struct msghdr *message)
{
    unsigned rights = 0;
    bool credentials = false;
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
         control = CMSG_NXTHDR(message, control)) {
        if (control->cmsg_type == SCM_RIGHTS)
            rights += close_rights(control);
        else if (control->cmsg_type == SCM_CREDENTIALS)
            credentials = are_credentials(control);
    }
    if (UNLIKELY(message->msg_flags & (MSG_CTRUNC | MSG_TRUNC)))
        return message->msg_flags & MSG_CTRUNC ? -EMFILE : -EBADMSG;
    return rights == extras->wanted.rights && credentials == extras->wanted.has_credentials
               ? 0
               : -EBADMSG;
}

static ALWAYS_INLINE int extras_send(void *state, const unsigned char *message, size_t bytes,
                                     enum wait_kind wait)
{
    struct unix_channel *const channel = state;
    struct unix_call *const call = &channel->extras.out;
    struct descriptors *const descriptors = &channel->descriptors;
    (void)bytes;
    call->body->iov_base = (unsigned char *)(uintptr_t)message;
    for (;;) {
        ssize_t moved = sendmsg(descriptors->out.fd, &call->message, MSG_NOSIGNAL);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = sendmsg(descriptors->out.fd, &call->message, MSG_NOSIGNAL)) >=
                                    0 ||
                                errno != EAGAIN);
        if (LIKELY(moved == (ssize_t)call->whole_bytes))
            return 0;
        if (moved >= 0)
            return send_rest(channel, (size_t)moved, wait);
        if (wait > WAIT_SPIN && errno == EAGAIN) {
            const int failure = waiter_sleep(&descriptors->out, wait);
            if (failure)
                return failure;
        } else if (errno == ETOOMANYREFS) {
            backpressure_pause(); /* of descriptors under way; the kernel does not tell when fewer are */
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

/* One message or the beginning of one: how much, or -errno. */
static ALWAYS_INLINE ssize_t extras_take(struct descriptors *descriptors, struct unix_call *call,
                                         enum wait_kind wait)
{
    const int fd = descriptors->in.fd;
    struct msghdr *const message = &call->message;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&descriptors->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        message->msg_controllen = call->control_bytes;
        ssize_t moved = recvmsg(fd, message, MSG_CMSG_CLOEXEC);
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = recvmsg(fd, message, MSG_CMSG_CLOEXEC)) >= 0 ||
                                errno != EAGAIN);
        if (LIKELY(moved >= 0))
            return moved;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

static ALWAYS_INLINE int extras_receive(void *state, unsigned char *message, size_t bytes,
                                        enum wait_kind wait)
{
    struct unix_channel *const channel = state;
    struct unix_call *const call = &channel->extras.in;
    call->body->iov_base = message;
    call->header.message_bytes = bytes; /* where a header comes, it is overwritten */
    const ssize_t moved = extras_take(&channel->descriptors, call, wait);
    if (UNLIKELY(moved < 0))
        return (int)moved;
    int failure = moved ? check_control(&channel->extras, &call->message) : 0;
    if (UNLIKELY(moved != (ssize_t)call->whole_bytes) && !failure)
        failure = receive_rest(channel, (size_t)moved, wait);
    if (UNLIKELY(failure))
        return failure;
    return LIKELY(call->header.message_bytes == bytes) ? 0 : -EBADMSG;
}

LOOP_SETS_BY_WAIT(extras_loops, extras_send, extras_receive)

const struct loop_set *unix_extras_loops(enum wait_kind wait)
{
    return extras_loops[wait];
}
