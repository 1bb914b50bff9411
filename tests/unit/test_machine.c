/* The machine's facts: those that every Linux machine has, and the rules for all of them. Idle
 * policies too, since holding one depends on the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/idle.h"
#include "harness/machine.h"

static int read_facts(void **state)
{
    static struct machine machine;
    struct error error = {0};

    *state = &machine;
    return machine_read(&machine, &error);
}

static int free_facts(void **state)
{
    machine_free(*state);
    machine_free(*state);
    return 0;
}

static const struct machine_fact *fact_of(const struct machine *machine, const char *group,
                                          const char *key)
{
    for (size_t i = 0; i < machine->count; i++) {
        if (strcmp(machine->facts[i].group, group) == 0 && strcmp(machine->facts[i].key, key) == 0)
            return &machine->facts[i];
    }
    fail_msg("no fact %s.%s", group, key);
    return NULL;
}

static int64_t number_of(const struct machine *machine, const char *group, const char *key)
{
    const struct machine_fact *const fact = fact_of(machine, group, key);

    assert_true(fact->is_number);
    return fact->number;
}

static void every_machine_has_these(void **state)
{
    const struct machine *const machine = *state;
    struct utsname names;

    assert_int_equal(uname(&names), 0);
    assert_string_equal(machine_text(machine, "cpu", "architecture"), names.machine);
    assert_string_equal(machine_text(machine, "kernel", "release"), names.release);
    assert_true(number_of(machine, "cpu", "online_count") >= 1);
    assert_true(number_of(machine, "cpu", "allowed_count") >= 1);
    assert_int_equal(number_of(machine, "memory", "page_bytes"), sysconf(_SC_PAGESIZE));
    assert_true(number_of(machine, "memory", "total_bytes") > 1 << 20);
    assert_true(number_of(machine, "memory", "numa_nodes") >= 1);
    assert_true(number_of(machine, "load", "uptime_s") >= 0);
    assert_int_equal(number_of(machine, "user", "root"), geteuid() == 0);
    assert_non_null(machine_text(machine, "virtualisation", "container"));
    (void)fact_of(machine, "limits", "rlimit_nofile");
}

static void build_is_told(void **state)
{
    static const char *const keys[] = {"version", "commit", "compiler", "flags"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_non_null(machine_text(*state, "build", keys[i]));
    assert_in_range(number_of(*state, "build", "native"), 0, 1);
}

static void a_number_is_no_text(void **state)
{
    assert_null(machine_text(*state, "memory", "page_bytes"));
    assert_null(machine_text(*state, "memory", "no_such_key"));
    assert_null(machine_text(*state, "no_such_group", "page_bytes"));
}

static bool is_key(const char *key)
{
    return key[0] >= 'a' && key[0] <= 'z' &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(key);
}

static bool is_clean(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~')
            return false;
    }
    return true;
}

static void facts_are_well_formed(void **state)
{
    static const char *const groups[] = {"cpu",   "kernel", "memory", "limits", "virtualisation",
                                         "build", "load",   "user"};
    const struct machine *const machine = *state;

    for (size_t i = 0; i < machine->count; i++) {
        const struct machine_fact *const fact = &machine->facts[i];
        bool known = false;
        for (size_t k = 0; k < sizeof groups / sizeof groups[0]; k++)
            known |= strcmp(fact->group, groups[k]) == 0;
        assert_true(known);
        assert_true(is_key(fact->key));
        if (fact->is_number)
            assert_null(fact->text);
        else
            assert_true(fact->text && fact->text[0] != '\0' && is_clean(fact->text));
    }
}

static void keys_are_unique_and_groups_stay_together(void **state)
{
    const struct machine *const machine = *state;

    for (size_t i = 0; i < machine->count; i++) {
        bool left = false;
        for (size_t k = i + 1; k < machine->count; k++) {
            const bool same = strcmp(machine->facts[k].group, machine->facts[i].group) == 0;
            assert_false(same && strcmp(machine->facts[k].key, machine->facts[i].key) == 0);
            assert_false(same && left);
            left |= !same;
        }
    }
}

static void idle_policies_parse_and_print(void **state)
{
    enum idle_policy policy;
    struct error error = {0};
    (void)state;

    assert_int_equal(idle_policy_parse("default", &policy, &error), 0);
    assert_int_equal(policy, IDLE_DEFAULT);
    assert_int_equal(idle_policy_parse("poll", &policy, &error), 0);
    assert_int_equal(policy, IDLE_POLL);
    assert_string_equal(idle_policy_name(IDLE_DEFAULT), "default");
    assert_string_equal(idle_policy_name(IDLE_POLL), "poll");
    assert_int_equal(idle_policy_parse("halt", &policy, &error), -EINVAL);
    assert_non_null(strstr(error.message, "default or poll"));
    assert_int_equal(idle_policy_parse("", &policy, &error), -EINVAL);
}

static void idle_default_holds_nothing(void **state)
{
    int hold = 7;
    (void)state;

    assert_int_equal(idle_hold(IDLE_DEFAULT, &hold, NULL), 0);
    assert_int_equal(hold, -1);
    idle_release(&hold);
    assert_int_equal(hold, -1);
}

static void idle_poll_holds_or_tells_why_not(void **state)
{
    int hold = -1;
    struct error error = {0};
    (void)state;

    const int result = idle_hold(IDLE_POLL, &hold, &error);
    if (result < 0) {
        assert_int_equal(result, -ENOTSUP);
        assert_int_equal(hold, -1);
        assert_true(error.unavailable);
        assert_true(error.knob[0] != '\0');
        return;
    }
    const int descriptor = hold;
    assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    idle_release(&hold);
    idle_release(&hold);
    assert_int_equal(hold, -1);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_machine_has_these, read_facts, free_facts),
        cmocka_unit_test_setup_teardown(build_is_told, read_facts, free_facts),
        cmocka_unit_test_setup_teardown(a_number_is_no_text, read_facts, free_facts),
        cmocka_unit_test_setup_teardown(facts_are_well_formed, read_facts, free_facts),
        cmocka_unit_test_setup_teardown(keys_are_unique_and_groups_stay_together, read_facts,
                                        free_facts),
        cmocka_unit_test(idle_policies_parse_and_print),
        cmocka_unit_test(idle_default_holds_nothing),
        cmocka_unit_test(idle_poll_holds_or_tells_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
