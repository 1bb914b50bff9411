/* The ways to wait on a ring: for each, four functions on one end of one direction.
 *
 *     wait_free      producer: until a slot is free
 *     publish        producer: the slot is filled
 *     wait_filled    consumer: until a slot is filled
 *     give_back      consumer: the slot is free
 *
 * The memory-ordering argument is at the top of ring.h. All return 0 or -errno.
 *
 * All of it is inline, also what makes system calls: a function of our own around one is a return that
 * the CPU foretells wrongly after it (with eventfd 6 % of a stream's rate, with a mutex 8 %). Only the
 * metered spinning is not, which counts and keeps nobody waiting; it gets its arguments by value, so that
 * the end stays in the loop's registers. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_SYNC_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_SYNC_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/relax.h"
#include "transports/common/ring.h"

/* On to the next slot. */
static ALWAYS_INLINE void ring_step(struct ring_end *end)
{
    unsigned char *const next = end->next + end->stride_bytes;
    end->next = next == end->beyond ? end->first : next;
}

/* sem, named-sem: POSIX semaphores; no system call unless somebody sleeps. */
static ALWAYS_INLINE int ring_sem_down(sem_t *semaphore)
{
    while (UNLIKELY(sem_wait(semaphore))) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int ring_sem_wait_free(struct ring_end *end)
{
    return ring_sem_down(end->free_sem);
}
static ALWAYS_INLINE int ring_sem_publish(struct ring_end *end)
{
    return UNLIKELY(sem_post(end->filled_sem)) ? -errno : 0;
}
static ALWAYS_INLINE int ring_sem_wait_filled(struct ring_end *end)
{
    return ring_sem_down(end->filled_sem);
}
static ALWAYS_INLINE int ring_sem_give_back(struct ring_end *end)
{
    return UNLIKELY(sem_post(end->free_sem)) ? -errno : 0;
}

/* xsi-sem: every operation is a system call. */
static ALWAYS_INLINE int ring_xsi_change(int set, unsigned short number, short change)
{
    struct sembuf operation = {.sem_num = number, .sem_op = change};
    while (UNLIKELY(semop(set, &operation, 1))) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int ring_xsi_wait_free(struct ring_end *end)
{
    return ring_xsi_change(end->xsi_set, end->xsi_free, -1);
}
static ALWAYS_INLINE int ring_xsi_publish(struct ring_end *end)
{
    return ring_xsi_change(end->xsi_set, end->xsi_filled, 1);
}
static ALWAYS_INLINE int ring_xsi_wait_filled(struct ring_end *end)
{
    return ring_xsi_change(end->xsi_set, end->xsi_filled, -1);
}
static ALWAYS_INLINE int ring_xsi_give_back(struct ring_end *end)
{
    return ring_xsi_change(end->xsi_set, end->xsi_free, 1);
}

/* eventfd: a descriptor as a counting semaphore (EFD_SEMAPHORE). */
static ALWAYS_INLINE int ring_event_down(int fd)
{
    uint64_t count;
    while (UNLIKELY(read(fd, &count, sizeof(count)) < 0)) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}
static ALWAYS_INLINE int ring_event_up(int fd)
{
    const uint64_t one = 1;
    while (UNLIKELY(write(fd, &one, sizeof(one)) < 0)) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int ring_event_wait_free(struct ring_end *end)
{
    return ring_event_down(end->free_event);
}
static ALWAYS_INLINE int ring_event_publish(struct ring_end *end)
{
    return ring_event_up(end->filled_event);
}
static ALWAYS_INLINE int ring_event_wait_filled(struct ring_end *end)
{
    return ring_event_down(end->filled_event);
}
static ALWAYS_INLINE int ring_event_give_back(struct ring_end *end)
{
    return ring_event_up(end->free_event);
}

/* futex: the indices of spin, and a system call only when one side sleeps. */
static ALWAYS_INLINE int ring_futex_sleep(_Atomic uint64_t *index, uint64_t seen,
                                          _Atomic uint32_t *sleeps)
{
    atomic_store_explicit(sleeps, 1, memory_order_seq_cst);
    if (atomic_load_explicit(index, memory_order_seq_cst) == seen &&
        syscall(SYS_futex, sleeps, FUTEX_WAIT, 1, NULL, NULL, 0) && errno != EAGAIN &&
        errno != EINTR)
        return -errno;
    atomic_store_explicit(sleeps, 0, memory_order_relaxed);
    return 0;
}

/* `ahead` slots may be passed through beyond the peer's index. */
static ALWAYS_INLINE int ring_futex_wait(struct ring_end *end, _Atomic uint64_t *peer,
                                         uint64_t ahead, _Atomic uint32_t *sleeps)
{
    while (UNLIKELY(end->cursor == end->limit)) {
        end->limit = atomic_load_explicit(peer, memory_order_acquire) + ahead;
        if (LIKELY(end->cursor != end->limit))
            break;
        const int failure = ring_futex_sleep(peer, end->cursor - ahead, sleeps);
        if (UNLIKELY(failure))
            return failure;
    }
    return 0;
}

static ALWAYS_INLINE int ring_futex_wake(_Atomic uint32_t *peer_sleeps)
{
    return atomic_exchange_explicit(peer_sleeps, 0, memory_order_seq_cst) &&
                   syscall(SYS_futex, peer_sleeps, FUTEX_WAKE, 1, NULL, NULL, 0) < 0
               ? -errno
               : 0;
}

static ALWAYS_INLINE int ring_futex_tell(uint64_t cursor, _Atomic uint64_t *index,
                                         _Atomic uint32_t *peer_sleeps)
{
    atomic_store_explicit(index, cursor, memory_order_seq_cst);
    return UNLIKELY(atomic_load_explicit(peer_sleeps, memory_order_seq_cst))
               ? ring_futex_wake(peer_sleeps)
               : 0;
}

static ALWAYS_INLINE int ring_futex_advance(struct ring_end *end, _Atomic uint64_t *index,
                                            _Atomic uint32_t *peer_sleeps)
{
    return ring_futex_tell(++end->cursor, index, peer_sleeps);
}

static ALWAYS_INLINE int ring_futex_wait_free(struct ring_end *end)
{
    struct ring_header *const header = end->header;
    return ring_futex_wait(end, &header->head, end->slot_count, &header->producer_sleeps);
}
static ALWAYS_INLINE int ring_futex_publish(struct ring_end *end)
{
    return ring_futex_advance(end, &end->header->tail, &end->header->consumer_sleeps);
}
static ALWAYS_INLINE int ring_futex_wait_filled(struct ring_end *end)
{
    struct ring_header *const header = end->header;
    return ring_futex_wait(end, &header->tail, 0, &header->consumer_sleeps);
}
static ALWAYS_INLINE int ring_futex_give_back(struct ring_end *end)
{
    return ring_futex_advance(end, &end->header->head, &end->header->producer_sleeps);
}

/* mutex: a count under a robust mutex. A dead owner means a dead peer. `count` gets what it was found at. */
static ALWAYS_INLINE int ring_mutex_await(struct ring_header *header, pthread_cond_t *condition,
                                          uint64_t not_at, uint64_t *count)
{
    int refused = pthread_mutex_lock(&header->mutex);
    while (LIKELY(!refused) && header->filled_count == not_at)
        refused = pthread_cond_wait(condition, &header->mutex);
    if (UNLIKELY(refused))
        return refused == EOWNERDEAD ? -EPIPE : -refused;
    *count = header->filled_count;
    return -pthread_mutex_unlock(&header->mutex);
}
static ALWAYS_INLINE int ring_mutex_change(struct ring_header *header, pthread_cond_t *condition,
                                           uint64_t change)
{
    int refused = pthread_mutex_lock(&header->mutex);
    if (UNLIKELY(refused))
        return refused == EOWNERDEAD ? -EPIPE : -refused;
    header->filled_count += change;
    refused = pthread_mutex_unlock(&header->mutex);
    return -(refused ? refused : pthread_cond_signal(condition));
}

static ALWAYS_INLINE int ring_mutex_wait_free(struct ring_end *end)
{
    uint64_t count;
    return ring_mutex_await(end->header, &end->header->free_condition, end->slot_count, &count);
}
static ALWAYS_INLINE int ring_mutex_publish(struct ring_end *end)
{
    return ring_mutex_change(end->header, &end->header->filled_condition, 1);
}
static ALWAYS_INLINE int ring_mutex_wait_filled(struct ring_end *end)
{
    uint64_t count;
    return ring_mutex_await(end->header, &end->header->filled_condition, 0, &count);
}
static ALWAYS_INLINE int ring_mutex_give_back(struct ring_end *end)
{
    return ring_mutex_change(end->header, &end->header->free_condition, UINT64_MAX); /* minus one */
}

/* spin: indices alone, each side with a private copy of the other's. */
static OUT_OF_LINE uint64_t ring_spin_metered(struct wait_meter *meter, _Atomic uint64_t *peer,
                                              uint64_t ahead, uint64_t cursor)
{
    uint64_t limit = cursor;
    WAIT_SPIN_UNTIL(meter,
                    (limit = atomic_load_explicit(peer, memory_order_acquire) + ahead) != cursor);
    return limit;
}

static ALWAYS_INLINE int ring_spin_wait(struct ring_end *end, _Atomic uint64_t *peer,
                                        uint64_t ahead)
{
    if (LIKELY(end->cursor != end->limit))
        return 0;
    uint64_t limit = atomic_load_explicit(peer, memory_order_acquire) + ahead;
    while (limit == end->cursor && !end->meter) {
        cpu_relax();
        limit = atomic_load_explicit(peer, memory_order_acquire) + ahead;
    }
    end->limit = LIKELY(limit != end->cursor)
                     ? limit
                     : ring_spin_metered(end->meter, peer, ahead, end->cursor);
    return 0;
}

static ALWAYS_INLINE int ring_spin_wait_free(struct ring_end *end)
{
    return ring_spin_wait(end, &end->header->head, end->slot_count);
}
static ALWAYS_INLINE int ring_spin_publish(struct ring_end *end)
{
    atomic_store_explicit(&end->header->tail, ++end->cursor, memory_order_release);
    return 0;
}
static ALWAYS_INLINE int ring_spin_wait_filled(struct ring_end *end)
{
    return ring_spin_wait(end, &end->header->tail, 0);
}
static ALWAYS_INLINE int ring_spin_give_back(struct ring_end *end)
{
    atomic_store_explicit(&end->header->head, ++end->cursor, memory_order_release);
    return 0;
}

/* rwlock, spinlock: spin's indices, each read and each written under the lock. The lock is fair to nobody,
 * so a side that finds nothing new relaxes before it takes it again. */
static ALWAYS_INLINE uint64_t ring_rwlock_read(struct ring_header *header, const uint64_t *index)
{
    pthread_rwlock_rdlock(&header->rwlock);
    const uint64_t value = *index;
    pthread_rwlock_unlock(&header->rwlock);
    return value;
}
static ALWAYS_INLINE void ring_rwlock_write(struct ring_header *header, uint64_t *index,
                                            uint64_t value)
{
    pthread_rwlock_wrlock(&header->rwlock);
    *index = value;
    pthread_rwlock_unlock(&header->rwlock);
}

static ALWAYS_INLINE uint64_t ring_spinlock_read(struct ring_header *header, const uint64_t *index)
{
    pthread_spin_lock(&header->spinlock);
    const uint64_t value = *index;
    pthread_spin_unlock(&header->spinlock);
    return value;
}
static ALWAYS_INLINE void ring_spinlock_write(struct ring_header *header, uint64_t *index,
                                              uint64_t value)
{
    pthread_spin_lock(&header->spinlock);
    *index = value;
    pthread_spin_unlock(&header->spinlock);
}

#define RING_UNDER_LOCK(lock)                                                                      \
    static OUT_OF_LINE uint64_t lock##_metered(struct wait_meter *meter,                           \
                                               struct ring_header *header, const uint64_t *peer,   \
                                               uint64_t ahead, uint64_t cursor)                    \
    {                                                                                              \
        uint64_t limit = cursor;                                                                   \
        WAIT_SPIN_UNTIL(meter, (limit = lock##_read(header, peer) + ahead) != cursor);             \
        return limit;                                                                              \
    }                                                                                              \
    static ALWAYS_INLINE int lock##_wait(struct ring_end *end, const uint64_t *peer,               \
                                         uint64_t ahead)                                           \
    {                                                                                              \
        if (LIKELY(end->cursor != end->limit))                                                     \
            return 0;                                                                              \
        uint64_t limit = lock##_read(end->header, peer) + ahead;                                   \
        while (limit == end->cursor && !end->meter) {                                              \
            cpu_relax();                                                                           \
            limit = lock##_read(end->header, peer) + ahead;                                        \
        }                                                                                          \
        end->limit = LIKELY(limit != end->cursor)                                                  \
                         ? limit                                                                   \
                         : lock##_metered(end->meter, end->header, peer, ahead, end->cursor);      \
        return 0;                                                                                  \
    }                                                                                              \
    static ALWAYS_INLINE int lock##_wait_free(struct ring_end *end)                                \
    {                                                                                              \
        return lock##_wait(end, &end->header->locked_head, end->slot_count);                       \
    }                                                                                              \
    static ALWAYS_INLINE int lock##_publish(struct ring_end *end)                                  \
    {                                                                                              \
        lock##_write(end->header, &end->header->locked_tail, ++end->cursor);                       \
        return 0;                                                                                  \
    }                                                                                              \
    static ALWAYS_INLINE int lock##_wait_filled(struct ring_end *end)                              \
    {                                                                                              \
        return lock##_wait(end, &end->header->locked_tail, 0);                                     \
    }                                                                                              \
    static ALWAYS_INLINE int lock##_give_back(struct ring_end *end)                                \
    {                                                                                              \
        lock##_write(end->header, &end->header->locked_head, ++end->cursor);                       \
        return 0;                                                                                  \
    }
RING_UNDER_LOCK(ring_rwlock)
RING_UNDER_LOCK(ring_spinlock)

#endif
