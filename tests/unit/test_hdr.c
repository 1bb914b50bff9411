/* The histogram against the same values sorted in an array, for kind and for hostile distributions.
 */
#include "base/error.h"
#include "base/hdr.h"
#include "base/random.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { VALUES = 20000 };

struct distribution {
    const char *name;
    uint64_t (*draw)(struct random *random, size_t i);
};

static uint64_t draw_equal(struct random *random, size_t i)
{
    (void)random, (void)i;
    return 4211;
}

static uint64_t draw_zero(struct random *random, size_t i)
{
    (void)random, (void)i;
    return 0;
}

static uint64_t draw_ends(struct random *random, size_t i)
{
    const uint64_t ends[] = {0,         1, HDR_HIGHEST_NS - 1, HDR_HIGHEST_NS, HDR_HIGHEST_NS + 1,
                             UINT64_MAX};
    (void)random;
    return ends[i % COUNT_OF(ends)];
}

static uint64_t draw_around_powers(struct random *random, size_t i)
{
    const uint64_t power = UINT64_C(1) << random_below(random, 36);
    return power + i % 3 - 1;
}

static uint64_t draw_two_clusters(struct random *random, size_t i)
{
    return i % 1000 == 0 ? 3000000000 + random_below(random, 1000000)
                         : 800 + random_below(random, 40);
}

static uint64_t draw_geometric(struct random *random, size_t i)
{
    (void)i;
    return 500 + (uint64_t)(-2000.0 * log(1 - (double)(random_next(random) >> 11) * 0x1p-53));
}

static uint64_t draw_uniform(struct random *random, size_t i)
{
    (void)i;
    return random_below(random, HDR_HIGHEST_NS + 1);
}

static uint64_t draw_any_magnitude(struct random *random, size_t i)
{
    (void)i;
    return random_next(random) >> random_below(random, 64);
}

static const struct distribution distributions[] = {
    {"equal", draw_equal},
    {"zero", draw_zero},
    {"ends", draw_ends},
    {"around powers of two", draw_around_powers},
    {"two clusters", draw_two_clusters},
    {"geometric", draw_geometric},
    {"uniform", draw_uniform},
    {"any magnitude", draw_any_magnitude},
};

static int compare_values(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The values in range, sorted; what is above `highest` is only counted. */
struct reference {
    uint64_t values[VALUES];
    size_t count;
    size_t overflow;
};

static void draw_both(const struct distribution *distribution, size_t count, uint64_t seed,
                      struct hdr *hdr, struct reference *reference)
{
    struct random random;

    random_seed(&random, seed);
    reference->count = reference->overflow = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t value = distribution->draw(&random, i);
        hdr_record(hdr, value);
        if (value > hdr->highest)
            reference->overflow++;
        else
            reference->values[reference->count++] = value;
    }
    qsort(reference->values, reference->count, sizeof(uint64_t), compare_values);
}

/* Percentiles in millionths: the reference must not share the rounding of the code it checks. */
static void check_percentile(const struct hdr *hdr, const struct reference *reference, uint64_t ppm)
{
    const double percentile = (double)ppm / 10000;
    const uint64_t rank = (ppm * reference->count + 999999) / 1000000;
    const uint64_t exact = reference->values[rank > 0 ? rank - 1 : 0];
    const uint64_t shown = hdr_percentile(hdr, percentile);
    size_t beyond = 0;

    assert_true(shown >= exact);
    assert_true(shown - exact <= exact / 1000);
    assert_int_equal(hdr_index(hdr, shown), hdr_index(hdr, exact));
    assert_true(shown <= reference->values[reference->count - 1]);
    while (beyond < reference->count && reference->values[reference->count - 1 - beyond] > shown)
        beyond++;
    assert_int_equal(hdr_count_beyond(hdr, percentile), beyond);
}

static void check_moments(const struct hdr *hdr, const struct reference *reference)
{
    const double count = (double)reference->count;
    double mean = 0, squares = 0;

    for (size_t i = 0; i < reference->count; i++)
        mean += (double)reference->values[i] / count;
    for (size_t i = 0; i < reference->count; i++)
        squares += pow((double)reference->values[i] - mean, 2) / count;
    assert_true(fabs(hdr_mean(hdr) - mean) <= mean / 1000);
    /* Each value is off by at most half a counter, a two-thousandth of itself. */
    const double error_limit = sqrt(squares + mean * mean) / 1000;
    assert_true(fabs(hdr_standard_deviation(hdr) - sqrt(squares)) <= error_limit);
}

static void check_against(const struct hdr *hdr, const struct reference *reference)
{
    assert_int_equal(hdr->total, reference->count);
    assert_int_equal(hdr->overflow, reference->overflow);
    if (reference->count == 0)
        return;
    assert_int_equal(hdr->minimum, reference->values[0]);
    assert_int_equal(hdr->maximum, reference->values[reference->count - 1]);
    for (uint64_t ppm = 0; ppm <= 1000000; ppm += 2500)
        check_percentile(hdr, reference, ppm);
    for (uint64_t ppm = 999000; ppm <= 1000000; ppm++)
        check_percentile(hdr, reference, ppm);
    check_moments(hdr, reference);
}

static void test_distributions(void **state)
{
    static const size_t counts[] = {1, 2, 3, 10, 999, VALUES};
    struct reference *const reference = malloc(sizeof *reference);
    struct hdr hdr;
    (void)state;

    assert_non_null(reference);
    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    for (size_t d = 0; d < COUNT_OF(distributions); d++) {
        for (size_t c = 0; c < COUNT_OF(counts); c++) {
            hdr_reset(&hdr);
            draw_both(&distributions[d], counts[c], 17 * d + c, &hdr, reference);
            check_against(&hdr, reference);
        }
    }
    hdr_free(&hdr);
    free(reference);
}

/* 99.9 is no double; its rank in 1000 values is 999 all the same. */
static void test_whole_ranks_are_not_rounded_up(void **state)
{
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    for (uint64_t value = 1; value <= 1000; value++)
        hdr_record(&hdr, value);
    for (uint64_t tenth = 1; tenth <= 1000; tenth++) {
        assert_int_equal(hdr_percentile(&hdr, (double)tenth / 10), tenth);
        assert_int_equal(hdr_count_beyond(&hdr, (double)tenth / 10), 1000 - tenth);
        assert_int_equal(hdr_percentile(&hdr, (double)tenth / 10 - 0.01), tenth);
    }
    assert_int_equal(hdr_percentile(&hdr, -5), 1);
    assert_int_equal(hdr_percentile(&hdr, NAN), 1);
    assert_int_equal(hdr_percentile(&hdr, 1000), 1000);
    hdr_free(&hdr);
}

static void test_huge_counts_keep_their_maximum(void **state)
{
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init_latency(&hdr, NULL), 0);
    hdr_record_many(&hdr, 100, (UINT64_C(1) << 62) - 1);
    hdr_record(&hdr, 200);
    hdr_record_many(&hdr, 7, 0); /* no value: no minimum either */
    assert_int_equal(hdr.minimum, 100);
    assert_int_equal(hdr_percentile(&hdr, 100), 200);
    assert_int_equal(hdr_count_beyond(&hdr, 100), 0);
    assert_int_equal(hdr_percentile(&hdr, 99.99), 100);
    assert_int_equal(hdr_count_beyond(&hdr, 99.99), 1);
    hdr_free(&hdr);
}

static void test_merge_equals_recording_in_one(void **state)
{
    struct hdr parts[3], merged, whole;
    (void)state;

    assert_int_equal(hdr_init_latency(&whole, NULL), 0);
    assert_int_equal(hdr_init_latency(&merged, NULL), 0);
    for (size_t p = 0; p < 3; p++)
        assert_int_equal(hdr_init_latency(&parts[p], NULL), 0);
    for (size_t d = 0; d < COUNT_OF(distributions); d++) {
        struct random random;
        random_seed(&random, d);
        for (size_t i = 0; i < VALUES; i++) {
            const uint64_t value = distributions[d].draw(&random, i);
            hdr_record(&whole, value);
            hdr_record(&parts[random_below(&random, 2)], value); /* the third stays empty */
        }
        for (size_t p = 0; p < 3; p++) {
            assert_int_equal(hdr_merge(&merged, &parts[p], NULL), 0);
            hdr_reset(&parts[p]);
        }
        assert_memory_equal(merged.counters, whole.counters,
                            whole.counter_count * sizeof *whole.counters);
        assert_int_equal(merged.total, whole.total);
        assert_int_equal(merged.overflow, whole.overflow);
        assert_int_equal(merged.minimum, whole.minimum);
        assert_int_equal(merged.maximum, whole.maximum);
    }
    for (size_t p = 0; p < 3; p++)
        hdr_free(&parts[p]);
    hdr_free(&merged);
    hdr_free(&whole);
}

static void test_trimmed_says_the_same(void **state)
{
    struct hdr trimmed, whole, sum;
    struct random random;
    struct error error;
    (void)state;

    assert_int_equal(hdr_init_latency(&whole, NULL), 0);
    assert_int_equal(hdr_init_latency(&trimmed, NULL), 0);
    assert_int_equal(hdr_init_latency(&sum, NULL), 0);
    random_seed(&random, 3);
    for (size_t i = 0; i < VALUES; i++) {
        const uint64_t value = random_below(&random, 50000);
        hdr_record(&whole, value);
        hdr_record(&trimmed, value);
    }
    hdr_trim(&trimmed);
    assert_true(trimmed.counter_count < whole.counter_count / 2);
    for (int tenths = 0; tenths <= 1000; tenths++)
        assert_int_equal(hdr_percentile(&trimmed, tenths / 10.),
                         hdr_percentile(&whole, tenths / 10.));
    assert_int_equal(hdr_merge(&sum, &trimmed, NULL), 0);
    assert_memory_equal(sum.counters, whole.counters, whole.counter_count * sizeof *whole.counters);
    assert_int_equal(hdr_merge(&trimmed, &whole, &error), -EINVAL);
    hdr_free(&trimmed);
    hdr_free(&whole);
    hdr_free(&sum);
}

static void test_merge_refuses_other_ranges(void **state)
{
    static const struct {
        uint64_t lowest, highest;
        int digits;
    } others[] = {{1, HDR_HIGHEST_NS, 2}, {2, HDR_HIGHEST_NS, 3}, {1, HDR_HIGHEST_NS - 1, 3}};
    struct hdr into, from;
    (void)state;

    assert_int_equal(hdr_init_latency(&into, NULL), 0);
    hdr_record(&into, 5);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct error error = {0};
        assert_int_equal(
            hdr_init(&from, others[i].lowest, others[i].highest, others[i].digits, NULL), 0);
        hdr_record(&from, 7);
        hdr_record(&from, UINT64_MAX);
        assert_int_equal(hdr_merge(&into, &from, &error), -EINVAL);
        assert_non_null(strstr(error.message, "60000000000"));
        assert_int_equal(into.total, 1);
        assert_int_equal(into.overflow, 0);
        assert_int_equal(into.maximum, 5);
        assert_int_equal(into.counters[7], 0);
        hdr_free(&from);
    }
    hdr_free(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_whole_ranks_are_not_rounded_up),
        cmocka_unit_test(test_huge_counts_keep_their_maximum),
        cmocka_unit_test(test_merge_equals_recording_in_one),
        cmocka_unit_test(test_trimmed_says_the_same),
        cmocka_unit_test(test_merge_refuses_other_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
