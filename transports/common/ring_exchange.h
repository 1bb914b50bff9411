/* The exchange of a ring in place: the slot is lent. One for each way to wait and each order of the
 * slots, put together at compile time; `step` gets the state and which end of it, out or in. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_EXCHANGE_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_EXCHANGE_H

#include "harness/loop_set.h"
#include "transports/common/ring.h"
#include "transports/common/ring_sync.h"

#define RING_IN_PLACE(name, sync, step)                                                            \
    static ALWAYS_INLINE int name##_reserve(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **slot)                                  \
    {                                                                                              \
        struct ring_end *const end = &((struct ring_ends *)state)->out;                            \
        (void)own, (void)bytes;                                                                    \
        *slot = end->next;                                                                         \
        return sync##_wait_free(end);                                                              \
    }                                                                                              \
    static ALWAYS_INLINE int name##_commit(void *state, unsigned char *slot, size_t bytes)         \
    {                                                                                              \
        struct ring_end *const end = &((struct ring_ends *)state)->out;                            \
        (void)slot, (void)bytes;                                                                   \
        step(state, out);                                                                          \
        return sync##_publish(end);                                                                \
    }                                                                                              \
    static ALWAYS_INLINE int name##_acquire(void *state, unsigned char *own, size_t bytes,         \
                                            unsigned char **message)                               \
    {                                                                                              \
        struct ring_end *const end = &((struct ring_ends *)state)->in;                             \
        (void)own, (void)bytes;                                                                    \
        *message = end->next;                                                                      \
        return sync##_wait_filled(end);                                                            \
    }                                                                                              \
    static ALWAYS_INLINE int name##_release(void *state, unsigned char *message, size_t bytes)     \
    {                                                                                              \
        struct ring_end *const end = &((struct ring_ends *)state)->in;                             \
        (void)message, (void)bytes;                                                                \
        step(state, in);                                                                           \
        return sync##_give_back(end);                                                              \
    }                                                                                              \
    static const struct exchange name##_exchange = {                                               \
        .reserve = name##_reserve,                                                                 \
        .commit = name##_commit,                                                                   \
        .acquire = name##_acquire,                                                                 \
        .release = name##_release,                                                                 \
    };

#endif
