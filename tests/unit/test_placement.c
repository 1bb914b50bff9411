/* Which CPUs each placement means, on made machines (sysfs_fixture.h) and on this one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/clock.h"
#include "harness/cpu_matrix.h"
#include "harness/placement.h"
#include "topology_fixture.h"

#define NONE                                                                                       \
    {                                                                                              \
        CPU_ANY, CPU_ANY                                                                           \
    }

/* What is expected of a made machine. */
struct expectation {
    const char *machine;
    struct cpu_pair pairs[PLACEMENT_UNPINNED]; /* same-cpu, smt, same-cache, cross-cache, -node */
    struct cpu_pair chosen;                    /* by default */
    size_t node_count;
};

static const struct expectation expectations[] = {
    /* Neither CPU 0 nor its sibling 32; the sockets are 21 apart, so 1 and any of the other. */
    {"server", {{1, 1}, {1, 33}, {1, 2}, NONE, {1, 16}}, {1, 2}, 2},
    /* Different caches, but of one socket; CPU 0 cannot be had in the first complex. */
    {"amd", {{1, 1}, NONE, {1, 2}, {1, 4}, {1, 8}}, {1, 2}, 2},
    /* One node over both sockets: still of one socket where there is a choice. */
    {"amd-one-node", {{1, 1}, NONE, {1, 2}, {1, 4}, NONE}, {1, 2}, 1},
    /* The fastest core alone; of pairs two alike rather than the fastest with a slower one; across
     * clusters the slow one sets the pace, whichever the fast one is. */
    {"big-little", {{7, 7}, NONE, {4, 5}, {1, 4}, NONE}, {4, 5}, 1},
    {"one", {{0, 0}, NONE, NONE, NONE, NONE}, {0, 0}, 1},
    {"offline", {{2, 2}, NONE, {2, 3}, NONE, NONE}, {2, 3}, 1},
    /* Nothing but what is allowed, CPU 0 where there is no other. */
    {"cpuset", {{17, 17}, {0, 32}, NONE, NONE, {17, 32}}, {0, 32}, 2},
    /* The farthest nodes that have CPUs: 0 and 3, not 2, which is memory alone. */
    {"memory-only", {{1, 1}, NONE, {2, 3}, NONE, {1, 4}}, {2, 3}, 4},
};

static void expect_pair(const char *machine, const char *what, struct cpu_pair pair,
                        struct cpu_pair expected)
{
    if (!cpu_pair_equal(&pair, &expected))
        fail_msg("%s: %s: %d,%d; expected %d,%d", machine, what, pair.sender, pair.receiver,
                 expected.sender, expected.receiver);
}

static void each_class_has_its_pair(void **state)
{
    (void)state;
    assert_int_equal(sizeof expectations / sizeof expectations[0], SYSFS_MACHINES);
    for (size_t i = 0; i < SYSFS_MACHINES; i++) {
        const struct expectation *const expected = &expectations[i];
        struct topology topology;
        fixture_topology(expected->machine, &topology);
        assert_int_equal(topology.node_count, expected->node_count);
        for (int j = 0; j < PLACEMENT_UNPINNED; j++) {
            struct error error = {0};
            struct cpu_pair pair;
            const int failed = placement_choose(&topology, (enum placement)j, &pair, &error);
            expect_pair(expected->machine, distance_name((enum distance)j), pair,
                        expected->pairs[j]);
            assert_int_equal(failed != 0, pair.sender == CPU_ANY);
            assert_int_equal(error.unavailable, failed != 0);
        }
        expect_pair(expected->machine, "default", topology_default_pair(&topology),
                    expected->chosen);
        topology_free(&topology);
    }
}

static void refusal(const char *machine, enum placement placement, struct error *error)
{
    struct topology topology;
    struct cpu_pair pair;

    *error = (struct error){0};
    fixture_topology(machine, &topology);
    assert_int_equal(placement_choose(&topology, placement, &pair, error), -ENOTSUP);
    topology_free(&topology);
    assert_true(error->knob[0] != '\0');
}

/* Absent, offline and forbidden are told apart: each has its own remedy. */
static void refusals_say_why(void **state)
{
    struct error error;
    (void)state;

    refusal("amd", PLACEMENT_SMT, &error);
    assert_string_equal(error.message, "no two CPUs share a core here");
    refusal("offline", PLACEMENT_SMT, &error);
    assert_string_equal(error.message, "no two CPUs share a core here (5 are offline)");
    assert_non_null(strstr(error.knob, "online"));
    refusal("cpuset", PLACEMENT_SAME_CACHE, &error);
    assert_non_null(strstr(error.message, "may use (0,17,32)"));
    assert_non_null(strstr(error.knob, "cpuset"));
}

static void nodes_know_memory_and_distances(void **state)
{
    struct topology topology;
    (void)state;

    fixture_topology("memory-only", &topology);
    assert_int_equal(topology.nodes[2].cpu_count, 0);
    assert_true(topology.nodes[2].has_memory);
    assert_int_equal(topology.nodes[3].cpu_count, 2);
    assert_false(topology.nodes[3].has_memory);
    assert_int_equal(topology_node_distance(&topology, 0, 3), 31);
    assert_int_equal(topology_node_distance(&topology, 2, 1), 24);
    assert_int_equal(topology_node_distance(&topology, 1, 1), 10);
    assert_int_equal(topology_node_distance(&topology, 1, 4), -1);
    topology_free(&topology);

    fixture_topology("one", &topology); /* no node folder at all */
    assert_true(topology.nodes[0].has_memory);
    assert_int_equal(topology_node_distance(&topology, 0, 0), -1);
    topology_free(&topology);
}

static void names_are_parsed(void **state)
{
    enum placement placement;
    (void)state;

    for (int i = 0; i < PLACEMENT_COUNT; i++) {
        assert_true(placement_parse(placement_name((enum placement)i), &placement));
        assert_int_equal(placement, i);
    }
    assert_false(placement_parse("same", &placement));
    assert_false(placement_parse("", &placement));
    assert_string_equal(placement_name(PLACEMENT_UNPINNED), "unpinned");
}

/* In a child with one CPU left: two unpinned processes share it. */
static void unpinned_processes_may_share_one_cpu(void **state)
{
    const struct cpu_pair unpinned = NONE;
    const struct cpu_pair one = {3, 3};
    const struct cpu_pair two = {3, 4};
    struct topology topology;
    (void)state;

    assert_true(placement_shares_cpu(&one));
    assert_false(placement_shares_cpu(&two));
    assert_int_equal(topology_read("", &topology, NULL), 0);
    const int cpu = topology_default_pair(&topology).sender;
    topology_free(&topology);
    const pid_t child = fork();
    if (child == 0) {
        cpu_set_t set;
        const bool pinned = placement_pin(CPU_ANY, NULL) == 0 && placement_pin(cpu, NULL) == 0 &&
                            sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == 1 &&
                            CPU_ISSET((size_t)cpu, &set);
        _exit(pinned && placement_shares_cpu(&unpinned) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void the_matrix_is_symmetric(void **state)
{
    struct topology topology;
    struct clock clock;
    struct cpu_matrix matrix;
    struct error error = {0};
    (void)state;

    assert_int_equal(topology_read("", &topology, &error), 0);
    if (topology.count > 4) /* enough, and soon done */
        topology.count = 4;
    clock_choose(&clock);
    assert_int_equal(cpu_matrix_measure(&topology, &clock, NULL, &matrix, &error), 0);
    assert_true(matrix.count < 2 || matrix.rounds >= 3);
    for (size_t row = 0; row < matrix.count; row++) {
        assert_true(cpu_matrix_at(&matrix, row, row) == 0);
        for (size_t column = 0; column < row; column++) {
            assert_true(cpu_matrix_at(&matrix, row, column) > 0);
            assert_true(cpu_matrix_at(&matrix, row, column) == cpu_matrix_at(&matrix, column, row));
        }
    }
    cpu_matrix_free(&matrix);
    topology_free(&topology);
}

static void the_matrix_can_be_interrupted(void **state)
{
    static const volatile sig_atomic_t interrupted = 1;
    struct topology topology;
    struct clock clock;
    struct cpu_matrix matrix;
    struct error error = {0};
    (void)state;

    assert_int_equal(topology_read("", &topology, &error), 0);
    clock_choose(&clock);
    const int failed = cpu_matrix_measure(&topology, &clock, &interrupted, &matrix, &error);
    assert_int_equal(failed, matrix.count < 2 ? 0 : -EINTR);
    assert_int_equal(matrix.rounds, 0);
    for (size_t i = 0; i < matrix.count; i++)
        assert_true(cpu_matrix_at(&matrix, i, matrix.count - 1) == 0);
    cpu_matrix_free(&matrix);
    topology_free(&topology);
    assert_true(cpu_matrix_seconds(1) == 0);
    assert_true(cpu_matrix_seconds(64) < 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_has_its_pair),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(nodes_know_memory_and_distances),
        cmocka_unit_test(names_are_parsed),
        cmocka_unit_test(unpinned_processes_may_share_one_cpu),
        cmocka_unit_test(the_matrix_is_symmetric),
        cmocka_unit_test(the_matrix_can_be_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
