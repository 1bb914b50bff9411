/* A bounded queue in shared memory; who finds it empty or full sleeps on a futex. */
#include "tests/floor/futex_queue.h"

_Static_assert(FLOOR_SIDES * sizeof(struct queue_words) <= WORDS_BYTES, "words fit their page");

struct end {
    struct half out;
    struct half in;
};

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    struct queue_words *words = (struct queue_words *)(void *)channel->region;
    const bool receives = side == FLOOR_RECEIVER;
    const uint32_t count = (uint32_t)slot_count(channel->message_bytes);
    return (struct end){
        .out = {slots_of(channel, receives), &words[receives], count, 0, count},
        .in = {slots_of(channel, !receives), &words[!receives], count, 0, 0},
    };
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    queue_put(&end->out, number);
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    queue_wait(&end->in);
    const uint64_t number = slots_take(&end->in.slots);
    queue_give_back(&end->in);
    return number;
}

#include "tests/floor/loops.h"

const struct floor_mechanism floor_shm_futex = {
    .name = "shm-futex",
    .create = floor_map_shm,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
