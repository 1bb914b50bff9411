/* What the doctor finds on made machines: a virtual one, a laptop, a server, containers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "harness/checkup.h"
#include "results/checkup_json.h"
#include "tree_fixture.h"

static int make(void **state)
{
    static struct tree tree;

    *state = &tree;
    return tree_make(&tree);
}

static int unmake(void **state)
{
    return tree_remove(*state);
}

/* With nothing happening between the readings, unless `busier` replaces /proc/stat. */
static struct checkup examine(const struct tree *tree, const char *const *busier)
{
    struct checkup_readings readings;
    struct checkup checkup;
    struct error error = {0};

    assert_int_equal(checkup_times_read(tree->root, &readings.before, &error), 0);
    for (size_t i = 0; busier && busier[i]; i++)
        tree_write(tree, "/proc/stat", busier[i], i == 0 ? "w" : "a");
    assert_int_equal(checkup_times_read(tree->root, &readings.after, &error), 0);
    assert_int_equal(checkup_examine(tree->root, &readings, &checkup, &error), 0);
    checkup_times_free(&readings.before);
    checkup_times_free(&readings.after);
    return checkup;
}

static const struct checkup_finding *finding_of(const struct checkup *checkup, const char *name)
{
    for (size_t i = 0; i < checkup->count; i++) {
        if (strcmp(checkup->findings[i].name, name) == 0)
            return &checkup->findings[i];
    }
    fail_msg("no finding '%s'", name);
    return NULL;
}

struct expected {
    const char *name;
    enum checkup_state state;
    const char *found; /* part of the text */
};

static void assert_findings(const struct checkup *checkup, const struct expected *expected,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct checkup_finding *const finding = finding_of(checkup, expected[i].name);
        if (finding->state != expected[i].state || !strstr(finding->found, expected[i].found))
            fail_msg("%s: %s '%s', expected %s '%s'", finding->name,
                     checkup_state_name(finding->state), finding->found,
                     checkup_state_name(expected[i].state), expected[i].found);
    }
}

#define ASSERT_FINDINGS(checkup, expected)                                                         \
    assert_findings(checkup, expected, sizeof(expected) / sizeof((expected)[0]))

/* Holds for every finding of every machine. */
static void assert_well_formed(const struct checkup *checkup)
{
    for (size_t i = 0; i < checkup->count; i++) {
        const struct checkup_finding *const finding = &checkup->findings[i];
        assert_true(finding->found[0] != '\0');
        assert_false(finding->state == CHECKUP_BAD && finding->effect == CHECKUP_INFORMS);
        assert_false(finding->state == CHECKUP_BAD && finding->meaning[0] == '\0');
        assert_false(finding->tunable && !finding->setting);
        assert_true(strlen(finding->command) < CHECKUP_TEXT_BYTES - 1);
        assert_true(strlen(finding->meaning) < CHECKUP_TEXT_BYTES - 1);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(checkup->findings[k].name, finding->name);
    }
}

/* As it was recorded, with nobody else on it. */
static void virtual_machine(void **state)
{
    static const char *const later[] = {"cpu  56977 0 17217 188727 444 0 49 40 0 0",
                                        "cpu0 28341 0 14355 89033 72 0 8 20 0 0",
                                        "cpu1 28635 0 2861 99694 372 0 41 20 0 0", NULL};
    static const struct expected expected[] = {
        {"governor", CHECKUP_UNKNOWN, "no cpufreq"},
        {"boost", CHECKUP_UNKNOWN, ""},
        {"smt-sibling", CHECKUP_OK, "CPUs 0 and 1"},
        {"pair-cpus", CHECKUP_OK, "10 and 0 %"},
        {"load", CHECKUP_OK, "0.14 0.55 0.49"},
        {"allowed-cpus", CHECKUP_OK, "0-1"},
        {"isolation", CHECKUP_OK, "no isolcpus"},
        {"idle-states", CHECKUP_NOTE, "haltpoll: POLL 0 us, haltpoll idle 1 us"},
#if defined(__x86_64__)
        {"clocksource", CHECKUP_OK, "tsc"},
#endif
        {"hypervisor", CHECKUP_NOTE, ""},
        {"steal", CHECKUP_OK, "0.02 % since boot, 0 %"},
        {"quota", CHECKUP_OK, "none"},
        {"realtime", CHECKUP_NOTE, "95 %"},
        {"mitigations", CHECKUP_NOTE, "2 vulnerabilities mitigated, 0 not"},
        {"ptrace", CHECKUP_UNKNOWN, "no Yama"},
        {"perf-events", CHECKUP_NOTE, "2"},
        {"thp", CHECKUP_OK, "madvise"},
        {"thp-shmem", CHECKUP_BAD, "never"},
        {"hugepages", CHECKUP_BAD, "2M: 0, 1G: 0"},
        {"memlock", CHECKUP_OK, "8 MiB, CAP_IPC_LOCK"},
        {"mqueue", CHECKUP_NOTE, "10 messages of 8 KiB"},
        {"mqueue-bytes", CHECKUP_NOTE, "800 KiB"},
        {"xsi-mq", CHECKUP_NOTE, "messages of 8 KiB, queues of 16 KiB"},
        {"xsi-sem", CHECKUP_OK, "32000"},
        {"xsi-shm", CHECKUP_OK, "without limit"},
        {"pipe-size", CHECKUP_OK, "1 MiB"},
        {"socket-buffers", CHECKUP_OK, "4 MiB"},
    };
    tree_load(*state, "vm");
    const struct checkup checkup = examine(*state, later);

    ASSERT_FINDINGS(&checkup, expected);
    assert_well_formed(&checkup);
    assert_int_equal(checkup.count, 27); /* those above, all of them */
    assert_int_equal(checkup_count_bad(&checkup, CHECKUP_DISTURBS), 0);
    assert_int_equal(checkup_count_bad(&checkup, CHECKUP_LIMITS), 2);
    assert_non_null(strstr(finding_of(&checkup, "hugepages")->command, "vm.nr_hugepages=64"));
    assert_string_equal(finding_of(&checkup, "mqueue")->setting, "mqueue");
    assert_true(finding_of(&checkup, "mqueue")->tunable);
    assert_false(finding_of(&checkup, "pipe-size")->tunable);
    assert_null(finding_of(&checkup, "governor")->setting);
}

/* CPU 5 is the sibling of CPU 1; the pair is 1 and 2. */
static void laptop(void **state)
{
    static const char *const later[] = {
        "cpu  80008 0 8000 800072 0 0 0 0 0 0", "cpu1 10000 0 1000 100010 0 0 0 0 0 0",
        "cpu2 10000 0 1000 100010 0 0 0 0 0 0", "cpu5 10008 0 1000 100002 0 0 0 0 0 0",
        "cpu6 10001 0 1000 100009 0 0 0 0 0 0", NULL};
    static const struct expected expected[] = {
        {"governor", CHECKUP_BAD, "powersave (driver intel_pstate)"},
        {"boost", CHECKUP_BAD, "on"},
        {"smt-sibling", CHECKUP_BAD, "CPU 5 shares a core, 80 % busy"},
        {"pair-cpus", CHECKUP_OK, "CPUs 1 and 2"},
        {"load", CHECKUP_OK, "1.20"},
        {"allowed-cpus", CHECKUP_OK, "0-7"}, /* though the mask names 128 */
        {"isolation", CHECKUP_OK, "no isolcpus"},
        {"idle-states", CHECKUP_NOTE, "C10 890 us; /dev/cpu_dma_latency may not"},
#if defined(__x86_64__)
        {"clocksource", CHECKUP_BAD, "hpet"},
#endif
        {"hypervisor", CHECKUP_OK, "none"},
        {"steal", CHECKUP_OK, "0.00 %"},
        {"quota", CHECKUP_OK, "none"},
        {"realtime", CHECKUP_NOTE, "not permitted"},
        {"mitigations", CHECKUP_NOTE, "1 vulnerabilities mitigated, 1 not"},
        {"ptrace", CHECKUP_NOTE, "= 1"},
        {"perf-events", CHECKUP_NOTE, "= 4"},
        {"thp", CHECKUP_NOTE, "always, defrag always"},
        {"thp-shmem", CHECKUP_NOTE, "force"},
        {"hugepages", CHECKUP_NOTE, "2M: 32"},
        {"memlock", CHECKUP_NOTE, "8 MiB"},
        {"mqueue", CHECKUP_NOTE, "8 KiB"},
        {"mqueue-bytes", CHECKUP_BAD, "40 KiB"},
        {"xsi-mq", CHECKUP_BAD, "messages of 2 KiB"},
        {"xsi-sem", CHECKUP_BAD, "2 per set"},
        {"xsi-shm", CHECKUP_NOTE, "32 MiB"},
        {"pipe-size", CHECKUP_NOTE, "64 KiB"},
        {"socket-buffers", CHECKUP_NOTE, "208 KiB"},
    };
    tree_load(*state, "laptop");
    const struct checkup checkup = examine(*state, later);

    ASSERT_FINDINGS(&checkup, expected);
    assert_well_formed(&checkup);
    assert_non_null(strstr(finding_of(&checkup, "boost")->command, "echo 1 | "));
#if defined(__x86_64__)
    assert_non_null(strstr(finding_of(&checkup, "clocksource")->command, "echo tsc"));
#endif
    assert_non_null(strstr(finding_of(&checkup, "hugepages")->command, "vm.nr_hugepages=66"));
}

static void one_policy_out_of_eight_is_enough(void **state)
{
    tree_load(*state, "server");
    tree_put(*state, "/sys/devices/system/cpu/cpufreq/policy6/scaling_governor", "schedutil");
    const struct checkup checkup = examine(*state, NULL);

    assert_int_equal(finding_of(&checkup, "governor")->state, CHECKUP_BAD);
    assert_non_null(strstr(finding_of(&checkup, "governor")->found, "schedutil"));
}

static void server(void **state)
{
    static const struct expected expected[] = {
        {"governor", CHECKUP_OK, "performance"},
        {"boost", CHECKUP_OK, "off"},
        {"smt-sibling", CHECKUP_OK, "nobody"},
        {"pair-cpus", CHECKUP_UNKNOWN, ""},
        {"load", CHECKUP_OK, "0.01"},
        {"allowed-cpus", CHECKUP_NOTE, "0-3 of 0-7"},
        {"isolation", CHECKUP_NOTE, "isolcpus 4-7, nohz_full 4-7"},
        {"idle-states", CHECKUP_NOTE, "no driver"},
        {"quota", CHECKUP_NOTE, "4 CPUs"},
        {"realtime", CHECKUP_OK, "permitted"},
        {"mitigations", CHECKUP_OK, "0 vulnerabilities mitigated, 1 not"},
        {"ptrace", CHECKUP_OK, "= 0"},
        {"perf-events", CHECKUP_OK, "= -1"},
        {"thp", CHECKUP_OK, "never"},
        {"thp-shmem", CHECKUP_OK, "advise"},
        {"hugepages", CHECKUP_OK, "2M: 1024, 1G: 4; free 2M: 1000, 1G: 4"},
        {"memlock", CHECKUP_OK, "64 KiB, CAP_IPC_LOCK"},
        {"mqueue", CHECKUP_OK, "CAP_SYS_RESOURCE"},
        {"mqueue-bytes", CHECKUP_OK, "unlimited"},
        {"xsi-mq", CHECKUP_OK, "64 KiB"},
        {"pipe-size", CHECKUP_OK, "CAP_SYS_RESOURCE"},
    };
    tree_load(*state, "server");
    const struct checkup checkup = examine(*state, NULL);

    ASSERT_FINDINGS(&checkup, expected);
    assert_well_formed(&checkup);
    assert_string_equal(finding_of(&checkup, "isolation")->command, "taskset -c 4-7 ipcbench run");
}

/* Its capabilities are of its own user namespace: the limits bind it. */
static void container(void **state)
{
    static const struct expected expected[] = {
        {"governor", CHECKUP_UNKNOWN, ""},
        {"load", CHECKUP_BAD, "9.00"},
        {"allowed-cpus", CHECKUP_BAD, "2 of 0-3"},
        {"idle-states", CHECKUP_UNKNOWN, "not known"},
        {"clocksource", CHECKUP_UNKNOWN, "not known"},
        {"hypervisor", CHECKUP_UNKNOWN, "not known"},
        {"steal", CHECKUP_BAD, "20.00 % since boot"},
        {"quota", CHECKUP_BAD, "1.5 CPUs"},
        {"realtime", CHECKUP_OK, "permitted"},
        {"memlock", CHECKUP_OK, "unlimited"},
        {"mqueue", CHECKUP_BAD, "5 messages of 1 KiB"},
        {"mqueue-bytes", CHECKUP_UNKNOWN, "not known"},
        {"thp", CHECKUP_UNKNOWN, "not known"},
        {"hugepages", CHECKUP_UNKNOWN, "not known"},
        {"xsi-shm", CHECKUP_UNKNOWN, "not known"},
    };
    tree_load(*state, "container");
    const struct checkup checkup = examine(*state, NULL);

    ASSERT_FINDINGS(&checkup, expected);
    assert_well_formed(&checkup);
}

static void container_of_version_1(void **state)
{
    static const struct expected expected[] = {{"quota", CHECKUP_BAD, "1.5 CPUs"}};
    tree_load(*state, "container_v1");
    const struct checkup checkup = examine(*state, NULL);

    ASSERT_FINDINGS(&checkup, expected);
    assert_well_formed(&checkup);
}

static void steal_between_the_readings(void **state)
{
    static const char *const later[] = {"cpu  56976 0 17217 188717 444 0 49 50 0 0", NULL};
    static const struct expected expected[] = {{"steal", CHECKUP_BAD, "50 % over"}};
    tree_load(*state, "vm");
    const struct checkup checkup = examine(*state, later);

    ASSERT_FINDINGS(&checkup, expected);
}

static void an_empty_tree_is_unknown(void **state)
{
    const struct checkup checkup = examine(*state, NULL);

    assert_true(checkup.count > 20);
    assert_int_equal(checkup_count(&checkup, CHECKUP_UNKNOWN), checkup.count);
    assert_well_formed(&checkup);
}

/* Whatever a file holds, nothing breaks; what is no number is unknown, not zero. */
static void garbage_is_unknown(void **state)
{
    static const char *const paths[] = {
        "/proc/stat",
        "/proc/loadavg",
        "/proc/self/limits",
        "/proc/self/status",
        "/proc/self/cgroup",
        "/proc/self/uid_map",
        "/proc/cpuinfo",
        "/proc/sys/kernel/sem",
        "/proc/sys/kernel/msgmax",
        "/proc/sys/fs/mqueue/msg_max",
        "/sys/devices/system/cpu/online",
    };
    tree_load(*state, "vm");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        tree_put(*state, paths[i], "cpu \x01 [-: ,99999999999999999999999 0::");
    const struct checkup checkup = examine(*state, NULL);

    assert_well_formed(&checkup);
    assert_int_equal(finding_of(&checkup, "xsi-mq")->state, CHECKUP_UNKNOWN);
    assert_int_equal(finding_of(&checkup, "xsi-sem")->state, CHECKUP_UNKNOWN);
    assert_int_equal(finding_of(&checkup, "mqueue")->state, CHECKUP_UNKNOWN);
    assert_int_equal(finding_of(&checkup, "pair-cpus")->state, CHECKUP_UNKNOWN);
    assert_int_equal(finding_of(&checkup, "load")->state, CHECKUP_UNKNOWN);
}

static void this_machine(void **state)
{
    struct checkup checkup;
    struct error error = {0};
    struct text json = {0};
    (void)state;

    assert_int_equal(checkup_run("", &checkup, &error), 0);
    assert_well_formed(&checkup);
    assert_int_equal(checkup_write_json(&checkup, &json, &error), 0);
    for (size_t i = 0; i < checkup.count; i++)
        assert_non_null(strstr(text_string(&json), checkup.findings[i].name));
    text_free(&json);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(virtual_machine),
        IN_TREE(laptop),
        IN_TREE(one_policy_out_of_eight_is_enough),
        IN_TREE(server),
        IN_TREE(container),
        IN_TREE(container_of_version_1),
        IN_TREE(steal_between_the_readings),
        IN_TREE(an_empty_tree_is_unknown),
        IN_TREE(garbage_is_unknown),
        cmocka_unit_test(this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
