/* Computed orders: a permutation of any length that is one to one and goes by its seed; the chains of
 * walks, one cycle through all there is; the slots of a ring, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/loop_run.h"
#include "harness/shuffle.h"
#include "transports/common/ring.h"

static void assert_one_to_one(uint64_t count, uint64_t seed)
{
    const struct shuffle shuffle = shuffle_of(count, seed);
    bool *const seen = calloc(count, sizeof *seen);
    assert_non_null(seen);
    for (uint64_t index = 0; index < count; index++) {
        const uint64_t place = shuffle_at(&shuffle, index);
        if (place >= count || seen[place])
            fail_msg("%llu of %llu, seed %llu: %s", (unsigned long long)index,
                     (unsigned long long)count, (unsigned long long)seed,
                     place < count ? "twice" : "too large");
        seen[place] = true;
    }
    free(seen);
}

static void a_shuffle_is_one_to_one(void **state)
{
    static const uint64_t counts[] = {1000, 4095, 4096, 4097, 65537, (1 << 18) + 1};
    (void)state;
    for (uint64_t count = 1; count <= 130; count++) {
        for (uint64_t seed = 0; seed < 20; seed++)
            assert_one_to_one(count, seed);
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        assert_one_to_one(counts[i], i);
}

static void a_shuffle_goes_by_its_seed(void **state)
{
    const struct shuffle one = shuffle_of(5000, 1), again = shuffle_of(5000, 1),
                         other = shuffle_of(5000, 2);
    size_t equal = 0;
    (void)state;
    for (uint64_t index = 0; index < 5000; index++) {
        assert_true(shuffle_at(&one, index) == shuffle_at(&again, index));
        equal += shuffle_at(&one, index) == shuffle_at(&other, index);
    }
    assert_true(equal < 50);
}

/* Of a random order, some 2 * 64 / 65536 of all steps are that short; a prefetcher that waits for
 * neighbours, or for a step that comes again, waits in vain. */
static void a_shuffle_has_no_pattern(void **state)
{
    enum { COUNT = 65536, NEAR = 64 };
    static uint16_t steps[COUNT];
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        const struct shuffle shuffle = shuffle_of(COUNT, seed);
        size_t near = 0, most = 0;
        memset(steps, 0, sizeof steps);
        for (uint64_t index = 0; index + 1 < COUNT; index++) {
            const uint64_t step = shuffle_at(&shuffle, index + 1) - shuffle_at(&shuffle, index);
            near += step + NEAR < 2 * NEAR;
            const size_t times = ++steps[step % COUNT];
            most = times > most ? times : most;
        }
        if (near > COUNT / 50 || most > COUNT / 20)
            fail_msg("seed %llu: %zu near steps, one step %zu times", (unsigned long long)seed,
                     near, most);
    }
}

/* --- chains ------------------------------------------------------------------------------------ */

static unsigned char *laid(const struct walk *walk)
{
    unsigned char *const message = aligned_alloc(WALK_PAGE_BYTES, walk->bytes);
    assert_non_null(message);
    memset(message, 0xa5, walk->bytes);
    walk_lay(walk, message);
    assert_int_equal(walk_check(walk, message), 0);
    return message;
}

/* Follows the chain: back at its beginning after so many steps, and not before. */
static void assert_one_cycle(const struct walk *walk, uint64_t step_bytes, uint64_t *lines)
{
    unsigned char *const message = laid(walk);
    const uint64_t count = walk->bytes / step_bytes, first = walk_first(walk);
    bool *const seen = calloc(count, sizeof *seen);
    uint64_t at = first;
    assert_non_null(seen);
    assert_true(walk_elements(walk) == count);
    for (uint64_t step = 0; step < count; step++) {
        assert_true(at < walk->bytes && at % WALK_LINE_BYTES == 0 && !seen[at / step_bytes]);
        seen[at / step_bytes] = true;
        lines[at % WALK_PAGE_BYTES / WALK_LINE_BYTES]++;
        memcpy(&at, message + at, sizeof at);
    }
    assert_true(at == first);
    free(seen);
    free(message);
}

static void a_chain_is_one_cycle(void **state)
{
    static const size_t pages[] = {1, 2, 3, 17, 64, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        uint64_t lines[64] = {0};
        struct walk walk = {PATTERN_PAGEWALK, 5 + i, pages[i] * WALK_PAGE_BYTES, NULL};
        assert_one_cycle(&walk, WALK_PAGE_BYTES, lines);
        walk.pattern = PATTERN_LINEWALK;
        assert_one_cycle(&walk, WALK_LINE_BYTES, lines);
    }
}

/* So that the pages' lines do not crowd into a few sets of a cache. */
static void lines_vary_from_page_to_page(void **state)
{
    const struct walk walk = {PATTERN_PAGEWALK, 99, 6400 * WALK_PAGE_BYTES, NULL};
    uint64_t lines[64] = {0};
    (void)state;
    assert_one_cycle(&walk, WALK_PAGE_BYTES, lines);
    for (size_t line = 0; line < 64; line++)
        assert_in_range(lines[line], 50, 150);
}

static void damage_is_seen(void **state)
{
    const struct walk walk = {PATTERN_PAGEWALK, 3, 100 * WALK_PAGE_BYTES, NULL};
    const struct walk other = {PATTERN_PAGEWALK, 4, 100 * WALK_PAGE_BYTES, NULL};
    unsigned char *const message = laid(&walk);
    (void)state;
    assert_true(walk_check(&other, message) > 0);
    const uint64_t first = walk_first(&walk);
    message[first] ^= 0x40;
    assert_true(walk_check(&walk, message) > 0);
    message[first] ^= 0x40;
    message[first + 9] ^= 1;
    assert_true(walk_check(&walk, message) > 0);
    message[first + 9] ^= 1;
    assert_int_equal(walk_check(&walk, message), 0);
    free(message);
}

/* --- slots ------------------------------------------------------------------------------------- */

enum { SLOTS = 10, PAGE_BYTES = 4096 };

/* The order in which a sender fills the slots, two laps of it; the first lap empties them again. */
static void fill_slots(uint64_t order, uint64_t *places)
{
    struct ring_state ring = {.sync = RING_SPIN, .order = order};
    struct channel channel = {.state = &ring, .seed = 11};
    struct error error = {0};
    const struct ring_size size = {.message_bytes = PAGE_BYTES, .slot_count = SLOTS};
    const struct loop_set *const loops = ring_loops(RING_SPIN, RING_COPY_NO, order);
    assert_int_equal(ring_plan(&ring.plan, &size, PAGE_BYTES, &error), 0);
    ring.region = mmap(NULL, ring.plan.region_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(ring.region, MAP_FAILED);
    assert_int_equal(ring_attach(&channel, &ring, SIDE_SENDER, &error), 0);
    struct ring_state peer = ring;
    channel.state = &peer;
    assert_int_equal(ring_attach(&channel, &peer, SIDE_RECEIVER, &error), 0);
    const unsigned char *const slots = ring.region + ring.plan.slots_offset_bytes;
    const struct walk walk = {.pattern = PATTERN_PAGEWALK, .seed = 1, .bytes = PAGE_BYTES};
    struct loop_run sender = {.state = &ring, .message_bytes = PAGE_BYTES, .walk = walk};
    struct loop_run receiver = {.state = &peer, .message_bytes = PAGE_BYTES, .walk = walk};
    for (size_t turn = 0; turn < 2 * SLOTS; turn++) {
        loops->lend(&sender);
        loops->borrow(&receiver);
        assert_int_equal(sender.failure | receiver.failure, 0);
        assert_int_equal(walk_check(&walk, receiver.walk.message), 0);
        places[turn] = (uint64_t)(receiver.walk.message - slots) / PAGE_BYTES;
        memset(receiver.walk.message, 0, PAGE_BYTES);
        loops->give_back(&receiver);
    }
    munmap(ring.region, ring.plan.region_bytes);
}

static void assert_laps(const uint64_t *places, const uint64_t *lap)
{
    for (size_t turn = 0; turn < 2 * SLOTS; turn++)
        assert_true(places[turn] == lap[turn % SLOTS]);
}

static void slots_come_in_the_order_asked_for(void **state)
{
    static const uint64_t in_sequence[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                          by_four[] = {0, 4, 8, 1, 5, 9, 2, 6, 3, 7};
    uint64_t places[2 * SLOTS], shuffled[SLOTS];
    const struct shuffle shuffle = shuffle_of(SLOTS, 11);
    (void)state;
    fill_slots(RING_SEQUENTIAL, places);
    assert_laps(places, in_sequence);
    fill_slots(RING_STRIDE | 4 << OPTION_CHOICE_BITS, places);
    assert_laps(places, by_four);
    fill_slots(RING_STRIDE | 1000 << OPTION_CHOICE_BITS, places);
    assert_laps(places, in_sequence);
    for (uint64_t turn = 0; turn < SLOTS; turn++)
        shuffled[turn] = shuffle_at(&shuffle, turn);
    assert_true(memcmp(shuffled, in_sequence, sizeof shuffled) != 0);
    fill_slots(RING_RANDOM, places);
    assert_laps(places, shuffled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shuffle_is_one_to_one),
        cmocka_unit_test(a_shuffle_goes_by_its_seed),
        cmocka_unit_test(a_shuffle_has_no_pattern),
        cmocka_unit_test(a_chain_is_one_cycle),
        cmocka_unit_test(lines_vary_from_page_to_page),
        cmocka_unit_test(damage_is_seen),
        cmocka_unit_test(slots_come_in_the_order_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
