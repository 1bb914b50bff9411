#include "harness/walk.h"

#include <string.h>

#include "harness/loop_run.h"
#include "harness/loops.h"
#include "harness/shuffle.h"

/* `tag` ties an element to its place and its trial. */
struct element {
    uint64_t next; /* offset */
    uint64_t tag;
};

static uint64_t step_bytes(const struct walk *walk)
{
    return walk->pattern == PATTERN_LINEWALK ? WALK_LINE_BYTES : WALK_PAGE_BYTES;
}

uint64_t walk_elements(const struct walk *walk)
{
    return walk->bytes / step_bytes(walk);
}

/* The element's line within its page, from the upper bits of a product (Fibonacci hashing): any page
 * tells its own without a table. */
static uint64_t offset_of(const struct walk *walk, uint64_t place)
{
    const uint64_t spread = (place ^ walk->seed) * UINT64_C(0x9e3779b97f4a7c15);
    const uint64_t line = walk->pattern == PATTERN_LINEWALK ? 0 : spread >> (64 - 6);
    return place * step_bytes(walk) + line * WALK_LINE_BYTES;
}
_Static_assert(WALK_PAGE_BYTES / WALK_LINE_BYTES == 1 << 6, "lines of a page");

static struct shuffle order_of(const struct walk *walk)
{
    return shuffle_of(walk_elements(walk), walk->seed);
}

uint64_t walk_first(const struct walk *walk)
{
    const struct shuffle order = order_of(walk);
    return offset_of(walk, shuffle_at(&order, 0));
}

void walk_lay(const struct walk *walk, unsigned char *message)
{
    const struct shuffle order = order_of(walk);
    uint64_t offset = offset_of(walk, shuffle_at(&order, 0));
    for (uint64_t index = 1; index <= order.count; ++index) {
        const uint64_t next = offset_of(walk, shuffle_at(&order, index == order.count ? 0 : index));
        const struct element element = {next, offset ^ walk->seed};
        memcpy(message + offset, &element, sizeof(element));
        offset = next;
    }
}

/* Every element is pointed to from one other: the sums of the offsets and of what is said to be next are
 * equal. That the order is one cycle follows from how it is made. */
uint64_t walk_check(const struct walk *walk, const unsigned char *message)
{
    const uint64_t count = walk_elements(walk);
    uint64_t wrong = 0, sum = 0;
    for (uint64_t place = 0; place < count; ++place) {
        const uint64_t offset = offset_of(walk, place);
        struct element element;
        memcpy(&element, message + offset, sizeof(element));
        wrong += element.tag != (offset ^ walk->seed) || element.next >= walk->bytes ||
                 element.next % WALK_LINE_BYTES;
        sum += element.next - offset;
    }
    return wrong + (sum != 0);
}

static ALWAYS_INLINE uint64_t next_of(const unsigned char *message, uint64_t offset)
{
    uint64_t next;
    memcpy(&next, message + offset, sizeof(next));
    return next;
}

void walk_run(struct loop_run *run)
{
    enum { UNROLLED = 16 };
    _Static_assert(WALK_BATCH % UNROLLED == 0, "whole turns");
    const unsigned char *const message = run->walk.message;
    const enum clock_kind clock_kind = run->clock_kind;
    uint64_t offset = walk_first(&run->walk), last_ticks = clock_ticks(clock_kind);
    size_t count = 0;
    run->first_ticks = last_ticks;
    do {
        for (int turn = 0; turn < WALK_BATCH / UNROLLED; ++turn) {
#pragma GCC unroll 16
            for (int step = 0; step < UNROLLED; ++step)
                offset = next_of(message, offset);
        }
        /* Here the offset is needed; the clock is read when the load that brings it has ended. */
        __asm__ volatile("" : "+r"(offset)::"memory");
        const uint64_t now_ticks = clock_ticks(clock_kind);
        const uint64_t ticks = now_ticks - last_ticks;
        if (UNLIKELY(ticks >= UINT32_MAX))
            loop_keep_long_sample(run, ticks);
        run->samples[count++] = ticks >= UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
        last_ticks = now_ticks;
    } while (count < run->sample_capacity && last_ticks < run->deadline_ticks);
    run->sink += offset;
    run->sample_count = count;
    run->messages = count * WALK_BATCH;
    run->last_ticks = last_ticks;
}
