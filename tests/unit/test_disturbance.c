/* What disturbs: counters of the two CPUs and of the control group, read from made trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "harness/disturbance.h"
#include "tree_fixture.h"

#define MOUNT_2 "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define MOUNT_1 "11 32 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"

static const struct cpu_pair first_two = {0, 1};

/* One reading of a tree by sources opened for it. */
static struct disturbance read_once(const struct tree *tree, struct cpu_pair cpus)
{
    struct disturbance now;
    struct disturbance_sources *const sources = disturbance_open(tree->root);

    assert_non_null(sources);
    disturbance_read(sources, &cpus, &now);
    disturbance_close(sources);
    return now;
}

static void assert_cpu(const struct cpu_disturbance *cpu, const struct cpu_disturbance *expected)
{
    assert_int_equal(cpu->interrupts, expected->interrupts);
    assert_int_equal(cpu->timer_interrupts, expected->timer_interrupts);
    assert_int_equal(cpu->device_interrupts, expected->device_interrupts);
    assert_int_equal(cpu->steal_ns, expected->steal_ns);
}

static void assert_interrupts(const struct cpu_disturbance *cpu, int64_t total, int64_t timer,
                              int64_t device)
{
    assert_cpu(cpu, &(struct cpu_disturbance){total, timer, device, cpu->steal_ns});
}

static const struct cpu_disturbance unknown = {-1, -1, -1, -1};

static void nothing_there_is_unknown(void **state)
{
    struct disturbance now = read_once(*state, first_two);

    assert_true(now.wall_ns > 0);
    assert_cpu(&now.sides[SIDE_SENDER], &unknown);
    assert_cpu(&now.sides[SIDE_RECEIVER], &unknown);
    assert_int_equal(now.throttled_ns, -1);
    assert_int_equal(now.throttled_periods, -1);
    disturbance_read(NULL, &first_two, &now);
    assert_true(now.wall_ns > 0);
    assert_cpu(&now.sides[SIDE_SENDER], &unknown);
    assert_int_equal(now.throttled_ns, -1);
    disturbance_close(NULL);
}

static void steal_is_that_of_the_cpu(void **state)
{
    const int64_t tick_ns = INT64_C(1000000000) / sysconf(_SC_CLK_TCK);

    tree_put_text(*state, "/proc/stat",
                  "cpu  9 9 9 9 9 9 9 999 9 9\n"
                  "cpu1 1 2 3 4 5 6 7 8 9 10\n"
                  "cpu10 10 20 30 40 50 60 70 80 90 100\n"
                  "cpu100 1 1 1 1 1 1 1 1 1 1\n"
                  "intr 12 cpu2 1 2 3 4 5 6 7 8\n");
    const struct disturbance now = read_once(*state, (struct cpu_pair){10, 1});
    assert_int_equal(now.sides[SIDE_SENDER].steal_ns, 80 * tick_ns);
    assert_int_equal(now.sides[SIDE_RECEIVER].steal_ns, 8 * tick_ns);
    const struct disturbance none = read_once(*state, (struct cpu_pair){2, -1});
    assert_int_equal(none.sides[SIDE_SENDER].steal_ns, -1);
    assert_int_equal(none.sides[SIDE_RECEIVER].steal_ns, -1);
}

#define INTERRUPTS_X86                                                                             \
    "           CPU0       CPU2       \n"                                                          \
    "  0:         40          1  IO-APIC   2-edge      timer\n"                                    \
    " 24:          1        200  IO-APIC   5-edge      ACPI:Ged\n"                                 \
    "NMI:          3          4   Non-maskable interrupts\n"                                       \
    "LOC:       5000       6000   Local timer interrupts\n"                                        \
    "RES:        700        800   Rescheduling interrupts\n"                                       \
    "ERR:         11\n"                                                                            \
    "MIS:         12\n"

static void interrupts_are_summed_by_column(void **state)
{
    tree_put_text(*state, "/proc/interrupts", INTERRUPTS_X86);
    const struct disturbance now = read_once(*state, (struct cpu_pair){2, 0});
    assert_interrupts(&now.sides[SIDE_SENDER], 1 + 200 + 4 + 6000 + 800, 6001, 200);
    assert_interrupts(&now.sides[SIDE_RECEIVER], 40 + 1 + 3 + 5000 + 700, 5040, 1);
    /* CPU 1 is offline: no column. */
    const struct disturbance none = read_once(*state, (struct cpu_pair){1, -1});
    assert_interrupts(&none.sides[SIDE_SENDER], -1, -1, -1);
    assert_interrupts(&none.sides[SIDE_RECEIVER], -1, -1, -1);
    const struct disturbance same = read_once(*state, (struct cpu_pair){0, 0});
    assert_cpu(&same.sides[SIDE_SENDER], &same.sides[SIDE_RECEIVER]);
    assert_interrupts(&same.sides[SIDE_SENDER], 5744, 5040, 1);
}

/* With one CPU a count of the whole machine has as many columns as any other. */
static void one_cpu_has_no_errors_of_its_own(void **state)
{
    tree_put_text(*state, "/proc/interrupts",
                  "           CPU0       \n"
                  " 11:       1000     GICv3  27 Level     arch_timer\n"
                  " 13:          5     GICv3  33 Level     uart-pl011\n"
                  "IPI0:         7       Rescheduling interrupts\n"
                  "IPI5:         2       Timer broadcast interrupts\n"
                  "Err:         99\n"
                  "ERR:         99\n"
                  "MIS:         99");
    const struct disturbance now = read_once(*state, (struct cpu_pair){0, 0});
    assert_interrupts(&now.sides[SIDE_SENDER], 1014, 1002, 5);
}

/* Far over what one read(2) gives, in lines longer than any buffer on the way. */
static void many_cpus_make_long_lines(void **state)
{
    enum { CPUS = 1000, LINES = 30 };
    struct text text = {0};

    text_append(&text, "    ");
    for (int cpu = 0; cpu < CPUS; cpu++)
        text_append(&text, "CPU%-8d", cpu);
    for (int line = 0; line < LINES; line++) {
        text_append(&text, "\n%3d:", line);
        for (int cpu = 0; cpu < CPUS; cpu++)
            text_append(&text, " %10d", cpu);
        text_append(&text, "  PCI-MSI %d-edge nvme0q%d", line, line);
    }
    text_append(&text, "\n");
    assert_false(text.failed);
    tree_put_text(*state, "/proc/interrupts", text.data);
    text_free(&text);
    struct disturbance now;
    struct disturbance_sources *const sources = disturbance_open(((struct tree *)*state)->root);
    disturbance_read(sources, &(struct cpu_pair){999, 17}, &now);
    disturbance_close(sources);
    /* A machine that slow is spared the reading. */
    if (now.sides[SIDE_SENDER].interrupts < 0)
        skip();
    assert_interrupts(&now.sides[SIDE_SENDER], 999 * LINES, 0, 999 * LINES);
    assert_interrupts(&now.sides[SIDE_RECEIVER], 17 * LINES, 0, 17 * LINES);
}

static void throttling_of_all_groups_above_counts(void **state)
{
    tree_put_text(*state, "/proc/self/cgroup", "0::/a/b\n");
    tree_put_text(*state, "/proc/self/mountinfo", MOUNT_2);
    tree_put_text(*state, "/sys/fs/cgroup/cpu.stat", "usage_usec 5\nuser_usec 5\n"); /* has none */
    assert_int_equal(read_once(*state, first_two).throttled_ns, -1);
    tree_put_text(*state, "/sys/fs/cgroup/a/cpu.stat",
                  "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1500\nnr_bursts 0\n");
    tree_put_text(*state, "/sys/fs/cgroup/a/b/cpu.stat",
                  "usage_usec 5\nnr_periods 0\nnr_throttled 1\nthrottled_usec 20\n");
    const struct disturbance now = read_once(*state, first_two);
    assert_int_equal(now.throttled_ns, 1520000);
    assert_int_equal(now.throttled_periods, 4);
}

static void version_1_counts_in_ns(void **state)
{
    tree_put_text(*state, "/proc/self/cgroup", "1:cpu:/a\n0::/\n");
    tree_put_text(*state, "/proc/self/mountinfo", MOUNT_1);
    tree_put_text(*state, "/sys/fs/cgroup/cpu/cpu.stat",
                  "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n");
    tree_put_text(*state, "/sys/fs/cgroup/cpu/a/cpu.stat",
                  "nr_periods 7\nnr_throttled 5\nthrottled_time 123456789\n");
    const struct disturbance now = read_once(*state, first_two);
    assert_int_equal(now.throttled_ns, 123456789);
    assert_int_equal(now.throttled_periods, 5);
}

/* Sources are opened once; what they say then changes. */
static void readings_are_fresh(void **state)
{
    struct tree *const tree = *state;
    const int64_t tick_ns = INT64_C(1000000000) / sysconf(_SC_CLK_TCK);
    struct disturbance before, after;

    tree_put_text(tree, "/proc/self/cgroup", "0::/\n");
    tree_put_text(tree, "/proc/self/mountinfo", MOUNT_2);
    tree_put_text(tree, "/sys/fs/cgroup/cpu.stat", "nr_throttled 1\nthrottled_usec 1000\n");
    tree_put_text(tree, "/proc/stat",
                  "cpu 0\ncpu0 0 0 0 0 0 0 0 5 0 0\ncpu1 0 0 0 0 0 0 0 6 0 0\n");
    tree_put_text(tree, "/proc/interrupts", "  CPU0 CPU1\nLOC: 10 20 Local timer interrupts\n");
    struct disturbance_sources *const sources = disturbance_open(tree->root);
    disturbance_read(sources, &first_two, &before);
    tree_put_text(tree, "/sys/fs/cgroup/cpu.stat", "nr_throttled 3\nthrottled_usec 9000\n");
    tree_put_text(tree, "/proc/stat",
                  "cpu 0\ncpu0 0 0 0 0 0 0 0 5 0 0\ncpu1 0 0 0 0 0 0 0 8 0 0\n");
    tree_put_text(tree, "/proc/interrupts",
                  "  CPU0 CPU1\nLOC: 13 27 Local timer interrupts\n 9: 1 0 x");
    disturbance_read(sources, &first_two, &after);
    disturbance_close(sources);
    const struct disturbance during = disturbance_between(&before, &after);
    assert_true(during.wall_ns == after.wall_ns - before.wall_ns);
    assert_int_equal(during.throttled_ns, 8000000);
    assert_int_equal(during.throttled_periods, 2);
    assert_cpu(&during.sides[SIDE_SENDER], &(struct cpu_disturbance){4, 3, 1, 0});
    assert_cpu(&during.sides[SIDE_RECEIVER], &(struct cpu_disturbance){7, 7, 0, 2 * tick_ns});
}

static void counters_that_wrap_go_on(void **state)
{
    struct disturbance before = {.sides = {{UINT32_MAX - 1, 5, -1, 7}, {1, -1, 1, 8}}};
    struct disturbance after = {.sides = {{1, 7, 1, 7}, {-1, 1, 1, 7}}};
    (void)state;

    before.throttled_ns = 5;
    after.throttled_ns = 4; /* another group */
    const struct disturbance during = disturbance_between(&before, &after);
    assert_cpu(&during.sides[SIDE_SENDER], &(struct cpu_disturbance){3, 2, -1, 0});
    assert_cpu(&during.sides[SIDE_RECEIVER], &(struct cpu_disturbance){-1, -1, 0, -1});
    assert_int_equal(during.throttled_ns, -1);
}

/* How a trial of a second is judged. */
static const char *judged(int64_t throttled_ns, int64_t sender_steal_ns, int64_t receiver_steal_ns)
{
    static struct error error;
    const struct disturbance during = {
        .wall_ns = 1000000000,
        .sides = {{-1, -1, -1, sender_steal_ns}, {-1, -1, -1, receiver_steal_ns}},
        .throttled_ns = throttled_ns,
        .throttled_periods = -1,
    };

    error = (struct error){0};
    const int failed = disturbance_check(&during, &error);
    assert_int_equal(failed, error.code ? -EINVAL : 0);
    return error.message;
}

static void heavy_disturbance_is_not_believed(void **state)
{
    (void)state;
    assert_string_equal(judged(-1, -1, -1), "");
    assert_string_equal(judged(10000000, 0, 0), "");
    assert_non_null(strstr(judged(11000000, 0, 0), "throttled: for 1.1 %"));
    /* Whole ticks: one may be too many. */
    assert_string_equal(judged(0, 110000000, 110000000), "");
    assert_non_null(strstr(judged(0, 120000000, 0), "steal: for 12 % of the trial"));
    assert_non_null(strstr(judged(0, 120000000, 0), "the sender's CPU"));
    assert_non_null(strstr(judged(0, 0, 500000000), "the receiver's CPU"));
    /* Nothing was read. */
    assert_int_equal(disturbance_check(&(struct disturbance){0}, NULL), 0);
}

static void load_and_frequency_are_read(void **state)
{
    const struct tree *const tree = *state;

    assert_true(load_average_read(tree->root) < 0);
    tree_put_text(tree, "/proc/loadavg", "1.25 3.50 2.00 1/234 5678\n");
    assert_int_equal((int)(load_average_read(tree->root) * 100), 125);
    assert_true(cpu_frequency_hz(tree->root, 3) == 0);
    tree_put_text(tree, "/sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "2500000\n");
    assert_true(cpu_frequency_hz(tree->root, 3) == 2.5e9);
    tree_put_text(tree, "/sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "<unknown>\n");
    assert_true(cpu_frequency_hz(tree->root, 3) == 0);
}

/* On the machine at hand, whatever it is, the running CPU has a line in /proc/stat. */
static void this_machine_can_be_read(void **state)
{
    const int cpu = sched_getcpu();
    struct disturbance before, after;
    (void)state;

    assert_true(cpu >= 0);
    const struct cpu_pair here = {cpu, cpu};
    struct disturbance_sources *const sources = disturbance_open("");
    disturbance_read(sources, &here, &before);
    disturbance_read(sources, &here, &after);
    disturbance_close(sources);
    assert_true(before.sides[SIDE_SENDER].steal_ns >= 0);
    assert_cpu(&before.sides[SIDE_SENDER], &before.sides[SIDE_RECEIVER]);
    const struct disturbance during = disturbance_between(&before, &after);
    assert_true(during.wall_ns > 0);
    assert_int_equal(during.sides[SIDE_SENDER].interrupts >= 0,
                     before.sides[SIDE_SENDER].interrupts >= 0);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_set_up, tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(nothing_there_is_unknown),
        WITH_TREE(steal_is_that_of_the_cpu),
        WITH_TREE(interrupts_are_summed_by_column),
        WITH_TREE(one_cpu_has_no_errors_of_its_own),
        WITH_TREE(many_cpus_make_long_lines),
        WITH_TREE(throttling_of_all_groups_above_counts),
        WITH_TREE(version_1_counts_in_ns),
        WITH_TREE(readings_are_fresh),
        cmocka_unit_test(counters_that_wrap_go_on),
        cmocka_unit_test(heavy_disturbance_is_not_believed),
        WITH_TREE(load_and_frequency_are_read),
        cmocka_unit_test(this_machine_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
