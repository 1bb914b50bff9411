/* A made run of oneway, burst, paced and load for the tests of result files, with every member that
 * those and the marks on a trial have. Include after cmocka.h. */
#ifndef IPCBENCH_TESTS_PATTERN_FIXTURE_H
#define IPCBENCH_TESTS_PATTERN_FIXTURE_H

#include "run_fixture.h"

enum { PATTERNS_ONEWAY, PATTERNS_BURST, PATTERNS_PACED, PATTERNS_LOAD, PATTERNS_UNSTABLE };
enum { PATTERNS_CELLS = 5 };

static inline void patterns_histogram(struct hdr *histogram, uint64_t from_ns)
{
    hdr_free(histogram);
    assert_int_equal(hdr_init_latency(histogram, NULL), 0);
    for (uint64_t i = 0; i < 2000; i++)
        hdr_record(histogram, from_ns + i);
}

/* What every trial knows of the circumstances. */
static inline struct trial_result patterns_result(enum pattern pattern)
{
    struct trial_result result = fixture_result(PATTERN_PINGPONG, 4000, 2000);

    result.prefaulted = true;
    result.layout = (struct layout){.buffer_offset_bytes = 128, .stack_offset_bytes = 4095};
    result.clock_offset = (struct clock_offset){.low_ns = -61.25, .high_ns = 48.5, .warps = 0};
    result.window_values[0] = 4012.34;
    result.window_values[1] = -3.5;
    result.window_count = 2;
    result.drift_share = -0.0321;
    result.drifting = true;
    result.cold = (struct cold_start){.messages = 1000,
                                      .first_ns = 71234.5,
                                      .p50_ns = 4100,
                                      .max_ns = 99999.5,
                                      .total_ns = 5e6,
                                      .faults = {17, UINT64_MAX}};
    if (pattern == PATTERN_ONEWAY) {
        result.negatives = UINT64_MAX;
        patterns_histogram(&result.series[SERIES_BACKWARD], 3000);
        patterns_histogram(&result.series[SERIES_ROUND_TRIP], 7000);
    }
    if (pattern == PATTERN_BURST) {
        result.capacity_messages = FILL_MESSAGES_MOST;
        patterns_histogram(&result.series[SERIES_ROUND_TRIP], 7000);
    }
    if (pattern == PATTERN_PACED) {
        result.pace = (struct pace){.offered_per_s = 4999.5,
                                    .achieved_per_s = 4998.25,
                                    .backlog_messages = 3,
                                    .rise_share = 0.015,
                                    .stable = true};
        patterns_histogram(&result.series[SERIES_SERVICE], 3500);
        patterns_histogram(&result.series[SERIES_SEND_LAG], 0);
    }
    return result;
}

static inline struct trial_result patterns_load_result(void)
{
    struct trial_result result = fixture_result(PATTERN_STREAM, 1000, 2000);
    struct load_curve *const curve = calloc(1, sizeof *curve);

    assert_non_null(curve);
    *curve = (struct load_curve){
        .saturation_per_s = 1e6, .knee_per_s = 901562.5, .point_count = LOAD_POINTS_MAX};
    for (size_t i = 0; i < LOAD_POINTS_MAX; i++)
        curve->points[i] = (struct load_point){.share = 0.9015625 + (double)i / 1024,
                                               .offered_per_s = 901562.5,
                                               .achieved_per_s = 901000,
                                               .status = LOAD_POINT_UNSTABLE};
    curve->points[0].status = LOAD_POINT_STABLE;
    curve->points[0].p50_ns = 4000;
    curve->points[0].p99_ns = 8000;
    curve->points[0].max_ns = 123456789;
    curve->points[1].status = LOAD_POINT_INVALID;
    free(result.interval_counts);
    result.interval_counts = NULL;
    result.interval_count = 0;
    result.interval_ns = 0;
    result.load = curve;
    return result;
}

/* Adds a trial and gives its series the figures that the summary's code would. */
static inline void patterns_add(struct run_cell *cell, const struct trial_result *result)
{
    fixture_add(cell, *result);
    struct figures *const figures = &cell->trials[cell->trial_count - 1].figures;
    for (size_t s = 0; s < SERIES_COUNT; s++) {
        const struct hdr *const series = &cell->trials[0].result.series[s];
        figures->series[s].p50_ns = series->counter_count ? (double)hdr_percentile(series, 50) : 0;
        figures->series[s].p99_ns = series->counter_count ? (double)hdr_percentile(series, 99) : 0;
    }
}

static inline void patterns_summary(struct summary *summary, enum pattern pattern)
{
    summary->cold = (struct summary_cold){
        .trials = 3, .first_ns = 70000, .p50_ns = 4000, .total_ns = 5e6, .faults = {16.5, 0}};
    summary->states[0] = (struct summary_state){58, 60, 4, {4000, 3900, 4100, 0.875, 4}};
    summary->states[1] = (struct summary_state){550, 553, 1, {9000, 9000, 9000, 0, 1}};
    summary->state_count = 2;
    summary->bimodal = true;
    summary->mode_low = 4000;
    summary->mode_high = 9000;
    summary->trials_drifting = 2;
    summary->trials_invalid = 1;
    free(summary->invalid_reason);
    summary->invalid_reason = fixture_text("unstable");
    summary->negatives = UINT64_MAX;
    summary->clock_bound_ns = 61.25;
    summary->clock_limited = true;
    summary->p50_low_ns = 0; /* widened by more than there is */
    summary->capacity_messages = pattern == PATTERN_BURST ? 1365 : -1;
    if (pattern == PATTERN_PACED) {
        summary->offered_per_s = 4999.5;
        patterns_histogram(&summary->series[SERIES_SERVICE], 3500);
        patterns_histogram(&summary->series[SERIES_SEND_LAG], 0);
    }
    if (pattern != PATTERN_LOAD)
        return;
    summary->load = (struct summary_load){.saturation_per_s = {1e6, 9e5, 2e6, 0, 1},
                                          .point_count = LOAD_SHARES};
    for (size_t i = 0; i < LOAD_SHARES; i++)
        summary->load.points[i] = (struct summary_load_point){
            load_shares[i],  3, i < 8 ? 3 : 1, 1e6 * load_shares[i], i < 8 ? 4000 : 0,
            i < 8 ? 8000 : 0};
}

static inline void patterns_run(struct run *run)
{
    static const char *const ids[PATTERNS_CELLS] = {"oneway", "burst", "paced", "load", "unstable"};
    static const enum pattern patterns[PATTERNS_CELLS] = {
        PATTERN_ONEWAY, PATTERN_BURST, PATTERN_PACED, PATTERN_LOAD, PATTERN_PACED};

    fixture_setting(run);
    run->request.precision = 0.025;
    run->request.budget_seconds = 3600;
    run->request.cold = true;
    run->cells = calloc(PATTERNS_CELLS, sizeof *run->cells);
    assert_non_null(run->cells);
    run->cell_count = PATTERNS_CELLS;
    for (size_t i = 0; i < PATTERNS_CELLS; i++) {
        fixture_cell(&run->cells[i], ids[i], patterns[i]);
        run->cells[i].rate_per_s = 5000;
        run->cells[i].burst_messages = 100;
        run->cells[i].arrivals = ARRIVALS_POISSON;
        struct trial_result result =
            patterns[i] == PATTERN_LOAD ? patterns_load_result() : patterns_result(patterns[i]);
        if (i == PATTERNS_UNSTABLE) {
            result.status = TRIAL_INVALID;
            result.pace.stable = false;
            snprintf(result.error.message, sizeof result.error.message, "unstable");
        }
        patterns_add(&run->cells[i], &result);
    }
    assert_int_equal(run_summarise(run, NULL), 0);
    for (size_t i = 0; i < PATTERNS_UNSTABLE; i++)
        patterns_summary(&run->cells[i].summary, patterns[i]);
}

static inline struct text patterns_document(void)
{
    struct text document = {0};
    struct run run;

    patterns_run(&run);
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    run_free(&run);
    return document;
}

#endif
