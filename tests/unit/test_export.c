/* Exports of runs that no machine would measure: every pattern, every status, names and numbers that
 * are markup or no figure somewhere. tests/cli_export.t has the rules of each format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "base/error.h"
#include "pattern_fixture.h"
#include "results/export.h"
#include "results/export/metric.h"

#define HOSTILE "pingpong/p\"i,p|e<b>`\\\n\t%+ {x=\"1\"}/64/#a"

static struct text exported(const char *name, const struct run *run)
{
    const struct export_format *format = NULL;
    struct text out = {0};
    struct error error = {0};

    const struct run_cell **const cells = calloc(run->cell_count + 1, sizeof *cells);
    assert_non_null(cells);
    for (size_t i = 0; i < run->cell_count; i++)
        cells[i] = &run->cells[i];
    assert_int_equal(export_find(name, &format, NULL), 0);
    const struct export_source source = {run, cells, run->cell_count};
    if (format->write(&source, &out, &error) != 0)
        fail_msg("%s: %s", name, error.message);
    free(cells);
    return out;
}

static size_t count_of(const char *text, const char *needle)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, needle)); at += strlen(needle))
        count++;
    return count;
}

static void assert_lacks(const char *format, const struct text *out, const char *needle)
{
    if (strstr(text_string(out), needle))
        fail_msg("%s has \"%s\":\n%s", format, needle, text_string(out));
}

static void test_table_names_each_format_once(void **state)
{
    const struct export_format *format;
    struct error error = {0};
    struct text list = {0};
    (void)state;

    assert_int_equal(export_format_count, 11);
    for (size_t i = 0; i < export_format_count; i++) {
        assert_int_equal(export_find(export_formats[i].name, &format, NULL), 0);
        assert_ptr_equal(format, &export_formats[i]);
        assert_true(export_formats[i].extension[0] != '\0');
    }
    assert_int_equal(export_find("CSV", &format, &error), -EINVAL);
    assert_non_null(strstr(error.message, "no format 'CSV': gbench, gha-smaller"));
    export_list(&list);
    assert_int_equal(count_of(text_string(&list), "\n"), export_format_count);
    text_free(&list);
}

/* One cell of the fixture is ok in each pattern; the others have no figures to give. */
static void test_cells_that_are_not_ok_are_left_out(void **state)
{
    struct run run;
    (void)state;

    fixture_run(&run);
    for (size_t i = 0; i < export_format_count; i++) {
        struct text out = exported(export_formats[i].name, &run);
        if (strcmp(export_formats[i].name, "md") == 0) {
            assert_int_equal(count_of(text_string(&out), "\n* "), 3);
            assert_non_null(
                strstr(text_string(&out), "no huge pages; try: sysctl vm.nr\\_hugepag"));
        } else {
            assert_lacks(export_formats[i].name, &out, "pipe/65");
            assert_lacks(export_formats[i].name, &out, "pipe/66");
        }
        text_free(&out);
    }
    run_free(&run);
}

/* A trial that failed is no repetition, whatever figures it may carry. */
static void test_failed_trials_are_left_out(void **state)
{
    struct run run;
    (void)state;

    fixture_run(&run);
    run.cells[FIXTURE_PINGPONG].trials[3].figures.p50_ns = 12345;
    struct text gbench = exported("gbench", &run);
    struct text gobench = exported("gobench", &run);
    struct text csv = exported("csv", &run);
    assert_int_equal(count_of(text_string(&gbench), "\"name\":\t\"pingpong/pipe/64/p50\""), 3);
    assert_int_equal(count_of(text_string(&gobench), "\nBenchmarkIPC/cell=pingpong/pipe/64-"), 3);
    assert_int_equal(count_of(text_string(&csv), ",p50,ns,"), 3 + 1); /* one of the pairs */
    assert_lacks("csv", &csv, "12345");
    text_free(&gbench);
    text_free(&gobench);
    text_free(&csv);
    run_free(&run);
}

static void spoil(struct run *run, double value)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        struct run_cell *const cell = &run->cells[i];
        cell->summary.p50_ns = cell->summary.p99_ns = cell->summary.rate_per_s = value;
        cell->summary.load.saturation_per_s.value = value;
        for (size_t t = 0; t < cell->trial_count; t++) {
            cell->trials[t].figures.p50_ns = cell->trials[t].figures.rate_per_s = value;
            cell->trials[t].figures.max_ns = cell->trials[t].figures.p99_ns = value;
        }
    }
}

/* Names of fields and cells aside, no format may show what is no number. */
static void test_what_is_no_figure_is_left_out(void **state)
{
    static const double values[] = {0, -1, NAN, INFINITY, -INFINITY};
    (void)state;

    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        for (size_t i = 0; i < export_format_count; i++) {
            struct run run;
            patterns_run(&run);
            spoil(&run, values[v]);
            struct text out = exported(export_formats[i].name, &run);
            assert_lacks(export_formats[i].name, &out, "nan");
            assert_lacks(export_formats[i].name, &out, " inf");
            assert_lacks(export_formats[i].name, &out, ",inf");
            assert_lacks(export_formats[i].name, &out, "null");
            assert_lacks(export_formats[i].name, &out, ",p50,ns,0");
            assert_lacks(export_formats[i].name, &out, "\"value\":\t0");
            assert_lacks(export_formats[i].name, &out, "real_time\":\t0");
            text_free(&out);
            run_free(&run);
        }
    }
}

/* An interval that does not hold its figure, or reaches down to 0, is none. */
static void test_intervals_hold_their_figure(void **state)
{
    struct run run;
    (void)state;

    fixture_run(&run);
    run.cells[FIXTURE_PAIRS].status = TRIAL_INTERRUPTED; /* one cell's interval is enough */
    struct run_cell *const cell = &run.cells[FIXTURE_PINGPONG];
    assert_true(metric_of_cell(cell, METRIC_P50).low > 0);
    cell->summary.p50_low_ns = 0;
    assert_near(metric_of_cell(cell, METRIC_P50).low, 0, 0);
    assert_near(metric_of_cell(cell, METRIC_P50).high, 0, 0);
    cell->summary.p50_low_ns = cell->summary.p50_ns + 1;
    assert_near(metric_of_cell(cell, METRIC_P50).low, 0, 0);
    struct text out = exported("gha-smaller", &run);
    assert_lacks("gha-smaller", &out, "range");
    text_free(&out);
    run_free(&run);
}

static void test_hostile_names_stay_one_name(void **state)
{
    static const struct {
        const char *format, *expected;
    } cases[] = {
        {"csv", "\n\"pingpong/p\"\"i,p|e<b>`\\\n\t%+ {x=\"\"1\"\"}/64/#a\",pingpong,"},
        {"prom", "cell=\"pingpong/p\\\"i,p|e<b>`\\\\\\n\t%+ {x=\\\"1\\\"}/64/#a\","},
        {"hlog", "\nTag=pingpong/p%22i+p%7Ce%3Cb%3E%60%5C%0A%09%25%2B%20%7Bx=%221%22%7D/64/%23a,"},
        {"gobench", "\nBenchmarkIPC/pattern=pingpong/transport=p%22i+p%7Ce%3Cb%3E%60%5C%0A%09%25%2B"
                    "%20%7Bx=%221%22%7D/size=64/placement=%23a-"},
        {"md", "\n| pingpong/p\"i,p\\|e\\<b\\>\\`\\\\  %+ {x=\"1\"}/64/\\#a |"},
        {"hgrm", "#[Cell    = pingpong/p\"i,p|e<b>`\\  %+ {x=\"1\"}/64/#a]\n"},
        {"bmf", "\"pingpong/p\\\"i,p|e<b>`\\\\\\n\\t%+ {x=\\\"1\\\"}/64/#a\":"},
    };
    struct run run;
    (void)state;

    fixture_run(&run);
    free(run.cells[FIXTURE_PINGPONG].id);
    run.cells[FIXTURE_PINGPONG].id = fixture_text(HOSTILE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text out = exported(cases[i].format, &run);
        if (!strstr(text_string(&out), cases[i].expected))
            fail_msg("%s lacks %s:\n%s", cases[i].format, cases[i].expected, text_string(&out));
        text_free(&out);
    }
    run_free(&run);
}

static int refusal(const char *name, const struct run *run, struct error *error)
{
    const struct export_format *format = NULL;
    const struct run_cell *const cells[] = {&run->cells[0]};
    const struct export_source source = {run, cells, 1};
    struct text out = {0};

    assert_int_equal(export_find(name, &format, NULL), 0);
    const int failed = format->write(&source, &out, error);
    text_free(&out);
    return failed;
}

static void test_what_a_format_cannot_hold_is_refused(void **state)
{
    static const char *const dated[] = {"otava", "hlog", "prom"};
    struct error error = {0};
    struct run run;
    (void)state;

    fixture_run(&run);
    free(run.cells[0].id);
    run.cells[0].id = calloc(1, 1026);
    assert_non_null(run.cells[0].id);
    memset(run.cells[0].id, 'x', 1025);
    assert_int_equal(refusal("bmf", &run, &error), -EINVAL);
    assert_non_null(strstr(error.message, "1025 bytes"));
    run.cells[0].id[1024] = '\0';
    assert_int_equal(refusal("bmf", &run, &error), 0);
    free(run.started_at);
    run.started_at = fixture_text("yesterday");
    for (size_t i = 0; i < sizeof dated / sizeof dated[0]; i++) {
        assert_int_equal(refusal(dated[i], &run, &error), -EINVAL);
        assert_non_null(strstr(error.message, "started_at: expected a time like"));
    }
    run_free(&run);
}

static void test_load_has_its_curve(void **state)
{
    struct run run;
    (void)state;

    patterns_run(&run);
    struct text csv = exported("csv", &run);
    struct text md = exported("md", &run);
    const size_t trials = run.cells[PATTERNS_LOAD].trial_count;
    assert_int_equal(count_of(text_string(&csv), ",offered,op/s,"), trials * LOAD_POINTS_MAX);
    assert_int_equal(count_of(text_string(&csv), ",0.9015625,p50,ns,4000\n"), trials);
    assert_int_equal(count_of(text_string(&md), "| of saturation |"), 1);
    assert_int_equal(count_of(text_string(&md), "unstable | - |"), LOAD_SHARES - 8);
    text_free(&csv);
    text_free(&md);
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_names_each_format_once),
        cmocka_unit_test(test_cells_that_are_not_ok_are_left_out),
        cmocka_unit_test(test_failed_trials_are_left_out),
        cmocka_unit_test(test_what_is_no_figure_is_left_out),
        cmocka_unit_test(test_intervals_hold_their_figure),
        cmocka_unit_test(test_hostile_names_stay_one_name),
        cmocka_unit_test(test_what_a_format_cannot_hold_is_refused),
        cmocka_unit_test(test_load_has_its_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
