/* Verdicts: what is called slower, faster, the same or not known, and that it is so from either
 * side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "compare_fixture.h"

/* Two runs of one cell, compared by these options. */
struct pair {
    struct run base, now;
    struct comparison comparison;
};

static void compare_pair(struct pair *pair, enum pattern pattern, const struct made *base,
                         const struct made *now, const struct compare_options *options)
{
    made_run(&pair->base, 1);
    made_run(&pair->now, 1);
    pair->base.cells[0].pattern = pair->now.cells[0].pattern = pattern;
    made_trials(pair->base.cells, base);
    made_trials(pair->now.cells, now);
    compared(&pair->base, &pair->now, options, &pair->comparison);
}

static void free_pair(struct pair *pair)
{
    compare_free(&pair->comparison);
    run_free(&pair->base);
    run_free(&pair->now);
}

/* A change of figures and what is to be said of it, and of the way back. */
struct change {
    const char *name;
    enum pattern pattern;
    struct made base, now;
    double threshold, minimum_ns;
    enum compare_verdict verdict, backwards;
};

static const struct change changes[] = {
    {"12 % slower",
     PATTERN_PINGPONG,
     {10, 5000, .02, 1},
     {10, 5600, .02, 2},
     .05,
     50,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"a rate 12 % lower",
     PATTERN_STREAM,
     {10, 2e6, .02, 1},
     {10, 1.76e6, .02, 2},
     .05,
     50,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"a knee 12 % lower",
     PATTERN_LOAD,
     {10, 2e6, .02, 1},
     {10, 1.76e6, .02, 2},
     .05,
     50,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"unequal numbers of trials",
     PATTERN_PINGPONG,
     {7, 5000, .02, 1},
     {15, 5600, .02, 2},
     .05,
     50,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"1 % slower",
     PATTERN_PINGPONG,
     {10, 5000, .02, 1},
     {10, 5050, .02, 2},
     .05,
     50,
     COMPARE_EQUIVALENT,
     COMPARE_EQUIVALENT},
    {"3 % slower beyond doubt, under the threshold",
     PATTERN_PINGPONG,
     {10, 5000, .005, 1},
     {10, 5150, .005, 2},
     .05,
     50,
     COMPARE_EQUIVALENT,
     COMPARE_EQUIVALENT},
    {"3 % slower beyond doubt, over the threshold",
     PATTERN_PINGPONG,
     {10, 5000, .005, 1},
     {10, 5150, .005, 2},
     .01,
     50,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"10 % slower, but 40 ns",
     PATTERN_PINGPONG,
     {10, 400, .01, 1},
     {10, 440, .01, 2},
     .05,
     50,
     COMPARE_EQUIVALENT,
     COMPARE_EQUIVALENT},
    {"10 % slower, and 40 ns count",
     PATTERN_PINGPONG,
     {10, 400, .01, 1},
     {10, 440, .01, 2},
     .05,
     0,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"no minimum for rates",
     PATTERN_STREAM,
     {10, 40, .01, 1},
     {10, 36, .01, 2},
     .05,
     50,
     COMPARE_REGRESSED,
     COMPARE_IMPROVED},
    {"too much noise to see anything",
     PATTERN_PINGPONG,
     {10, 5000, .5, 1},
     {10, 5100, .5, 2},
     .05,
     50,
     COMPARE_INCONCLUSIVE,
     COMPARE_INCONCLUSIVE},
    {"three trials tell nothing",
     PATTERN_PINGPONG,
     {3, 5000, .001, 1},
     {3, 9000, .001, 2},
     .05,
     50,
     COMPARE_INCONCLUSIVE,
     COMPARE_INCONCLUSIVE},
    {"one trial is not equal either",
     PATTERN_PINGPONG,
     {1, 5000, 0, 1},
     {1, 5000, 0, 2},
     .05,
     50,
     COMPARE_INCONCLUSIVE,
     COMPARE_INCONCLUSIVE},
};

static void test_verdicts_from_either_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const struct change *const change = &changes[i];
        const enum compare_metric metric =
            pattern_is_latency(change->pattern) ? COMPARE_P50 : COMPARE_RATE;
        struct compare_options options = compare_defaults();
        struct pair there, back;
        options.threshold[metric] = change->threshold;
        options.minimum_ns = change->minimum_ns;
        compare_pair(&there, change->pattern, &change->base, &change->now, &options);
        compare_pair(&back, change->pattern, &change->now, &change->base, &options);
        const struct compare_figure *const a = &there.comparison.cells[0].figures[metric];
        const struct compare_figure *const b = &back.comparison.cells[0].figures[metric];
        if (a->verdict != change->verdict || b->verdict != change->backwards)
            fail_msg("%s: %s, backwards %s; p %g, ratio %g [%g, %g], noise %g", change->name,
                     compare_verdict_name(a->verdict), compare_verdict_name(b->verdict),
                     a->adjusted_p, a->ratio.value, a->ratio.low, a->ratio.high, a->noise);
        assert_near(a->ratio.value * b->ratio.value, 1, 1e-9);
        assert_near(a->ratio.low * b->ratio.high, 1, 1e-9);
        assert_near(a->p, b->p, 1e-12);
        assert_near(a->limit, b->limit, 1e-12);
        free_pair(&there);
        free_pair(&back);
    }
}

/* Whatever the noise, however few trials, and in whatever states. */
static void test_a_run_is_equal_to_itself(void **state)
{
    struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct run run;
    (void)state;

    made_run(&run, 4);
    made_trials(&run.cells[0], &(struct made){10, 5000, .5, 1});
    made_trials(&run.cells[1], &(struct made){1, 5000, 0, 1});
    made_trials(&run.cells[2], &(struct made){2, 5000, .9, 1});
    run.cells[2].trials[1].result.probe_before_ns = run.cells[2].trials[1].result.probe_after_ns =
        600;
    run.cells[3].status = TRIAL_FAILED;
    run.cells[3].reason = fixture_text("it died");
    compared(&run, &run, &options, &comparison);
    for (size_t i = 0; i < 3; i++)
        assert_verdict(&comparison.cells[i], COMPARE_EQUIVALENT);
    assert_verdict(&comparison.cells[3], COMPARE_UNMEASURED);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FINE);
    assert_int_equal(comparison.difference_count, 0);
    compare_free(&comparison);
    run_free(&run);
}

static void test_what_could_have_been_seen(void **state)
{
    const struct compare_options options = compare_defaults();
    struct pair pair;
    (void)state;

    const struct compare_figure *figure;
    compare_pair(&pair, PATTERN_PINGPONG, &(struct made){3, 5000, .1, 1},
                 &(struct made){4, 5000, .1, 2}, &options);
    figure = &pair.comparison.cells[0].figures[COMPARE_P50];
    assert_true(isinf(figure->detectable));
    assert_remark(&pair.comparison, COMPARE_INCONCLUSIVE,
                  "could not have seen any difference: 3 and 4 trials; at least 4 each");
    free_pair(&pair);

    compare_pair(&pair, PATTERN_STREAM, &(struct made){10, 5000, .5, 1},
                 &(struct made){10, 5000, .5, 2}, &options);
    figure = &pair.comparison.cells[0].figures[COMPARE_RATE];
    assert_true(figure->detectable > .3 && figure->detectable < 3);
    assert_remark(&pair.comparison, COMPARE_INCONCLUSIVE, "could not have seen less than ");
    assert_remark(&pair.comparison, COMPARE_INCONCLUSIVE, " %: add trials");
    assert_sentence(&pair.comparison, "No regression seen in 1 cell; 1 could not be decided");
    free_pair(&pair);
}

/* Most trials are 13 % slower, beyond doubt; but the median of such a run may lie anywhere within
 * 31 %. */
static void test_noise_forbids_to_say_so(void **state)
{
    static const double figures[] = {4000, 5600, 5610, 5620, 5630, 5640, 5650, 9000, 9100, 9200};
    const struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct run base, now;
    (void)state;

    made_run(&base, 1);
    made_run(&now, 1);
    made_trials(base.cells, &(struct made){10, 5000, .001, 1});
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        made_trial(now.cells, figures[i]);
    compared(&base, &now, &options, &comparison);
    const struct compare_figure *const figure = &comparison.cells[0].figures[COMPARE_P50];
    assert_true(figure->adjusted_p < .01);
    assert_near(figure->ratio.value, 1.127, .005);
    assert_near(figure->noise, .31, .01);
    assert_verdict(&comparison.cells[0], COMPARE_INCONCLUSIVE);
    assert_remark(&comparison, COMPARE_INCONCLUSIVE, "differs, but by less than its own noise");
    compare_free(&comparison);
    run_free(&base);
    run_free(&now);
}

/* One of 40 cells, 5 trials each: p is 2/252, which is small alone and nothing among 40. */
static void test_corrections(void **state)
{
    static const struct {
        enum compare_correction correction;
        size_t shifted;
        enum compare_verdict verdict;
    } cases[] = {
        {COMPARE_UNCORRECTED, 1, COMPARE_REGRESSED},
        {COMPARE_HOLM, 1, COMPARE_INCONCLUSIVE},
        {COMPARE_BENJAMINI_HOCHBERG, 1, COMPARE_INCONCLUSIVE},
        {COMPARE_HOLM, 10, COMPARE_INCONCLUSIVE},
        {COMPARE_BENJAMINI_HOCHBERG, 10, COMPARE_REGRESSED},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum { CELLS = 40 };
        struct compare_options options = compare_defaults();
        struct comparison comparison;
        struct run base, now;
        options.correction = cases[i].correction;
        made_run(&base, CELLS);
        made_run(&now, CELLS);
        for (size_t cell = 0; cell < CELLS; cell++) {
            const double figure = cell < cases[i].shifted ? 6000 : 5000;
            made_trials(&base.cells[cell], &(struct made){5, 5000, .01, 1});
            made_trials(&now.cells[cell], &(struct made){5, figure, .01, 2});
        }
        compared(&base, &now, &options, &comparison);
        assert_int_equal(comparison.tests, CELLS);
        assert_verdict(&comparison.cells[0], cases[i].verdict);
        compare_free(&comparison);
        run_free(&base);
        run_free(&now);
    }
}

/* p99 is shown and decides nothing, unless it is asked to. */
static void test_gates(void **state)
{
    struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct run base, now;
    (void)state;

    made_run(&base, 1);
    made_run(&now, 1);
    made_trials(base.cells, &(struct made){10, 5000, .01, 1});
    made_trials(now.cells, &(struct made){10, 5000, .01, 2});
    for (size_t i = 0; i < 10; i++)
        now.cells[0].trials[i].figures.p99_ns *= 2;
    compared(&base, &now, &options, &comparison);
    assert_int_equal(comparison.tests, 1);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_FINE);
    assert_int_equal(comparison.cells[0].figures[COMPARE_P99].verdict, COMPARE_REGRESSED);
    assert_false(comparison.cells[0].figures[COMPARE_RATE].present);
    compare_free(&comparison);

    options.gated[COMPARE_P99] = true;
    compared(&base, &now, &options, &comparison);
    assert_int_equal(comparison.tests, 2);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_REGRESSED);
    assert_sentence(&comparison, "1 of 1 cell regressed: cell/00 p99 by 100 % [");
    compare_free(&comparison);

    options.gated[COMPARE_P50] = options.gated[COMPARE_P99] = false; /* rate: not of this one */
    compared(&base, &now, &options, &comparison);
    assert_int_equal(comparison.judged, 0);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_NOT_COMPARABLE);
    compare_free(&comparison);
    run_free(&base);
    run_free(&now);
}

/* --- states ------------------------------------------------------------------------------------ */

/* The trials from `first` on were measured with a cache line that took this long. */
static void move_apart(struct run_cell *cell, size_t first, double probe_ns)
{
    for (size_t i = first; i < cell->trial_count; i++)
        cell->trials[i].result.probe_before_ns = cell->trials[i].result.probe_after_ns =
            probe_ns + (double)i;
}

/* In the near state nothing changed; NEW has more trials in the far one, where all is slower. */
static void test_like_is_compared_with_like(void **state)
{
    const struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct run base, now;
    (void)state;

    made_run(&base, 1);
    made_run(&now, 1);
    made_trials(base.cells, &(struct made){12, 5000, .01, 1});
    made_trials(base.cells, &(struct made){3, 9000, .01, 2});
    made_trials(now.cells, &(struct made){8, 5000, .01, 3});
    made_trials(now.cells, &(struct made){12, 9000, .01, 4});
    move_apart(base.cells, 12, 500);
    move_apart(now.cells, 8, 500);
    now.cells[0].trials[0].result.probes_disagree = true;
    compared(&base, &now, &options, &comparison);
    const struct compare_cell *const cell = &comparison.cells[0];
    assert_verdict(cell, COMPARE_EQUIVALENT);
    assert_int_equal(cell->stratum.states, 2);
    assert_near(cell->stratum.probe_low_ns, 100, 0);
    assert_int_equal(cell->figures[COMPARE_P50].base_trials, 12);
    assert_int_equal(cell->figures[COMPARE_P50].now_trials, 7);
    assert_int_equal(cell->stratum.base_left_out, 3);
    assert_int_equal(cell->stratum.now_left_out, 13);
    assert_remark(&comparison, COMPARE_EQUIVALENT, "3 and 13 other trials left out");
    compare_free(&comparison);
    run_free(&base);
    run_free(&now);
}

static void test_no_common_state_is_not_comparable(void **state)
{
    const struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct run base, now;
    (void)state;

    made_run(&base, 2);
    made_run(&now, 2);
    for (size_t i = 0; i < 2; i++) {
        made_trials(&base.cells[i], &(struct made){10, 5000, .01, 1});
        made_trials(&now.cells[i], &(struct made){10, 5600, .01, 2});
    }
    move_apart(&now.cells[0], 1, 500); /* one trial is alike: not enough */
    compared(&base, &now, &options, &comparison);
    assert_verdict(&comparison.cells[0], COMPARE_NOT_COMPARABLE);
    assert_verdict(&comparison.cells[1], COMPARE_REGRESSED);
    assert_contains(comparison.cells[0].reason, "BASE's CPUs were 100 to 100 ns (10 trials) apart");
    assert_contains(comparison.cells[0].reason,
                    "NEW's CPUs were 100 to 100 ns (1 trial) and 501 to 509 ns (9 trials) apart");
    assert_int_equal(comparison.tests, 1);
    compare_free(&comparison);

    move_apart(&now.cells[1], 0, 500);
    compared(&base, &now, &options, &comparison);
    assert_int_equal(compare_outcome(&comparison), COMPARE_OUTCOME_NOT_COMPARABLE);
    assert_sentence(&comparison, "Not comparable: no figure of 2 cells is in both runs and alike");
    compare_free(&comparison);
    run_free(&base);
    run_free(&now);
}

/* Probes within a factor of 1.5 are one state, and unpinned cells have none: nothing is left out. */
static void test_one_state_or_none_leaves_nothing_out(void **state)
{
    const struct compare_options options = compare_defaults();
    struct comparison comparison;
    struct run base, now;
    (void)state;

    made_run(&base, 2);
    made_run(&now, 2);
    for (size_t i = 0; i < 2; i++) {
        made_trials(&base.cells[i], &(struct made){10, 5000, .01, 1});
        made_trials(&now.cells[i], &(struct made){10, 5600, .01, 2});
    }
    move_apart(&now.cells[0], 0, 120);
    for (size_t i = 0; i < 10; i++) {
        base.cells[1].trials[i].result.probe_before_ns = 0;
        now.cells[1].trials[i].result.probe_before_ns = 0;
    }
    compared(&base, &now, &options, &comparison);
    for (size_t i = 0; i < 2; i++) {
        assert_verdict(&comparison.cells[i], COMPARE_REGRESSED);
        assert_int_equal(comparison.cells[i].figures[COMPARE_P50].now_trials, 10);
    }
    compare_free(&comparison);
    run_free(&base);
    run_free(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts_from_either_side),
        cmocka_unit_test(test_a_run_is_equal_to_itself),
        cmocka_unit_test(test_what_could_have_been_seen),
        cmocka_unit_test(test_noise_forbids_to_say_so),
        cmocka_unit_test(test_corrections),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_like_is_compared_with_like),
        cmocka_unit_test(test_no_common_state_is_not_comparable),
        cmocka_unit_test(test_one_state_or_none_leaves_nothing_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
