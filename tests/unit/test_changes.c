/* Change points: planted ones are found where they are, and none where there is none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/changes.h"
#include "base/error.h"
#include "tests/proof/samples.h"

/* A rule that takes little time and still has a level to hold: p <= 5 % of 199 permutations. */
static struct changes_rule quick_rule(void)
{
    struct changes_rule rule = changes_rule_default();
    rule.permutations = 199;
    rule.level = 0.05;
    return rule;
}

static struct changes find(const double *values, size_t count, const struct changes_rule *rule)
{
    struct error error = {0};
    struct changes found;
    if (changes_find(values, count, rule, &found, &error) != 0)
        fail_msg("%s", error.message);
    return found;
}

/* Normal noise of unit size around a level. */
static void add_noise(double *values, size_t count, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed);
    for (size_t i = 0; i < count; i++)
        values[i] += sample_normal(&random);
}

/* Exactly these changes, each within `off` values of where it is. */
static void assert_changes(const struct changes *found, const size_t *places, size_t count,
                           size_t off)
{
    assert_int_equal(found->count, count);
    for (size_t i = 0; i < count; i++) {
        const size_t at = found->items[i].at;
        if (at + off < places[i] || at > places[i] + off)
            fail_msg("change %zu at %zu, expected %zu within %zu", i, at, places[i], off);
    }
}

/* The energy statistic of every cut and end by its definition, pair by pair. */
static double distance_mean(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++)
            sum += fabs(x[i] - y[j]);
    }
    return x == y ? sum / ((double)n * (double)(n - 1)) : sum / ((double)n * (double)m);
}

static size_t place_by_definition(const double *values, size_t count, size_t least)
{
    double best = -INFINITY;
    size_t place = 0;
    for (size_t k = 2 * least; k <= count; k++) {
        for (size_t t = least; t + least <= k; t++) {
            const double *const right = values + t;
            const double n = (double)t, m = (double)(k - t);
            const double q =
                n * m / (n + m) *
                (2 * distance_mean(values, t, right, k - t) - distance_mean(values, t, values, t) -
                 distance_mean(right, k - t, right, k - t));
            if (q > best + 1e-9) {
                best = q;
                place = t;
            }
        }
    }
    return place;
}

/* Every permutation counts as good: what is found first is the largest statistic's place. */
static void test_the_place_is_that_of_the_definition(void **state)
{
    (void)state;
    struct changes_rule rule = quick_rule();
    rule.permutations = 0;
    rule.level = 1;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double values[19] = {0}; /* too short for a second cut on a side of under 10 */
        add_noise(values, 19, seed);
        for (size_t i = 9; i < 19; i++)
            values[i] += 2;
        const size_t place = place_by_definition(values, 19, rule.side_least);
        struct changes found = find(values, 19, &rule);
        bool there = false;
        for (size_t i = 0; i < found.count; i++)
            there |= found.items[i].at == place;
        assert_true(there);
        changes_free(&found);
    }
}

/* False alarms in 400 quiet series: 20 expected at 5 %, standard deviation 4.4. */
static void count_false_alarms(double (*draw)(struct random *random))
{
    const struct changes_rule rule = quick_rule();
    struct random random;
    size_t alarms = 0;
    random_seed(&random, 4711);
    for (int series = 0; series < 400; series++) {
        double values[30];
        for (size_t i = 0; i < 30; i++)
            values[i] = draw(&random);
        struct changes found = find(values, 30, &rule);
        alarms += found.count > 0;
        changes_free(&found);
    }
    if (alarms < 7 || alarms > 34)
        fail_msg("%zu false alarms in 400 series, expected about 20", alarms);
}

static void test_quiet_series_alarm_at_the_level(void **state)
{
    (void)state;
    count_false_alarms(sample_normal);
    count_false_alarms(sample_heavy);
}

static void test_the_default_rule_is_quiet(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    size_t alarms = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        double values[60] = {0};
        add_noise(values, 60, seed);
        struct changes found = find(values, 60, &rule);
        alarms += found.count;
        changes_free(&found);
    }
    assert_in_range(alarms, 0, 2); /* 0.2 expected */
}

static void test_a_shift_is_found_where_it_is(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    static const size_t places[] = {5, 20, 61, 95};
    for (size_t p = 0; p < 4; p++) {
        for (uint64_t seed = 1; seed <= 10; seed++) {
            double values[100] = {0};
            for (size_t i = places[p]; i < 100; i++)
                values[i] = 10;
            add_noise(values, 100, seed);
            struct changes found = find(values, 100, &rule);
            assert_changes(&found, &places[p], 1, 0);
            assert_true(found.items[0].p <= rule.level && found.items[0].p > 0);
            changes_free(&found);
        }
    }
}

static void test_a_small_shift_is_found_nearby(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    static const size_t place = 100;
    double values[200] = {0};
    for (size_t i = place; i < 200; i++)
        values[i] = 2;
    add_noise(values, 200, 7);
    struct changes found = find(values, 200, &rule);
    assert_changes(&found, &place, 1, 4);
    changes_free(&found);
}

/* Up and back again: the whole series' halves hardly differ. */
static void test_a_change_that_is_taken_back(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    static const size_t places[] = {40, 60};
    for (uint64_t seed = 1; seed <= 10; seed++) {
        double values[100] = {0};
        for (size_t i = places[0]; i < places[1]; i++)
            values[i] = 8;
        add_noise(values, 100, seed);
        struct changes found = find(values, 100, &rule);
        assert_changes(&found, places, 2, 1);
        changes_free(&found);
    }
}

static void test_stairs(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    static const size_t places[] = {25, 60, 80};
    double values[120] = {0};
    for (size_t i = 0; i < 120; i++)
        values[i] = 8.0 * (double)((i >= 25) + (i >= 60) + (i >= 80));
    add_noise(values, 120, 3);
    struct changes found = find(values, 120, &rule);
    assert_changes(&found, places, 3, 1);
    changes_free(&found);
}

/* A drift has no level: it is cut somewhere, and never into pieces of less than a side. */
static void test_a_drift_is_cut_into_steps(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    double values[100] = {0};
    for (size_t i = 0; i < 100; i++)
        values[i] = 0.2 * (double)i;
    add_noise(values, 100, 5);
    struct changes found = find(values, 100, &rule);
    assert_true(found.count >= 1);
    size_t from = 0;
    for (size_t i = 0; i < found.count; i++) {
        assert_true(found.items[i].at - from >= rule.side_least);
        from = found.items[i].at;
    }
    assert_true(100 - from >= rule.side_least);
    changes_free(&found);
}

static void test_ties(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    static const size_t place = 12;
    double values[30] = {0};
    struct changes found = find(values, 30, &rule);
    assert_int_equal(found.count, 0); /* all equal */
    for (size_t i = 0; i < 30; i++)
        values[i] = i % 2 ? 3 : 5;
    found = find(values, 30, &rule);
    assert_int_equal(found.count, 0); /* two values in turns */
    for (size_t i = 0; i < 30; i++)
        values[i] = i < place ? 3 : 5;
    found = find(values, 30, &rule);
    assert_changes(&found, &place, 1, 0);
    changes_free(&found);
}

static void test_outliers_are_no_change(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    for (uint64_t seed = 1; seed <= 10; seed++) {
        double values[60] = {0};
        add_noise(values, 60, seed);
        values[17] += 1000;
        values[44] -= 1000;
        struct changes found = find(values, 60, &rule);
        assert_int_equal(found.count, 0);
        changes_free(&found);
    }
}

/* Four values at an end are no level yet: a change is five away from it, or not there. */
static void test_sides_are_not_too_short(void **state)
{
    (void)state;
    const struct changes_rule rule = quick_rule();
    size_t seen = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        double values[40] = {0};
        add_noise(values, 40, seed);
        for (size_t i = 0; i < 4; i++) {
            values[i] += 20;
            values[39 - i] += 20;
        }
        struct changes found = find(values, 40, &rule);
        for (size_t i = 0; i < found.count; i++)
            assert_in_range(found.items[i].at, rule.side_least, 40 - rule.side_least);
        seen += found.count;
        changes_free(&found);
    }
    assert_true(seen > 0);
}

static void test_short_series(void **state)
{
    (void)state;
    const struct changes_rule rule = changes_rule_default();
    static const size_t place = 5;
    double values[14];
    for (size_t i = 0; i < 14; i++)
        values[i] = i < 5 ? (double)i / 10 : 100 + (double)i / 10;
    for (size_t count = 0; count < 10; count++) {
        struct changes found = find(values, count, &rule);
        assert_int_equal(found.count, 0);
        changes_free(&found);
    }
    /* 5 and 5: of 252 ways to split 2 are as good, so that 0.1 % cannot be reached. */
    struct changes found = find(values, 10, &rule);
    assert_int_equal(found.count, 0);
    changes_free(&found);
    const struct changes_rule quick = quick_rule();
    found = find(values, 10, &quick);
    assert_changes(&found, &place, 1, 0);
    changes_free(&found);
}

static void test_the_same_answer_every_time(void **state)
{
    (void)state;
    struct changes_rule rule = quick_rule();
    double values[80] = {0};
    for (size_t i = 50; i < 80; i++)
        values[i] = 1.2;
    add_noise(values, 80, 9);
    struct changes first = find(values, 80, &rule);
    struct changes second = find(values, 80, &rule);
    assert_int_equal(first.count, second.count);
    for (size_t i = 0; i < first.count; i++) {
        assert_int_equal(first.items[i].at, second.items[i].at);
        assert_true(first.items[i].p == second.items[i].p);
    }
    changes_free(&first);
    changes_free(&second);
}

static void test_too_much_is_refused(void **state)
{
    (void)state;
    static const double values[CHANGES_VALUES_MOST + 1];
    struct changes_rule rule = changes_rule_default();
    struct changes found;
    struct error error = {0};
    assert_int_not_equal(changes_find(values, CHANGES_VALUES_MOST + 1, &rule, &found, &error), 0);
    assert_string_equal(error.message,
                        "change points of 2001 values: at most 2000 can be searched");
    rule.side_least = 1;
    assert_int_not_equal(changes_find(values, 20, &rule, &found, &error), 0);
    assert_int_equal(found.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_place_is_that_of_the_definition),
        cmocka_unit_test(test_quiet_series_alarm_at_the_level),
        cmocka_unit_test(test_the_default_rule_is_quiet),
        cmocka_unit_test(test_a_shift_is_found_where_it_is),
        cmocka_unit_test(test_a_small_shift_is_found_nearby),
        cmocka_unit_test(test_a_change_that_is_taken_back),
        cmocka_unit_test(test_stairs),
        cmocka_unit_test(test_a_drift_is_cut_into_steps),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_outliers_are_no_change),
        cmocka_unit_test(test_sides_are_not_too_short),
        cmocka_unit_test(test_short_series),
        cmocka_unit_test(test_the_same_answer_every_time),
        cmocka_unit_test(test_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
