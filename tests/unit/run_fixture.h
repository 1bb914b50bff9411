/* A made run for the tests of results/: every kind of cell and trial there is, with the values that
 * are hard to write (2^53 and beyond, stray bytes, quotes) in it. Include after cmocka.h. */
#ifndef IPCBENCH_TESTS_RUN_FIXTURE_H
#define IPCBENCH_TESTS_RUN_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/json.h"
#include "results/run.h"

#define FIXTURE_SEED UINT64_C(18446744073709551615)

/* cmocka's own comparison works on floats, too coarse for these figures. */
static inline void assert_near(double value, double expected, double tolerance)
{
    if (!(value >= expected - tolerance && value <= expected + tolerance))
        fail_msg("%.17g, expected %.17g within %g", value, expected, tolerance);
}

static inline char *fixture_text(const char *text)
{
    char *const copy = strdup(text);
    assert_non_null(copy);
    return copy;
}

static inline void fixture_option(struct run_option *option, const char *key, const char *text)
{
    *option = (struct run_option){.key = fixture_text(key), .text = fixture_text(text)};
}

/* A cell without trials, as bench/ makes it before anything was measured. */
static inline void fixture_cell(struct run_cell *cell, const char *id, enum pattern pattern)
{
    *cell = (struct run_cell){
        .id = fixture_text(id),
        .pattern = pattern,
        .transport = fixture_text("pipe"),
        .options = calloc(3, sizeof *cell->options),
        .option_count = 3,
        .size_bytes = 64,
        .placement = fixture_text("same-cache"),
        .cpus = {2, 3},
        .touch = TOUCH_ALL,
        .memory = fixture_text("local"),
    };
    assert_non_null(cell->options);
    fixture_option(&cell->options[0], "wait", "block");
    fixture_option(&cell->options[1], "capacity", "64K");
    cell->options[1].is_number = true;
    cell->options[1].number = 65536;
    fixture_option(&cell->options[2], "depth", "default");
    cell->options[2].is_number = true;
}

static inline struct side_cost fixture_side(uint64_t messages)
{
    return (struct side_cost){
        .messages = messages,
        .cpu_ns = messages * 1500,
        .voluntary_switches = messages,
        .involuntary_switches = 3,
        .minor_faults = 1,
        .cpu_migrations = -1,
        .runqueue_wait_ns = INT64_MAX,
        .blocked_ns = messages * 500,
        .memory_node = -1,
        .counters = {.values = {INT64_C(1) << 53, (INT64_C(1) << 53) + 1, -1, -1},
                     .scope = "user",
                     .reason = "perf_event_paranoid is 2"},
    };
}

/* One counter unknown, one beyond 2^53. */
static inline struct disturbance fixture_disturbance(void)
{
    return (struct disturbance){
        .wall_ns = 250000000,
        .sides = {{4711, 42, 7, 10000000}, {INT64_C(1) << 53 | 1, 0, -1, 0}},
        .throttled_ns = -1,
        .throttled_periods = 3,
    };
}

/* Round trips around `median_ns`, `messages` of them; a stream gets interval counts instead. */
static inline struct trial_result fixture_result(enum pattern pattern, uint64_t median_ns,
                                                 uint64_t messages)
{
    struct trial_result result = {
        .status = TRIAL_OK,
        .probe_before_ns = 58.1234,
        .probe_after_ns = 60,
        .messages = messages,
        .elapsed_ns = (double)(messages * median_ns),
        .capacity_messages = -1,
        .rate_per_s = 1e9 / (double)median_ns,
        .sides = {fixture_side(messages), fixture_side(messages)},
        .disturbance = fixture_disturbance(),
    };
    obtained_number(&result.obtained, "capacity_bytes", 65536);
    obtained_text(&result.obtained, "huge_page", "none");

    if (pattern == PATTERN_STREAM) {
        static const uint32_t counts[] = {0, 17, UINT32_MAX};
        result.interval_ns = 1e7;
        result.interval_counts = malloc(sizeof counts);
        assert_non_null(result.interval_counts);
        memcpy(result.interval_counts, counts, sizeof counts);
        result.interval_count = sizeof counts / sizeof counts[0];
        return result;
    }
    assert_int_equal(hdr_init_latency(&result.histogram, NULL), 0);
    for (uint64_t i = 0; i < messages; i++)
        hdr_record(&result.histogram, median_ns - median_ns / 10 + i * (median_ns / 5) / messages);
    return result;
}

static inline struct trial_result fixture_failure(enum trial_status status, const char *message)
{
    struct trial_result result = {.status = status};

    snprintf(result.error.message, sizeof result.error.message, "%s", message);
    snprintf(result.error.knob, sizeof result.error.knob, "sysctl x.%s=1",
             trial_status_name(status));
    return result;
}

/* Adds a trial and checks that the cell has taken over what it owned. */
static inline void fixture_add(struct run_cell *cell, struct trial_result result)
{
    const size_t number = cell->trial_count;

    assert_int_equal(run_cell_add(cell, &result, number, 7 * number, 0.1 * (double)number, NULL),
                     0);
    assert_null(result.histogram.counters);
    assert_null(result.interval_counts);
}

static inline void fixture_machine(struct machine *machine)
{
    static const struct machine_fact facts[] = {
        {.group = "cpu",
         .key = "model",
         .text = "A \"CPU\" \xc2\xb5-\xff\xc3(\xed\xa0\x80) @ 2 GHz"},
        {.group = "cpu", .key = "count", .is_number = true, .number = 2},
        {.group = "limits", .key = "big", .is_number = true, .number = INT64_MAX},
        {.group = "limits", .key = "small", .is_number = true, .number = INT64_MIN},
        {.group = "limits", .key = "edge", .is_number = true, .number = INT64_C(1) << 53},
        {.group = "load", .key = "empty", .text = ""},
    };

    machine->facts = malloc(sizeof facts);
    assert_non_null(machine->facts);
    memcpy(machine->facts, facts, sizeof facts);
    machine->count = sizeof facts / sizeof facts[0];
    for (size_t i = 0; i < machine->count; i++) {
        if (!facts[i].is_number)
            machine->facts[i].text = fixture_text(facts[i].text);
    }
}

static inline struct baseline fixture_baseline(double load_average)
{
    return (struct baseline){
        .taken = true,
        .jitter = {{.cpu = 0, .seconds = 0.25, .minimum_ns = 11.5},
                   {.cpu = 1,
                    .seconds = 0.25,
                    .minimum_ns = 12.5,
                    .gaps = 31,
                    .p999_ns = 80000,
                    .max_ns = 1200000,
                    .lost_share = 0.004,
                    .frequency_hz = 2.5e9}},
        .load_average = load_average,
    };
}

static inline void fixture_setting(struct run *run)
{
    *run = (struct run){
        .status = RUN_INTERRUPTED,
        .version = fixture_text("0.1"),
        .started_at = fixture_text("2025-01-31T12:00:00Z"),
        .finished_at = fixture_text("2025-01-31T12:03:20Z"),
        .elapsed_s = 200.123456789,
        .request = {.arguments = calloc(2, sizeof(char *)),
                    .argument_count = 2,
                    .seed = FIXTURE_SEED,
                    .trials = 5,
                    .timed_seconds = 0.2,
                    .warmup_seconds = 0.05,
                    .cpus = {0, 1}},
        .clock = {.kind = CLOCK_KIND_COUNTER,
                  .ns_per_tick = 1 / 2.1,
                  .cost_ns = 18.2,
                  .resolution_ns = 9.6,
                  .drift_ppm = -1.25,
                  .name = "tsc"},
        .bounds = {.cache_line_round_trip_ns = 58.2, .memcpy_cached_bytes_per_s = 12345678901.5},
        .noise = {.before = fixture_baseline(0), .during = fixture_disturbance()},
    };
    assert_non_null(run->request.arguments);
    run->request.arguments[0] = fixture_text("-t");
    run->request.arguments[1] = fixture_text("pipe\n\x01");
    fixture_machine(&run->machine);
}

enum {
    FIXTURE_PINGPONG,
    FIXTURE_STREAM,
    FIXTURE_SKIPPED,
    FIXTURE_INVALID,
    FIXTURE_LATER,
    FIXTURE_PAIRS,
    FIXTURE_CHANNEL,
    FIXTURE_CELLS
};

/* One trial of two pairs, or of one sender and two receivers on one channel. */
static inline void fixture_plugin(struct run_cell *cell)
{
    cell->plugin = malloc(sizeof *cell->plugin);
    assert_non_null(cell->plugin);
    *cell->plugin = (struct run_plugin){
        .path = fixture_text("/opt/lib pipe.so"),
        .build_id = "00ff47f1804147d5b179f62b48d426104a2064cd",
        .crc32 = "0a0b0c0d",
        .file_bytes = 48456,
    };
}

static inline void fixture_crew(struct run_cell *cell, const struct run_crew *crew)
{
    struct trial_result result = fixture_result(cell->pattern, 100, 1000);

    cell->crew = malloc(sizeof *cell->crew);
    result.crew = malloc(sizeof *result.crew);
    assert_true(cell->crew && result.crew);
    *cell->crew = *crew;
    *result.crew = (struct crew_figures){
        .lane_count = 2, .rate_per_s = {1234567, 0}, .fairness = 0.5, .p50_ns = {5000, 6000}};
    if (crew->senders) {
        *result.crew = (struct crew_figures){.lane_count = 2,
                                             .rate_per_s = {100, 300},
                                             .fairness = 0.8,
                                             .sender_count = 1,
                                             .sent_per_s = {410.5},
                                             .sender_fairness = 1};
    }
    fixture_add(cell, result);
}

static inline void fixture_run(struct run *run)
{
    fixture_setting(run);
    run->cells = calloc(FIXTURE_CELLS, sizeof *run->cells);
    assert_non_null(run->cells);
    run->cell_count = FIXTURE_CELLS;

    struct run_cell *const cells = run->cells;
    fixture_cell(&cells[FIXTURE_PINGPONG], "pingpong/pipe/64", PATTERN_PINGPONG);
    fixture_cell(&cells[FIXTURE_STREAM], "stream/pipe/64", PATTERN_STREAM);
    fixture_plugin(&cells[FIXTURE_STREAM]);
    fixture_cell(&cells[FIXTURE_SKIPPED], "pingpong/pipe/65", PATTERN_PINGPONG);
    fixture_cell(&cells[FIXTURE_INVALID], "stream/pipe/65", PATTERN_STREAM);
    fixture_cell(&cells[FIXTURE_LATER], "stream/pipe/66", PATTERN_STREAM);

    for (uint64_t i = 0; i < 3; i++)
        fixture_add(&cells[FIXTURE_PINGPONG],
                    fixture_result(PATTERN_PINGPONG, 5000 + 100 * i, 20000));
    fixture_add(&cells[FIXTURE_PINGPONG], fixture_failure(TRIAL_FAILED, "receiver: died \xe2\x82"));
    fixture_add(&cells[FIXTURE_STREAM], fixture_result(PATTERN_STREAM, 7, 1000000));
    struct trial_result invalid = fixture_result(PATTERN_STREAM, 7, 1000000);
    invalid.status = TRIAL_INVALID;
    invalid.integrity.lost = UINT64_MAX;
    snprintf(invalid.error.message, sizeof invalid.error.message, "messages were lost");
    fixture_add(&cells[FIXTURE_INVALID], invalid);

    cells[FIXTURE_SKIPPED].status = TRIAL_SKIPPED;
    cells[FIXTURE_SKIPPED].reason = fixture_text("no huge pages");
    cells[FIXTURE_SKIPPED].knob = fixture_text("sysctl vm.nr_hugepages=64");
    fixture_cell(&cells[FIXTURE_PAIRS], "pingpong/pipe/64/pairs=2", PATTERN_PINGPONG);
    fixture_crew(&cells[FIXTURE_PAIRS], &(struct run_crew){.pairs = 2,
                                                           .oversubscribed = true,
                                                           .lane_count = 2,
                                                           .cpus = {{2, 3}, {2, 3}}});
    fixture_cell(&cells[FIXTURE_CHANNEL], "stream/pipe/64/senders=1/receivers=2", PATTERN_STREAM);
    fixture_crew(&cells[FIXTURE_CHANNEL], &(struct run_crew){.senders = 1,
                                                             .receivers = 2,
                                                             .lane_count = 2,
                                                             .cpus = {{2, 3}, {CPU_ANY, 0}}});
    assert_int_equal(run_summarise(run, NULL), 0);
}

/* The fixture as a document; the caller frees the text. */
static inline struct text fixture_document(void)
{
    struct text document = {0};
    struct error error = {0};
    struct run run;

    fixture_run(&run);
    if (run_write_json(&run, &document, &error) != 0)
        fail_msg("%s", error.message);
    run_free(&run);
    return document;
}

#endif
