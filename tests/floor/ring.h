/* A single-producer, single-consumer ring with cached indices, in place, for shm_spin and
 * mmap_spin, which differ in the memory alone.
 *
 * Memory ordering: the producer fills a slot, then publishes `tail` (release); the consumer sees it
 * (acquire), then reads. Giving a slot back through `head` is the same the other way round. Each
 * side keeps a copy of the other's index and looks again only when that copy says full or empty. */
#ifndef IPCBENCH_TESTS_FLOOR_RING_H
#define IPCBENCH_TESTS_FLOOR_RING_H

#include "tests/floor/slots.h"

/* One direction's words, at the start of the region: two lines apart, since lines are fetched in
 * pairs. */
struct ring_words {
    _Alignas(128) _Atomic uint64_t tail; /* slots ever filled */
    _Alignas(128) _Atomic uint64_t head; /* slots ever given back */
};
_Static_assert(FLOOR_SIDES * sizeof(struct ring_words) <= WORDS_BYTES, "words fit their page");

struct ring_half {
    struct slots slots;
    struct ring_words *words;
    uint64_t index;  /* of the next slot */
    uint64_t cached; /* producer: the index at which it is full; consumer: the tail */
};

struct end {
    struct ring_half out;
    struct ring_half in;
    uint64_t count;
};
enum { LOOK_EVERY = 4096 };

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    struct ring_words *words = (struct ring_words *)(void *)channel->region;
    const bool receives = side == FLOOR_RECEIVER;
    const uint64_t count = slot_count(channel->message_bytes);
    return (struct end){
        .out = {slots_of(channel, receives), &words[receives], 0, count},
        .in = {slots_of(channel, !receives), &words[!receives], 0, 0},
        .count = count,
    };
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    struct ring_half *out = &end->out;
    while (FLOOR_RARE(out->index == out->cached)) {
        out->cached = atomic_load_explicit(&out->words->head, memory_order_acquire) + end->count;
        if (out->index == out->cached)
            floor_pause();
    }
    slots_put(&out->slots, number);
    atomic_store_explicit(&out->words->tail, ++out->index, memory_order_release);
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    struct ring_half *in = &end->in;
    while (FLOOR_RARE(in->index == in->cached)) {
        in->cached = atomic_load_explicit(&in->words->tail, memory_order_acquire);
        if (in->index == in->cached)
            floor_pause();
    }
    const uint64_t number = slots_take(&in->slots);
    atomic_store_explicit(&in->words->head, ++in->index, memory_order_release);
    return number;
}

#endif
