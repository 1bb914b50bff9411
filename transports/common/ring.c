#include "transports/common/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"

/* Positions in `named`, `events` and the XSI set: one pair for each direction. */
enum { FORWARD_FILLED, FORWARD_FREE, BACKWARD_FILLED, BACKWARD_FREE, COUNTERS };

enum { SLOTS_LEAST = 2, SLOTS_MOST = 1024 };
static const size_t default_slots_bytes = 256 << 10;
static const size_t smallest_page_bytes = 4096;

/* POSIX and XSI semaphores count to 32767 at least; that is all a set is promised to. */
static const uint64_t xsi_value_most = 32767;

static size_t round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static uint64_t default_slots(size_t stride_bytes)
{
    const uint64_t fitting = default_slots_bytes / stride_bytes;
    return fitting < SLOTS_LEAST ? SLOTS_LEAST : fitting > SLOTS_MOST ? SLOTS_MOST : fitting;
}

static int count_slots(const struct ring_size *size, size_t stride_bytes, uint64_t *count,
                       struct error *error)
{
    if (size->slot_count && size->ring_bytes)
        return error_unavailable(
            error, "slots= or ring=", "slots= and ring= both say how many messages fit");
    *count = size->ring_bytes   ? size->ring_bytes / stride_bytes
             : size->slot_count ? size->slot_count
             : size->is_walked  ? 1
                                : default_slots(stride_bytes);
    if (*count)
        return 0;
    return error_unavailable(error, "ring=", "a ring of %llu bytes holds no %zu-byte message",
                             (unsigned long long)size->ring_bytes, size->message_bytes);
}

int ring_plan(struct ring_plan *plan, const struct ring_size *size, size_t page_bytes,
              struct error *error)
{
    const size_t stride = round_up(size->message_bytes, MESSAGE_ALIGN_BYTES);
    uint64_t slot_count = 0;
    const int refused = count_slots(size, stride, &slot_count, error);
    if (refused)
        return refused;
    if (slot_count > SIZE_MAX / 8 / stride)
        return error_plain(error, "%llu slots of %zu bytes are more than an address space holds",
                           (unsigned long long)slot_count, stride);
    *plan = (struct ring_plan){
        .shares_slots = size->is_walked && !size->slot_count && !size->ring_bytes,
        .slot_count = slot_count,
        .stride_bytes = stride,
        .slots_offset_bytes = round_up(2 * sizeof(struct ring_header), smallest_page_bytes),
    };
    const size_t directions = plan->shares_slots ? 1 : 2;
    plan->region_bytes =
        round_up(plan->slots_offset_bytes + directions * slot_count * stride, page_bytes);
    return 0;
}

int ring_check_order(enum ring_copy copy, uint64_t order, uint64_t batch, struct error *error)
{
    if (options_choice(order) == RING_SEQUENTIAL)
        return 0;
    if (batch > 1)
        return error_unavailable(error, "order=sequential", "batch= hands over slots in sequence");
    if (copy == RING_COPY_NO)
        return 0;
    return error_unavailable(error, "copy=no", "order= is about slots that are used in place");
}

static struct ring_order ring_order(const struct ring_state *state, uint64_t seed)
{
    return (struct ring_order){
        .stride = options_choice_number(state->order),
        .shuffle = shuffle_of(state->plan.slot_count, seed),
    };
}

/* One direction's marks of one kind. */
static size_t marks_bytes(const struct ring_plan *plan)
{
    return round_up(plan->slot_count * sizeof(uint64_t), 128);
}

int ring_plan_batch(struct ring_state *state, uint64_t batch, size_t page_bytes,
                    struct error *error)
{
    struct ring_plan *const plan = &state->plan;
    state->batch = batch;
    if (batch <= 1)
        return 0;
    if (state->sync == RING_RWLOCK || state->sync == RING_SPINLOCK)
        return error_unavailable(
            error, "another sync=", "batch=: rwlock and spinlock hand over slot by slot");
    if (batch > plan->slot_count)
        return error_unavailable(
            error, "slots=, ring=, a smaller batch=", "batch=%llu: the ring holds %llu messages",
            (unsigned long long)batch, (unsigned long long)plan->slot_count);
    plan->marks_offset_bytes = plan->slots_offset_bytes;
    plan->slots_offset_bytes =
        round_up(plan->marks_offset_bytes + COUNTERS * marks_bytes(plan), smallest_page_bytes);
    plan->region_bytes =
        round_up(plan->slots_offset_bytes + 2 * plan->slot_count * plan->stride_bytes, page_bytes);
    return 0;
}

/* What a counter of free slots begins with. Where it counts batches, none has been told: the producer
 * knows that all slots are free. */
static unsigned free_at_first(const struct ring_state *state)
{
    return state->batch > 1 ? 0U : (unsigned)state->plan.slot_count;
}

static int create_named(struct channel *channel, struct ring_state *state, struct error *error)
{
    for (int counter = 0; counter < COUNTERS; ++counter) {
        const struct unguessable_name name = unguessable_name();
        const int slot =
            leftovers_announce_name(channel->leftovers, LEFTOVER_SEMAPHORE_NAME, name.text);
        const bool counts_free = counter == FORWARD_FREE || counter == BACKWARD_FREE;
        sem_t *semaphore =
            sem_open(name.text, O_CREAT | O_EXCL, 0600, counts_free ? free_at_first(state) : 0U);
        const int failure = errno;
        if (semaphore != SEM_FAILED)
            sem_unlink(name.text);
        leftovers_forget(channel->leftovers, slot);
        if (semaphore == SEM_FAILED)
            return error_system(error, failure, "sem_open");
        state->named[counter] = semaphore;
    }
    return 0;
}

static int create_xsi(struct channel *channel, struct ring_state *state, struct error *error)
{
    if (state->plan.slot_count > xsi_value_most)
        return error_unavailable(
            error, "slots=, ring=", "%llu slots: an XSI semaphore counts to %llu",
            (unsigned long long)state->plan.slot_count, (unsigned long long)xsi_value_most);
    const int set = semget(IPC_PRIVATE, COUNTERS, 0600);
    if (set < 0 && (errno == ENOSPC || errno == ENOSYS))
        return error_unavailable(error, "sysctl kernel.sem", "semget: %s", error_name(errno));
    if (set < 0)
        return error_system(error, errno, "semget");
    state->xsi_set = set + 1;
    state->xsi_slot = leftovers_announce_id(channel->leftovers, LEFTOVER_XSI_SEMAPHORES, set);
    for (int counter = 0; counter < COUNTERS; ++counter) {
        const bool counts_free = counter == FORWARD_FREE || counter == BACKWARD_FREE;
        if (semctl(set, counter, SETVAL, counts_free ? (int)free_at_first(state) : 0))
            return error_system(error, errno, "semctl(SETVAL)");
    }
    return 0;
}

static int create_events(struct ring_state *state, struct error *error)
{
    for (int counter = 0; counter < COUNTERS; ++counter) {
        const bool counts_free = counter == FORWARD_FREE || counter == BACKWARD_FREE;
        const int fd =
            eventfd(counts_free ? free_at_first(state) : 0U, EFD_SEMAPHORE | EFD_CLOEXEC);
        if (fd < 0)
            return error_system(error, errno, "eventfd");
        state->events[counter] = fd + 1;
    }
    return 0;
}

int ring_create(struct channel *channel, struct ring_state *state, struct error *error)
{
    obtained_number(&channel->obtained, "slots", (int64_t)state->plan.slot_count);
    obtained_number(&channel->obtained, "region_bytes", (int64_t)state->plan.region_bytes);
    if (state->batch > 1)
        obtained_number(&channel->obtained, "batch_messages", (int64_t)state->batch);
    const bool counts =
        state->sync == RING_SEM || state->sync == RING_NAMED_SEM || state->sync == RING_EVENTFD;
    if (counts && state->plan.slot_count > INT_MAX) /* SEM_VALUE_MAX; eventfd starts at 32 bits */
        return error_unavailable(error, "slots=, ring=", "%llu slots: a semaphore counts to %d",
                                 (unsigned long long)state->plan.slot_count, INT_MAX);
    switch (state->sync) {
    case RING_NAMED_SEM:
        return create_named(channel, state, error);
    case RING_XSI_SEM:
        return create_xsi(channel, state, error);
    case RING_EVENTFD:
        return create_events(state, error);
    case RING_SEM:
    case RING_FUTEX:
    case RING_MUTEX:
    case RING_SPIN:
    case RING_RWLOCK:
    case RING_SPINLOCK:
        break;
    }
    return 0;
}

static int init_mutex(struct ring_header *header, struct error *error)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_mutexattr_init(&mutex);
    pthread_condattr_init(&condition);
    int refused = pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    if (!refused)
        refused = pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
    if (!refused)
        refused = pthread_mutex_init(&header->mutex, &mutex);
    if (!refused)
        refused = pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    if (!refused)
        refused = pthread_cond_init(&header->filled_condition, &condition);
    if (!refused)
        refused = pthread_cond_init(&header->free_condition, &condition);
    pthread_mutexattr_destroy(&mutex);
    pthread_condattr_destroy(&condition);
    return refused ? error_system(error, refused, "process-shared robust mutex") : 0;
}

static int init_rwlock(struct ring_header *header, struct error *error)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    int refused = pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (!refused)
        refused = pthread_rwlock_init(&header->rwlock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return refused ? error_system(error, refused, "process-shared rwlock") : 0;
}

static int init_header(struct ring_header *header, const struct ring_state *state,
                       struct error *error)
{
    memset(header, 0, sizeof(*header));
    if (state->sync == RING_MUTEX)
        return init_mutex(header, error);
    if (state->sync == RING_RWLOCK)
        return init_rwlock(header, error);
    const int refused = state->sync == RING_SPINLOCK
                            ? pthread_spin_init(&header->spinlock, PTHREAD_PROCESS_SHARED)
                            : 0;
    if (refused)
        return error_system(error, refused, "process-shared spin lock");
    if (state->sync == RING_SEM && (sem_init(&header->filled_sem, 1, 0) ||
                                    sem_init(&header->free_sem, 1, free_at_first(state))))
        return error_system(error, errno, "sem_init");
    return 0;
}

/* One direction's end: `backward` is receiver to sender. */
static struct ring_end ring_end(struct ring_state *state, bool backward, bool produces)
{
    const struct ring_plan *plan = &state->plan;
    const size_t slots_bytes = plan->slot_count * plan->stride_bytes;
    struct ring_header *header = (struct ring_header *)(void *)state->region + (backward ? 1 : 0);
    unsigned char *slots = state->region + plan->slots_offset_bytes +
                           (backward && !plan->shares_slots ? slots_bytes : 0);
    const struct shuffle shuffle = state->ordered.out_order.shuffle;
    const bool is_random = options_choice(state->order) == RING_RANDOM;
    const int filled = backward ? BACKWARD_FILLED : FORWARD_FILLED;
    const int free = backward ? BACKWARD_FREE : FORWARD_FREE;
    const bool named = state->sync == RING_NAMED_SEM;
    return (struct ring_end){
        .next = slots + (is_random ? shuffle_at(&shuffle, 0) * plan->stride_bytes : 0),
        .first = slots,
        .beyond = slots + slots_bytes,
        .stride_bytes = plan->stride_bytes,
        .slot_count = plan->slot_count,
        .limit = produces ? plan->slot_count : 0,
        .header = header,
        .filled_sem = named ? state->named[filled] : &header->filled_sem,
        .free_sem = named ? state->named[free] : &header->free_sem,
        .xsi_set = state->xsi_set - 1,
        .xsi_filled = (unsigned short)filled,
        .xsi_free = (unsigned short)free,
        .filled_event = state->events[filled] - 1,
        .free_event = state->events[free] - 1,
    };
}

/* Counting semaphores count batches then, and at first nothing has been told. */
static struct ring_batch_end batch_end(struct ring_state *state, bool backward, bool produces)
{
    const int filled = backward ? BACKWARD_FILLED : FORWARD_FILLED;
    const int free = backward ? BACKWARD_FREE : FORWARD_FREE;
    unsigned char *const marks = state->region + state->plan.marks_offset_bytes;
    const size_t step = marks_bytes(&state->plan);
    return (struct ring_batch_end){
        .end = ring_end(state, backward, produces),
        .batch = state->batch,
        .told_marks = (uint64_t *)(void *)(marks + (size_t)(produces ? filled : free) * step),
        .heard_marks = (uint64_t *)(void *)(marks + (size_t)(produces ? free : filled) * step),
    };
}

/* Brings in the pages of named semaphores, to be written: batches may use one for the first time in the
 * timed loop. Nobody waits for them yet. */
static int touch_named(const struct ring_state *state, struct error *error)
{
    for (int counter = 0; counter < COUNTERS; ++counter) {
        if (state->named[counter] &&
            (sem_post(state->named[counter]) || sem_wait(state->named[counter])))
            return error_system(error, errno, "sem_post, sem_wait");
    }
    return 0;
}

int ring_attach(struct channel *channel, struct ring_state *state, enum side side,
                struct error *error)
{
    struct ring_header *headers = (struct ring_header *)(void *)state->region;
    for (int index = 0; side == SIDE_SENDER && index < SIDE_COUNT; ++index) {
        const int refused = init_header(&headers[index], state, error);
        if (refused)
            return refused;
    }
    const int failure = touch_named(state, error);
    if (failure)
        return failure;
    const bool out_is_backward = side == SIDE_RECEIVER;
    channel->meter = ring_sync_spins(state->sync) && channel->metered ? &state->meter : NULL;
    if (state->batch > 1) {
        state->batch_ends.out = batch_end(state, out_is_backward, true);
        state->batch_ends.in = batch_end(state, !out_is_backward, false);
        state->batch_ends.out.end.meter = channel->meter;
        state->batch_ends.in.end.meter = channel->meter;
        return 0;
    }
    state->ordered.out_order = state->ordered.in_order = ring_order(state, channel->seed);
    state->ends.out = ring_end(state, out_is_backward, true);
    state->ends.in = ring_end(state, !out_is_backward, false);
    state->ends.out.meter = channel->meter;
    state->ends.in.meter = channel->meter;
    return 0;
}

void ring_destroy(struct channel *channel, struct ring_state *state)
{
    for (int counter = 0; counter < COUNTERS; ++counter) {
        if (state->named[counter])
            sem_close(state->named[counter]);
        state->named[counter] = NULL;
        if (state->events[counter])
            close(state->events[counter] - 1);
        state->events[counter] = 0;
    }
    if (state->xsi_set) {
        semctl(state->xsi_set - 1, 0, IPC_RMID);
        leftovers_forget(channel->leftovers, state->xsi_slot);
    }
    state->xsi_set = 0;
}
