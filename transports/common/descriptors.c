#include "transports/common/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

void descriptors_init(struct descriptors *descriptors)
{
    for (int side = 0; side < SIDE_COUNT; ++side) {
        descriptors->ends[side][DIRECTION_IN] = -1;
        descriptors->ends[side][DIRECTION_OUT] = -1;
    }
    descriptors->in.epoll_fd = -1;
    descriptors->out.epoll_fd = -1;
}

static int waiter_open(struct waiter *waiter, int fd, short events, enum wait_kind wait,
                       struct error *error)
{
    *waiter = (struct waiter){.fd = fd, .events = events, .epoll_fd = -1};
    if (wait == WAIT_BLOCK || fd < 0) /* a direction without a descriptor */
        return 0;
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
        return error_system(error, errno, "fcntl(O_NONBLOCK)");
    if (wait != WAIT_EPOLL)
        return 0;
    waiter->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (waiter->epoll_fd < 0)
        return error_system(error, errno, "epoll_create1");
    struct epoll_event event = {.events = events == POLLIN ? EPOLLIN : EPOLLOUT, .data.fd = fd};
    if (epoll_ctl(waiter->epoll_fd, EPOLL_CTL_ADD, fd, &event))
        return error_system(error, errno, "epoll_ctl(EPOLL_CTL_ADD)");
    return 0;
}

/* Closes a descriptor under every name it has here: a socket serves both directions of a side, a
 * queue belongs to both sides. */
static void close_everywhere(struct descriptors *descriptors, int fd)
{
    if (fd < 0)
        return;
    int *ends = &descriptors->ends[0][0];
    for (int index = 0; index < SIDE_COUNT * DIRECTION_COUNT; ++index) {
        if (ends[index] == fd)
            ends[index] = -1;
    }
    close(fd);
}

static void close_peer(struct descriptors *descriptors, enum side side)
{
    const int *own = descriptors->ends[side];
    const int *peer = descriptors->ends[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER];
    for (int direction = 0; direction < DIRECTION_COUNT; ++direction) {
        const int fd = peer[direction];
        if (fd != own[DIRECTION_IN] && fd != own[DIRECTION_OUT])
            close_everywhere(descriptors, fd);
    }
}

int descriptors_attach(struct channel *channel, struct descriptors *descriptors, enum side side,
                       enum wait_kind wait, struct error *error)
{
    close_peer(descriptors, side);
    const int *own = descriptors->ends[side];
    channel->meter = wait_kind_spins(wait) ? &descriptors->meter : NULL;
    const int failure = waiter_open(&descriptors->in, own[DIRECTION_IN], POLLIN, wait, error);
    if (failure)
        return failure;
    return waiter_open(&descriptors->out, own[DIRECTION_OUT], POLLOUT, wait, error);
}

static void epoll_close(struct waiter *waiter)
{
    if (waiter->epoll_fd >= 0)
        close(waiter->epoll_fd);
    waiter->epoll_fd = -1;
}

void descriptors_close(struct descriptors *descriptors)
{
    epoll_close(&descriptors->in);
    epoll_close(&descriptors->out);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        close_everywhere(descriptors, descriptors->ends[side][DIRECTION_IN]);
        close_everywhere(descriptors, descriptors->ends[side][DIRECTION_OUT]);
    }
}
