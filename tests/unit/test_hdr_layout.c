/* Where values fall, what a correction adds, and how the distribution is walked. */
#include "base/error.h"
#include "base/hdr.h"
#include "base/random.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

struct range {
    uint64_t lowest, highest;
    int digits;
    size_t counters; /* half the sub-buckets times one more than the buckets */
};

static const struct range ranges[] = {
    {1, 2, 1, 16 * 2},
    {1, HDR_HIGHEST_NS, 3, 1024 * 27},
    {1, INT64_MAX, 1, 16 * 60},
    {1000, 3600000000, 2, 128 * 17},
    {1023, 1000000, 4, 16384 * 2},
    {1024, 1 << 20, 5, 131072 * 2},
    {UINT64_C(1) << 57, INT64_MAX, 1, 16 * 3},
    {1, INT64_MAX, 5, 131072 * 47},
};

static void test_latency_layout(void **state)
{
    struct hdr hdr;
    struct random random;
    (void)state;
    random_seed(&random, 3);

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    assert_int_equal(hdr.counter_count, 27648);
    for (int i = 0; i < 100000; i++) {
        const uint64_t value = random_next(&random) >> (28 + random_below(&random, 36));
        /* The formula of the interchange format, for 1 and 3 digits. */
        int bits = 0;
        while ((value | 2047) >> bits)
            bits++;
        const int bucket = bits - 11;
        const uint64_t index = ((uint64_t)(bucket + 1) << 10) + (value >> bucket) - 1024;
        assert_int_equal(hdr_index(&hdr, value), index);
    }
    hdr_free(&hdr);
}

/* Counters touch without gap or overlap, know their own bounds, and are as narrow as promised. */
static void test_counters_tile_the_range(void **state)
{
    (void)state;
    for (size_t r = 0; r < COUNT_OF(ranges); r++) {
        const uint64_t lowest = ranges[r].lowest;
        const double precision = pow(10, -ranges[r].digits);
        struct hdr hdr;
        assert_int_equal(hdr_init(&hdr, lowest, ranges[r].highest, ranges[r].digits, NULL), 0);
        assert_int_equal(hdr.counter_count, ranges[r].counters);
        assert_int_equal(hdr_index_lowest(&hdr, 0), 0);
        for (size_t i = 0; i < hdr.counter_count; i++) {
            const uint64_t low = hdr_index_lowest(&hdr, i);
            const uint64_t high = hdr_index_highest(&hdr, i);
            assert_true(low <= high);
            assert_int_equal(hdr_index(&hdr, low), i);
            assert_int_equal(hdr_index(&hdr, high), i);
            assert_true(high - low < lowest || (double)(high - low) <= (double)low * precision);
            if (i + 1 < hdr.counter_count)
                assert_int_equal(hdr_index_lowest(&hdr, i + 1), high + 1);
        }
        assert_true(hdr_index_highest(&hdr, hdr.counter_count - 1) >= ranges[r].highest);
        hdr_record(&hdr, ranges[r].highest);
        hdr_record(&hdr, ranges[r].highest + 1);
        assert_int_equal(hdr.total, 1);
        assert_int_equal(hdr.overflow, 1);
        assert_int_equal(hdr_percentile(&hdr, 50), ranges[r].highest);
        hdr_free(&hdr);
    }
}

static void test_bad_ranges_are_refused(void **state)
{
    static const struct range bad[] = {
        {1, 1000, 0, 0},
        {1, 1000, 6, 0},
        {1, 1000, -1, 0},
        {0, 1000, 3, 0},
        {1, 1, 3, 0},
        {600, 1199, 3, 0},
        {UINT64_C(1) << 63, UINT64_MAX, 3, 0},
        {1, (uint64_t)INT64_MAX + 1, 3, 0},
        {UINT64_C(1) << 58, INT64_MAX, 1, 0},
        {UINT64_C(1) << 45, INT64_MAX, 5, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error error = {0};
        struct hdr hdr;
        assert_int_equal(hdr_init(&hdr, bad[i].lowest, bad[i].highest, bad[i].digits, &error),
                         -EINVAL);
        assert_memory_equal(error.message, "histogram: ", 11);
        hdr_free(&hdr);
    }
}

static void record_corrected_one_by_one(struct hdr *hdr, uint64_t value, uint64_t interval)
{
    hdr_record(hdr, value);
    if (interval == 0)
        return;
    for (uint64_t missing = value; missing >= 2 * interval;) {
        missing -= interval;
        hdr_record(hdr, missing);
    }
}

static void test_correction_equals_one_by_one(void **state)
{
    struct hdr hdr, expected;
    struct random random;
    (void)state;
    random_seed(&random, 9);

    for (int i = 0; i < 2000; i++) {
        const uint64_t lowest = i % 2 ? 1 : 1000;
        assert_int_equal(hdr_init(&hdr, lowest, 1000000, 2, NULL), 0);
        assert_int_equal(hdr_init(&expected, lowest, 1000000, 2, NULL), 0);
        const uint64_t value = random_below(&random, 1500000) >> random_below(&random, 20);
        const uint64_t interval = random_below(&random, 3000) >> random_below(&random, 12);
        hdr_record_corrected(&hdr, value, interval);
        record_corrected_one_by_one(&expected, value, interval);
        assert_memory_equal(hdr.counters, expected.counters,
                            hdr.counter_count * sizeof *hdr.counters);
        assert_int_equal(hdr.total, expected.total);
        assert_int_equal(hdr.overflow, expected.overflow);
        assert_int_equal(hdr.minimum, expected.minimum);
        assert_int_equal(hdr.maximum, expected.maximum);
        hdr_free(&expected);
        hdr_free(&hdr);
    }
}

/* 2^64 steps one by one would outlive the tester. */
static void test_correction_of_a_tiny_interval_ends(void **state)
{
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    hdr_record_corrected(&hdr, UINT64_MAX, 1);
    assert_int_equal(hdr.total, HDR_HIGHEST_NS);
    assert_int_equal(hdr.overflow, UINT64_MAX - HDR_HIGHEST_NS);
    assert_int_equal(hdr.minimum, 1);
    assert_int_equal(hdr.maximum, HDR_HIGHEST_NS);
    hdr_free(&hdr);
}

static void test_steps_agree_with_percentiles(void **state)
{
    struct hdr hdr;
    struct random random;
    (void)state;
    random_seed(&random, 4);

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    for (uint64_t count = 1; count < 100000; count = count * 3 + 1) {
        hdr_reset(&hdr);
        for (uint64_t i = 0; i < count; i++)
            hdr_record(&hdr, random_next(&random) >> (30 + random_below(&random, 30)));
        for (int ticks = 1; ticks <= 7; ticks++) {
            struct hdr_steps steps = hdr_steps(&hdr, ticks);
            double last = -1;
            bool half = count <= 2, three_quarters = count <= 4;
            while (hdr_steps_next(&steps)) {
                assert_true(steps.percentile > last);
                last = steps.percentile;
                half |= last == 50;
                three_quarters |= last == 75;
                assert_int_equal(steps.value, hdr_percentile(&hdr, last));
                assert_int_equal(steps.cumulative, hdr.total - hdr_count_beyond(&hdr, last));
            }
            assert_true(half && three_quarters);
            assert_true(last == 100);
            assert_int_equal(steps.value, hdr.maximum);
            assert_int_equal(steps.cumulative, count);
            assert_false(hdr_steps_next(&steps));
        }
    }
    hdr_free(&hdr);
}

static void test_grid_of_five_ticks(void **state)
{
    static const double grid[] = {0,  10, 20,   30, 40,   50, 55,   60,    65,
                                  70, 75, 77.5, 80, 82.5, 85, 87.5, 88.75, 90};
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    for (uint64_t value = 1; value <= 10; value++)
        hdr_record(&hdr, value);
    struct hdr_steps steps = hdr_steps(&hdr, 5);
    for (size_t i = 0; i < COUNT_OF(grid); i++) {
        assert_true(hdr_steps_next(&steps));
        assert_true(fabs(steps.percentile - grid[i]) < 1e-12);
        const double rank = grid[i] < 10 ? 1 : ceil(grid[i] / 10);
        assert_int_equal(steps.value, rank);
    }
    /* 91.25 reaches the maximum; only 100 is left to say. */
    assert_true(hdr_steps_next(&steps));
    assert_true(steps.percentile == 91.25);
    assert_int_equal(steps.value, 10);
    assert_true(hdr_steps_next(&steps));
    assert_true(steps.percentile == 100);
    assert_false(hdr_steps_next(&steps));
    hdr_free(&hdr);
}

static void test_steps_of_extremes_end(void **state)
{
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    struct hdr_steps none = hdr_steps(&hdr, 5);
    assert_false(hdr_steps_next(&none));

    hdr_record_many(&hdr, 1, UINT64_C(1) << 62);
    hdr_record(&hdr, 2);
    struct hdr_steps steps = hdr_steps(&hdr, 0);
    int count = 0;
    while (hdr_steps_next(&steps))
        assert_true(++count < 100);
    assert_true(count > 50);
    assert_int_equal(steps.value, 2);
    assert_int_equal(steps.cumulative, hdr.total);
    hdr_free(&hdr);
}

static void test_empty(void **state)
{
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    hdr_record(&hdr, 12);
    hdr_record(&hdr, UINT64_MAX);
    hdr_reset(&hdr);
    assert_int_equal(hdr.total, 0);
    assert_int_equal(hdr.overflow, 0);
    assert_int_equal(hdr.minimum, UINT64_MAX);
    assert_int_equal(hdr.maximum, 0);
    assert_int_equal(hdr_percentile(&hdr, 50), 0);
    assert_int_equal(hdr_count_beyond(&hdr, 50), 0);
    assert_true(hdr_mean(&hdr) == 0);
    assert_true(hdr_standard_deviation(&hdr) == 0);
    hdr_free(&hdr);
    assert_null(hdr.counters);
    hdr_free(&hdr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latency_layout),
        cmocka_unit_test(test_counters_tile_the_range),
        cmocka_unit_test(test_bad_ranges_are_refused),
        cmocka_unit_test(test_correction_equals_one_by_one),
        cmocka_unit_test(test_correction_of_a_tiny_interval_ends),
        cmocka_unit_test(test_steps_agree_with_percentiles),
        cmocka_unit_test(test_grid_of_five_ticks),
        cmocka_unit_test(test_steps_of_extremes_end),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
