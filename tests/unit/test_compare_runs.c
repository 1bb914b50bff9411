/* Which cells and which runs are compared at all, and what a comparison comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "compare_fixture.h"

/* --- cells without figures on one side --------------------------------------------------------- */

static void skipped(struct run_cell *cell)
{
    set_status(cell, TRIAL_SKIPPED, "no huge pages");
}

static void invalid(struct run_cell *cell)
{
    set_status(cell, TRIAL_INVALID, "messages were lost");
}

static void interrupted(struct run_cell *cell)
{
    set_status(cell, TRIAL_INTERRUPTED, NULL);
}

/* NULL: the cell is not in that run. */
static const struct {
    void (*base)(struct run_cell *cell);
    void (*now)(struct run_cell *cell);
    enum compare_verdict verdict;
    const char *reason;
} sides[] = {
    {measured, NULL, COMPARE_MISSING, "not in NEW"},
    {measured, skipped, COMPARE_MISSING, "skipped in NEW: no huge pages"},
    {measured, interrupted, COMPARE_MISSING, "not measured in NEW, which was interrupted"},
    {measured, failed, COMPARE_FAILED, "failed in NEW: receiver died"},
    {measured, invalid, COMPARE_FAILED, "invalid in NEW: messages were lost"},
    {skipped, failed, COMPARE_FAILED,
     "skipped in BASE: no huge pages; failed in NEW: receiver died"},
    {NULL, failed, COMPARE_FAILED, "not in BASE; failed in NEW: receiver died"},
    {NULL, measured, COMPARE_NEW, "not in BASE"},
    {skipped, measured, COMPARE_NEW, "skipped in BASE: no huge pages"},
    {failed, measured, COMPARE_NEW, "failed in BASE: receiver died"},
    {failed, failed, COMPARE_UNMEASURED,
     "failed in BASE: receiver died; failed in NEW: receiver died"},
    {failed, invalid, COMPARE_UNMEASURED,
     "failed in BASE: receiver died; invalid in NEW: messages were lost"},
    {skipped, skipped, COMPARE_UNMEASURED,
     "skipped in BASE: no huge pages; skipped in NEW: no huge pages"},
    {skipped, NULL, COMPARE_UNMEASURED, "skipped in BASE: no huge pages; not in NEW"},
};

static void test_cells_without_figures(void **state)
{
    const struct compare_options options = compare_defaults();
    (void)state;

    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        struct made_pair pair;
        make_pair(&pair, sides[i].base ? 1 : 0, sides[i].now ? 1 : 0);
        if (sides[i].base)
            sides[i].base(pair.base.cells);
        if (sides[i].now)
            sides[i].now(pair.now.cells);
        compare_pair(&pair, &options);
        assert_int_equal(pair.comparison.cell_count, 1);
        assert_verdict(&pair.comparison.cells[0], sides[i].verdict);
        assert_string_equal(pair.comparison.cells[0].reason, sides[i].reason);
        assert_int_equal(pair.comparison.counts[sides[i].verdict], 1);
        assert_int_equal(compare_outcome(&pair.comparison), sides[i].verdict == COMPARE_FAILED
                                                                ? COMPARE_OUTCOME_FAILED
                                                                : COMPARE_OUTCOME_NOT_COMPARABLE);
        free_pair(&pair);
    }
}

/* --- two runs of several cells ----------------------------------------------------------------- */

static void test_the_gravest_comes_first(void **state)
{
    static const char *const order[] = {"cell/02", "cell/00", "cell/04",
                                        "cell/01", "cell/05", "cell/03"};
    const struct compare_options options = compare_defaults();
    struct made_pair pair;
    struct compare_rows rows;
    (void)state;

    make_runs(&pair);
    compare_pair(&pair, &options);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_FAILED);
    assert_int_equal(compare_rows_make(&pair.comparison, &rows, NULL), 0);
    assert_int_equal(rows.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(rows.rows[i].cell->id, order[i]);
    compare_rows_free(&rows);
    assert_sentence(&pair.comparison, "2 of 6 cells regressed: cell/02 p50 by 50 % [");
    assert_sentence(&pair.comparison, "; 1 unchanged within 5 % or 50 ns; 1 failed: cell/04; "
                                      "1 improved: cell/01 p50 by 20 % [");
    free_pair(&pair);
}

static void test_some_failed_trials_are_a_failure(void **state)
{
    const struct compare_options options = compare_defaults();
    struct made_pair pair;
    (void)state;

    make_pair(&pair, 1, 1);
    measured(pair.base.cells);
    made_trials(pair.now.cells, &(struct made){10, 5000, .01, 2});
    made_trial(pair.now.cells, 1)->result.status = TRIAL_FAILED;
    pair.now.cells[0].summary.failed_reason = fixture_text("receiver died");
    compare_pair(&pair, &options);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_FAILED);
    assert_remark(&pair.comparison, COMPARE_EQUIVALENT, "some trials of NEW failed: receiver died");

    made_trial(pair.base.cells, 1)->result.status = TRIAL_FAILED; /* as it always was */
    compare_pair(&pair, &options);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_FINE);
    free_pair(&pair);
}

static void test_filter(void **state)
{
    struct compare_options options = compare_defaults();
    struct made_pair pair;
    struct error error = {0};
    regex_t filter;
    (void)state;

    make_runs(&pair);
    assert_int_equal(regcomp(&filter, "/0[13]$", REG_EXTENDED | REG_NOSUB), 0);
    options.filter = &filter;
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.cell_count, 2);
    assert_int_equal(pair.comparison.tests, 2);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_FINE);
    compare_free(&pair.comparison);
    regfree(&filter);

    assert_int_equal(regcomp(&filter, "frob", REG_NOSUB), 0);
    assert_int_equal(compare_runs(&pair.base, &pair.now, &options, &pair.comparison, &error),
                     -EINVAL);
    assert_contains(error.message, "no cell's id matches the filter; the first is cell/00");
    regfree(&filter);
    free_pair(&pair);
}

/* The id holds all that could break one of them. */
static void test_reports_survive_any_name(void **state)
{
    const struct compare_options options = compare_defaults();
    struct text xml = {0}, json = {0}, markdown = {0};
    struct made_pair pair;
    (void)state;

    make_runs(&pair);
    free(pair.base.cells[0].id);
    free(pair.now.cells[0].id);
    pair.base.cells[0].id = fixture_text("a<b>&\"|`\n\x01\xff");
    pair.now.cells[0].id = fixture_text("a<b>&\"|`\n\x01\xff");
    compare_pair(&pair, &options);
    assert_int_equal(compare_write_junit(&pair.comparison, &xml, NULL), 0);
    assert_int_equal(compare_write_json(&pair.comparison, &json, NULL), 0);
    assert_int_equal(compare_write_markdown(&pair.comparison, false, &markdown, NULL), 0);
    assert_contains(text_string(&xml), "name=\"a&lt;b&gt;&amp;&quot;|`??? p50\"");
    assert_contains(text_string(&xml), "tests=\"6\" failures=\"2\" errors=\"1\" skipped=\"1\"");
    assert_contains(text_string(&json), "\"a<b>&\\\"|`\\n\\u0001?\"");
    assert_contains(text_string(&markdown), "| `a<b>&\"\\|   ");
    assert_null(strstr(text_string(&markdown), "cell/03")); /* unchanged */
    text_free(&xml);
    text_free(&json);
    text_free(&markdown);
    free_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_without_figures),
        cmocka_unit_test(test_the_gravest_comes_first),
        cmocka_unit_test(test_some_failed_trials_are_a_failure),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_reports_survive_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
