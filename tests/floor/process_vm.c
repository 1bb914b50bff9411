/* process_vm_readv out of the sender's slots; who finds no message sleeps on a futex. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "tests/floor/futex_queue.h"

struct words {
    struct queue_words queue;
    _Alignas(128) _Atomic int producer_pid;
    unsigned char *_Atomic slots; /* in the producer's memory */
};
_Static_assert(FLOOR_SIDES * sizeof(struct words) <= WORDS_BYTES, "words fit their page");

struct end {
    struct half out;
    struct half in;
    int peer;
    size_t bytes;
    unsigned char *receiving;
};

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
        .out = {slots_at(channel, out->slots), &out->queue, count, 0, count},
        .in = {slots_at(channel, in->slots), &in->queue, count, 0, 0},
        .peer = in->producer_pid,
        .bytes = channel->message_bytes,
        .receiving = channel->region + WORDS_BYTES + side * slot_bytes(channel->message_bytes),
    };
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    queue_put(&end->out, number);
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    struct half *in = &end->in;
    queue_wait(in);
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
    queue_give_back(in);
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
