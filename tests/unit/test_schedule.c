/* Schedules of open loops: evenly spaced or exponential, at the rate asked for, the same for one
 * seed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/schedule.h"

static uint64_t *filled(const struct schedule *schedule)
{
    uint64_t *const intended = calloc(schedule_count(schedule), sizeof *intended);
    assert_non_null(intended);
    schedule_fill(schedule, intended);
    return intended;
}

static void test_constant_gaps_are_equal(void **state)
{
    const struct schedule schedule = {
        .rate_per_s = 10000, .seconds = 0.1, .ns_per_tick = 0.5, .arrivals = ARRIVALS_CONSTANT};
    uint64_t *const intended = filled(&schedule);
    (void)state;

    assert_int_equal(schedule_count(&schedule), 1000);
    assert_int_equal(intended[0], 0);
    for (size_t i = 1; i < 1000; i++)
        assert_int_equal(intended[i] - intended[i - 1], 200000); /* 100 us in half nanoseconds */
    free(intended);
}

static void test_a_gap_that_is_no_whole_tick_does_not_add_up(void **state)
{
    const struct schedule schedule = {.rate_per_s = 3e6, .seconds = 1, .ns_per_tick = 1};
    uint64_t *const intended = filled(&schedule);
    (void)state;

    /* 333.3 ns cut to 333 each time would be a millisecond short at the end. */
    assert_in_range(intended[2999999], 999999665, 999999667);
    free(intended);
}

static void test_poisson_gaps_are_exponential(void **state)
{
    const struct schedule schedule = {.rate_per_s = 1e6,
                                      .seconds = 0.05,
                                      .ns_per_tick = 0.1,
                                      .arrivals = ARRIVALS_POISSON,
                                      .seed = 7};
    const size_t count = schedule_count(&schedule);
    uint64_t *const intended = filled(&schedule);
    double sum = 0, squares = 0;
    size_t long_gaps = 0;
    (void)state;

    assert_int_equal(intended[0], 0);
    for (size_t i = 1; i < count; i++) {
        assert_true(intended[i] >= intended[i - 1]);
        const double gap_ns = (double)(intended[i] - intended[i - 1]) * 0.1;
        sum += gap_ns;
        squares += gap_ns * gap_ns;
        long_gaps += gap_ns > 3000;
    }
    const double mean = sum / (double)(count - 1);
    const double deviation = sqrt(squares / (double)(count - 1) - mean * mean);
    assert_true(fabs(mean - 1000) < 0.1);           /* the rate is exact for every seed */
    assert_true(fabs(deviation / mean - 1) < 0.03); /* as of an exponential distribution */
    assert_true(fabs((double)long_gaps / (double)count - exp(-3)) < 0.005);
    free(intended);
}

static void test_a_seed_is_a_schedule(void **state)
{
    struct schedule schedule = {.rate_per_s = 1e5,
                                .seconds = 0.01,
                                .ns_per_tick = 1,
                                .arrivals = ARRIVALS_POISSON,
                                .seed = 1};
    uint64_t *const first = filled(&schedule);
    uint64_t *const again = filled(&schedule);
    (void)state;

    assert_memory_equal(first, again, 1000 * sizeof *first);
    schedule.seed = 2;
    schedule_fill(&schedule, again);
    assert_memory_not_equal(first, again, 1000 * sizeof *first);
    free(first);
    free(again);
}

static void test_names(void **state)
{
    enum arrivals arrivals;
    struct error error = {0};
    (void)state;

    assert_int_equal(arrivals_parse("poisson", &arrivals, &error), 0);
    assert_int_equal(arrivals, ARRIVALS_POISSON);
    assert_int_not_equal(arrivals_parse("uniform", &arrivals, &error), 0);
    assert_string_equal(error.message, "'uniform': constant or poisson");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_gaps_are_equal),
        cmocka_unit_test(test_a_gap_that_is_no_whole_tick_does_not_add_up),
        cmocka_unit_test(test_poisson_gaps_are_exponential),
        cmocka_unit_test(test_a_seed_is_a_schedule),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
