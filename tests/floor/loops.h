/* The four loops, made out of what the including file defines:
 *
 *     struct end                                             one process's view of the channel
 *     struct end end_open(channel, side)
 *     void send_number(struct end *, uint64_t number)
 *     uint64_t receive_number(struct end *)
 *     enum { LOOK_EVERY = ... }                              stream: messages between clock looks
 *
 * The end is a local variable of each loop, so that its indices can live in registers. No include
 * guard is missing here: each file includes this once, to get functions of its own. */
#include "tests/floor/floor.h"

FLOOR_INLINE void ping_once(struct end *end, uint64_t number)
{
    send_number(end, number);
    if (FLOOR_RARE(receive_number(end) != number))
        floor_fail("echo out of order");
}

FLOOR_INLINE uint64_t ping_batch(struct end *end, uint64_t number)
{
    for (const uint64_t stop = number + FLOOR_BATCH; number != stop; ++number)
        ping_once(end, number);
    return number;
}

/* One stamp per round trip, right after the send, while the message is under way. */
FLOOR_INLINE uint64_t ping_stamped(struct end *end, uint64_t number, uint32_t *samples)
{
    send_number(end, number);
    uint64_t last_ticks = floor_ticks();
    for (int trip = 0; trip < FLOOR_STAMPED_IN_A_ROW; ++trip) {
        if (FLOOR_RARE(receive_number(end) != number))
            floor_fail("echo out of order");
        send_number(end, ++number);
        const uint64_t now_ticks = floor_ticks();
        samples[trip] = (uint32_t)(now_ticks - last_ticks);
        last_ticks = now_ticks;
    }
    if (FLOOR_RARE(receive_number(end) != number))
        floor_fail("echo out of order");
    return number + 1;
}

static void ping(struct floor_run *run)
{
    struct end end = end_open(run->channel, FLOOR_SENDER);
    uint64_t number = 0;
    for (const uint64_t end_ns = floor_now_ns() + FLOOR_WARMUP_NS; floor_now_ns() < end_ns;)
        number = ping_batch(&end, number);
    const uint64_t end_ns = floor_now_ns() + (uint64_t)(run->seconds * 1e9);
    while (floor_now_ns() < end_ns &&
           run->batch_count + FLOOR_BATCHES_IN_A_ROW <= run->batch_capacity &&
           run->sample_count + FLOOR_STAMPED_IN_A_ROW <= run->sample_capacity) {
        uint64_t last_ticks = floor_ticks();
        for (int batch = 0; batch < FLOOR_BATCHES_IN_A_ROW; ++batch) {
            number = ping_batch(&end, number);
            const uint64_t now_ticks = floor_ticks();
            run->batches[run->batch_count++] = (uint32_t)(now_ticks - last_ticks);
            last_ticks = now_ticks;
        }
        number = ping_stamped(&end, number, run->samples + run->sample_count);
        run->sample_count += FLOOR_STAMPED_IN_A_ROW;
    }
    send_number(&end, FLOOR_STOP);
}

static void pong(struct floor_run *run)
{
    struct end end = end_open(run->channel, FLOOR_RECEIVER);
    for (uint64_t number = 0;; ++number) {
        const uint64_t got = receive_number(&end);
        if (FLOOR_RARE(got != number)) {
            if (got == FLOOR_STOP)
                return;
            floor_fail("message out of order");
        }
        send_number(&end, number);
    }
}

static void produce(struct floor_run *run)
{
    struct end end = end_open(run->channel, FLOOR_SENDER);
    const uint64_t end_ns = floor_now_ns() + FLOOR_WARMUP_NS + (uint64_t)(run->seconds * 1e9);
    uint64_t number = 0;
    do {
        for (const uint64_t stop = number + LOOK_EVERY; number != stop; ++number)
            send_number(&end, number);
    } while (floor_now_ns() < end_ns);
    send_number(&end, FLOOR_STOP);
}

/* Counts between the first look after the warm-up and the last look before the stop. */
static void consume(struct floor_run *run)
{
    struct end end = end_open(run->channel, FLOOR_RECEIVER);
    const uint64_t warm_ns = floor_now_ns() + FLOOR_WARMUP_NS;
    uint64_t number = 0, first_number = 0, first_ns = 0;
    for (;;) {
        for (const uint64_t stop = number + LOOK_EVERY; number != stop; ++number) {
            const uint64_t got = receive_number(&end);
            if (FLOOR_RARE(got != number)) {
                if (got == FLOOR_STOP)
                    return;
                floor_fail("message out of order");
            }
        }
        const uint64_t now_ns = floor_now_ns();
        if (!first_ns && now_ns >= warm_ns) {
            first_ns = now_ns;
            first_number = number;
        }
        run->window_ns = first_ns ? now_ns - first_ns : 0;
        run->window_messages = first_ns ? number - first_number : 0;
    }
}
