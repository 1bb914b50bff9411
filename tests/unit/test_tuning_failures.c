/* Tuning that fails, is killed half way, or meets a damaged state file: the old values are there, or a
 * way back to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tuning_fixture.h"

/* Reads as 0, refuses 65536 with EINVAL: a change that fails in the middle. */
static void put_refusing_file(const struct place *place, const char *path)
{
    char full[TREE_PATH_BYTES];

    tree_put(&place->tree, path, "0");
    tree_path(&place->tree, path, full);
    assert_int_equal(unlink(full), 0);
    assert_int_equal(symlink("/proc/self/oom_score_adj", full), 0);
}

static void a_failure_takes_back_what_was_done(void **state)
{
    const struct place *const place = *state;
    struct error error = {0};

    tree_load(&place->tree, "vm");
    put_refusing_file(place, MSGSIZE_MAX);
    assert_true(tune(place, "thp-shmem mqueue", &error) < 0);
    assert_non_null(strstr(error.message, "nothing is changed: writing 65536 to "));
    assert_non_null(strstr(error.message, "msgsize_max"));
    assert_value(place, SHMEM, "never");
    assert_value(place, MSG_MAX, "10");
    assert_false(has_state(place));
}

static void a_failure_leaves_earlier_tuning_restorable(void **state)
{
    const struct place *const place = *state;
    struct error error = {0};

    tree_load(&place->tree, "vm");
    must_tune(place, "thp-shmem");
    put_refusing_file(place, MSGSIZE_MAX);
    assert_true(tune(place, "mqueue", &error) < 0);
    assert_value(place, SHMEM, "advise");
    assert_value(place, MSG_MAX, "10");
    const struct outcomes outcomes = restore(place, false);
    assert_int_equal(outcomes.count, 1);
    assert_value(place, SHMEM, "never");
}

static void a_value_that_cannot_be_put_back_is_kept(void **state)
{
    const struct place *const place = *state;
    struct tuning_report report;
    struct error error = {0};

    tree_load(&place->tree, "vm");
    tree_put(&place->tree, "/var/lib/x/state", "ipcbench-tuning 1 changed");
    tree_write(&place->tree, "/var/lib/x/state", "70000\t0\t" MSGSIZE_MAX, "a");
    tree_write(&place->tree, "/var/lib/x/state", "within_size\tnever\t" SHMEM, "a");
    put_refusing_file(place, MSGSIZE_MAX);
    assert_true(tuning_restore(&place->where, false, &report, &error) < 0);
    assert_non_null(strstr(error.message, "writing 70000 to "));
    assert_int_equal(report.count, 2);
    assert_int_equal(report.left, 1);
    tuning_report_free(&report);
    assert_value(place, SHMEM, "within_size");
    assert_true(has_state(place));
}

/* As a kill between the state file and the changes leaves it. */
static void killed_before_the_first_change(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    tree_put(&place->tree, "/var/lib/x/state", "ipcbench-tuning 1 changing");
    tree_write(&place->tree, "/var/lib/x/state", "10\t1024\t" MSG_MAX, "a");
    tree_write(&place->tree, "/var/lib/x/state", "8192\t65536\t" MSGSIZE_MAX, "a");
    tree_put(&place->tree, MSG_MAX, "1024");
    const struct outcomes outcomes = restore(place, false);
    assert_int_equal(outcomes.of[TUNING_RESTORED], 1);
    assert_int_equal(outcomes.of[TUNING_UNCHANGED], 1);
    assert_value(place, MSG_MAX, "10");
    assert_false(has_state(place));
}

/* The kernel may have been stopped after 17 of 64 pages. */
static void killed_while_huge_pages_were_gathered(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    must_tune(place, "hugepages");
    tree_put(&place->tree, HUGE_PAGES, "17");
    assert_int_equal(restore(place, false).of[TUNING_LEFT], 1);

    tree_put(&place->tree, "/var/lib/x/state", "ipcbench-tuning 1 changing");
    tree_write(&place->tree, "/var/lib/x/state", "0\t64\t" HUGE_PAGES, "a");
    assert_int_equal(restore(place, false).of[TUNING_RESTORED], 1);
    assert_value(place, HUGE_PAGES, "0");
}

/* Plans, then puts a FIFO in the place of one file: opening it for writing waits for ever, so that the
 * process stands right before that change. */
static void tune_until(const struct place *place, const char *path)
{
    const struct tuning_setting *setting;
    struct tuning_plan plan = {0};
    char full[TREE_PATH_BYTES];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* should the test fail */
    tree_path(&place->tree, path, full);
    if (tuning_find("governor", &setting, NULL) == 0 &&
        tuning_plan_add(place->tree.root, setting, &plan, NULL) == 0 && unlink(full) == 0 &&
        mkfifo(full, 0600) == 0)
        (void)tuning_apply(&place->where, &plan, NULL);
    _exit(1);
}

static bool is_waiting(const struct place *place, int policy)
{
    char path[128];
    char value[64];

    if (policy == 0)
        return has_state(place);
    (void)snprintf(path, sizeof path, POLICY, policy - 1);
    tree_get(&place->tree, path, value, sizeof value);
    return strcmp(value, "performance") == 0;
}

static void killed_before_each_change(void **state)
{
    const struct place *const place = *state;
    char path[128];

    tree_load(&place->tree, "laptop");
    for (int policy = 0; policy < 8; policy++) {
        char full[TREE_PATH_BYTES];
        (void)snprintf(path, sizeof path, POLICY, policy);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            tune_until(place, path);
        for (int ms = 0; ms < 20000 && !is_waiting(place, policy); ms++)
            (void)usleep(1000);
        assert_true(waitpid(child, NULL, WNOHANG) == 0 && has_state(place));
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        tree_path(&place->tree, path, full);
        assert_int_equal(unlink(full), 0);
        tree_put(&place->tree, path, "powersave");

        const struct outcomes outcomes = restore(place, false);
        assert_int_equal(outcomes.of[TUNING_RESTORED], policy);
        assert_int_equal(outcomes.of[TUNING_UNCHANGED], 8 - policy);
        assert_false(has_state(place));
        for (int k = 0; k < 8; k++) {
            (void)snprintf(path, sizeof path, POLICY, k);
            assert_value(place, path, "powersave");
        }
    }
}

static void damaged_state_files_are_refused(void **state)
{
    static const char *const damaged[] = {
        "",
        "something else",
        "ipcbench-tuning 2 changed",
        "ipcbench-tuning 1 changed\n10\t1024",
        "ipcbench-tuning 1 changed\n\t1024\t/proc/sys/fs/mqueue/msg_max",
        "ipcbench-tuning 1 changed\n10\t1024\t/etc/passwd",
        "ipcbench-tuning 1 changed\n10\t1024\t/proc/sys/fs/mqueue/../../kernel/core_pattern",
        "ipcbench-tuning 1 changed\nx\ty\t/sys/devices/system/cpu/cpufreq/policy0/../../x",
    };
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct tuning_report report;
        struct error error = {0};
        tree_put(&place->tree, "/var/lib/x/state", damaged[i]);
        if (tuning_restore(&place->where, true, &report, &error) == 0)
            fail_msg("'%s' was taken", damaged[i]);
        assert_non_null(strstr(error.message, place->state_path));
        assert_int_equal(report.count, 0);
        tuning_report_free(&report);
        assert_true(tune(place, "mqueue", &error) < 0);
        assert_value(place, MSG_MAX, "10");
    }
}

static void a_state_file_that_was_cut_is_refused(void **state)
{
    static const char cut[] = "ipcbench-tuning 1 changed\n10\t1024\t" MSG_MAX "\n81";
    const struct place *const place = *state;
    struct tuning_report report;
    struct error error = {0};

    tree_put(&place->tree, "/var/lib/x/state", "");
    assert_int_equal(file_write_atomic(place->state_path, cut, strlen(cut), &error), 0);
    assert_true(tuning_restore(&place->where, false, &report, &error) < 0);
    assert_non_null(strstr(error.message, "line 3: the line is cut off"));
    tuning_report_free(&report);
}

static void two_at_once_are_refused(void **state)
{
    const struct place *const place = *state;
    char folder[TREE_PATH_BYTES];
    struct error error = {0};

    tree_load(&place->tree, "vm");
    tree_put(&place->tree, "/var/lib/x/other", "");
    tree_path(&place->tree, "/var/lib/x", folder);
    const int lock = open(folder, O_RDONLY | O_DIRECTORY);
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    assert_true(tune(place, "mqueue", &error) < 0);
    assert_non_null(strstr(error.message, "another ipcbench"));
    assert_value(place, MSG_MAX, "10");
    assert_int_equal(close(lock), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(a_failure_takes_back_what_was_done),
        IN_TREE(a_failure_leaves_earlier_tuning_restorable),
        IN_TREE(a_value_that_cannot_be_put_back_is_kept),
        IN_TREE(killed_before_the_first_change),
        IN_TREE(killed_while_huge_pages_were_gathered),
        IN_TREE(killed_before_each_change),
        IN_TREE(damaged_state_files_are_refused),
        IN_TREE(a_state_file_that_was_cut_is_refused),
        IN_TREE(two_at_once_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
