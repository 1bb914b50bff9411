/* Rank tests within strata: the same as without where there is one; blind to what differs between
 * strata; alarms as rarely as it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "base/error.h"
#include "base/random.h"
#include "base/rank_strata.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g within %g", value, expected, tolerance);
}

static double normal(struct random *random)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)(random_next(random) >> 11) * 0x1p-53;
    return sum;
}

static void one_stratum_is_the_plain_test(void **state)
{
    static const struct {
        double before[8], after[8];
        size_t before_count, after_count;
    } cases[] = {
        {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}, 6, 6},
        {{1, 5, 3, 9}, {2, 6, 4, 8, 7}, 4, 5},
        {{1, 2, 2, 3}, {2, 2, 4, 4, 4}, 4, 5},
        {{3}, {4}, 1, 1},
        {{5, 5}, {5, 5, 5}, 2, 3},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct rank_stratum stratum = {{cases[i].before, cases[i].before_count},
                                             {cases[i].after, cases[i].after_count}};
        struct rank_comparison plain;
        struct rank_ratio ratio;
        struct rank_strata strata;

        assert_int_equal(rank_compare(&stratum.before, &stratum.after, &plain, NULL), 0);
        assert_int_equal(rank_ratio(&stratum.before, &stratum.after, 0.95, &ratio, NULL), 0);
        assert_int_equal(rank_strata_compare(&stratum, 1, 0.95, &strata, NULL), 0);
        assert_near(strata.p, plain.p, 1e-12);
        assert_near(strata.ratio.value, ratio.value, 1e-12);
        assert_near(strata.ratio.low, ratio.low, 1e-12);
        assert_near(strata.ratio.high, ratio.high, 1e-12);
        assert_near(strata.ratio.coverage, ratio.coverage, 1e-12);
    }
}

static void many_pairs_are_the_normal_approximation(void **state)
{
    double values[2][80];
    struct random random;
    (void)state;

    random_seed(&random, 7);
    for (size_t i = 0; i < 80; i++) {
        values[0][i] = exp(0.1 * normal(&random));
        values[1][i] = 1.03 * exp(0.1 * normal(&random));
    }
    const struct rank_stratum stratum = {{values[0], 80}, {values[1], 80}};
    struct rank_comparison plain;
    struct rank_strata strata;
    assert_int_equal(rank_compare(&stratum.before, &stratum.after, &plain, NULL), 0);
    assert_int_equal(rank_strata_compare(&stratum, 1, 0.95, &strata, NULL), 0);
    assert_false(plain.exact);
    assert_near(strata.p, plain.p, 1e-12);
    assert_true(strata.ratio.low < strata.ratio.value && strata.ratio.value < strata.ratio.high);
}

/* Near and far, 4 against 3 and 2 against 3: 2 of 35 * 10 splits are as extreme. */
static void strata_add_up(void **state)
{
    const double near_before[] = {1, 1.1, 1.2, 1.3}, near_after[] = {2, 2.1, 2.2};
    const double far_before[] = {100, 101}, far_after[] = {200, 201, 202};
    const struct rank_stratum both[] = {{{near_before, 4}, {near_after, 3}},
                                        {{far_before, 2}, {far_after, 3}}};
    struct rank_strata strata;
    (void)state;

    assert_int_equal(rank_strata_compare(both, 2, 0.95, &strata, NULL), 0);
    assert_near(strata.p, 2.0 / 350, 1e-12);
    assert_near(strata.least_p, 2.0 / 350, 1e-12);
    assert_int_equal(strata.strata, 2);
    assert_int_equal(strata.agreeing, 2);
    assert_true(strata.ratio.value > 1.5 && strata.ratio.value < 2.1);
    assert_true(strata.ratio.low >= 2 / 1.3 && strata.ratio.high <= 2.2);
}

static void what_differs_between_strata_is_no_difference(void **state)
{
    /* Mostly near before, mostly far after; within a stratum the same. */
    const double near_before[] = {10, 12, 11, 13}, near_after[] = {11.5};
    const double far_before[] = {1005}, far_after[] = {1000, 1010, 1001, 1008};
    const struct rank_stratum both[] = {{{near_before, 4}, {near_after, 1}},
                                        {{far_before, 1}, {far_after, 4}}};
    struct rank_strata strata;
    (void)state;

    assert_int_equal(rank_strata_compare(both, 2, 0.95, &strata, NULL), 0);
    assert_true(strata.p > 0.5);
    assert_true(strata.ratio.high < 1.2);
}

static void strata_that_disagree_are_counted(void **state)
{
    const double low[] = {1, 1.1, 1.2}, high[] = {2, 2.2, 2.1}, higher[] = {5, 5.5, 6};
    const struct rank_stratum both[] = {{{low, 3}, {higher, 3}}, {{high, 3}, {low, 3}}};
    struct rank_strata strata;
    (void)state;

    assert_int_equal(rank_strata_compare(both, 2, 0.95, &strata, NULL), 0);
    assert_int_equal(strata.strata, 2);
    assert_int_equal(strata.agreeing, 1);
    assert_near(strata.p, 1, 1e-12);
}

static void nothing_to_compare(void **state)
{
    const double values[] = {1, 2}, zero[] = {1, 0}, no_number[] = {NAN};
    const struct rank_stratum one_sided[] = {{{values, 2}, {NULL, 0}}, {{NULL, 0}, {values, 2}}};
    const struct rank_stratum wrong = {{values, 2}, {zero, 2}};
    const struct rank_stratum absurd = {{no_number, 1}, {values, 2}};
    struct rank_strata strata;
    struct error error = {0};
    (void)state;

    assert_int_equal(rank_strata_compare(one_sided, 2, 0.95, &strata, NULL), 0);
    assert_near(strata.p, 1, 0);
    assert_int_equal(strata.strata, 0);
    assert_int_equal(rank_strata_compare(NULL, 0, 0.95, &strata, NULL), 0);
    assert_int_equal(rank_strata_compare(&wrong, 1, 0.95, &strata, &error), -EINVAL);
    assert_int_equal(rank_strata_compare(&absurd, 1, 0.95, &strata, &error), -EINVAL);
}

/* Two strata far apart, no difference: p under 5 % in at most 5 % of the cases, and the interval holds
 * 1 in at least 95 %. */
static void alarms_are_as_rare_as_claimed(void **state)
{
    enum { CASES = 4000 };
    struct random random;
    int alarms = 0, held = 0;
    (void)state;

    random_seed(&random, 11);
    for (int i = 0; i < CASES; i++) {
        double values[4][5];
        for (int group = 0; group < 4; group++)
            for (int j = 0; j < 5; j++)
                values[group][j] = (group < 2 ? 1 : 5) * exp(0.3 * normal(&random));
        const struct rank_stratum both[] = {{{values[0], 4}, {values[1], 5}},
                                            {{values[2], 3}, {values[3], 2}}};
        struct rank_strata strata;
        assert_int_equal(rank_strata_compare(both, 2, 0.95, &strata, NULL), 0);
        alarms += strata.p <= 0.05;
        held += strata.ratio.low <= 1 && strata.ratio.high >= 1;
        assert_true(strata.ratio.coverage >= 0.95);
    }
    assert_true(alarms < CASES * 0.06 && alarms > CASES * 0.02);
    assert_true(held > CASES * 0.94);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stratum_is_the_plain_test),
        cmocka_unit_test(many_pairs_are_the_normal_approximation),
        cmocka_unit_test(strata_add_up),
        cmocka_unit_test(what_differs_between_strata_is_no_difference),
        cmocka_unit_test(strata_that_disagree_are_counted),
        cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(alarms_are_as_rare_as_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
