/* Two eventfds, each a counter to which a number is added and taken back: round trips alone, since what
 * is added before it is taken becomes one number. */
#include <sys/eventfd.h>

#include "tests/floor/descriptors.h"

/* One above the number, since nothing wakes for 0; the largest there is stands for the stop. */
static const uint64_t stop_value = UINT64_MAX - 1;

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    const uint64_t value = FLOOR_RARE(number == FLOOR_STOP) ? stop_value : number + 1;
    while (FLOOR_RARE(write(end->out, &value, sizeof(value)) < 0)) {
        if (errno != EINTR)
            floor_fail("write");
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    uint64_t value;
    while (FLOOR_RARE(read(end->in, &value, sizeof(value)) < 0)) {
        if (errno != EINTR)
            floor_fail("read");
    }
    return FLOOR_RARE(value == stop_value) ? FLOOR_STOP : value - 1;
}

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        const int fd = eventfd(0, EFD_CLOEXEC);
        if (fd < 0)
            floor_fail("eventfd");
        channel->out[side] = channel->in[!side] = fd;
    }
}

const struct floor_mechanism floor_eventfd = {
    .name = "eventfd",
    .create = create,
    .open = floor_buffers,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
