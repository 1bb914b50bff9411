/* Two XSI message queues, one for each direction. */
#include <sys/ipc.h>
#include <sys/msg.h>

#include "tests/floor/descriptors.h"

static const long message_type = 1;

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    number_put(end, number);
    unsigned char *typed = end->sending - sizeof(message_type);
    memcpy(typed, &message_type, sizeof(message_type));
    while (FLOOR_RARE(msgsnd(end->out, typed, end->bytes, 0))) {
        if (errno != EINTR)
            floor_fail("msgsnd");
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    unsigned char *typed = end->receiving - sizeof(message_type);
    while (FLOOR_RARE(msgrcv(end->in, typed, end->bytes, 0, 0) != (ssize_t)end->bytes)) {
        if (errno != EINTR)
            floor_fail("msgrcv");
    }
    return number_take(end);
}

#include "tests/floor/loops.h"

static void destroy(struct floor_channel *channel)
{
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        if (channel->out[side] >= 0)
            msgctl(channel->out[side], IPC_RMID, NULL);
        channel->out[side] = -1;
    }
}

static void create(struct floor_channel *channel)
{
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        channel->out[side] = channel->in[!side] = msgget(IPC_PRIVATE, 0600);
        if (channel->out[side] < 0) {
            const int failure = errno;
            destroy(channel);
            errno = failure;
            floor_fail("msgget");
        }
    }
}

const struct floor_mechanism floor_xsi_mq = {
    .name = "xsi-mq",
    .create = create,
    .open = floor_buffers,
    .destroy = destroy,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
