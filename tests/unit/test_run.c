/* From trials to figures: what a trial gives, what a cell says of several, and when it says
 * nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run_fixture.h"

static struct run_cell *only_cell(struct run *run, enum pattern pattern)
{
    *run = (struct run){.cells = calloc(1, sizeof *run->cells), .cell_count = 1};
    assert_non_null(run->cells);
    fixture_cell(run->cells, "cell", pattern);
    return run->cells;
}

static void summarise(struct run *run)
{
    struct error error = {0};

    if (run_summarise(run, &error) != 0)
        fail_msg("%s", error.message);
}

static void test_a_trial_gives_its_figures(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    (void)state;

    struct trial_result result = fixture_result(PATTERN_PINGPONG, 5000, 20000);
    hdr_record_many(&result.histogram, 77777, 15);
    fixture_add(cell, result);
    const struct figures *const figures = &cell->trials[0].figures;
    assert_near(figures->p50_ns, 5000, 8);
    assert_near(figures->p99_ns, 5490, 8);
    assert_near(figures->p999_ns, 5499, 8);
    assert_near(figures->max_ns, 77777, 0);
    assert_near(figures->rate_per_s, 200000, 1e-6);
    assert_near(figures->bytes_per_s, 200000 * 64, 1e-3);
    assert_near(figures->cpu_ns_per_message[SIDE_SENDER], 1500, 1e-9);
    assert_near(figures->switches_per_message[SIDE_RECEIVER], 20003. / 20000, 1e-12);
    run_free(&run);
}

/* Ten samples beyond, or no tail; but the median of a handful still ranks a slow transport. */
static void test_few_samples_give_a_median_and_no_tail(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    (void)state;

    fixture_add(cell, fixture_result(PATTERN_PINGPONG, 50000000, 4));
    fixture_add(cell, fixture_result(PATTERN_PINGPONG, 50000, 2000));
    assert_true(cell->trials[0].figures.p50_ns > 0);
    assert_true(cell->trials[0].figures.max_ns > 0);
    assert_true(cell->trials[0].figures.p99_ns == 0);
    assert_true(cell->trials[1].figures.p99_ns > 0);
    assert_true(cell->trials[1].figures.p999_ns == 0);
    run_free(&run);
}

static void test_a_trial_that_is_not_ok_gives_none(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    const struct figures none = {0};
    (void)state;

    struct trial_result invalid = fixture_result(PATTERN_PINGPONG, 5000, 2000);
    invalid.status = TRIAL_INVALID;
    fixture_add(cell, invalid);
    fixture_add(cell, fixture_failure(TRIAL_FAILED, "receiver: died"));
    assert_memory_equal(&cell->trials[0].figures, &none, sizeof none);
    assert_memory_equal(&cell->trials[1].figures, &none, sizeof none);
    run_free(&run);
}

static void test_latency_is_the_median_over_trials(void **state)
{
    static const uint64_t medians_ns[] = {9000, 5000, 7000, 6000, 8000};
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    (void)state;

    for (size_t i = 0; i < 5; i++)
        fixture_add(cell, fixture_result(PATTERN_PINGPONG, medians_ns[i], 10000));
    cell->trials[0].result.probes_disagree = true;
    cell->trials[3].result.faults_in_loop = true;
    summarise(&run);

    const struct summary *const summary = &cell->summary;
    assert_int_equal(cell->status, TRIAL_OK);
    assert_null(cell->reason);
    assert_int_equal(summary->trials, 5);
    assert_near(summary->p50_ns, 7000, 8);
    assert_near(summary->p50_low_ns, 5000, 8);
    assert_near(summary->p50_high_ns, 9000, 8);
    assert_near(summary->interval_coverage, 1 - 2. / 32, 1e-12);
    assert_int_equal(summary->merged.total, 50000);
    /* From all round trips together: 1 % of 50000 are a quarter of the slowest trial's. */
    assert_true(summary->p99_ns > 9600 && summary->p99_ns < 9900);
    assert_near(summary->max_ns, 9899, 1);
    assert_near(summary->noise, 4000. / 14000, 1e-2);
    assert_true(summary->noisy);
    assert_int_equal(summary->trials_unsettled, 1);
    assert_int_equal(summary->trials_faulted, 1);
    assert_true(summary->rate_per_s > 0);
    run_free(&run);
}

static void test_throughput_is_the_median_over_trials(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_STREAM);
    (void)state;

    for (uint64_t i = 0; i < 6; i++)
        fixture_add(cell, fixture_result(PATTERN_STREAM, 100 + i, 100000));
    summarise(&run);

    const struct summary *const summary = &cell->summary;
    assert_near(summary->rate_per_s, (1e9 / 102 + 1e9 / 103) / 2, 1);
    assert_near(summary->rate_low_per_s, 1e9 / 105, 1);
    assert_near(summary->rate_high_per_s, 1e9 / 100, 1);
    assert_near(summary->bytes_per_s, summary->rate_per_s * 64, 1);
    assert_true(summary->interval_coverage >= 0.95);
    assert_true(summary->p50_ns == 0);
    assert_int_equal(summary->merged.counter_count, 0);
    assert_false(summary->noisy);
    run_free(&run);
}

/* Totals over totals: a trial with ten times the messages weighs ten times as much. */
static void test_costs_are_totals_over_totals(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_STREAM);
    (void)state;

    struct trial_result small = fixture_result(PATTERN_STREAM, 1000, 1000);
    struct trial_result large = fixture_result(PATTERN_STREAM, 1000, 10000);
    small.sides[SIDE_SENDER].cpu_ns = 12000000;
    large.sides[SIDE_SENDER].cpu_ns = 10000000;
    small.sides[SIDE_SENDER].blocked_ns = 0;
    large.sides[SIDE_RECEIVER].blocked_ns = UINT64_C(1) << 40;
    fixture_add(cell, small);
    fixture_add(cell, large);
    summarise(&run);
    assert_near(cell->summary.cpu_ns_per_message[SIDE_SENDER], 2000, 1e-9);
    assert_near(cell->summary.blocked_share[SIDE_SENDER], 5. / 11, 1e-9);
    assert_near(cell->summary.blocked_share[SIDE_RECEIVER], 1, 0);
    run_free(&run);
}

static void test_one_ok_trial_makes_the_cell_ok(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    (void)state;

    fixture_add(cell, fixture_failure(TRIAL_FAILED, "receiver: died"));
    fixture_add(cell, fixture_failure(TRIAL_INTERRUPTED, ""));
    fixture_add(cell, fixture_result(PATTERN_PINGPONG, 5000, 20000));
    fixture_add(cell, fixture_failure(TRIAL_INVALID, "throttled"));
    summarise(&run);
    assert_int_equal(cell->status, TRIAL_OK);
    assert_null(cell->reason);
    assert_null(cell->knob);
    assert_int_equal(cell->summary.trials, 1);
    assert_int_equal(cell->summary.trials_failed, 1);
    assert_string_equal(cell->summary.failed_reason, "receiver: died");
    assert_int_equal(cell->summary.trials_invalid, 1);
    assert_string_equal(cell->summary.invalid_reason, "throttled");
    assert_int_equal(cell->obtained.count, 2);
    assert_near(cell->summary.interval_coverage, 0, 0);
    assert_true(cell->summary.noisy); /* one trial has no interval */
    run_free(&run);
}

static void test_the_worst_known_reason_speaks_for_a_cell(void **state)
{
    static const enum trial_status statuses[] = {TRIAL_SKIPPED, TRIAL_INVALID, TRIAL_FAILED};
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    char knob[64];
    (void)state;

    fixture_add(cell, fixture_failure(TRIAL_INTERRUPTED, "a signal"));
    summarise(&run);
    assert_int_equal(cell->status, TRIAL_INTERRUPTED);
    assert_null(cell->reason);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        const char *const name = trial_status_name(statuses[i]);
        fixture_add(cell, fixture_failure(statuses[i], name));
        fixture_add(cell, fixture_failure(statuses[i], "a later one"));
        summarise(&run);
        assert_int_equal(cell->status, statuses[i]);
        assert_string_equal(cell->reason, name);
        snprintf(knob, sizeof knob, "sysctl x.%s=1", name);
        assert_string_equal(cell->knob, knob);
    }
    fixture_add(cell, fixture_result(PATTERN_PINGPONG, 5000, 20000));
    summarise(&run);
    assert_int_equal(cell->status, TRIAL_OK);
    assert_null(cell->reason);
    run_free(&run);
}

static void test_a_cell_without_trials_keeps_what_it_says(void **state)
{
    struct run run;
    (void)state;

    fixture_run(&run);
    summarise(&run);
    const struct run_cell *const skipped = run_find(&run, "pingpong/pipe/65");
    assert_non_null(skipped);
    assert_int_equal(skipped->status, TRIAL_SKIPPED);
    assert_string_equal(skipped->reason, "no huge pages");
    assert_int_equal(run.cells[FIXTURE_LATER].status, TRIAL_INTERRUPTED);
    assert_null(run_find(&run, "pingpong/pipe/"));
    run_free(&run);
    run_free(&run);
}

static void test_histograms_that_do_not_match_are_named(void **state)
{
    struct run run;
    struct run_cell *const cell = only_cell(&run, PATTERN_PINGPONG);
    struct error error = {0};
    (void)state;

    struct trial_result coarse = fixture_result(PATTERN_PINGPONG, 5000, 100);
    hdr_free(&coarse.histogram);
    assert_int_equal(hdr_init(&coarse.histogram, 1, 1000000, 2, NULL), 0);
    hdr_record_many(&coarse.histogram, 5000, 100);
    fixture_add(cell, fixture_result(PATTERN_PINGPONG, 5000, 100));
    fixture_add(cell, coarse);
    assert_true(run_summarise(&run, &error) < 0);
    assert_ptr_equal(strstr(error.message, "cell: "), error.message);
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_trial_gives_its_figures),
        cmocka_unit_test(test_few_samples_give_a_median_and_no_tail),
        cmocka_unit_test(test_a_trial_that_is_not_ok_gives_none),
        cmocka_unit_test(test_latency_is_the_median_over_trials),
        cmocka_unit_test(test_throughput_is_the_median_over_trials),
        cmocka_unit_test(test_costs_are_totals_over_totals),
        cmocka_unit_test(test_one_ok_trial_makes_the_cell_ok),
        cmocka_unit_test(test_the_worst_known_reason_speaks_for_a_cell),
        cmocka_unit_test(test_a_cell_without_trials_keeps_what_it_says),
        cmocka_unit_test(test_histograms_that_do_not_match_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
