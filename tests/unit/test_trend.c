/* Theil-Sen slopes against figures worked out by hand. `make coverage-ci` judges the intervals. */
#include "base/trend.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static struct trend trend_at(double confidence, const double *values, size_t count)
{
    struct trend trend;
    assert_int_equal(trend_of(values, count, confidence, &trend), 0);
    assert_int_equal(trend.count, count);
    return trend;
}

static struct trend trend_95(const double *values, size_t count)
{
    return trend_at(0.95, values, count);
}

/* v = i^2 has the slopes i + j: of the 45 sums of two different digits, the median is 9 and the 11th
 * from either end 6 and 12. Kendall's S of 10 values has sigma = sqrt(125), so k = 11. */
static void test_slope_and_ranks(void **state)
{
    double squares[10];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(squares); i++)
        squares[i] = (double)(i * i);
    const struct trend trend = trend_95(squares, COUNT_OF(squares));

    assert_true(trend.slope == 9);
    assert_true(trend.low == 6);
    assert_true(trend.high == 12);
    assert_true(trend.median == 20.5);
}

/* Hollander and Wolfe's example of cloud seeding over five years. */
static void test_published_example(void **state)
{
    const double ratios[] = {1.26, 1.27, 1.12, 1.16, 1.03};
    double copy[COUNT_OF(ratios)];
    (void)state;
    memcpy(copy, ratios, sizeof(copy));
    const struct trend trend = trend_at(0.9, copy, COUNT_OF(copy));

    assert_true(fabs(trend.slope - -0.05625) < 1e-12);
    assert_true(fabs(trend.low - -0.15) < 1e-12);
    assert_true(fabs(trend.high - 0.04) < 1e-12);
    assert_int_equal(trend_direction(&trend), TREND_NONE);
    assert_memory_equal(copy, ratios, sizeof(copy));
}

static void test_directions_and_shares(void **state)
{
    double up[21], down[21];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(up); i++) {
        up[i] = 99 + 0.1 * (double)i;
        down[i] = 200 - up[i];
    }
    const struct trend rising = trend_95(up, COUNT_OF(up));
    const struct trend falling = trend_95(down, COUNT_OF(down));

    assert_int_equal(trend_direction(&rising), TREND_UP);
    assert_int_equal(trend_direction(&falling), TREND_DOWN);
    assert_true(fabs(trend_share(&rising) - 0.02) < 1e-9);
    assert_true(fabs(trend_share(&falling) - -0.02) < 1e-9);

    for (size_t i = 0; i < COUNT_OF(up); i++)
        up[i] = -up[i];
    const struct trend negative = trend_95(up, COUNT_OF(up));
    assert_true(trend_share(&negative) < 0);

    assert_string_equal(trend_direction_name(TREND_NONE), "none");
    assert_string_equal(trend_direction_name(TREND_UP), "up");
    assert_string_equal(trend_direction_name(TREND_DOWN), "down");
}

static void test_no_direction(void **state)
{
    double same[30], zigzag[30];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        same[i] = 42;
        zigzag[i] = i % 2 ? 110 : 90;
    }
    const struct trend still = trend_95(same, COUNT_OF(same));
    assert_true(still.slope == 0 && still.low == 0 && still.high == 0);
    assert_int_equal(trend_direction(&still), TREND_NONE);
    assert_true(trend_share(&still) == 0);

    const struct trend swinging = trend_95(zigzag, COUNT_OF(zigzag));
    assert_int_equal(trend_direction(&swinging), TREND_NONE);
    assert_true(fabs(trend_share(&swinging)) < 0.01);
}

/* A straight line with every fifth value far off is still that line. */
static void test_outliers(void **state)
{
    double values[300];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        values[i] = i % 5 == 2 ? 1e9 : 1000 + (double)i;
    const struct trend trend = trend_95(values, COUNT_OF(values));
    assert_true(trend.slope == 1);
    assert_int_equal(trend_direction(&trend), TREND_UP);
}

static void test_too_few_values(void **state)
{
    const double values[] = {1, 2, 3, 4, 5, 6};
    (void)state;

    for (size_t count = 0; count < COUNT_OF(values); count++) {
        const struct trend trend = trend_95(values, count);
        assert_true(trend.slope == (count > 1 ? 1 : 0));
        assert_true(trend.low == -INFINITY && trend.high == INFINITY);
        assert_int_equal(trend_direction(&trend), TREND_NONE);
    }
    const struct trend enough = trend_95(values, COUNT_OF(values));
    assert_true(enough.low == 1 && enough.high == 1);
    assert_int_equal(trend_direction(&enough), TREND_UP);
    const struct trend none = trend_95(values, 0);
    assert_true(trend_share(&none) == 0);
    const double zeros[] = {0, 0, 0};
    const struct trend zero = trend_95(zeros, 3);
    assert_true(trend_share(&zero) == 0);
}

/* sigma of 10 values is 11.18: z = 1.2816 gives k = 15, z = 1.9600 11 and z = 2.5758 8. */
static void test_confidence_widens(void **state)
{
    static const struct {
        double confidence, low, high;
    } cases[] = {{0.8, 7, 11}, {0.95, 6, 12}, {0.99, 5, 13}};
    double squares[10];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(squares); i++)
        squares[i] = (double)(i * i);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct trend trend = trend_at(cases[i].confidence, squares, COUNT_OF(squares));
        assert_true(trend.slope == 9);
        assert_true(trend.low == cases[i].low);
        assert_true(trend.high == cases[i].high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slope_and_ranks),
        cmocka_unit_test(test_published_example),
        cmocka_unit_test(test_directions_and_shares),
        cmocka_unit_test(test_no_direction),
        cmocka_unit_test(test_outliers),
        cmocka_unit_test(test_too_few_values),
        cmocka_unit_test(test_confidence_widens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
