/* Slots in shared memory, for every mechanism that waits by itself: a page of the mechanism's own
 * words, then the slots from sender to receiver, then those of the way back. */
#ifndef IPCBENCH_TESTS_FLOOR_SLOTS_H
#define IPCBENCH_TESTS_FLOOR_SLOTS_H

#include <string.h>

#include "tests/floor/floor.h"

enum { SLOTS_LEAST = 2, SLOTS_MOST = 1024, SLOT_ALIGN_BYTES = 64, WORDS_BYTES = 4096 };
#define SLOTS_BYTES ((size_t)256 << 10)

FLOOR_INLINE size_t slot_bytes(size_t message_bytes)
{
    return (message_bytes + SLOT_ALIGN_BYTES - 1) / SLOT_ALIGN_BYTES * SLOT_ALIGN_BYTES;
}

FLOOR_INLINE size_t slot_count(size_t message_bytes)
{
    const size_t count = SLOTS_BYTES / slot_bytes(message_bytes);
    return count < SLOTS_LEAST ? SLOTS_LEAST : count > SLOTS_MOST ? SLOTS_MOST : count;
}

/* One side's place in one direction; private to the process. */
struct slots {
    unsigned char *next;
    unsigned char *first;
    unsigned char *beyond;
    size_t slot_bytes;
};

FLOOR_INLINE struct slots slots_of(const struct floor_channel *channel, bool backward)
{
    const size_t one = slot_bytes(channel->message_bytes);
    const size_t all = one * slot_count(channel->message_bytes);
    unsigned char *first = channel->region + WORDS_BYTES + (backward ? all : 0);
    return (struct slots){first, first, first + all, one};
}

FLOOR_INLINE void slots_step(struct slots *slots)
{
    slots->next += slots->slot_bytes;
    if (FLOOR_RARE(slots->next == slots->beyond))
        slots->next = slots->first;
}

FLOOR_INLINE void slots_put(struct slots *slots, uint64_t number)
{
    memcpy(slots->next, &number, sizeof(number));
    slots_step(slots);
}

FLOOR_INLINE uint64_t slots_take(struct slots *slots)
{
    uint64_t number;
    memcpy(&number, slots->next, sizeof(number));
    slots_step(slots);
    return number;
}

#endif
