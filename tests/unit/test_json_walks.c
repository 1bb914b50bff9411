/* What walks add to a result file: accesses to a fraction of a nanosecond, how many are a sample, and
 * dTLB misses where the hardware counts them: summarised, written, read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run_fixture.h"

enum { SAMPLES = 500, BATCH = 2048 };

static struct trial_result walked(double access_ns, int64_t dtlb_misses)
{
    struct trial_result result = fixture_result(PATTERN_PAGEWALK, 2, SAMPLES);
    result.messages = SAMPLES * BATCH;
    result.elapsed_ns = access_ns * SAMPLES * BATCH;
    result.rate_per_s = 1e9 / access_ns;
    result.batch_accesses = BATCH;
    result.access_ns = access_ns;
    obtained_number(&result.obtained, "page_bytes", 2 << 20);
    for (int side = 0; side < SIDE_COUNT; side++) {
        result.sides[side].messages = result.messages;
        result.sides[side].counters.values[COUNTER_DTLB_MISSES] = dtlb_misses;
    }
    return result;
}

/* A run of one cell, summarised, as text. */
static struct text walked_document(int64_t dtlb_misses)
{
    struct run run;
    struct text document = {0};
    fixture_setting(&run);
    run.cells = calloc(1, sizeof *run.cells);
    assert_non_null(run.cells);
    run.cell_count = 1;
    fixture_cell(&run.cells[0], "pagewalk/pipe/64", PATTERN_PAGEWALK);
    for (int trial = 0; trial < 3; trial++)
        fixture_add(&run.cells[0], walked(1.25 + 0.125 * trial, dtlb_misses));
    assert_int_equal(run_summarise(&run, NULL), 0);
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    run_free(&run);
    return document;
}

static void read_document(const struct text *document, struct run *run)
{
    struct error error = {0};
    if (run_read_json(text_string(document), run, &error) != 0)
        fail_msg("%s", error.message);
}

static void walks_come_back(void **state)
{
    struct text document = walked_document(SAMPLES * BATCH / 4);
    struct run run;
    (void)state;
    read_document(&document, &run);
    const struct run_cell *const cell = &run.cells[0];
    assert_int_equal(cell->trials[1].result.batch_accesses, BATCH);
    assert_near(cell->trials[1].result.access_ns, 1.375, 1e-9);
    assert_near(cell->trials[1].figures.p50_ns, 1.375, 1e-9);
    assert_near(cell->summary.p50_ns, 1.375, 1e-9);
    assert_near(cell->summary.bytes_per_s, 64e9 / 1.375, 1e6); /* a cache line for each */
    assert_true(cell->summary.dtlb_counted);
    assert_near(cell->summary.dtlb_misses_per_message[SIDE_RECEIVER], 0.25, 1e-9);
    assert_true(run_cell_page_bytes(cell) == 2 << 20);
    for (size_t trial = 0; trial < cell->trial_count; trial++) /* as an import does */
        run_trial_derive(cell, &run.cells[0].trials[trial]);
    assert_int_equal(run_summarise(&run, NULL), 0);
    assert_near(cell->summary.p50_ns, 1.375, 1e-9);
    assert_true(cell->summary.dtlb_counted);
    run_free(&run);
    text_free(&document);
}

static void misses_that_nobody_counts_are_absent(void **state)
{
    struct text document = walked_document(-1);
    struct run run;
    (void)state;
    assert_null(strstr(document.data, "dtlb_misses"));
    read_document(&document, &run);
    assert_false(run.cells[0].summary.dtlb_counted);
    run_free(&run);
    text_free(&document);
}

static void a_walk_says_what_a_sample_is(void **state)
{
    struct text document = walked_document(-1);
    struct run run;
    struct error error = {0};
    char *const at = strstr(document.data, "\"batch_accesses\"");
    (void)state;
    assert_non_null(at);
    at[1] = 'p';
    assert_int_not_equal(run_read_json(document.data, &run, &error), 0);
    assert_non_null(strstr(error.message, "cells[0].trials[0].batch_accesses: missing"));
    text_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_come_back),
        cmocka_unit_test(misses_that_nobody_counts_are_absent),
        cmocka_unit_test(a_walk_says_what_a_sample_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
