/* process_vm_readv out of the sender's slots; who finds no message sleeps on a futex as in shm_futex.c,
 * where the memory ordering is explained. */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/floor/slots.h"

struct words {
    _Alignas(128) _Atomic uint32_t tail; /* slots ever filled */
    _Alignas(128) _Atomic uint32_t head; /* slots ever given back */
    _Alignas(128) _Atomic uint32_t consumer_sleeps;
    _Alignas(128) _Atomic uint32_t producer_sleeps;
    _Alignas(128) _Atomic int producer_pid;
    unsigned char *_Atomic slots; /* in the producer's memory */
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
    int peer;
    size_t bytes;
    unsigned char *receiving;
};
enum { LOOK_EVERY = 256 };

static struct slots slots_at(const struct floor_channel *channel, unsigned char *first)
{
    const size_t one = slot_bytes(channel->message_bytes);
    return (struct slots){first, first, first + one * slot_count(channel->message_bytes), one};
}

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    struct words *words = (struct words *)(void *)channel->region;
    struct words *const out = &words[side], *const in = &words[!side];
    const uint32_t count = (uint32_t)slot_count(channel->message_bytes);
    while (!atomic_load(&in->producer_pid))
        sched_yield();
    return (struct end){
        .out = {slots_at(channel, out->slots), out, 0, count},
        .in = {slots_at(channel, in->slots), in, 0, 0},
        .count = count,
        .peer = in->producer_pid,
        .bytes = channel->message_bytes,
        .receiving = channel->region + WORDS_BYTES + side * slot_bytes(channel->message_bytes),
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
    const struct iovec here = {end->receiving, end->bytes};
    const struct iovec there = {in->slots.next, end->bytes};
    uint64_t number;
    if (FLOOR_RARE(process_vm_readv(end->peer, &here, 1, &there, 1, 0) != (ssize_t)end->bytes)) {
        if (errno == ESRCH) /* its last message was the stop, and its memory is gone with it */
            return FLOOR_STOP;
        floor_fail("process_vm_readv");
    }
    memcpy(&number, end->receiving, sizeof(number));
    slots_step(&in->slots);
    publish(&in->words->head, ++in->index, &in->words->producer_sleeps);
    return number;
}

#include "tests/floor/loops.h"

static void open_side(struct floor_channel *channel, enum floor_side side)
{
    struct words *words = (struct words *)(void *)channel->region + side;
    const size_t bytes = slot_bytes(channel->message_bytes) * slot_count(channel->message_bytes);
    void *const slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (slots == MAP_FAILED)
        floor_fail("mmap");
    words->slots = slots;
    prctl(PR_SET_PTRACER, getppid(), 0, 0, 0);
    atomic_store(&words->producer_pid, (int)getpid());
}

const struct floor_mechanism floor_process_vm = {
    .name = "process-vm",
    .create = floor_map_anonymous,
    .open = open_side,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
