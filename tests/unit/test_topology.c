/* CPU topology, read from made sysfs trees of machines that are not at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "folder_fixture.h"
#include "harness/topology.h"
#include "sysfs_fixture.h"

struct fixture {
    char root[32];
    struct topology topology;
};

static int make_root(void **state)
{
    struct fixture *const fixture = calloc(1, sizeof *fixture);

    assert_non_null(fixture);
    (void)snprintf(fixture->root, sizeof fixture->root, "/tmp/topology-XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    *state = fixture;
    return 0;
}

static int remove_root(void **state)
{
    struct fixture *const fixture = *state;

    topology_free(&fixture->topology);
    topology_free(&fixture->topology);
    const int failed = folder_remove(fixture->root);
    free(fixture);
    return failed;
}

static struct topology *read_made(struct fixture *fixture)
{
    struct error error = {0};

    if (topology_read(fixture->root, &fixture->topology, &error) < 0)
        fail_msg("%s", error.message);
    return &fixture->topology;
}

static enum distance distance_of(const struct topology *topology, int a, int b)
{
    const struct cpu *const first = topology_cpu(topology, a);
    const struct cpu *const second = topology_cpu(topology, b);

    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(topology_distance(first, second), topology_distance(second, first));
    return topology_distance(first, second);
}

static void assert_pair(struct cpu_pair pair, int sender, int receiver)
{
    assert_int_equal(pair.sender, sender);
    assert_int_equal(pair.receiver, receiver);
}

/* Two sockets of two cores with two threads, numbered as Linux does on Intel: threads of the first
 * half of the numbers, then their siblings. Socket is node is last-level cache. */
static void make_two_sockets(const char *root)
{
    sysfs_cpus(root, "0-7", "0-7");
    sysfs_cores(root, 0, 0, 1, 4);
    sysfs_cores(root, 1, 2, 3, 4);
    sysfs_cache(root, "0-1,4-5", 3, "3");
    sysfs_cache(root, "2-3,6-7", 3, "3");
    sysfs_nodes(root, "0-1", "0-1");
    sysfs_node(root, 0, "0-1,4-5", "10 21");
    sysfs_node(root, 1, "2-3,6-7", "21 10");
}

static void two_sockets_with_threads(void **state)
{
    struct fixture *const fixture = *state;

    make_two_sockets(fixture->root);
    const struct topology *const topology = read_made(fixture);
    assert_int_equal(topology->count, 8);
    assert_int_equal(topology->node_count, 2);

    const struct cpu *const cpu = topology_cpu(topology, 7);
    assert_non_null(cpu);
    assert_true(cpu->allowed);
    assert_int_equal(cpu->package, 1);
    assert_int_equal(cpu->core, 1);
    assert_int_equal(cpu->smt_group, 3);
    assert_int_equal(cpu->cache_group, 2);
    assert_int_equal(cpu->cache_level, 3);
    assert_int_equal(cpu->node, 1);
    assert_null(topology_cpu(topology, 8));
    assert_null(topology_cpu(topology, -1));

    assert_int_equal(distance_of(topology, 1, 1), DISTANCE_SAME_CPU);
    assert_int_equal(distance_of(topology, 1, 5), DISTANCE_SMT);
    assert_int_equal(distance_of(topology, 0, 5), DISTANCE_SAME_CACHE);
    assert_int_equal(distance_of(topology, 1, 2), DISTANCE_CROSS_NODE);
    /* Neither CPU 0 nor its sibling 4: on this machine only the second socket has such a pair. */
    assert_pair(topology_default_pair(topology), 2, 3);
}

/* One AMD package of two complexes with two cores each and no threads; one node. */
static void make_two_complexes(const char *root)
{
    sysfs_cpus(root, "0-3", "0-3");
    sysfs_cores(root, 0, 0, 3, 0);
    sysfs_cache(root, "0-1", 3, "3");
    sysfs_cache(root, "2-3", 3, "3");
    sysfs_nodes(root, "0", "0");
    sysfs_node(root, 0, "0-3", "10");
}

static void several_caches_in_one_package(void **state)
{
    struct fixture *const fixture = *state;

    make_two_complexes(fixture->root);
    struct topology *const topology = read_made(fixture);
    assert_int_equal(topology->node_count, 1);
    assert_int_equal(distance_of(topology, 0, 1), DISTANCE_SAME_CACHE);
    assert_int_equal(distance_of(topology, 1, 2), DISTANCE_CROSS_CACHE);
    assert_pair(topology_default_pair(topology), 2, 3);

    /* With one CPU of the second complex left, CPU 0 is the lesser evil. */
    topology->cpus[3].allowed = false;
    assert_pair(topology_default_pair(topology), 0, 1);
    topology->cpus[0].allowed = false;
    assert_pair(topology_default_pair(topology), 1, 2);
    topology->cpus[1].allowed = false;
    assert_pair(topology_default_pair(topology), 2, 2);
    topology->cpus[2].allowed = false;
    assert_pair(topology_default_pair(topology), -1, -1);
}

static void threads_come_before_a_distant_cache(void **state)
{
    struct fixture *const fixture = *state;

    make_two_sockets(fixture->root);
    struct topology *const topology = read_made(fixture);
    for (size_t i = 0; i < topology->count; i++)
        topology->cpus[i].allowed = i == 1 || i == 5 || i == 2;
    assert_pair(topology_default_pair(topology), 1, 5);
    topology->cpus[5].allowed = false;
    assert_pair(topology_default_pair(topology), 1, 2);
}

static void one_cpu(void **state)
{
    struct fixture *const fixture = *state;
    struct cpu_pair pair = {.sender = -7, .receiver = -7};
    struct error error = {0};

    sysfs_put(fixture->root, "0", SYSFS_SYSTEM "cpu/online");
    const struct topology *const topology = read_made(fixture);
    assert_int_equal(topology->count, 1);
    assert_int_equal(topology->node_count, 1);
    assert_int_equal(topology->cpus[0].cache_group, -1);
    assert_pair(topology_default_pair(topology), 0, 0);
    assert_int_equal(topology_parse_pair(topology, "0,0", &pair, &error), 0);
    assert_pair(pair, 0, 0);
    assert_int_equal(topology_parse_pair(topology, "0,1", &pair, &error), -EINVAL);
    assert_non_null(strstr(error.message, "use 0"));
}

static void offline_cpus_are_left_out(void **state)
{
    struct fixture *const fixture = *state;
    struct cpu_pair pair;
    struct error error = {0};

    make_two_sockets(fixture->root);
    sysfs_put(fixture->root, "1-3,6", SYSFS_SYSTEM "cpu/online");
    struct topology *const topology = read_made(fixture);
    assert_int_equal(topology->count, 4);
    assert_int_equal(topology->offline_count, 4);
    assert_null(topology_cpu(topology, 0));
    assert_int_equal(topology_cpu(topology, 6)->node, 1);
    assert_int_equal(topology_parse_pair(topology, "1,5", &pair, &error), -EINVAL);
    assert_non_null(strstr(error.message, "CPU 5 is not online"));
    assert_non_null(strstr(error.message, "1-3,6"));
}

static void bare_tree_leaves_fields_unknown(void **state)
{
    struct fixture *const fixture = *state;

    sysfs_put(fixture->root, "0,2", SYSFS_SYSTEM "cpu/online");
    const struct topology *const topology = read_made(fixture);
    assert_int_equal(topology->count, 2);
    assert_int_equal(topology->node_count, 1);
    for (size_t i = 0; i < 2; i++) {
        const struct cpu *const cpu = &topology->cpus[i];
        assert_int_equal(cpu->package, -1);
        assert_int_equal(cpu->core, -1);
        assert_int_equal(cpu->smt_group, cpu->id);
        assert_int_equal(cpu->cache_group, -1);
        assert_int_equal(cpu->cache_level, 0);
        assert_int_equal(cpu->capacity, -1);
        assert_int_equal(cpu->node, 0);
    }
    assert_int_equal(distance_of(topology, 0, 2), DISTANCE_CROSS_CACHE);
    assert_pair(topology_default_pair(topology), 0, 2);
}

static void damaged_lists_are_errors(void **state)
{
    static const char *const damaged[] = {
        "", "zero", "0-", "3-1", "-1", "0-99999999", "0;1", "0-1x", "99999999999999999999",
    };
    struct fixture *const fixture = *state;

    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct error error = {0};
        sysfs_put(fixture->root, damaged[i], SYSFS_SYSTEM "cpu/online");
        if (topology_read(fixture->root, &fixture->topology, &error) != -EINVAL)
            fail_msg("'%s' was taken", damaged[i]);
        assert_true(strlen(error.message) > 0);
        assert_null(fixture->topology.cpus);
    }
}

static void a_recorded_affinity_mask_counts(void **state)
{
    struct fixture *const fixture = *state;
    struct error error = {0};

    make_two_sockets(fixture->root);
    sysfs_allow(fixture->root, "1,6-9");
    const struct topology *const topology = read_made(fixture);
    for (size_t i = 0; i < topology->count; i++)
        assert_int_equal(topology->cpus[i].allowed, i == 1 || i == 6 || i == 7);
    topology_free(&fixture->topology);
    sysfs_allow(fixture->root, "1,x");
    assert_int_equal(topology_read(fixture->root, &fixture->topology, &error), -EINVAL);
    assert_non_null(strstr(error.message, "Cpus_allowed_list"));
}

static void missing_tree_is_an_error(void **state)
{
    struct fixture *const fixture = *state;
    struct error error = {0};

    assert_int_equal(topology_read(fixture->root, &fixture->topology, &error), -EINVAL);
    assert_int_equal(error.code, EINVAL);
}

static void pairs_are_parsed_strictly(void **state)
{
    static const char *const wrong[] = {
        "",      ",",    "1",     "1,",   ",1",
        "1,2,3", "a,b",  "1,-2",  " 1,2", "1, 2",
        "1,2 ",  "+1,2", "0x1,2", "1;2",  "99999999999999999999,1",
    };
    struct fixture *const fixture = *state;
    struct cpu_pair pair = {.sender = -7, .receiver = -7};
    struct error error = {0};

    make_two_sockets(fixture->root);
    struct topology *const topology = read_made(fixture);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (topology_parse_pair(topology, wrong[i], &pair, &error) != -EINVAL)
            fail_msg("'%s' was taken", wrong[i]);
        assert_pair(pair, -7, -7);
    }
    assert_int_equal(topology_parse_pair(topology, "7,0", &pair, &error), 0);
    assert_pair(pair, 7, 0);

    topology->cpus[3].allowed = false;
    assert_int_equal(topology_parse_pair(topology, "2,3", &pair, &error), -EINVAL);
    assert_non_null(strstr(error.message, "CPU 3 is not allowed"));
    assert_non_null(strstr(error.message, "0-2,4-7"));
}

static void distances_have_names(void **state)
{
    (void)state;
    assert_string_equal(distance_name(DISTANCE_SAME_CPU), "same-cpu");
    assert_string_equal(distance_name(DISTANCE_SMT), "smt");
    assert_string_equal(distance_name(DISTANCE_SAME_CACHE), "same-cache");
    assert_string_equal(distance_name(DISTANCE_CROSS_CACHE), "cross-cache");
    assert_string_equal(distance_name(DISTANCE_CROSS_NODE), "cross-node");
}

/* The machine that runs the test: exactly the affinity mask is allowed, and the default pair can be
 * pinned to. */
static void this_machine(void **state)
{
    struct topology topology;
    struct error error = {0};
    cpu_set_t mask;
    (void)state;

    assert_int_equal(topology_read("", &topology, &error), 0);
    assert_int_equal(sched_getaffinity(0, sizeof mask, &mask), 0);
    int allowed = 0;
    for (size_t i = 0; i < topology.count; i++) {
        const struct cpu *const cpu = &topology.cpus[i];
        assert_true(i == 0 || cpu->id > topology.cpus[i - 1].id);
        assert_int_equal(cpu->allowed, CPU_ISSET((size_t)cpu->id, &mask) != 0);
        assert_in_range(cpu->smt_group, 0, cpu->id);
        allowed += cpu->allowed;
    }
    assert_int_equal(allowed, CPU_COUNT(&mask));
    const struct cpu_pair pair = topology_default_pair(&topology);
    assert_true(topology_cpu(&topology, pair.sender)->allowed);
    assert_true(topology_cpu(&topology, pair.receiver)->allowed);
    assert_true(allowed == 1 || pair.sender != pair.receiver);
    topology_free(&topology);
}

#define IN_MADE_TREE(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MADE_TREE(two_sockets_with_threads),
        IN_MADE_TREE(several_caches_in_one_package),
        IN_MADE_TREE(threads_come_before_a_distant_cache),
        IN_MADE_TREE(one_cpu),
        IN_MADE_TREE(offline_cpus_are_left_out),
        IN_MADE_TREE(bare_tree_leaves_fields_unknown),
        IN_MADE_TREE(damaged_lists_are_errors),
        IN_MADE_TREE(a_recorded_affinity_mask_counts),
        IN_MADE_TREE(missing_tree_is_an_error),
        IN_MADE_TREE(pairs_are_parsed_strictly),
        cmocka_unit_test(distances_have_names),
        cmocka_unit_test(this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
