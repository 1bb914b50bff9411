/* Names and places of baselines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "harness/machine.h"
#include "results/baseline.h"
#include "results/fingerprint.h"

#define TEN "abcdefghij"

static void test_names(void **state)
{
    static const char *const good[] = {"main", "v1.2-rc_3", "0", TEN TEN TEN TEN TEN TEN "abcd"};
    static const char *const bad[] = {
        "",    ".",   "..",       ".hidden", "-rf",   "a/b",  "../a",
        "a b", "a\n", "\xc3\xa4", "main/",   "/main", "a\\b", TEN TEN TEN TEN TEN TEN "abcde",
    };
    struct error error;
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(baseline_check_name(good[i], &error), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (baseline_check_name(bad[i], &error) != -EINVAL)
            fail_msg("'%s' is taken", bad[i]);
        assert_non_null(strstr(error.message, "a baseline's name has 1 to 64 letters"));
    }
}

static struct machine_fact model_a[] = {{"cpu", "model", (char[]){"A"}, false, 0}};
static struct machine_fact model_b[] = {{"cpu", "model", (char[]){"B"}, false, 0}};
static const struct machine machine_a = {1, model_a}, machine_b = {1, model_b};

static void save(const struct machine *machine, const char *name)
{
    struct text path = {0};
    assert_int_equal(baseline_path(machine, name, &path, NULL), 0);
    assert_int_equal(file_make_parents(text_string(&path), NULL), 0);
    assert_int_equal(file_write_atomic(text_string(&path), "{}", 2, NULL), 0);
    text_free(&path);
}

static void check_missing(const char *expected)
{
    struct error error;
    assert_int_equal(baseline_missing(&machine_a, "main", &error), -ENOENT);
    if (!strstr(error.message, expected))
        fail_msg("'%s' is missing in: %s", expected, error.message);
}

static void test_a_missing_one_lists_those_there_are(void **state)
{
    char folder[] = "/tmp/ipcbench-baseline-XXXXXX", other[64], command[128];
    struct text path = {0};
    (void)state;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("IPCBENCH_BASELINES", folder, 1), 0);
    check_missing("there is none at all");
    snprintf(other, sizeof other, "machine %s has main, v1",
             fingerprint_text(fingerprint_of(&machine_b)).text);
    save(&machine_b, "v1");
    save(&machine_b, "main");
    check_missing(other);
    save(&machine_a, "v2");
    check_missing("there are v2; machine ");
    assert_int_equal(baseline_path(&machine_a, "../x", &path, NULL), -EINVAL);
    assert_int_equal(path.length, 0);

    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(unsetenv("IPCBENCH_BASELINES"), 0);
    assert_string_equal(baseline_folder(), "results/baseline");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_a_missing_one_lists_those_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
