/* Runs that took turns: pairs of trials, what decides, retests. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare_fixture.h"

static struct compare_options in_pairs(void)
{
    struct compare_options options = compare_defaults();
    options.paired = true;
    return options;
}

/* So many pairs; BASE's figures wander by a factor of 3 from round to round, and NEW's are `factor`
 * times them and a little, the first `against` of them by its inverse. */
struct wandering {
    size_t count;
    double factor;
    size_t against;
};
static void wander(struct run_cell *base, struct run_cell *now, const struct wandering *how)
{
    for (size_t i = 0; i < how->count; i++) {
        const double figure = 5000 * (1 + 2 * (double)(i * 7 % how->count) / (double)how->count);
        const double factor = i < how->against ? 1 / how->factor : how->factor;
        made_trial(base, figure);
        made_trial(now, figure * factor * (1 + 0.001 * (double)i));
    }
}

static void compare_wandering(struct made_pair *pair, const struct wandering *how)
{
    const struct compare_options options = in_pairs();
    make_pair(pair, 1, 1);
    wander(pair->base.cells, pair->now.cells, how);
    compare_pair(pair, &options);
}

/* Far more than the difference is what both sides have in common; groups would not show it. */
static void test_what_both_sides_see_is_no_noise(void **state)
{
    const struct compare_options groups = compare_defaults();
    struct made_pair pair;
    (void)state;

    compare_wandering(&pair, &(struct wandering){12, 1.1, 0});
    const struct compare_figure *const figure = &pair.comparison.cells[0].figures[COMPARE_P50];
    assert_verdict(&pair.comparison.cells[0], COMPARE_REGRESSED);
    assert_true(figure->paired);
    assert_near(figure->p, 2 / 4096., 1e-12);
    assert_near(figure->ratio.value, 1.1 * 1.0055, 1e-4);
    assert_true(figure->ratio.low >= 1.1 && figure->ratio.high <= 1.1 * 1.0111);
    assert_int_equal(figure->base_trials, 12);
    compare_pair(&pair, &groups);
    assert_verdict(&pair.comparison.cells[0], COMPARE_INCONCLUSIVE);
    free_pair(&pair);

    compare_wandering(&pair, &(struct wandering){12, 1 / 1.1, 0});
    assert_verdict(&pair.comparison.cells[0], COMPARE_IMPROVED);
    free_pair(&pair);
    compare_wandering(&pair, &(struct wandering){12, 1.01, 0});
    assert_verdict(&pair.comparison.cells[0], COMPARE_EQUIVALENT);
    free_pair(&pair);
}

/* The number of pairs asked for by default is for a quarter of them against. */
static void test_some_pairs_may_say_the_contrary(void **state)
{
    struct made_pair pair;
    (void)state;

    assert_int_equal(compare_pairs_needed(1), 15);
    assert_int_equal(compare_pairs_needed(3), 23);
    assert_int_equal(compare_pairs_needed(44), 39);
    compare_wandering(&pair, &(struct wandering){15, 1.1, 3});
    assert_verdict(&pair.comparison.cells[0], COMPARE_REGRESSED);
    free_pair(&pair);
    compare_wandering(&pair, &(struct wandering){15, 1.1, 4});
    assert_verdict(&pair.comparison.cells[0], COMPARE_INCONCLUSIVE);
    free_pair(&pair);
    compare_wandering(&pair, &(struct wandering){9, 1.1, 1});
    assert_verdict(&pair.comparison.cells[0], COMPARE_REGRESSED);
    free_pair(&pair);
    compare_wandering(&pair, &(struct wandering){8, 1.1, 1});
    assert_verdict(&pair.comparison.cells[0], COMPARE_INCONCLUSIVE);
    free_pair(&pair);
    compare_wandering(&pair, &(struct wandering){5, 1.5, 0});
    assert_verdict(&pair.comparison.cells[0], COMPARE_INCONCLUSIVE);
    assert_remark(&pair.comparison, COMPARE_INCONCLUSIVE,
                  "could not have seen any difference: 5 pairs of trials; at least 6");
    free_pair(&pair);
}

/* A pair is two trials of one round, under like conditions. */
static void test_pairs_are_of_one_round_and_alike(void **state)
{
    const struct compare_options options = in_pairs();
    struct made_pair pair;
    (void)state;

    compare_wandering(&pair, &(struct wandering){12, 1.1, 0});
    struct run_cell *const now = pair.now.cells;
    now->trials[0].round = 77;
    now->trials[1].result.status = TRIAL_INVALID;
    now->trials[2].result.probe_before_ns = now->trials[2].result.probe_after_ns = 200;
    now->trials[3].result.probe_after_ns = 500; /* in passing: the shorter one counts */
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.cells[0].figures[COMPARE_P50].base_trials, 9);
    assert_int_equal(pair.comparison.cells[0].stratum.pairs_left_out, 1);
    assert_remark(&pair.comparison, COMPARE_REGRESSED, "1 other pair left out");
    for (size_t i = 0; i < now->trial_count; i++)
        now->trials[i].result.probe_before_ns = now->trials[i].result.probe_after_ns = 200;
    compare_pair(&pair, &options);
    assert_verdict(&pair.comparison.cells[0], COMPARE_NOT_COMPARABLE);
    assert_contains(pair.comparison.cells[0].reason, "the CPUs changed places in between");
    free_pair(&pair);
}

/* Sides with options of their own: cells by their place, if they are as many and of one pattern. */
static void test_cells_may_be_paired_by_place(void **state)
{
    struct compare_options options = in_pairs();
    struct made_pair pair;
    struct error error = {0};
    (void)state;

    compare_wandering(&pair, &(struct wandering){12, 1.1, 0});
    free(pair.now.cells[0].id);
    pair.now.cells[0].id = fixture_text("another");
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.cell_count, 2);
    options.by_place = true;
    compare_pair(&pair, &options);
    assert_int_equal(pair.comparison.cell_count, 1);
    assert_verdict(&pair.comparison.cells[0], COMPARE_REGRESSED);
    assert_remark(&pair.comparison, COMPARE_REGRESSED, "NEW is another");
    compare_free(&pair.comparison);
    pair.now.cells[0].pattern = PATTERN_STREAM;
    assert_int_equal(compare_runs(&pair.base, &pair.now, &options, &pair.comparison, &error),
                     -EINVAL);
    assert_contains(error.message, "not the same pattern");
    free_pair(&pair);
}

/* Of two alarms one comes again. */
static void test_an_alarm_must_come_again(void **state)
{
    const struct compare_options options = in_pairs();
    struct made_pair first, again;
    (void)state;

    make_pair(&first, 3, 3);
    make_pair(&again, 2, 2);
    for (size_t i = 0; i < 2; i++) {
        wander(&first.base.cells[i], &first.now.cells[i], &(struct wandering){12, 1.2, 0});
        wander(&again.base.cells[i], &again.now.cells[i],
               &(struct wandering){12, i == 0 ? 1.2 : 1.001, 0});
    }
    measured(&first.base.cells[2]);
    measured(&first.now.cells[2]);
    compare_pair(&first, &options);
    compare_pair(&again, &options);
    assert_int_equal(first.comparison.counts[COMPARE_REGRESSED], 2);
    assert_false(compare_is_flagged(&first.comparison.cells[2]));
    compare_retest(&first.comparison, &again.comparison);
    assert_verdict(&first.comparison.cells[0], COMPARE_REGRESSED);
    assert_verdict(&first.comparison.cells[1], COMPARE_INCONCLUSIVE);
    assert_int_equal(first.comparison.counts[COMPARE_REGRESSED], 1);
    assert_int_equal(first.comparison.counts[COMPARE_INCONCLUSIVE], 1);
    assert_remark(&first.comparison, COMPARE_INCONCLUSIVE, "not when measured again");
    assert_int_equal(compare_outcome(&first.comparison), COMPARE_OUTCOME_REGRESSED);
    free_pair(&first);
    free_pair(&again);
}

/* A cell that failed, and did not when it was measured again. */
static void test_a_failure_must_come_again(void **state)
{
    const struct compare_options options = in_pairs();
    struct made_pair first, again;
    (void)state;

    make_pair(&first, 1, 1);
    make_pair(&again, 1, 1);
    measured(&first.base.cells[0]);
    failed(&first.now.cells[0]);
    wander(again.base.cells, again.now.cells, &(struct wandering){12, 1.001, 0});
    compare_pair(&first, &options);
    compare_pair(&again, &options);
    assert_int_equal(compare_outcome(&first.comparison), COMPARE_OUTCOME_FAILED);
    compare_retest(&first.comparison, &again.comparison);
    assert_int_equal(compare_outcome(&first.comparison), COMPARE_OUTCOME_FINE);
    assert_remark(&first.comparison, COMPARE_INCONCLUSIVE, "regressed or failed at first");
    free_pair(&first);
    free_pair(&again);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_both_sides_see_is_no_noise),
        cmocka_unit_test(test_some_pairs_may_say_the_contrary),
        cmocka_unit_test(test_pairs_are_of_one_round_and_alike),
        cmocka_unit_test(test_cells_may_be_paired_by_place),
        cmocka_unit_test(test_an_alarm_must_come_again),
        cmocka_unit_test(test_a_failure_must_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
