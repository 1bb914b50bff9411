/* Two POSIX message queues of 10 messages (fs.mqueue.msg_default), one for each direction. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

#include "tests/floor/descriptors.h"

enum { DEPTH = 10 };

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    number_put(end, number);
    while (FLOOR_RARE(mq_send(end->out, (const char *)end->sending, end->bytes, 0))) {
        if (errno != EINTR)
            floor_fail("mq_send");
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    while (FLOOR_RARE(mq_receive(end->in, (char *)end->receiving, end->bytes, NULL) < 0)) {
        if (errno != EINTR)
            floor_fail("mq_receive");
    }
    return number_take(end);
}

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    struct mq_attr attributes = {.mq_maxmsg = DEPTH, .mq_msgsize = (long)channel->message_bytes};
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        char name[64];
        snprintf(name, sizeof(name), "/ipcbench-floor-%d-%d", (int)getpid(), side);
        const mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600, &attributes);
        if (queue < 0)
            floor_fail("mq_open");
        mq_unlink(name);
        channel->out[side] = channel->in[!side] = queue;
    }
}

const struct floor_mechanism floor_posix_mq = {
    .name = "posix-mq",
    .create = create,
    .open = floor_buffers,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
