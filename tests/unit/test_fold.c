/* From stamps to figures: on stamps that are made up, so that every figure is known. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/fold.h"
#include "harness/windows.h"

enum { MESSAGES = 3000, START = 1000000, GAP = 1000 };

/* One tick is one nanosecond. */
struct bench {
    struct clock clock;
    struct workspace workspace;
    struct trial_request request;
    struct trial_result result;
};

static int open_bench(void **state)
{
    static struct bench bench;

    bench = (struct bench){.clock = {.kind = CLOCK_KIND_COUNTER, .ns_per_tick = 1}};
    if (workspace_open(&bench.workspace, 0.1, NULL) ||
        workspace_reserve(&bench.workspace, 1, MESSAGES, NULL))
        return -1;
    bench.request = (struct trial_request){
        .clock = &bench.clock,
        .cpus = {0, 1},
        .timed_seconds = (double)MESSAGES * GAP / 1e9,
        .offered_per_s = 1e9 / GAP,
        .burst_messages = 1,
    };
    atomic_store(&bench.workspace.crew->start_ticks, START);
    for (int side = 0; side < SIDE_COUNT; ++side)
        bench.workspace.shared->reports[side].stamp_count = MESSAGES;
    *state = &bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *const bench = *state;

    trial_result_free(&bench->result);
    workspace_close(&bench->workspace);
    return 0;
}

/* Message i is due at i * GAP, sent `lag` later and received `service` after that. */
static void stamp_paced(struct bench *bench, size_t index, uint64_t lag, uint64_t service)
{
    struct workspace *const workspace = &bench->workspace;

    workspace->intended_ticks[index] = index * GAP;
    workspace->stamps[STAMP_SENT][index] = START + index * GAP + lag;
    workspace->stamps[STAMP_RECEIVED][index] = START + index * GAP + lag + service;
}

static void fold(struct bench *bench, enum pattern pattern)
{
    bench->request.pattern = pattern;
    assert_int_equal(fold_trial(&bench->request, &bench->workspace, &bench->result, NULL), 0);
}

static void test_a_steady_pace_is_stable(void **state)
{
    struct bench *const bench = *state;
    const struct trial_result *const result = &bench->result;

    for (size_t i = 0; i < MESSAGES; i++)
        stamp_paced(bench, i, 20, 300);
    fold(bench, PATTERN_PACED);
    assert_int_equal(result->messages, MESSAGES);
    assert_int_equal(hdr_percentile(&result->histogram, 50), 320);
    assert_int_equal(hdr_percentile(&result->series[SERIES_SERVICE], 50), 300);
    assert_int_equal(hdr_percentile(&result->series[SERIES_SEND_LAG], 50), 20);
    assert_true(result->pace.stable);
    assert_int_equal(result->pace.backlog_messages, 1); /* the last one, just sent */
    assert_int_equal(result->window_count, WINDOWS_MAX);
    assert_false(result->drifting);
    assert_int_equal(result->negatives, 0);
}

/* The receiver takes a tenth longer for each message than there is between two. */
static void test_a_growing_queue_is_unstable(void **state)
{
    struct bench *const bench = *state;
    const struct trial_result *const result = &bench->result;

    for (size_t i = 0; i < MESSAGES; i++)
        stamp_paced(bench, i, 0, 300 + i * GAP / 10);
    fold(bench, PATTERN_PACED);
    assert_false(result->pace.stable);
    assert_true(result->pace.achieved_per_s < 0.92 * result->pace.offered_per_s);
    assert_in_range(result->pace.backlog_messages, MESSAGES / 12, MESSAGES / 9);
    assert_true(result->pace.rise_share > 1);
    assert_true(result->drifting);
}

/* The queue neither drains nor grows: a rate that is just kept, late by a constant. */
static void test_a_backlog_alone_is_unstable(void **state)
{
    struct bench *const bench = *state;

    for (size_t i = 0; i < MESSAGES; i++)
        stamp_paced(bench, i, 0, 200 * GAP);
    fold(bench, PATTERN_PACED);
    assert_true(bench->result.pace.achieved_per_s >= 0.99 * bench->result.pace.offered_per_s);
    assert_false(bench->result.pace.stable);
    assert_in_range(bench->result.pace.backlog_messages, 200, 201);
}

/* A stall of the sender's is in the response and in the send lag, not in the service. */
static void test_response_counts_from_the_intended_time(void **state)
{
    struct bench *const bench = *state;
    const struct trial_result *const result = &bench->result;

    for (size_t i = 0; i < MESSAGES; i++) {
        const uint64_t due = i * GAP, stall_end = 2000 * (uint64_t)GAP;
        stamp_paced(bench, i, i >= 1500 && i < 2000 ? stall_end - due : 0, 300);
    }
    fold(bench, PATTERN_PACED);
    assert_int_equal(hdr_percentile(&result->series[SERIES_SERVICE], 99.9), 300);
    assert_true(hdr_percentile(&result->histogram, 99) > 400 * GAP);
    assert_true(hdr_percentile(&result->series[SERIES_SEND_LAG], 99) > 400 * GAP);
    assert_true(result->pace.stable); /* it has caught up */
}

static void test_there_and_back_make_the_round_trip(void **state)
{
    struct bench *const bench = *state;
    const struct trial_result *const result = &bench->result;
    uint64_t *const *const stamps = bench->workspace.stamps;

    for (size_t i = 0; i < MESSAGES; i++) {
        stamps[STAMP_SENT][i] = START + i * 10000;
        stamps[STAMP_RECEIVED][i] = stamps[STAMP_SENT][i] + 700;
        stamps[STAMP_REPLIED][i] = stamps[STAMP_RECEIVED][i] + 20;
        stamps[STAMP_RETURNED][i] = stamps[STAMP_REPLIED][i] + 500;
    }
    fold(bench, PATTERN_ONEWAY);
    assert_int_equal(hdr_percentile(&result->histogram, 50), 700);
    assert_int_equal(hdr_percentile(&result->series[SERIES_BACKWARD], 50), 500);
    assert_int_equal(hdr_percentile(&result->series[SERIES_ROUND_TRIP], 50), 1220);
}

/* The receiver's clock is 900 ns behind. */
static void test_negative_times_are_counted_and_nowhere_else(void **state)
{
    struct bench *const bench = *state;
    uint64_t *const *const stamps = bench->workspace.stamps;

    for (size_t i = 0; i < MESSAGES; i++) {
        stamps[STAMP_SENT][i] = START + i * 10000;
        stamps[STAMP_RECEIVED][i] = stamps[STAMP_SENT][i] + (i % 3 ? 700 : 1000) - 900;
        stamps[STAMP_REPLIED][i] = stamps[STAMP_RECEIVED][i];
        stamps[STAMP_RETURNED][i] = stamps[STAMP_SENT][i] + 2000;
    }
    fold(bench, PATTERN_ONEWAY);
    assert_int_equal(bench->result.negatives, 2 * MESSAGES / 3);
    assert_int_equal(bench->result.histogram.total, MESSAGES / 3);
    assert_int_equal(bench->result.histogram.minimum, 100);
}

static void test_clocks_are_bounded_by_flight_times(void **state)
{
    struct bench *const bench = *state;
    struct side_report *const reports = bench->workspace.shared->reports;
    struct clock_offset offset;

    reports[SIDE_SENDER].way_minimum_ticks[0] = 150;
    reports[SIDE_SENDER].way_minimum_ticks[1] = 90;
    reports[SIDE_RECEIVER].way_minimum_ticks[0] = 80;
    reports[SIDE_RECEIVER].way_minimum_ticks[1] = 120;
    assert_int_equal(fold_clock_offset(&bench->request, &bench->workspace, &offset), 0);
    assert_true(offset.low_ns == -90 && offset.high_ns == 80);
    assert_true(clock_offset_bound_ns(&offset) == 90);

    /* Before, the receiver's clock was at least 100 ahead; after, at most 40. */
    reports[SIDE_SENDER].way_minimum_ticks[0] = -100;
    reports[SIDE_RECEIVER].way_minimum_ticks[0] = 300;
    reports[SIDE_RECEIVER].way_minimum_ticks[1] = 40;
    assert_int_equal(fold_clock_offset(&bench->request, &bench->workspace, &offset), -ERANGE);
}

/* Messages of 0 bytes have no number: only the counts tell. */
static void test_unnumbered_messages_are_counted(void **state)
{
    static const struct {
        uint64_t sent, received, lost, duplicated;
    } cases[] = {{10, 10, 0, 0}, {10, 7, 3, 0}, {10, 12, 0, 2}, {0, 0, 0, 0}};
    struct bench *const bench = *state;
    struct side_report *const reports = bench->workspace.shared->reports;

    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); ++index) {
        bench->result.integrity = (struct integrity){0};
        reports[SIDE_SENDER].messages = cases[index].sent;
        reports[SIDE_RECEIVER].messages = cases[index].received;
        fold_unnumbered(&bench->workspace, &bench->result);
        assert_int_equal(bench->result.integrity.lost, cases[index].lost);
        assert_int_equal(bench->result.integrity.duplicated, cases[index].duplicated);
        assert_int_equal(bench->result.integrity.reordered, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_steady_pace_is_stable, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_a_growing_queue_is_unstable, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_a_backlog_alone_is_unstable, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_response_counts_from_the_intended_time, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(test_there_and_back_make_the_round_trip, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(test_negative_times_are_counted_and_nowhere_else,
                                        open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_unnumbered_messages_are_counted, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(test_clocks_are_bounded_by_flight_times, open_bench,
                                        close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
