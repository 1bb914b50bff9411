/* What is said of a change in a series of runs: which runs it lies between, how large it is, whether it
 * is for the worse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/history_changes.h"
#include "tests/unit/run_fixture.h"

static void test_a_change_says_what_and_where(void **state)
{
    (void)state;
    enum { POINTS = 40, AT = 25 };
    struct history_point points[POINTS] = {0};
    struct history_series series = {
        .cell = "cell", .metric = HISTORY_P50, .points = points, .point_count = POINTS};
    const struct changes_rule rule = changes_rule_default();
    struct history_changes changes = {0};
    for (size_t i = 0; i < POINTS; i++) {
        points[i].value = (i < AT ? 100 : 120) * (1 + 0.001 * (double)(i % 7));
        points[i].started_at_s = (int64_t)i;
        (void)snprintf(points[i].commit, sizeof points[i].commit, "c%zu", i);
    }
    assert_int_equal(history_changes_append(&series, &rule, &changes, NULL), 0);
    assert_int_equal(changes.count, 1);
    const struct history_change *const change = &changes.items[0];
    assert_string_equal(change->before_run.commit, "c24");
    assert_string_equal(change->after_run.commit, "c25");
    assert_near(change->ratio.value, 1.2, 0.005);
    assert_true(change->ratio.low <= 1.2 && change->ratio.high >= 1.2);
    assert_near(change->before.median, 100.3, 0.1);
    assert_near(change->after.median, 120.36, 0.12);
    assert_int_equal(change->before.runs, AT);
    assert_int_equal(change->after.runs, POINTS - AT);
    assert_true(change->worse);

    series.metric = HISTORY_RATE; /* more of it is better */
    assert_int_equal(history_changes_append(&series, &rule, &changes, NULL), 0);
    assert_int_equal(changes.count, 2);
    assert_false(changes.items[1].worse);
    history_changes_free(&changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_says_what_and_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
