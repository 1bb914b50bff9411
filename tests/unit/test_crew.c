/* Several senders and receivers at once: who runs where on made machines, and how fair it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/crew.h"
#include "topology_fixture.h"

#define NONE CPU_ANY
enum { LANES_EXPECTED = 6 };

/* What is expected of a crew on a made machine, whose first pair is lanes[0]. */
static const struct expectation {
    const char *machine;
    size_t pairs, senders, receivers; /* pairs, or the others */
    bool oversubscribed;
    struct cpu_pair lanes[LANES_EXPECTED];
} expectations[] = {
    /* Cores of their own, neither CPU 0's nor a sibling's; then CPU 0's, the other socket's. */
    {"server", 3, 0, 0, false, {{1, 2}, {3, 4}, {5, 6}}},
    /* Siblings, each pair a core. */
    {"server", 3, 0, 0, false, {{1, 33}, {2, 34}, {3, 35}}},
    /* Across nodes. */
    {"server", 2, 0, 0, false, {{1, 16}, {2, 17}}},
    /* One CPU for each pair is what was asked for. */
    {"server", 2, 0, 0, false, {{1, 1}, {2, 2}}},
    /* Different caches of one socket. */
    {"amd", 3, 0, 0, false, {{1, 4}, {2, 5}, {3, 6}}},
    /* Not enough: they take turns on the places there are. */
    {"big-little", 6, 0, 0, true, {{4, 5}, {6, 7}, {1, 2}, {0, 3}, {4, 5}, {6, 7}}},
    {"offline", 3, 0, 0, true, {{2, 3}, {2, 3}, {2, 3}}},
    {"one", 2, 0, 0, true, {{0, 0}, {0, 0}}},
    {"cpuset", 2, 0, 0, true, {{0, 32}, {0, 32}}},
    /* Unpinned. */
    {"one", 2, 0, 0, true, {{NONE, NONE}, {NONE, NONE}}},
    {"server", 4, 0, 0, false, {{NONE, NONE}, {NONE, NONE}, {NONE, NONE}, {NONE, NONE}}},
    /* One channel: pairs first, then as far from the first one's other end. */
    {"server", 0, 3, 1, false, {{1, 2}, {3, NONE}, {4, NONE}}},
    {"server", 0, 1, 3, false, {{1, 16}, {NONE, 17}, {NONE, 18}}},
    {"server", 0, 2, 3, false, {{1, 2}, {3, 4}, {NONE, 5}}},
    {"server", 0, 3, 1, true, {{1, 33}, {1, NONE}, {1, NONE}}},
    {"offline", 0, 3, 2, true, {{2, 3}, {2, 3}, {2, NONE}}},
    {"offline", 0, 2, 1, false, {{2, 3}, {0, NONE}}},
    /* One channel on one CPU. */
    {"server", 0, 2, 2, true, {{1, 1}, {1, 1}}},
};

static void expect_lane(const struct expectation *expected, size_t lane, struct cpu_pair pair)
{
    if (!cpu_pair_equal(&pair, &expected->lanes[lane]))
        fail_msg("%s: expectation %td, lane %zu: %d,%d; expected %d,%d", expected->machine,
                 expected - expectations, lane, pair.sender, pair.receiver,
                 expected->lanes[lane].sender, expected->lanes[lane].receiver);
}

static void expect_places(const struct expectation *expected, const struct topology *topology)
{
    struct crew crew = expected->pairs ? crew_of_pairs(expected->pairs)
                                       : crew_of_channel(expected->senders, expected->receivers);
    struct crew_lane places[LANES_EXPECTED];

    assert_int_equal(crew_place(&crew, topology, &expected->lanes[0], places, NULL), 0);
    for (size_t lane = 0; lane < crew.lanes; lane++) {
        const struct cpu *const sender = topology_cpu(topology, places[lane].cpus.sender);
        expect_lane(expected, lane, places[lane].cpus);
        assert_int_equal(places[lane].sender_node, sender ? sender->node : -1);
    }
    if (crew.oversubscribed != expected->oversubscribed)
        fail_msg("%s: expectation %td: oversubscribed %d", expected->machine,
                 expected - expectations, crew.oversubscribed);
}

/* A machine takes thousands of files: each is made once. */
static void everybody_has_a_place(void **state)
{
    enum { COUNT = sizeof expectations / sizeof expectations[0] };
    size_t met = 0;
    (void)state;
    for (size_t machine = 0; machine < SYSFS_MACHINES; machine++) {
        const char *const name = sysfs_machines[machine].name;
        struct topology topology = {0};
        for (size_t i = 0; i < COUNT; i++) {
            if (strcmp(expectations[i].machine, name) != 0)
                continue;
            if (!topology.count)
                fixture_topology(name, &topology);
            expect_places(&expectations[i], &topology);
            met++;
        }
        topology_free(&topology);
    }
    assert_int_equal(met, COUNT);
}

static void lanes_have_their_members(void **state)
{
    const struct crew pair = {0}, channel = crew_of_channel(3, 1);
    char name[CREW_NAME_BYTES];
    (void)state;

    assert_int_equal(crew_lanes(&pair), 1);
    assert_int_equal(crew_members(&pair), 2);
    assert_string_equal(crew_member_name(&pair, 0, SIDE_RECEIVER, name), "receiver");
    assert_int_equal(crew_lanes(&channel), 3);
    assert_int_equal(crew_members(&channel), 4);
    assert_true(crew_has(&channel, 2, SIDE_SENDER));
    assert_false(crew_has(&channel, 1, SIDE_RECEIVER));
    assert_string_equal(crew_member_name(&channel, 2, SIDE_SENDER, name), "sender 3");
}

static void expect_fairness(const double *values, size_t count, double expected)
{
    const double fairness = crew_fairness(values, count);
    if (!(fairness > expected - 1e-12 && fairness < expected + 1e-12))
        fail_msg("%.17g, expected %.17g", fairness, expected);
}

static void fairness_is_jains(void **state)
{
    (void)state;
    expect_fairness((const double[]){7, 7, 7}, 3, 1);
    expect_fairness((const double[]){5e6, 0, 0, 0}, 4, 0.25);
    expect_fairness((const double[]){1, 3}, 2, 0.8); /* 16 / (2 * 10) */
    expect_fairness((const double[]){1, 2, 3, 4}, 4, 100.0 / 120);
    expect_fairness((const double[]){0, 0}, 2, 0);
    expect_fairness(NULL, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_has_a_place),
        cmocka_unit_test(lanes_have_their_members),
        cmocka_unit_test(fairness_is_jains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
