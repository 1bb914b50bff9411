/* A bounded queue in shared memory with the textbook pair of unnamed semaphores. */
#include <errno.h>
#include <semaphore.h>

#include "tests/floor/slots.h"

struct words {
    _Alignas(128) sem_t filled;
    _Alignas(128) sem_t free;
};
_Static_assert(FLOOR_SIDES * sizeof(struct words) <= WORDS_BYTES, "words fit their page");

struct half {
    struct slots slots;
    struct words *words;
};
struct end {
    struct half out;
    struct half in;
};
enum { LOOK_EVERY = 256 };

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    struct words *words = (struct words *)(void *)channel->region;
    const bool receives = side == FLOOR_RECEIVER;
    return (struct end){
        .out = {slots_of(channel, receives), &words[receives]},
        .in = {slots_of(channel, !receives), &words[!receives]},
    };
}

FLOOR_INLINE void take(sem_t *semaphore)
{
    while (FLOOR_RARE(sem_wait(semaphore))) {
        if (errno != EINTR)
            floor_fail("sem_wait");
    }
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    take(&end->out.words->free);
    slots_put(&end->out.slots, number);
    sem_post(&end->out.words->filled);
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    take(&end->in.words->filled);
    const uint64_t number = slots_take(&end->in.slots);
    sem_post(&end->in.words->free);
    return number;
}

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    floor_map_shm(channel);
    struct words *words = (struct words *)(void *)channel->region;
    const unsigned count = (unsigned)slot_count(channel->message_bytes);
    for (int direction = 0; direction < FLOOR_SIDES; ++direction) {
        if (sem_init(&words[direction].filled, 1, 0) || sem_init(&words[direction].free, 1, count))
            floor_fail("sem_init");
    }
}

const struct floor_mechanism floor_shm_sem = {
    .name = "shm-sem",
    .create = create,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
