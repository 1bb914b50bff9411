/* A bounded queue in shared memory with XSI semaphores: two for each direction, one set. */
#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "tests/floor/slots.h"

/* Numbers in the set: direction * 2 + one of these. */
enum { FILLED, FREE, COUNTERS };

struct half {
    struct slots slots;
    unsigned short filled;
    unsigned short free;
};
struct end {
    struct half out;
    struct half in;
    int set;
};
enum { LOOK_EVERY = 256 };

FLOOR_INLINE struct half half_of(const struct floor_channel *channel, bool backward)
{
    const int base = backward ? COUNTERS : 0;
    return (struct half){slots_of(channel, backward), (unsigned short)(base + FILLED),
                         (unsigned short)(base + FREE)};
}

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    const bool receives = side == FLOOR_RECEIVER;
    return (struct end){half_of(channel, receives), half_of(channel, !receives),
                        channel->semaphore_set};
}

FLOOR_INLINE void change(int set, unsigned short number, short by)
{
    struct sembuf operation = {.sem_num = number, .sem_op = by};
    while (FLOOR_RARE(semop(set, &operation, 1))) {
        if (errno != EINTR)
            floor_fail("semop");
    }
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    change(end->set, end->out.free, -1);
    slots_put(&end->out.slots, number);
    change(end->set, end->out.filled, 1);
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    change(end->set, end->in.filled, -1);
    const uint64_t number = slots_take(&end->in.slots);
    change(end->set, end->in.free, 1);
    return number;
}

#include "tests/floor/loops.h"

static void destroy(struct floor_channel *channel)
{
    if (channel->semaphore_set >= 0)
        semctl(channel->semaphore_set, 0, IPC_RMID);
    channel->semaphore_set = -1;
}

static void create(struct floor_channel *channel)
{
    floor_map_shm(channel);
    channel->semaphore_set = semget(IPC_PRIVATE, FLOOR_SIDES * COUNTERS, 0600);
    if (channel->semaphore_set < 0)
        floor_fail("semget");
    const int count = (int)slot_count(channel->message_bytes);
    for (int direction = 0; direction < FLOOR_SIDES; ++direction) {
        const int base = direction * COUNTERS;
        if (semctl(channel->semaphore_set, base + FILLED, SETVAL, 0) ||
            semctl(channel->semaphore_set, base + FREE, SETVAL, count)) {
            const int failure = errno;
            destroy(channel);
            errno = failure;
            floor_fail("semctl");
        }
    }
}

const struct floor_mechanism floor_shm_xsi_sem = {
    .name = "shm-xsi-sem",
    .create = create,
    .destroy = destroy,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
