/* Rank tests against brute force over every split, the recursion of Mann and Whitney, and published
 * tables. */
#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "tests/unit/rank_fixture.h"

enum { VALUES_MOST = 200 };

/* Pairs in which the one of `after` is larger, ties half, times two: whole. */
static int twice_u(const double *values, size_t count, unsigned after_mask)
{
    int twice = 0;
    for (size_t a = 0; a < count; ++a) {
        for (size_t b = 0; b < count; ++b) {
            if (after_mask >> a & 1 && !(after_mask >> b & 1))
                twice += (values[a] > values[b]) * 2 + (values[a] == values[b]);
        }
    }
    return twice;
}

static double brute_p(const double *values, size_t n, size_t m)
{
    const size_t count = n + m;
    const unsigned seen_mask = ((1U << m) - 1) << n;
    const int mean = (int)(n * m); /* of twice u */
    const int seen = abs(twice_u(values, count, seen_mask) - mean);
    int all = 0, as_far = 0;
    for (unsigned mask = 0; mask < 1U << count; ++mask) {
        if ((size_t)__builtin_popcount(mask) != m)
            continue;
        ++all;
        as_far += abs(twice_u(values, count, mask) - mean) >= seen;
    }
    return (double)as_far / all;
}

/* Every pair of sizes up to 5, untied (values of a range so wide) and tied (of 2 to 4 values). */
static void test_p_is_the_share_of_all_splits(void **state)
{
    static const uint64_t ranges[] = {2, 3, 4, UINT64_C(1) << 50};
    struct random random;
    int tied = 0, whole = 0;
    (void)state;
    random_seed(&random, 3);
    for (size_t n = 1; n <= 5; ++n) {
        for (size_t m = 1; m <= 5; ++m) {
            for (size_t try = 0; try < 24; ++try) {
                double values[10];
                for (size_t index = 0; index < n + m; ++index)
                    values[index] = (double)random_below(&random, ranges[try % 4]);
                const struct rank_comparison got = compare(values, n, values + n, m);
                assert_true(got.exact);
                assert_true(near(got.p, brute_p(values, n, m)));
                const int twice = twice_u(values, n + m, ((1U << m) - 1) << n);
                assert_true(got.u == twice / 2.0);
                assert_true(near(got.superiority, twice / 2.0 / (double)(n * m)));
                tied += got.tied;
                whole += !got.tied;
            }
        }
    }
    assert_true(tied > 100 && whole > 100);
}

/* f(i,j,u) = f(i-1,j,u-j) + f(i,j-1,u): splits of i and j values whose U is u. */
static double recursion(size_t i, size_t j, long u)
{
    if (u < 0)
        return 0;
    if (!i || !j)
        return u == 0;
    return recursion(i - 1, j, u - (long)j) + recursion(i, j - 1, u);
}

/* Values 0, 1, 2, ... such that U is u: all of `after` lowest, then the highest moved up first. */
static void make_u(size_t n, size_t m, size_t u, double *before, double *after)
{
    bool taken[VALUES_MOST] = {false};
    for (size_t index = m; index-- > 0;) {
        const size_t up = u < n ? u : n;
        after[index] = (double)(index + up);
        taken[index + up] = true;
        u -= up;
    }
    for (size_t value = 0, index = 0; value < n + m; ++value) {
        if (!taken[value])
            before[index++] = (double)value;
    }
}

static void test_p_is_mann_and_whitneys(void **state)
{
    static const size_t sizes[][2] = {{1, 7}, {6, 6}, {4, 9}, {9, 4}, {8, 7}};
    (void)state;
    for (size_t which = 0; which < COUNT_OF(sizes); ++which) {
        const size_t n = sizes[which][0], m = sizes[which][1];
        double all = 0, tail = 0;
        for (size_t u = 0; u <= n * m; ++u)
            all += recursion(n, m, (long)u);
        for (size_t u = 0; 2 * u <= n * m; ++u) {
            double before[16], after[16];
            tail += recursion(n, m, (long)u);
            make_u(n, m, u, before, after);
            const struct rank_comparison got = compare(before, n, after, m);
            assert_true(got.u == (double)u && !got.tied);
            assert_true(near(got.p, fmin(1, 2 * tail / all)));
            make_u(n, m, n * m - u, before, after);
            assert_true(near(compare(before, n, after, m).p, got.p));
        }
    }
}

/* The largest U significant at 5 %, two-sided (tables of Mann-Whitney). */
static void test_critical_values_are_the_tabled_ones(void **state)
{
    static const size_t table[][3] = {{4, 4, 0},    {5, 5, 2},    {6, 6, 5},    {3, 5, 0},
                                      {7, 9, 12},   {8, 10, 17},  {10, 10, 23}, {12, 12, 37},
                                      {11, 20, 62}, {20, 20, 127}};
    (void)state;
    for (size_t which = 0; which < COUNT_OF(table); ++which) {
        const size_t n = table[which][0], m = table[which][1], u = table[which][2];
        double before[32], after[32];
        make_u(n, m, u, before, after);
        assert_true(compare(before, n, after, m).p <= 0.05);
        make_u(n, m, u + 1, before, after);
        assert_true(compare(before, n, after, m).p > 0.05);
    }
}

static void test_extremes(void **state)
{
    const double same[] = {7, 7, 7, 7, 7, 7}, one[] = {1}, rising[] = {1, 2, 3, 4, 5, 6};
    const double higher[] = {11, 12, 13, 14, 15, 16};
    (void)state;
    assert_true(compare(same, 6, same, 6).p == 1);
    assert_true(compare(same, 6, same, 6).superiority == 0.5);
    assert_true(compare(same, 0, same, 6).p == 1);
    assert_true(compare(one, 1, higher, 1).p == 1);
    assert_true(near(compare(rising, 6, higher, 6).p, 2.0 / 924));
    assert_true(compare(rising, 6, higher, 6).superiority == 1);
    assert_true(compare(higher, 6, rising, 6).superiority == 0);
}

/* At the border between the two ways of reckoning both say nearly the same: without ties, and with
 * zeros and some ones alone, where a variance not corrected for ties would be twice too large. */
static void test_normal_approximation_continues_the_exact_p(void **state)
{
    static double before[65], after[65];
    struct random random;
    (void)state;
    random_seed(&random, 9);
    for (int binary = 0; binary < 2; ++binary) {
        for (size_t index = 0; index < 65; ++index) {
            before[index] = binary ? random_below(&random, 20) == 0
                                   : (double)random_below(&random, UINT64_C(1) << 40);
            after[index] = binary ? random_below(&random, 6) == 0
                                  : (double)random_below(&random, UINT64_C(1) << 40) * 1.25;
        }
        before[64] = before[0] + !binary;
        const struct rank_comparison exact = compare(before, 64, after, 64);
        const struct rank_comparison normal = compare(before, 65, after, 64);
        assert_true(exact.exact && !normal.exact);
        assert_true(exact.tied == (binary == 1) && normal.tied == exact.tied);
        assert_true(exact.p < 0.1);
        assert_true(normal.p > exact.p / 2 && normal.p < exact.p * 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_p_is_the_share_of_all_splits),
        cmocka_unit_test(test_p_is_mann_and_whitneys),
        cmocka_unit_test(test_critical_values_are_the_tabled_ones),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_normal_approximation_continues_the_exact_p),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
