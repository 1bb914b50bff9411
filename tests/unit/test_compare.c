/* Verdicts: what is called slower, faster, the same or not known, and that it is so from either
 * side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "compare_fixture.h"

/* A pair of one cell, with these trials on either side. */
static void compare_made(struct made_pair *pair, enum pattern pattern, const struct made *base,
                         const struct made *now, const struct compare_options *options)
{
    make_pair(pair, 1, 1);
    pair->base.cells[0].pattern = pair->now.cells[0].pattern = pattern;
    made_trials(pair->base.cells, base);
    made_trials(pair->now.cells, now);
    compare_pair(pair, options);
}

/* A change of figures and what is to be said of it. */
struct change {
    const char *name;
    enum pattern pattern;
    struct made base, now;
    double threshold, minimum_ns;
    enum compare_verdict verdict;
};

/* clang-format off */
static const struct change changes[] = {
    {"12 % slower",
     PATTERN_PINGPONG, {10, 5000, .02, 1}, {10, 5600, .02, 2}, .05, 50, COMPARE_REGRESSED},
    {"a rate 12 % lower",
     PATTERN_STREAM, {10, 2e6, .02, 1}, {10, 1.76e6, .02, 2}, .05, 50, COMPARE_REGRESSED},
    {"a knee 12 % lower",
     PATTERN_LOAD, {10, 2e6, .02, 1}, {10, 1.76e6, .02, 2}, .05, 50, COMPARE_REGRESSED},
    {"unequal numbers of trials",
     PATTERN_PINGPONG, {7, 5000, .02, 1}, {15, 5600, .02, 2}, .05, 50, COMPARE_REGRESSED},
    {"1 % slower",
     PATTERN_PINGPONG, {10, 5000, .02, 1}, {10, 5050, .02, 2}, .05, 50, COMPARE_EQUIVALENT},
    {"3 % slower beyond doubt, under the threshold",
     PATTERN_PINGPONG, {10, 5000, .005, 1}, {10, 5150, .005, 2}, .05, 50, COMPARE_EQUIVALENT},
    {"3 % slower beyond doubt, over the threshold",
     PATTERN_PINGPONG, {10, 5000, .005, 1}, {10, 5150, .005, 2}, .01, 50, COMPARE_REGRESSED},
    {"10 % slower, but 40 ns",
     PATTERN_PINGPONG, {10, 400, .01, 1}, {10, 440, .01, 2}, .05, 50, COMPARE_EQUIVALENT},
    {"10 % slower, and 40 ns count",
     PATTERN_PINGPONG, {10, 400, .01, 1}, {10, 440, .01, 2}, .05, 0, COMPARE_REGRESSED},
    {"no minimum for rates",
     PATTERN_STREAM, {10, 40, .01, 1}, {10, 36, .01, 2}, .05, 50, COMPARE_REGRESSED},
    {"too much noise to see anything",
     PATTERN_PINGPONG, {10, 5000, .5, 1}, {10, 5100, .5, 2}, .05, 50, COMPARE_INCONCLUSIVE},
    {"three trials tell nothing",
     PATTERN_PINGPONG, {3, 5000, .001, 1}, {3, 9000, .001, 2}, .05, 50, COMPARE_INCONCLUSIVE},
    {"one trial is not equal either",
     PATTERN_PINGPONG, {1, 5000, 0, 1}, {1, 5000, 0, 2}, .05, 50, COMPARE_INCONCLUSIVE},
};
/* clang-format on */

/* What is to be said where the two runs have changed places. */
static enum compare_verdict backwards(enum compare_verdict verdict)
{
    return verdict == COMPARE_REGRESSED ? COMPARE_IMPROVED : verdict;
}

static void test_verdicts_from_either_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const struct change *const change = &changes[i];
        const enum compare_metric metric =
            pattern_is_latency(change->pattern) ? COMPARE_P50 : COMPARE_RATE;
        struct compare_options options = compare_defaults();
        struct made_pair there, back;
        options.threshold[metric] = change->threshold;
        options.minimum_ns = change->minimum_ns;
        compare_made(&there, change->pattern, &change->base, &change->now, &options);
        compare_made(&back, change->pattern, &change->now, &change->base, &options);
        const struct compare_figure *const a = &there.comparison.cells[0].figures[metric];
        const struct compare_figure *const b = &back.comparison.cells[0].figures[metric];
        if (a->verdict != change->verdict || b->verdict != backwards(change->verdict))
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
    const struct compare_options options = compare_defaults();
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
    struct made_pair pair;
    (void)state;

    const struct compare_figure *figure;
    compare_made(&pair, PATTERN_PINGPONG, &(struct made){3, 5000, .1, 1},
                 &(struct made){4, 5000, .1, 2}, &options);
    figure = &pair.comparison.cells[0].figures[COMPARE_P50];
    assert_true(isinf(figure->detectable));
    assert_remark(&pair.comparison, COMPARE_INCONCLUSIVE,
                  "could not have seen any difference: 3 and 4 trials; at least 4 each");
    free_pair(&pair);

    compare_made(&pair, PATTERN_STREAM, &(struct made){10, 5000, .5, 1},
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
    struct made_pair pair;
    (void)state;

    make_pair(&pair, 1, 1);
    made_trials(pair.base.cells, &(struct made){10, 5000, .001, 1});
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        made_trial(pair.now.cells, figures[i]);
    compare_pair(&pair, &options);
    const struct compare_figure *const figure = &pair.comparison.cells[0].figures[COMPARE_P50];
    assert_true(figure->adjusted_p < .01);
    assert_near(figure->ratio.value, 1.127, .005);
    assert_near(figure->noise, .31, .01);
    assert_verdict(&pair.comparison.cells[0], COMPARE_INCONCLUSIVE);
    assert_remark(&pair.comparison, COMPARE_INCONCLUSIVE,
                  "differs, but by less than its own noise");
    free_pair(&pair);
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
        struct made_pair pair;
        options.correction = cases[i].correction;
        make_pair(&pair, CELLS, CELLS);
        for (size_t cell = 0; cell < CELLS; cell++) {
            const double figure = cell < cases[i].shifted ? 6000 : 5000;
            made_trials(&pair.base.cells[cell], &(struct made){5, 5000, .01, 1});
            made_trials(&pair.now.cells[cell], &(struct made){5, figure, .01, 2});
        }
        compare_pair(&pair, &options);
        assert_int_equal(pair.comparison.tests, CELLS);
        assert_verdict(&pair.comparison.cells[0], cases[i].verdict);
        free_pair(&pair);
    }
}

/* p99 is shown and decides nothing, unless it is asked to. */
static void test_gates(void **state)
{
    struct compare_options options = compare_defaults();
    struct made_pair pair;
    (void)state;

    make_pair(&pair, 1, 1);
    made_trials(pair.base.cells, &(struct made){10, 5000, .01, 1});
    made_trials(pair.now.cells, &(struct made){10, 5000, .01, 2});
    for (size_t i = 0; i < 10; i++)
        pair.now.cells[0].trials[i].figures.p99_ns *= 2;
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.tests, 1);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_FINE);
    assert_int_equal(pair.comparison.cells[0].figures[COMPARE_P99].verdict, COMPARE_REGRESSED);
    assert_false(pair.comparison.cells[0].figures[COMPARE_RATE].present);

    options.gated[COMPARE_P99] = true;
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.tests, 2);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_REGRESSED);
    assert_sentence(&pair.comparison, "1 of 1 cell regressed: cell/00 p99 by 100 % [");

    options.gated[COMPARE_P50] = options.gated[COMPARE_P99] = false; /* rate: not of this one */
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.judged, 0);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_NOT_COMPARABLE);
    free_pair(&pair);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
