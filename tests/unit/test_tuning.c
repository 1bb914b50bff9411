/* Settings changed and put back in made trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "tuning_fixture.h"

static void there_and_back(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    must_tune(place, "mqueue thp-shmem xsi-mq pipe-size");
    assert_value(place, MSG_MAX, "1024");
    assert_value(place, MSGSIZE_MAX, "65536");
    assert_value(place, SHMEM, "advise");
    assert_value(place, "/proc/sys/kernel/msgmnb", "1048576");
    assert_value(place, "/proc/sys/fs/pipe-max-size", "1048576"); /* as before */
    assert_true(has_state(place));

    const struct outcomes outcomes = restore(place, false);
    assert_int_equal(outcomes.of[TUNING_RESTORED], 5);
    assert_int_equal(outcomes.count, 5);
    assert_int_equal(outcomes.left, 0);
    assert_value(place, MSG_MAX, "10");
    assert_value(place, MSGSIZE_MAX, "8192");
    assert_value(place, SHMEM, "never");
    assert_value(place, "/proc/sys/kernel/msgmnb", "16384");
    assert_false(has_state(place));
    assert_int_equal(restore(place, false).count, 0);
}

static void more_than_wanted_is_left_alone(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "server"); /* 1024 huge pages, governors and boost as wanted */
    must_tune(place, "hugepages governor boost thp-shmem xsi-mq socket-buffers");
    assert_value(place, HUGE_PAGES, "1024");
    assert_false(has_state(place));
}

static void every_policy_is_set(void **state)
{
    const struct place *const place = *state;
    char path[128];

    tree_load(&place->tree, "laptop");
    (void)snprintf(path, sizeof path, POLICY, 3);
    tree_put(&place->tree, path, "schedutil");
    must_tune(place, "governor boost");
    assert_value(place, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1");
    for (int policy = 0; policy < 8; policy++) {
        (void)snprintf(path, sizeof path, POLICY, policy);
        assert_value(place, path, "performance");
    }
    assert_int_equal(restore(place, false).of[TUNING_RESTORED], 9);
    for (int policy = 0; policy < 8; policy++) {
        (void)snprintf(path, sizeof path, POLICY, policy);
        assert_value(place, path, policy == 3 ? "schedutil" : "powersave");
    }
}

static void what_others_changed_stays_theirs(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    must_tune(place, "mqueue thp-shmem");
    tree_put(&place->tree, MSG_MAX, "300");
    const struct outcomes first = restore(place, false);
    assert_int_equal(first.of[TUNING_LEFT], 1);
    assert_int_equal(first.of[TUNING_RESTORED], 2);
    assert_int_equal(first.left, 1);
    assert_value(place, MSG_MAX, "300");
    assert_value(place, SHMEM, "never");
    assert_true(has_state(place));

    const struct outcomes forced = restore(place, true);
    assert_int_equal(forced.of[TUNING_OVERWRITTEN], 1);
    assert_int_equal(forced.count, 1);
    assert_value(place, MSG_MAX, "10");
    assert_false(has_state(place));
}

static void what_others_put_back_is_done(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    must_tune(place, "thp-shmem");
    tree_put(&place->tree, SHMEM, "never");
    assert_int_equal(restore(place, false).of[TUNING_UNCHANGED], 1);
    assert_false(has_state(place));
}

static void a_second_tuning_keeps_the_first_values(void **state)
{
    const struct place *const place = *state;

    tree_load(&place->tree, "vm");
    must_tune(place, "thp-shmem");
    tree_put(&place->tree, SHMEM, "within_size");
    must_tune(place, "thp-shmem mqueue");
    must_tune(place, "thp-shmem mqueue");
    assert_value(place, SHMEM, "advise");
    const struct outcomes outcomes = restore(place, false);
    assert_int_equal(outcomes.of[TUNING_RESTORED], 3);
    assert_int_equal(outcomes.count, 3);
    assert_value(place, SHMEM, "never");
    assert_value(place, MSG_MAX, "10");
}

/* Another version of ipcbench may have set something else: both values are ours. */
static void every_value_that_was_set_is_ours(void **state)
{
    const struct place *const place = *state;

    tree_put(&place->tree, "/var/lib/x/state", "ipcbench-tuning 1 changing");
    tree_write(&place->tree, "/var/lib/x/state", "never\talways\t" SHMEM, "a");
    tree_put(&place->tree, SHMEM, "always");
    must_tune(place, "thp-shmem");
    tree_put(&place->tree, SHMEM, "always"); /* as if killed before the second change */
    const struct outcomes outcomes = restore(place, false);
    assert_int_equal(outcomes.of[TUNING_RESTORED], 1);
    assert_int_equal(outcomes.count, 1);
    assert_value(place, SHMEM, "never");
}

static void unknown_settings_are_refused(void **state)
{
    const struct place *const place = *state;
    const struct tuning_setting *setting;
    struct tuning_plan plan = {0};
    struct error error = {0};

    assert_true(tuning_find("governors", &setting, &error) < 0);
    assert_non_null(strstr(error.message, "governor, boost, "));
    assert_true(tuning_find("", &setting, &error) < 0);
    assert_true(tuning_find("dma-latency", &setting, &error) < 0);
    assert_non_null(strstr(error.message, "--idle poll"));

    assert_int_equal(tuning_find("governor", &setting, &error), 0);
    assert_true(tuning_plan_add(place->tree.root, setting, &plan, &error) < 0);
    assert_true(error.unavailable);
    assert_int_equal(plan.count, 0);
}

static void a_file_that_is_gone_is_told(void **state)
{
    const struct place *const place = *state;
    char full[TREE_PATH_BYTES];

    tree_load(&place->tree, "vm");
    must_tune(place, "thp-shmem");
    tree_path(&place->tree, SHMEM, full);
    assert_int_equal(unlink(full), 0);
    assert_int_equal(restore(place, false).of[TUNING_MISSING], 1);
    assert_true(has_state(place));
    assert_int_equal(restore(place, true).of[TUNING_MISSING], 1);
    assert_false(has_state(place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(there_and_back),
        IN_TREE(more_than_wanted_is_left_alone),
        IN_TREE(every_policy_is_set),
        IN_TREE(what_others_changed_stays_theirs),
        IN_TREE(what_others_put_back_is_done),
        IN_TREE(a_second_tuning_keeps_the_first_values),
        IN_TREE(every_value_that_was_set_is_ours),
        IN_TREE(unknown_settings_are_refused),
        IN_TREE(a_file_that_is_gone_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
