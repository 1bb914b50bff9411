/* How much memory may be taken, read from made trees of both versions of control groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/free_memory.h"
#include "tree_fixture.h"

enum { MIB = 1 << 20 };

static void put_machine(const struct tree *tree, const char *available)
{
    char text[128];

    (void)snprintf(text, sizeof text,
                   "MemTotal:       16777216 kB\nMemFree:  1 kB\n%sBuffers: 2 kB\n", available);
    tree_put_text(tree, "/proc/meminfo", text);
}

static void put_version_2(const struct tree *tree)
{
    tree_put_text(tree, "/proc/self/cgroup", "0::/a/b\n");
    tree_put_text(tree, "/proc/self/mountinfo",
                  "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
}

static void assert_free(const struct tree *tree, uint64_t bytes, const char *file)
{
    char path[FREE_MEMORY_FILE_BYTES] = "";
    struct free_memory available;

    if (file[0])
        (void)snprintf(path, sizeof path, "%s%s", tree->root, file);
    free_memory_read(tree->root, &available);
    assert_int_equal(available.bytes, bytes);
    assert_string_equal(available.file, path);
}

static void without_groups_the_machine_limits(void **state)
{
    assert_free(*state, UINT64_MAX, "");
    put_machine(*state, "MemAvailable:    4096 kB\n");
    assert_free(*state, 4 * MIB, "");
    put_machine(*state, "");
    assert_free(*state, UINT64_MAX, "");
    put_machine(*state, "NotMemAvailable: 1 kB\nMemAvailableToo: 1 kB\n");
    assert_free(*state, UINT64_MAX, "");
}

static void the_tightest_group_limits(void **state)
{
    put_machine(*state, "MemAvailable: 1048576 kB\n");
    put_version_2(*state);
    tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.max", "max\n");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.current", "1048576\n");
    assert_free(*state, 1024 * (uint64_t)MIB, "");
    tree_put_text(*state, "/sys/fs/cgroup/a/memory.max", "104857600\n"); /* 100 MiB */
    assert_free(*state, 1024 * (uint64_t)MIB, ""); /* what is used is not known */
    tree_put_text(*state, "/sys/fs/cgroup/a/memory.current", "31457280\n");
    assert_free(*state, 70 * MIB, "/sys/fs/cgroup/a/memory.max");
    tree_put_text(*state, "/sys/fs/cgroup/a/memory.stat",
                  "anon 1048576\nfile 9\nworkingset_inactive_file 1\ninactive_file "
                  "15728640\nactive_file 5242880\n");
    assert_free(*state, 90 * MIB, "/sys/fs/cgroup/a/memory.max");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.max", "2097152\n");
    assert_free(*state, MIB, "/sys/fs/cgroup/a/b/memory.max");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.max",
                  "524288\n"); /* lowered below what is used */
    assert_free(*state, 0, "/sys/fs/cgroup/a/b/memory.max");
    put_machine(*state, "MemAvailable: 0 kB\n");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.max", "2097152\n");
    assert_free(*state, 0, "");
}

static void version_1_has_other_files(void **state)
{
    put_machine(*state, "MemAvailable: 1048576 kB\n");
    tree_put_text(*state, "/proc/self/cgroup", "8:pids:/x\n4:memory:/a\n1:cpu:/other\n0::/\n");
    tree_put_text(*state, "/proc/self/mountinfo",
                  "11 32 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                  "12 32 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    tree_put_text(*state, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    tree_put_text(*state, "/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "10485760\n");
    assert_free(*state, 1024 * (uint64_t)MIB, "");
    tree_put_text(*state, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "52428800\n");
    tree_put_text(*state, "/sys/fs/cgroup/memory/a/memory.stat",
                  "inactive_file 1\ntotal_inactive_file 4194304\ntotal_active_file 1048576\n");
    assert_free(*state, 45 * MIB, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes");
}

static void damaged_files_limit_nothing(void **state)
{
    static const char *const texts[] = {"", "\n", "many\n", "-1\n", "99999999999999999999\n"};

    put_machine(*state, "MemAvailable: 1024 kB\n");
    put_version_2(*state);
    tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.current", "0\n");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tree_put_text(*state, "/sys/fs/cgroup/a/b/memory.max", texts[i]);
        assert_free(*state, MIB, "");
    }
}

static void too_much_is_refused_with_the_knob(void **state)
{
    const struct tree *const tree = *state;
    struct error error = {0};

    put_machine(tree, "MemAvailable: 1024 kB\n");
    assert_int_equal(free_memory_check(tree->root, MIB, "ring=", &error), 0);
    assert_int_equal(free_memory_check(tree->root, MIB + 1, "ring=", &error), -ENOTSUP);
    assert_true(error.unavailable);
    assert_string_equal(error.message, "1048577 bytes of memory: 1024 KiB are available");
    assert_string_equal(error.knob, "ring=, free memory");
    put_version_2(tree);
    tree_put_text(tree, "/sys/fs/cgroup/a/memory.max", "4096\n");
    tree_put_text(tree, "/sys/fs/cgroup/a/memory.current", "0\n");
    assert_int_equal(free_memory_check(tree->root, 4097, "ring=", &error), -ENOTSUP);
    assert_string_equal(error.message,
                        "4097 bytes of memory: 4 KiB are available to its control group");
    assert_non_null(strstr(error.knob, "ring=, /"));
    assert_non_null(strstr(error.knob, "/sys/fs/cgroup/a/memory.max"));
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_set_up, tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(without_groups_the_machine_limits), WITH_TREE(the_tightest_group_limits),
        WITH_TREE(version_1_has_other_files),         WITH_TREE(damaged_files_limit_nothing),
        WITH_TREE(too_much_is_refused_with_the_knob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
