/* What oneway, burst, paced and load add to a result file, and the marks on every trial: written and
 * read back whole, and not missed in files from before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pattern_fixture.h"

static void read_document(const char *text, struct run *run)
{
    struct error error = {0};

    if (run_read_json(text, run, &error) != 0)
        fail_msg("%s", error.message);
}

static void test_writing_what_was_read_changes_nothing(void **state)
{
    struct text document = patterns_document();
    struct text again = {0};
    struct run run;
    (void)state;

    read_document(document.data, &run);
    assert_int_equal(run_write_json(&run, &again, NULL), 0);
    assert_string_equal(text_string(&again), document.data);
    run_free(&run);
    text_free(&again);
    text_free(&document);
}

static void test_trials_come_back(void **state)
{
    struct text document = patterns_document();
    struct run run;
    (void)state;

    read_document(document.data, &run);
    const struct trial_result *const oneway = &run.cells[PATTERNS_ONEWAY].trials[0].result;
    assert_true(oneway->prefaulted && oneway->drifting);
    assert_int_equal(oneway->layout.stack_offset_bytes, 4095);
    assert_near(oneway->clock_offset.low_ns, -61.25, 0);
    assert_near(oneway->window_values[0], 4012.3, 1e-9);
    assert_near(oneway->window_values[1], -3.5, 0);
    assert_int_equal(oneway->window_count, 2);
    assert_near(oneway->drift_share, -0.0321, 0);
    assert_true(oneway->negatives == UINT64_MAX);
    assert_near(oneway->cold.first_ns, 71234.5, 0);
    assert_true(oneway->cold.faults[SIDE_RECEIVER] == UINT64_MAX);
    assert_int_equal(oneway->series[SERIES_BACKWARD].minimum, 3000);
    assert_int_equal(oneway->series[SERIES_ROUND_TRIP].maximum, 8999);
    assert_int_equal(oneway->series[SERIES_SERVICE].counter_count, 0);
    assert_int_equal(oneway->capacity_messages, -1);

    const struct run_trial *const paced = &run.cells[PATTERNS_PACED].trials[0];
    assert_near(paced->result.pace.offered_per_s, 4999.5, 0);
    assert_near(paced->result.pace.achieved_per_s, 4998.25, 0);
    assert_near(paced->result.pace.rise_share, 0.015, 0);
    assert_int_equal(paced->result.pace.backlog_messages, 3);
    assert_true(paced->result.pace.stable);
    assert_near(paced->figures.series[SERIES_SERVICE].p50_ns, 4499, 4);
    assert_int_equal(run.cells[PATTERNS_BURST].trials[0].result.capacity_messages,
                     FILL_MESSAGES_MOST);
    assert_int_equal(run.cells[PATTERNS_UNSTABLE].trials[0].result.series[SERIES_SERVICE].total,
                     2000);

    const struct load_curve *const curve = run.cells[PATTERNS_LOAD].trials[0].result.load;
    assert_int_equal(curve->point_count, LOAD_POINTS_MAX);
    assert_near(curve->points[0].share, 0.9015625, 0);
    assert_near(curve->points[0].max_ns, 123456789, 0);
    assert_int_equal(curve->points[1].status, LOAD_POINT_INVALID);
    assert_near(curve->knee_per_s, 901562, 1);
    run_free(&run);
    text_free(&document);
}

static void test_cells_and_summaries_come_back(void **state)
{
    struct text document = patterns_document();
    struct run run;
    (void)state;

    read_document(document.data, &run);
    assert_near(run.request.precision, 0.025, 0);
    assert_near(run.request.budget_seconds, 3600, 0);
    assert_true(run.request.cold);
    const struct run_cell *const cells = run.cells;
    assert_near(cells[PATTERNS_PACED].rate_per_s, 5000, 0);
    assert_int_equal(cells[PATTERNS_PACED].burst_messages, 0);
    assert_int_equal(cells[PATTERNS_PACED].arrivals, ARRIVALS_POISSON);
    assert_int_equal(cells[PATTERNS_LOAD].arrivals, ARRIVALS_POISSON);
    assert_int_equal(cells[PATTERNS_BURST].burst_messages, 100);
    assert_int_equal(cells[PATTERNS_BURST].arrivals, ARRIVALS_CONSTANT);
    assert_near(cells[PATTERNS_BURST].rate_per_s, 0, 0);

    const struct summary *const oneway = &cells[PATTERNS_ONEWAY].summary;
    assert_true(oneway->negatives == UINT64_MAX && oneway->clock_limited && oneway->bimodal);
    assert_near(oneway->clock_bound_ns, 61.25, 0);
    assert_near(oneway->mode_high, 9000, 0);
    assert_int_equal(oneway->state_count, 2);
    assert_near(oneway->states[0].figure.coverage, 0.875, 0);
    assert_int_equal(oneway->states[0].figure.count, 4);
    assert_near(oneway->states[1].probe_high_ns, 553, 0);
    assert_near(oneway->cold.faults[SIDE_SENDER], 16.5, 0);
    assert_int_equal(oneway->trials_drifting, 2);
    assert_int_equal(oneway->trials_invalid, 1);
    assert_string_equal(oneway->invalid_reason, "unstable");
    assert_int_equal(oneway->capacity_messages, -1);
    assert_int_equal(cells[PATTERNS_BURST].summary.capacity_messages, 1365);
    assert_near(cells[PATTERNS_PACED].summary.offered_per_s, 4999.5, 0);
    assert_int_equal(cells[PATTERNS_PACED].summary.series[SERIES_SEND_LAG].maximum, 1999);
    const struct summary_load *const load = &cells[PATTERNS_LOAD].summary.load;
    assert_int_equal(load->point_count, LOAD_SHARES);
    assert_near(load->saturation_per_s.high, 2e6, 0);
    assert_int_equal(load->points[11].stable, 1);
    assert_near(load->points[7].p99_ns, 8000, 0);
    run_free(&run);
    text_free(&document);
}

/* Files from before the patterns have none of their members: the same names, hidden. */
static void test_what_is_new_may_be_missing(void **state)
{
    static const char *const names[] = {
        "precision",         "budget_s",       "cold",          "burst_messages", "arrivals",
        "prefaulted",        "layout",         "clock_offset",  "windows",        "drift_share",
        "drifting",          "negatives",      "pace",          "load",           "series",
        "capacity_messages", "states",         "bimodal",       "modes",          "trials_drifting",
        "trials_invalid",    "invalid_reason", "offered_per_s", "clock_bound_ns", "clock_limited",
    };
    struct text document = patterns_document();
    struct run run;
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char quoted[32];
        snprintf(quoted, sizeof quoted, "\"%s\":", names[i]);
        char *at = document.data;
        size_t found = 0;
        for (; (at = strstr(at, quoted)); found++)
            at[1] = '-';
        assert_true(found > 0);
    }
    read_document(document.data, &run);
    const struct trial_result *const burst = &run.cells[PATTERNS_BURST].trials[0].result;
    assert_int_equal(burst->status, TRIAL_OK);
    assert_int_equal(burst->capacity_messages, -1);
    assert_int_equal(burst->window_count, 0);
    assert_int_equal(run.cells[PATTERNS_BURST].summary.capacity_messages, -1);
    assert_null(run.cells[PATTERNS_LOAD].trials[0].result.load);
    assert_int_equal(run_summarise(&run, NULL), 0);
    assert_int_equal(run.cells[PATTERNS_LOAD].status, TRIAL_OK);
    run_free(&run);
    text_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writing_what_was_read_changes_nothing),
        cmocka_unit_test(test_trials_come_back),
        cmocka_unit_test(test_cells_and_summaries_come_back),
        cmocka_unit_test(test_what_is_new_may_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
