/* The CPU quota of control groups, read from made trees of both versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/error.h"
#include "harness/quota.h"
#include "tree_fixture.h"

#define MOUNT_2 "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define MOUNT_HYBRID                                                                               \
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"                                                        \
    "10 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"                          \
    "20 41 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"                       \
    "13 34 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"                   \
    "11 32 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"

static void put_groups(const struct tree *tree, const char *cgroups, const char *mounts)
{
    tree_put_text(tree, "/proc/self/cgroup", cgroups);
    tree_put_text(tree, "/proc/self/mountinfo", mounts);
}

static void assert_quota(const struct tree *tree, double cpus, const char *file)
{
    char path[QUOTA_FILE_BYTES] = "";
    struct quota quota;

    if (file[0])
        (void)snprintf(path, sizeof path, "%s%s", tree->root, file);
    quota_read(tree->root, &quota);
    if (!(quota.cpus >= cpus - 1e-9 && quota.cpus <= cpus + 1e-9) && quota.cpus != cpus)
        fail_msg("%g CPUs, expected %g", quota.cpus, cpus);
    assert_string_equal(quota.file, path);
}

static void no_control_groups_no_quota(void **state)
{
    assert_quota(*state, INFINITY, "");
    tree_put_text(*state, "/proc/self/cgroup", "0::/a\n");
    assert_quota(*state, INFINITY, "");
}

static void the_tightest_group_binds(void **state)
{
    put_groups(*state, "0::/a/b/c\n", MOUNT_2);
    tree_put_text(*state, "/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
    assert_quota(*state, INFINITY, "");
    tree_put_text(*state, "/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
    assert_quota(*state, 1.5, "/sys/fs/cgroup/a/cpu.max");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/cpu.max", "10000 40000\n");
    assert_quota(*state, 0.25, "/sys/fs/cgroup/a/b/cpu.max");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
    assert_quota(*state, 0.25, "/sys/fs/cgroup/a/b/cpu.max");
    /* Of other groups: not ours. */
    tree_put_text(*state, "/sys/fs/cgroup/other/cpu.max", "1000 100000\n");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/c/d/cpu.max", "1000 100000\n");
    assert_quota(*state, 0.25, "/sys/fs/cgroup/a/b/cpu.max");
}

static void the_topmost_group_counts(void **state)
{
    put_groups(*state, "0::/\n", MOUNT_2);
    tree_put_text(*state, "/sys/fs/cgroup/cpu.max", "50000 100000\n");
    assert_quota(*state, 0.5, "/sys/fs/cgroup/cpu.max");
    /* Above the mount point are no groups. */
    tree_put_text(*state, "/sys/fs/cpu.max", "10000 100000\n");
    assert_quota(*state, 0.5, "/sys/fs/cgroup/cpu.max");
}

static void damaged_files_are_no_quota(void **state)
{
    static const char *const texts[] = {"",           "\n",      "max\n", "many 100000\n",
                                        "100000 0\n", "100000\n"};

    put_groups(*state, "0::/a\n", MOUNT_2);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tree_put_text(*state, "/sys/fs/cgroup/a/cpu.max", texts[i]);
        assert_quota(*state, INFINITY, "");
    }
    put_groups(*state, "\n0:\n0::\nx:y:z\n::a\n", "\n - \n1 2 3\n1 2 3 / /sys - cgroup2\n");
    assert_quota(*state, INFINITY, "");
}

static void version_1_has_two_files(void **state)
{
    put_groups(*state, "9:name=systemd:/x\n3:cpuset:/x\n1:cpu,cpuacct:/a/b\n0::/other\n",
               MOUNT_HYBRID);
    tree_put_text(*state, "/sys/fs/cgroup/unified/other/cpu.max", "1000 100000\n");
    tree_put_text(*state, "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
    tree_put_text(*state, "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
    assert_quota(*state, INFINITY, "");
    tree_put_text(*state, "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "75000\n");
    assert_quota(*state, INFINITY, "");
    tree_put_text(*state, "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "50000\n");
    assert_quota(*state, 1.5, "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us");
}

/* The unified hierarchy is there, the controller is in the other one. */
static void version_1_goes_first_in_any_order(void **state)
{
    put_groups(*state, "0::/\n1:cpu:/\n", MOUNT_HYBRID);
    tree_put_text(*state, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "75000\n");
    tree_put_text(*state, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    assert_quota(*state, 0.75, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us");
}

/* A container sees a part of the hierarchy at the mount point. */
static void containers_see_a_part(void **state)
{
#define CONTAINER "31 23 0:28 /docker/x /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    tree_put_text(*state, "/sys/fs/cgroup/cpu.max", "150000 100000\n");
    put_groups(*state, "0::/docker/x\n", CONTAINER);
    assert_quota(*state, 1.5, "/sys/fs/cgroup/cpu.max");
    tree_put_text(*state, "/sys/fs/cgroup/sub/cpu.max", "50000 100000\n");
    put_groups(*state, "0::/docker/x/sub\n", CONTAINER);
    assert_quota(*state, 0.5, "/sys/fs/cgroup/sub/cpu.max");
    put_groups(*state, "0::/docker/xsub\n", CONTAINER); /* another one's */
    tree_put_text(*state, "/sys/fs/cgroupsub/cpu.max", "10000 100000\n");
    assert_quota(*state, INFINITY, "");
    put_groups(*state, "0::/../y\n", MOUNT_2);
    assert_quota(*state, INFINITY, "");
}

static void spinning_needs_a_cpu_for_each(void **state)
{
    const struct tree *const tree = *state;
    struct error error = {0};

    put_groups(tree, "0::/a\n", MOUNT_2);
    assert_int_equal(quota_check(tree->root, 2, &error), 0);
    tree_put_text(tree, "/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
    assert_int_equal(quota_check(tree->root, 2, &error), 0);
    tree_put_text(tree, "/sys/fs/cgroup/a/cpu.max", "199000 100000\n");
    assert_int_equal(quota_check(tree->root, 2, &error), -ENOTSUP);
    assert_true(error.unavailable);
    assert_non_null(strstr(error.message, "2 CPUs"));
    assert_non_null(strstr(error.message, "1.99"));
    assert_non_null(strstr(error.knob, "echo max > "));
    assert_non_null(strstr(error.knob, "/sys/fs/cgroup/a/cpu.max"));
    assert_int_equal(quota_check(tree->root, 1, &error), 0);
}

static void long_paths_make_no_half_a_command(void **state)
{
    const struct tree *const tree = *state;
    struct error error = {0};

    put_groups(tree,
               "0::/"
               "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
               "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
               MOUNT_2);
    tree_put_text(tree,
                  "/sys/fs/cgroup/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/cpu.max",
                  "1 100\n");
    assert_int_equal(quota_check(tree->root, 2, &error), -ENOTSUP);
    assert_string_equal(error.knob, "raise the CPU quota of the control group");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_set_up, tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(no_control_groups_no_quota),
        WITH_TREE(the_tightest_group_binds),
        WITH_TREE(the_topmost_group_counts),
        WITH_TREE(damaged_files_are_no_quota),
        WITH_TREE(version_1_has_two_files),
        WITH_TREE(version_1_goes_first_in_any_order),
        WITH_TREE(containers_see_a_part),
        WITH_TREE(spinning_needs_a_cpu_for_each),
        WITH_TREE(long_paths_make_no_half_a_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
