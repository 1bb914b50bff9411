/* A bounded queue whose user sleeps on a futex where it finds it empty or full, for shm_futex and
 * process_vm, which differ in what a slot is and how it is read.
 *
 * Memory ordering: a sleeper raises its flag, then looks at the index once more; a publisher stores
 * the index, then looks at the flag. All four are sequentially consistent, so that one of the two
 * sees the other. The futex word is the flag, not the index: a publisher that lowers the flag
 * before the sleeper has reached the kernel keeps it from sleeping there, where a wake-up sent too
 * early would be lost. The index also hands over the slot. */
#ifndef IPCBENCH_TESTS_FLOOR_FUTEX_QUEUE_H
#define IPCBENCH_TESTS_FLOOR_FUTEX_QUEUE_H

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/floor/slots.h"

/* One direction's words, in shared memory. */
struct queue_words {
    _Alignas(128) _Atomic uint32_t tail; /* slots ever filled */
    _Alignas(128) _Atomic uint32_t head; /* slots ever given back */
    _Alignas(128) _Atomic uint32_t consumer_sleeps;
    _Alignas(128) _Atomic uint32_t producer_sleeps;
};

/* One process's end of one direction. */
struct half {
    struct slots slots;
    struct queue_words *words;
    uint32_t count;  /* slots */
    uint32_t index;  /* of the next slot */
    uint32_t cached; /* producer: the index at which it is full; consumer: the tail */
};
enum { LOOK_EVERY = 256 };

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

/* Fills the next slot, once it is free. */
FLOOR_INLINE void queue_put(struct half *out, uint64_t number)
{
    while (FLOOR_RARE(out->index == out->cached)) {
        out->cached = atomic_load(&out->words->head) + out->count;
        if (out->index == out->cached)
            sleep_while(&out->words->head, out->index - out->count, &out->words->producer_sleeps);
    }
    slots_put(&out->slots, number);
    publish(&out->words->tail, ++out->index, &out->words->consumer_sleeps);
}

/* Until the next slot is filled. */
FLOOR_INLINE void queue_wait(struct half *in)
{
    while (FLOOR_RARE(in->index == in->cached)) {
        in->cached = atomic_load(&in->words->tail);
        if (in->index == in->cached)
            sleep_while(&in->words->tail, in->index, &in->words->consumer_sleeps);
    }
}

FLOOR_INLINE void queue_give_back(struct half *in)
{
    publish(&in->words->head, ++in->index, &in->words->producer_sleeps);
}

#endif
