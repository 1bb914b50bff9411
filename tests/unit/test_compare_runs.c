/* Which cells and which runs are compared at all, and what a comparison comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "compare_fixture.h"
#include "results/compare_rules.h"

static void set_status(struct run_cell *cell, enum trial_status status, const char *reason)
{
    cell->status = status;
    free(cell->reason);
    cell->reason = reason ? fixture_text(reason) : NULL;
}

/* --- cells without figures on one side --------------------------------------------------------- */

static void measured(struct run_cell *cell)
{
    made_trials(cell, &(struct made){10, 5000, .01, 1});
}

static void skipped(struct run_cell *cell)
{
    set_status(cell, TRIAL_SKIPPED, "no huge pages");
}

static void failed(struct run_cell *cell)
{
    set_status(cell, TRIAL_FAILED, "receiver died");
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
        struct comparison comparison;
        struct run base, now;
        made_run(&base, sides[i].base ? 1 : 0);
        made_run(&now, sides[i].now ? 1 : 0);
        if (sides[i].base)
            sides[i].base(base.cells);
        if (sides[i].now)
            sides[i].now(now.cells);
        compared(&base, &now, &options, &comparison);
        assert_int_equal(comparison.cell_count, 1);
        assert_verdict(&comparison.cells[0], sides[i].verdict);
        assert_string_equal(comparison.cells[0].reason, sides[i].reason);
        assert_int_equal(comparison.counts[sides[i].verdict], 1);
        assert_int_equal(compare_outcome(&comparison), sides[i].verdict == COMPARE_FAILED
                                                           ? COMPARE_OUTCOME_FAILED
                                                           : COMPARE_OUTCOME_NOT_COMPARABLE);
        compare_free(&comparison);
        run_free(&base);
        run_free(&now);
    }
}

/* --- two runs of several cells ----------------------------------------------------------------- */

struct runs {
    struct run base, now;
};

/* Cell 0 regresses, 1 improves, 2 regresses more, 3 stays, 4 fails, 5 is in NEW alone. */
static void make_runs(struct runs *runs)
{
    static const double factors[] = {1.12, 0.8, 1.5, 1};

    made_run(&runs->base, 5);
    made_run(&runs->now, 6);
    for (size_t i = 0; i < 4; i++) {
        made_trials(&runs->base.cells[i], &(struct made){12, 5000, .01, 1});
        made_trials(&runs->now.cells[i], &(struct made){12, 5000 * factors[i], .01, 2});
    }
    measured(&runs->base.cells[4]);
    failed(&runs->now.cells[4]);
    measured(&runs->now.cells[5]);
}

static void free_runs(struct runs *runs)
{
    run_free(&runs->base);
    run_free(&runs->now);
}

static void test_the_gravest_comes_first(void **state)
{
    static const char *const order[] = {"cell/02", "cell/00", "cell/04",
                                        "cell/01", "cell/05", "cell/03"};
    const struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct compare_rows rows;
    struct runs runs;
    (void)state;

    make_runs(&runs);
    compared(&runs.base, &runs.now, &options, &comparison);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FAILED);
    assert_int_equal(compare_rows_make(&comparison, &rows, NULL), 0);
    assert_int_equal(rows.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(rows.rows[i].cell->id, order[i]);
    compare_rows_free(&rows);
    assert_sentence(&comparison, "2 of 6 cells regressed: cell/02 p50 by 50 % [");
    assert_sentence(&comparison, "; 1 unchanged within 5 % or 50 ns; 1 failed: cell/04; "
                                 "1 improved: cell/01 p50 by 20 % [");
    compare_free(&comparison);
    free_runs(&runs);
}

static void test_some_failed_trials_are_a_failure(void **state)
{
    const struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct runs runs;
    (void)state;

    made_run(&runs.base, 1);
    made_run(&runs.now, 1);
    measured(runs.base.cells);
    made_trials(runs.now.cells, &(struct made){10, 5000, .01, 2});
    made_trial(runs.now.cells, 1)->result.status = TRIAL_FAILED;
    runs.now.cells[0].summary.failed_reason = fixture_text("receiver died");
    compared(&runs.base, &runs.now, &options, &comparison);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FAILED);
    assert_remark(&comparison, COMPARE_EQUIVALENT, "some trials of NEW failed: receiver died");
    compare_free(&comparison);

    made_trial(runs.base.cells, 1)->result.status = TRIAL_FAILED; /* as it always was */
    compared(&runs.base, &runs.now, &options, &comparison);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FINE);
    compare_free(&comparison);
    free_runs(&runs);
}

static void test_filter(void **state)
{
    struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct error error = {0};
    struct runs runs;
    regex_t filter;
    (void)state;

    make_runs(&runs);
    assert_int_equal(regcomp(&filter, "/0[13]$", REG_EXTENDED | REG_NOSUB), 0);
    options.filter = &filter;
    compared(&runs.base, &runs.now, &options, &comparison);
    assert_int_equal(comparison.cell_count, 2);
    assert_int_equal(comparison.tests, 2);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FINE);
    compare_free(&comparison);
    regfree(&filter);

    assert_int_equal(regcomp(&filter, "frob", REG_NOSUB), 0);
    assert_int_equal(compare_runs(&runs.base, &runs.now, &options, &comparison, &error), -EINVAL);
    assert_contains(error.message, "no cell's id matches the filter; the first is cell/00");
    regfree(&filter);
    free_runs(&runs);
}

/* --- machine and parameters -------------------------------------------------------------------- */

static const struct machine_fact *add_fact(struct run *run, const struct machine_fact *fact)
{
    struct machine *const machine = &run->machine;
    struct machine_fact *const facts =
        realloc(machine->facts, (machine->count + 1) * sizeof *facts);
    assert_non_null(facts);
    machine->facts = facts;
    facts[machine->count] = *fact;
    if (fact->text)
        facts[machine->count].text = fixture_text(fact->text);
    return &facts[machine->count++];
}

#define TEXT(group, key, text)                                                                     \
    {                                                                                              \
        group, key, (char[]){text}, false, 0                                                       \
    }
#define NUMBER(group, key, number)                                                                 \
    {                                                                                              \
        group, key, NULL, true, number                                                             \
    }
enum expectation { SAME, TOLD, REFUSED };
static struct {
    struct machine_fact base, now;
    enum expectation expectation;
} facts[] = {
    {TEXT("build", "commit", "a"), TEXT("build", "commit", "b"), TOLD},
    {TEXT("build", "compiler", "gcc 12"), TEXT("build", "compiler", "gcc 13"), REFUSED},
    {TEXT("kernel", "hostname", "a"), TEXT("kernel", "hostname", "b"), TOLD},
    {TEXT("kernel", "release", "6.1"), TEXT("kernel", "release", "6.2"), REFUSED},
    {TEXT("load", "average_1_5_15_min", "1 2 3"), TEXT("load", "average_1_5_15_min", "4"), SAME},
    {NUMBER("memory", "available_bytes", 1), NUMBER("memory", "available_bytes", 9), SAME},
    {NUMBER("memory", "total_bytes", 1000), NUMBER("memory", "total_bytes", 970), SAME},
    {NUMBER("memory", "total_bytes", 1000), NUMBER("memory", "total_bytes", 900), REFUSED},
    {NUMBER("limits", "msgmnb_bytes", 1), NUMBER("limits", "msgmnb_bytes", 2), REFUSED},
    {NUMBER("cpu", "boost", 1), TEXT("cpu", "boost", "1"), REFUSED},
    {NUMBER("nobody", "knows", 1), NUMBER("nobody", "knows", 2), REFUSED},
    {NUMBER("nobody", "knows", 1), NUMBER("nobody", "knows", 1), SAME},
    {NUMBER("cpu", "only_in_base", 1), NUMBER("load", "x", 1), REFUSED},
    {NUMBER("load", "x", 1), NUMBER("cpu", "only_in_new", 1), REFUSED},
};

static void test_what_may_differ(void **state)
{
    const struct compare_options options = compare_defaults();
    (void)state;

    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct comparison comparison;
        struct runs runs;
        char what[64];
        make_runs(&runs);
        const struct machine_fact *const base = add_fact(&runs.base, &facts[i].base);
        const struct machine_fact *const now = add_fact(&runs.now, &facts[i].now);
        const struct machine_fact *const named = strcmp(base->group, "load") != 0 ? base : now;
        compared(&runs.base, &runs.now, &options, &comparison);
        snprintf(what, sizeof what, "%s/%s", named->group, named->key);
        if (comparison.difference_count != (facts[i].expectation != SAME))
            fail_msg("%s: %zu differences", what, comparison.difference_count);
        if (comparison.refused != (facts[i].expectation == REFUSED))
            fail_msg("%s: %s", what, comparison.refused ? "refused" : "not refused");
        if (comparison.difference_count)
            assert_string_equal(comparison.differences[0].what, what);
        compare_free(&comparison);
        free_runs(&runs);
    }
}

static void longer(struct run *run)
{
    run->request.timed_seconds *= 2;
}

static void warmer(struct run *run)
{
    run->request.warmup_seconds = 7;
}

static void colder(struct run *run)
{
    run->request.cold = true;
}

static void by_another_clock(struct run *run)
{
    snprintf(run->clock.name, sizeof run->clock.name, "monotonic");
}

static void elsewhere(struct run *run)
{
    run->cells[1].cpus = run->cells[2].cpus = (struct cpu_pair){4, 5};
}

static void with_another_default(struct run *run)
{
    run->cells[3].options[1].number = 4096;
}

static void often(struct run *run)
{
    run->request.trials = 99;
    run->request.seed = 1;
    run->request.precision = .5;
}

static void not_to_the_end(struct run *run)
{
    run->status = RUN_COMPLETE; /* BASE is not */
}

static void test_parameters(void **state)
{
    static const struct {
        void (*change)(struct run *run);
        enum expectation expectation;
        const char *what, *now;
    } cases[] = {
        {longer, REFUSED, "timed_seconds", "0.4 s"},
        {warmer, REFUSED, "warmup_seconds", "7 s"},
        {colder, REFUSED, "cold", "yes"},
        {by_another_clock, REFUSED, "clock", "monotonic"},
        {elsewhere, REFUSED, "cell/01 and 1 more cells", "CPUs 4 and 5"},
        {with_another_default, REFUSED, "cell/03", "capacity=64K"},
        {not_to_the_end, TOLD, "status", "complete"},
        {often, SAME, NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct compare_options options = compare_defaults();
        struct comparison comparison;
        struct runs runs;
        make_runs(&runs);
        cases[i].change(&runs.now);
        compared(&runs.base, &runs.now, &options, &comparison);
        assert_int_equal(comparison.difference_count, cases[i].expectation != SAME);
        assert_int_equal(comparison.refused, cases[i].expectation == REFUSED);
        if (comparison.difference_count) {
            assert_string_equal(comparison.differences[0].what, cases[i].what);
            assert_string_equal(comparison.differences[0].now, cases[i].now);
        }
        if (comparison.refused) {
            assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_NOT_COMPARABLE);
            assert_sentence(&comparison, "Not comparable: 1 difference of machine or parameters");
        }
        compare_free(&comparison);

        options.allow_different = true;
        compared(&runs.base, &runs.now, &options, &comparison);
        assert_int_equal(comparison.refused, 0);
        assert_int_equal(comparison.difference_count, cases[i].expectation != SAME);
        assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FAILED);
        compare_free(&comparison);
        free_runs(&runs);
    }
}

/* --- formats ----------------------------------------------------------------------------------- */

/* The id holds all that could break one of them. */
static void test_reports_survive_any_name(void **state)
{
    const struct compare_options options = compare_defaults();
    struct text xml = {0}, json = {0}, markdown = {0};
    struct comparison comparison;
    struct runs runs;
    (void)state;

    make_runs(&runs);
    free(runs.base.cells[0].id);
    free(runs.now.cells[0].id);
    runs.base.cells[0].id = fixture_text("a<b>&\"|`\n\x01\xff");
    runs.now.cells[0].id = fixture_text("a<b>&\"|`\n\x01\xff");
    compared(&runs.base, &runs.now, &options, &comparison);
    assert_int_equal(compare_write_junit(&comparison, &xml, NULL), 0);
    assert_int_equal(compare_write_json(&comparison, &json, NULL), 0);
    assert_int_equal(compare_write_markdown(&comparison, false, &markdown, NULL), 0);
    assert_contains(text_string(&xml), "name=\"a&lt;b&gt;&amp;&quot;|`??? p50\"");
    assert_contains(text_string(&xml), "tests=\"6\" failures=\"2\" errors=\"1\" skipped=\"1\"");
    assert_contains(text_string(&json), "\"a<b>&\\\"|`\\n\\u0001?\"");
    assert_contains(text_string(&markdown), "| `a<b>&\"\\|   ");
    assert_null(strstr(text_string(&markdown), "cell/03")); /* unchanged */
    text_free(&xml);
    text_free(&json);
    text_free(&markdown);
    compare_free(&comparison);
    free_runs(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_without_figures),
        cmocka_unit_test(test_the_gravest_comes_first),
        cmocka_unit_test(test_some_failed_trials_are_a_failure),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_what_may_differ),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_reports_survive_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
