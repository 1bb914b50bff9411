/* A bounded queue of equal slots in shared memory, one for each direction; one producer, one
 * consumer. The shm and mmap transports are this ring in differently made memory.
 *
 * Layout of the region, made by ring_plan:
 *
 *     header forward | header backward | slots forward | slots backward
 *
 * Memory ordering. A slot belongs to the producer while it is free and to the consumer while it is
 * filled; ownership passes by a counter. The producer writes the slot, then publishes (release);
 * the consumer sees the counter (acquire), then reads the slot; and the same the other way round
 * when it gives the slot back. Which counter it is depends on the sync:
 *
 *     sem, named-sem,    two counting semaphores, `filled` and `free`; their operations order
 *     xsi-sem, eventfd   memory as a lock does
 *     mutex              a count under a robust mutex, two condition variables
 *     rwlock, spinlock   the indices under a lock, polled: a rwlock has no condition to sleep on
 *     spin               tail and head indices, polled; each side keeps a private copy of the
 *                        other's index and looks again only when it has to
 *     futex              the same indices, and a flag for each side that it sleeps on (the futex
 *                        word). A waiter sets its flag, then looks at the index once more; a
 *                        publisher stores the index, then looks at the flag: all four sequentially
 *                        consistent, so at least one of them sees the other (Dekker). The publisher
 *                        takes the flag down before it wakes; a waiter that was about to sleep then
 *                        finds its futex word changed and looks again, so no wake-up is lost.
 *
 * With batch=N a side tells the other about N slots at once: ring_batch.h.
 *
 * Slot positions are private to each side: both begin at the same slot and go on in the same order. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/loop_run.h"
#include "harness/shuffle.h"
#include "harness/transport.h"
#include "harness/wait.h"

enum ring_sync {
    RING_SEM,
    RING_NAMED_SEM,
    RING_XSI_SEM,
    RING_FUTEX,
    RING_MUTEX,
    RING_EVENTFD,
    RING_SPIN,
    RING_RWLOCK,
    RING_SPINLOCK,
};
enum { RING_SYNCS = 9 };

enum ring_copy { RING_COPY_YES, RING_COPY_NO };

/* In which order the slots are used, the same on both sides. */
enum ring_order_kind { RING_SEQUENTIAL, RING_RANDOM, RING_STRIDE };

/* For the option tables of both transports. */
#define RING_SYNC_OPTION                                                                           \
    {                                                                                              \
        .key = "sync", .kind = OPTION_CHOICE,                                                      \
        .choices = "sem|named-sem|xsi-sem|futex|mutex|eventfd|spin|rwlock|spinlock",               \
        .default_value = "sem", .meaning = "how sender and receiver wait for each other",          \
    }
#define RING_COPY_OPTION                                                                           \
    {                                                                                              \
        .key = "copy", .kind = OPTION_CHOICE, .choices = "yes|no", .default_value = "yes",         \
        .meaning = "copy in and out of own buffers, or work in the slot (zero copy)",              \
    }
#define RING_ORDER_OPTION                                                                          \
    {                                                                                              \
        .key = "order", .kind = OPTION_CHOICE, .choices = "sequential|random|stride:N",            \
        .default_value = "sequential", .minimum = 1, .maximum = 1 << 24,                           \
        .meaning = "in which order slots are used (copy=no): a seeded permutation, every Nth",     \
    }
#define RING_BYTES_OPTION                                                                          \
    {                                                                                              \
        .key = "ring", .kind = OPTION_BYTES, .default_value = "default", .minimum = 64,            \
        .maximum = UINT64_C(1) << 40,                                                              \
        .meaning = "bytes of slots for each direction: the working set; default: 256K",            \
    }

#define RING_BATCH_OPTION                                                                          \
    {                                                                                              \
        .key = "batch", .kind = OPTION_COUNT, .default_value = "1", .minimum = 1,                  \
        .maximum = 1 << 24, .meaning = "messages of a stream handed over by one wake-up",          \
    }

/* One direction's shared words, in shared memory. What one side writes is 128 bytes away from what
 * the other writes: two lines, since neighbouring lines are fetched in pairs. */
struct ring_header {
    _Alignas(128) _Atomic uint64_t tail; /* slots ever filled; written by the producer */
    _Alignas(128) _Atomic uint64_t head; /* slots ever given back; written by the consumer */
    _Alignas(128) sem_t filled_sem;
    _Alignas(128) sem_t free_sem;
    _Alignas(128) _Atomic uint32_t consumer_sleeps;
    _Alignas(128) _Atomic uint32_t producer_sleeps;
    _Alignas(128) pthread_mutex_t mutex;
    pthread_cond_t filled_condition;
    pthread_cond_t free_condition;
    uint64_t filled_count; /* under the mutex */
    _Alignas(128) pthread_rwlock_t rwlock;
    pthread_spinlock_t spinlock;
    uint64_t locked_tail; /* under one of these; as tail and head */
    uint64_t locked_head;
    _Alignas(128) char end;
};
_Static_assert(sizeof(struct ring_header) % 128 == 0, "headers lie side by side");

/* One direction as one process sees it; private. */
struct ring_end {
    unsigned char *next; /* slot */
    unsigned char *first;
    unsigned char *beyond; /* the last: where next wraps */
    size_t stride_bytes;
    uint64_t slot_count;
    uint64_t cursor; /* slots passed through by this side */
    uint64_t limit;  /* where cursor must look at the other side's index again, as last seen: the
                        producer at head + slot_count, the consumer at tail */
    struct ring_header *header;
    struct wait_meter *meter; /* NULL: waiting is not metered */
    sem_t *filled_sem;        /* unnamed, in the header, or named */
    sem_t *free_sem;
    int xsi_set;
    unsigned short xsi_filled; /* numbers within the set */
    unsigned short xsi_free;
    int filled_event;
    int free_event;
};

/* Does it burn the CPU? */
static inline bool ring_sync_spins(enum ring_sync sync)
{
    return sync == RING_SPIN || sync == RING_RWLOCK || sync == RING_SPINLOCK;
}

/* What the hot loops work on, in registers while they run. */
struct ring_ends {
    struct ring_end out;
    struct ring_end in;
};

/* Where one side is in an order that is not the sequence. */
struct ring_order {
    uint64_t index; /* random: of the turn; stride: of the slot */
    uint64_t stride;
    uint64_t column; /* slots that are one stride apart belong to one */
    struct shuffle shuffle;
};

/* The ends come first: what the loops in sequence work on is these alone. */
struct ring_ordered_ends {
    struct ring_ends ends;
    struct ring_order out_order;
    struct ring_order in_order;
};

/* How many slots, and of what size: 0 where the ring's default applies. */
struct ring_size {
    size_t message_bytes;
    uint64_t slot_count;
    uint64_t ring_bytes; /* of the slots of one direction */
    bool is_walked;      /* of a channel that passes a single message */
};

/* How the region is cut. */
struct ring_plan {
    bool shares_slots; /* both directions have the same */
    uint64_t slot_count;
    size_t stride_bytes;
    size_t marks_offset_bytes; /* of the batches' marks (ring_batch.h), 0: none */
    size_t slots_offset_bytes; /* of the forward slots; the backward slots follow */
    size_t region_bytes;       /* a multiple of the page size */
};

/* The same for loops that hand over several slots at once. */
struct ring_batch_end {
    struct ring_end end;
    uint64_t batch;          /* slots told at once */
    uint64_t told;           /* where the cursor was when the other side was last told */
    uint64_t *told_marks;    /* marks this side writes */
    uint64_t *heard_marks;   /* marks it reads */
    uint64_t told_position;  /* of the next mark to write: told, wrapped */
    uint64_t heard_position; /* of the next mark to read: the limit, wrapped */
};
struct ring_batch_ends {
    struct ring_batch_end out;
    struct ring_batch_end in;
};

struct ring_state {
    union { /* first: see LOOP_SET_ON_COPY */
        struct ring_ends ends;
        struct ring_ordered_ends ordered;
        struct ring_batch_ends batch_ends; /* where batch is above 1 */
    };
    _Alignas(128) struct wait_meter meter;
    unsigned char *region;
    struct ring_plan plan;
    enum ring_sync sync;
    uint64_t order;               /* the option's value */
    uint64_t batch;               /* 0 and 1: none */
    sem_t *named[2 * SIDE_COUNT]; /* by direction: filled, free; NULL: none */
    int events[2 * SIDE_COUNT];   /* likewise, descriptor + 1; 0: none */
    int xsi_set;                  /* id + 1; 0: none */
    int xsi_slot;                 /* of the guard */
};

/* Cuts a region for messages of this size. The default is as many slots as fit 256 KiB, at least 2 and at
 * most 1024; where a single message is passed, one for both directions. page_bytes: what the region is
 * rounded up to. EINVAL where that overflows; unavailable where no slot fits, or too much was said. */
int ring_plan(struct ring_plan *plan, const struct ring_size *size, size_t page_bytes,
              struct error *error);

/* In probe: can the slots be used in that order? */
int ring_check_order(enum ring_copy copy, uint64_t order, uint64_t batch, struct error *error);
/* In create, after that: hands over `batch` slots at once, and makes room for what this takes. More than
 * there are slots is unavailable. 1: nothing changes. */
int ring_plan_batch(struct ring_state *state, uint64_t batch, size_t page_bytes,
                    struct error *error);

/* In create: the kernel objects that `sync` needs (named semaphores, a set, eventfds). */
int ring_create(struct channel *channel, struct ring_state *state, struct error *error);

/* In attach, once state->region is mapped: the sender initialises the headers, both take their
 * ends. */
int ring_attach(struct channel *channel, struct ring_state *state, enum side side,
                struct error *error);

/* In destroy: removes what ring_create made. Safe twice. */
void ring_destroy(struct channel *channel, struct ring_state *state);

/* The instantiated loops; `order` as the option has it. */
const struct loop_set *ring_loops(enum ring_sync sync, enum ring_copy copy, uint64_t order);
/* The instantiated loops; those that batch for a batch above 1, which rwlock and spinlock have not:
 * ring_plan_batch says so. */
const struct loop_set *ring_batch_loops(enum ring_sync sync, enum ring_copy copy);

#endif
