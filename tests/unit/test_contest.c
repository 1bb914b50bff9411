/* Two cells of one run: who is better, when that is said, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

#include "results/contest.h"

enum { FIRST, SECOND };

/* A run of two ping-pong cells; the trials come from the test. */
static void two_cells(struct run *run)
{
    made_empty(run);
    made_cell(run, PATTERN_PINGPONG, "pipe", 64);
    made_cell(run, PATTERN_PINGPONG, "fifo", 64);
}

static struct contest held(struct run *run)
{
    struct contest contest = contest_of(&run->cells[FIRST], &run->cells[SECOND],
                                        contest_main_figure(&run->cells[FIRST]));
    assert_int_equal(run_summarise(run, NULL), 0);
    assert_int_equal(contest_measure(&contest, NULL), 0);
    assert_int_equal(contests_correct(&contest, 1, NULL), 0);
    return contest;
}

static struct contest of_figures(size_t first_count, double first, size_t second_count,
                                 double second, double share)
{
    struct run run;
    two_cells(&run);
    made_trials(&run.cells[FIRST], &(struct made){first_count, first, share, 1});
    made_trials(&run.cells[SECOND], &(struct made){second_count, second, share, 2});
    struct contest contest = held(&run);
    contest.first = contest.second = NULL; /* about to go */
    run_free(&run);
    return contest;
}

static void who_is_better(void **state)
{
    (void)state;
    struct contest contest = of_figures(8, 1000, 8, 2000, 0.01);
    assert_int_equal(contest.outcome, CONTEST_FIRST);
    assert_near(contest.advantage.value, 2, 0.02);
    assert_true(contest.advantage.low > 1.9 && contest.advantage.high < 2.1);
    assert_int_equal(of_figures(8, 2000, 8, 1000, 0.01).outcome, CONTEST_SECOND);
    assert_int_equal(of_figures(8, 2000, 8, 2010, 0.01).outcome, CONTEST_EQUAL);
    assert_int_equal(of_figures(8, 2000, 8, 2010, 0.3).outcome, CONTEST_OPEN);
}

static void of_rates_more_is_better(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "pipe", 64, 3e6);
    made_measured(&run, PATTERN_STREAM, "fifo", 64, 1e6);
    const struct contest contest = held(&run);
    assert_int_equal(contest.outcome, CONTEST_FIRST);
    assert_near(contest.advantage.value, 3, 0.05);
    run_free(&run);
}

static void small_differences_are_none(void **state)
{
    (void)state;
    assert_int_equal(of_figures(20, 100000, 20, 104000, 0.001).outcome, CONTEST_EQUAL);
    assert_int_equal(of_figures(20, 100000, 20, 106000, 0.001).outcome, CONTEST_FIRST);
    /* 40 ns, though it is 40 % */
    assert_int_equal(of_figures(20, 100, 20, 140, 0.001).outcome, CONTEST_EQUAL);
    /* significant, but not beyond the noise of figures that scatter by 50 % */
    const struct contest noisy = of_figures(46, 10000, 46, 11600, 0.5);
    assert_true(noisy.p < 0.05);
    assert_int_equal(noisy.outcome, CONTEST_OPEN);
}

static void few_trials_decide_nothing(void **state)
{
    (void)state;
    assert_int_equal(of_figures(3, 1000, 3, 9000, 0.01).outcome, CONTEST_OPEN);
    assert_int_equal(of_figures(3, 1000, 3, 1000, 0.001).outcome, CONTEST_OPEN);
    assert_int_equal(of_figures(4, 1000, 4, 9000, 0.01).outcome, CONTEST_FIRST);
    assert_int_equal(of_figures(0, 1, 8, 9000, 0.01).outcome, CONTEST_OPEN);
}

/* The second got eight more rounds, late, when everything was ten times slower. */
static void only_rounds_that_both_were_in(void **state)
{
    struct run run;
    (void)state;
    two_cells(&run);
    made_trials(&run.cells[FIRST], &(struct made){8, 2000, 0.01, 1});
    made_trials(&run.cells[SECOND], &(struct made){8, 2010, 0.01, 2});
    made_trials(&run.cells[SECOND], &(struct made){8, 20000, 0.01, 3});
    const struct contest contest = held(&run);
    assert_int_equal(contest.second_trials, 8);
    assert_true(contest.outcome != CONTEST_FIRST);
    assert_near(contest.advantage.value, 1, 0.02);
    run_free(&run);
}

static void in_state(struct run_cell *cell, double figure, double probe_ns)
{
    struct run_trial *const trial = made_trial(cell, figure);
    trial->result.probe_before_ns = trial->result.probe_after_ns = probe_ns;
}

/* The first was mostly measured near, the second mostly far; near and far they are the same. */
static void states_are_no_difference(void **state)
{
    struct run run;
    (void)state;
    two_cells(&run);
    for (int i = 0; i < 7; i++) {
        in_state(&run.cells[FIRST], 1000 + i, 60);
        in_state(&run.cells[SECOND], 5000 + i, 500);
    }
    in_state(&run.cells[FIRST], 5003.5, 500);
    in_state(&run.cells[SECOND], 1003.5, 60);
    const struct contest contest = held(&run);
    assert_int_equal(contest.states, 2);
    assert_int_equal(contest.outcome, CONTEST_EQUAL);
    assert_near(contest.advantage.value, 1, 0.01);
    run_free(&run);
}

/* Few trials in each state, but better in any than the other in any. */
static void better_whatever_the_state(void **state)
{
    struct run run;
    (void)state;
    two_cells(&run);
    for (int i = 0; i < 4; i++) {
        in_state(&run.cells[FIRST], 100 + i, i < 3 ? 60 : 500);
        in_state(&run.cells[SECOND], 30000 + i, i < 1 ? 60 : 500);
    }
    const struct contest contest = held(&run);
    assert_near(contest.p, 2.0 / 70, 1e-9);
    assert_int_equal(contest.outcome, CONTEST_FIRST);
    run_free(&run);
}

static void states_that_disagree_decide_nothing(void **state)
{
    struct run run;
    (void)state;
    two_cells(&run);
    for (int i = 0; i < 10; i++) {
        in_state(&run.cells[FIRST], 1000 + i, 60);
        in_state(&run.cells[SECOND], 3000 + i, 60);
    }
    for (int i = 0; i < 3; i++) {
        in_state(&run.cells[FIRST], 9000 + i, 500);
        in_state(&run.cells[SECOND], 5000 + i, 500);
    }
    const struct contest contest = held(&run);
    assert_true(contest.p < 0.05);
    assert_false(contest.states_agree);
    assert_int_equal(contest.outcome, CONTEST_OPEN);
    run_free(&run);
}

static void marked_cells_are_never_equal(void **state)
{
    struct run run;
    (void)state;
    two_cells(&run);
    made_trials(&run.cells[FIRST], &(struct made){8, 2000, 0.001, 1});
    made_trials(&run.cells[SECOND], &(struct made){8, 2000, 0.001, 2});
    for (int i = 0; i < 5; i++)
        run.cells[SECOND].trials[i].result.drifting = true;
    assert_int_equal(held(&run).outcome, CONTEST_OPEN);
    run_free(&run);
}

static void what_is_weak(void **state)
{
    struct run run;
    (void)state;
    two_cells(&run);
    struct run_cell *const cell = &run.cells[FIRST];
    assert_string_equal(contest_weakness(cell), "not measured");
    for (int i = 0; i < 3; i++)
        made_trial(cell, 1000);
    assert_string_equal(contest_weakness(cell), "too few trials");
    made_trial(cell, 1000);
    assert_string_equal(contest_weakness(cell), "");
    for (int i = 0; i < 4; i++)
        made_trial(cell, 1000)->result.status = TRIAL_INVALID;
    assert_contains(contest_weakness(cell), "invalid or failed");
    for (int i = 0; i < 4; i++)
        made_trial(cell, 1000);
    cell->summary.clock_limited = true;
    assert_contains(contest_weakness(cell), "clocks");
    cell->summary.clock_limited = false;
    struct run_crew crew = {.pairs = 2, .oversubscribed = true};
    cell->crew = &crew;
    assert_contains(contest_weakness(cell), "fewer CPUs");
    cell->crew = NULL;
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_better),
        cmocka_unit_test(of_rates_more_is_better),
        cmocka_unit_test(small_differences_are_none),
        cmocka_unit_test(few_trials_decide_nothing),
        cmocka_unit_test(only_rounds_that_both_were_in),
        cmocka_unit_test(states_are_no_difference),
        cmocka_unit_test(better_whatever_the_state),
        cmocka_unit_test(states_that_disagree_decide_nothing),
        cmocka_unit_test(marked_cells_are_never_equal),
        cmocka_unit_test(what_is_weak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
