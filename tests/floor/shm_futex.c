/* A bounded queue in shared memory; who finds it empty or full sleeps on a futex.
 *
 * Memory ordering: a sleeper raises its flag, then looks at the index once more; a publisher stores
 * the index, then looks at the flag. All four are sequentially consistent, so that one of the two
 * sees the other. The futex word is the flag, not the index: a publisher that lowers the flag
 * before the sleeper has reached the kernel keeps it from sleeping there, where a wake-up sent too
 * early would be lost. The index also hands over the slot. */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/floor/slots.h"

struct words {
    _Alignas(128) _Atomic uint32_t tail; /* slots ever filled */
    _Alignas(128) _Atomic uint32_t head; /* slots ever given back */
    _Alignas(128) _Atomic uint32_t consumer_sleeps;
    _Alignas(128) _Atomic uint32_t producer_sleeps;
};
_Static_assert(FLOOR_SIDES * sizeof(struct words) <= WORDS_BYTES, "words fit their page");

struct half {
    struct slots slots;
    struct words *words;
    uint32_t index;  /* of the next slot */
    uint32_t cached; /* producer: the index at which it is full; consumer: the tail */
};
struct end {
    struct half out;
    struct half in;
    uint32_t count;
};
enum { LOOK_EVERY = 256 };

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    struct words *words = (struct words *)(void *)channel->region;
    const bool receives = side == FLOOR_RECEIVER;
    const uint32_t count = (uint32_t)slot_count(channel->message_bytes);
    return (struct end){
        .out = {slots_of(channel, receives), &words[receives], 0, count},
        .in = {slots_of(channel, !receives), &words[!receives], 0, 0},
        .count = count,
    };
}

FLOOR_INLINE void sleep_while(_Atomic uint32_t *index, uint32_t value, _Atomic uint32_t *flag)
{
    atomic_store(flag, 1);
    if (atomic_load(index) == value && syscall(SYS_futex, flag, FUTEX_WAIT, 1, NULL, NULL, 0) &&
        errno != EAGAIN && errno != EINTR)
        floor_fail("futex wait");
}

FLOOR_INLINE void publish(_Atomic uint32_t *index, uint32_t value, _Atomic uint32_t *flag)
{
    atomic_store(index, value);
    if (atomic_load(flag) && atomic_exchange(flag, 0) &&
        syscall(SYS_futex, flag, FUTEX_WAKE, 1, NULL, NULL, 0) < 0)
        floor_fail("futex wake");
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    struct half *out = &end->out;
    while (FLOOR_RARE(out->index == out->cached)) {
        out->cached = atomic_load(&out->words->head) + end->count;
        if (out->index == out->cached)
            sleep_while(&out->words->head, out->index - end->count, &out->words->producer_sleeps);
    }
    slots_put(&out->slots, number);
    publish(&out->words->tail, ++out->index, &out->words->consumer_sleeps);
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    struct half *in = &end->in;
    while (FLOOR_RARE(in->index == in->cached)) {
        in->cached = atomic_load(&in->words->tail);
        if (in->index == in->cached)
            sleep_while(&in->words->tail, in->index, &in->words->consumer_sleeps);
    }
    const uint64_t number = slots_take(&in->slots);
    publish(&in->words->head, ++in->index, &in->words->producer_sleeps);
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
