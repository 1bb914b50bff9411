/* Random numbers against published sequences, order statistics against published tables. */
#include "base/random.h"
#include "base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static void test_seed_is_the_published_splitmix64(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317),
        UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431),
    };
    struct random random;
    (void)state;

    random_seed(&random, 1234567);
    assert_memory_equal(random.state, expected, sizeof expected);
}

static void test_sequence_is_the_published_xoshiro(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(11520),
        UINT64_C(0),
        UINT64_C(1509978240),
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576),
    };
    struct random random = {{1, 2, 3, 4}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(random_next(&random), expected[i]);
}

static void test_below_stays_below_and_is_even(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 7);

    /* A quarter of the draws must be refused; kept, they would all land in the lower third. */
    const uint64_t bound = UINT64_C(3) << 62;
    int upper_half = 0;
    for (int i = 0; i < 10000; i++) {
        const uint64_t drawn = random_below(&random, bound);
        assert_true(drawn < bound);
        upper_half += drawn >= bound / 2;
        assert_int_equal(random_below(&random, 1), 0);
    }
    assert_in_range(upper_half, 4800, 5200);

    int seen[3] = {0};
    for (int i = 0; i < 30000; i++)
        seen[random_below(&random, 3)]++;
    for (int i = 0; i < 3; i++)
        assert_in_range(seen[i], 9700, 10300);
}

static void test_shuffle_gives_every_order_alike(void **state)
{
    int seen[256] = {0};
    struct random random;
    (void)state;
    random_seed(&random, 11);

    for (int i = 0; i < 24000; i++) {
        size_t order[4] = {0, 1, 2, 3};
        random_shuffle(&random, order, 4);
        seen[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
    }
    int orders = 0;
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        if (seen[i] == 0)
            continue;
        orders++;
        assert_in_range(seen[i], 850, 1150);
    }
    assert_int_equal(orders, 24);
}

static void test_same_seed_same_order(void **state)
{
    size_t first[100], second[100];
    struct random random;
    (void)state;

    for (size_t i = 0; i < 100; i++)
        first[i] = second[i] = i;
    random_seed(&random, 5);
    random_shuffle(&random, first, 100);
    random_seed(&random, 5);
    random_shuffle(&random, second, 100);
    assert_memory_equal(first, second, sizeof first);
    random_seed(&random, 6);
    random_shuffle(&random, second, 100);
    assert_memory_not_equal(first, second, sizeof first);
    random_shuffle(&random, first, 0); /* nothing to do, nothing to touch */
}

static void test_unguessable_numbers_differ(void **state)
{
    (void)state;
    const uint64_t first = random_unguessable();
    assert_int_not_equal(first, random_unguessable());
}

static void test_median(void **state)
{
    double odd[] = {9, 1, 5};
    double even[] = {4, 1, 3, 2};
    double one[] = {7};
    (void)state;

    assert_true(stats_median(odd, 3) == 5);
    assert_true(stats_median(even, 4) == 2.5);
    assert_true(stats_median(one, 1) == 7);
    assert_true(stats_median(NULL, 0) == 0);
    const double sorted[] = {1, 2, 3, 4};
    assert_memory_equal(even, sorted, sizeof sorted);
}

/* Ranks and coverage of 95 % intervals, as the tables of order statistics have them. */
static void test_median_interval(void **state)
{
    static const struct {
        size_t count;
        double low, high, coverage;
    } cases[] = {
        {1, 1, 1, 0},          {2, 1, 2, 0.5},       {3, 1, 3, 0.75},
        {5, 1, 5, 0.9375},     {6, 1, 6, 0.96875},   {7, 1, 7, 0.984375},
        {8, 1, 8, 0.9921875},  {9, 2, 8, 0.9609375}, {10, 2, 9, 0.978515625},
        {15, 4, 12, 0.9648},   {20, 6, 15, 0.9586},  {30, 10, 21, 0.9572},
        {100, 40, 61, 0.9648},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double values[100];
        const size_t count = cases[i].count;
        for (size_t k = 0; k < count; k++)
            values[k] = (double)(count - k);
        const struct stats_median median = stats_median_interval(values, count, 0.95);
        assert_int_equal(median.count, count);
        assert_true(median.value == (double)(count + 1) / 2);
        assert_true(median.low == cases[i].low);
        assert_true(median.high == cases[i].high);
        assert_true(fabs(median.coverage - cases[i].coverage) < 0.00005);
    }
}

static void test_median_interval_of_none_and_of_many(void **state)
{
    enum { MANY = 20000 };
    (void)state;

    const struct stats_median none = stats_median_interval(NULL, 0, 0.95);
    assert_true(none.value == 0 && none.low == 0 && none.high == 0 && none.coverage == 0);
    assert_int_equal(none.count, 0);

    /* 2^-20000 is no double; the normal approximation says +- 0.98 * sqrt(n) ranks. */
    double *const values = malloc(MANY * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < MANY; i++)
        values[i] = (double)(i + 1);
    const struct stats_median many = stats_median_interval(values, MANY, 0.95);
    assert_true(many.value == 10000.5);
    assert_true(fabs(many.low - (10000.5 - 0.98 * sqrt(MANY))) < 2);
    assert_true(many.low + many.high == MANY + 1);
    assert_true(many.coverage >= 0.95 && many.coverage < 0.952);
    free(values);
}

static void test_sort(void **state)
{
    double values[] = {3, -1, INFINITY, 0, -INFINITY, 3};
    const double sorted[] = {-INFINITY, -1, 0, 3, 3, INFINITY};
    (void)state;

    stats_sort(values, COUNT_OF(values));
    assert_memory_equal(values, sorted, sizeof sorted);
    stats_sort(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_is_the_published_splitmix64),
        cmocka_unit_test(test_sequence_is_the_published_xoshiro),
        cmocka_unit_test(test_below_stays_below_and_is_even),
        cmocka_unit_test(test_shuffle_gives_every_order_alike),
        cmocka_unit_test(test_same_seed_same_order),
        cmocka_unit_test(test_unguessable_numbers_differ),
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_median_interval),
        cmocka_unit_test(test_median_interval_of_none_and_of_many),
        cmocka_unit_test(test_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
