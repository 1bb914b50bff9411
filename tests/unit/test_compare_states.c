/* Like is compared with like: trials whose CPUs were as far apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare_fixture.h"

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
    struct made_pair pair;
    (void)state;

    make_pair(&pair, 1, 1);
    made_trials(pair.base.cells, &(struct made){12, 5000, .01, 1});
    made_trials(pair.base.cells, &(struct made){3, 9000, .01, 2});
    made_trials(pair.now.cells, &(struct made){8, 5000, .01, 3});
    made_trials(pair.now.cells, &(struct made){12, 9000, .01, 4});
    move_apart(pair.base.cells, 12, 500);
    move_apart(pair.now.cells, 8, 500);
    pair.now.cells[0].trials[0].result.probes_disagree = true;
    compare_pair(&pair, &options);
    const struct compare_cell *const cell = &pair.comparison.cells[0];
    assert_verdict(cell, COMPARE_EQUIVALENT);
    assert_int_equal(cell->stratum.states, 2);
    assert_near(cell->stratum.probe_low_ns, 100, 0);
    assert_int_equal(cell->figures[COMPARE_P50].base_trials, 12);
    assert_int_equal(cell->figures[COMPARE_P50].now_trials, 7);
    assert_int_equal(cell->stratum.base_left_out, 3);
    assert_int_equal(cell->stratum.now_left_out, 13);
    assert_remark(&pair.comparison, COMPARE_EQUIVALENT, "3 and 13 other trials left out");
    free_pair(&pair);
}

/* Two cells, both of which got 12 % slower. */
static void make_slower_pair(struct made_pair *pair)
{
    make_pair(pair, 2, 2);
    for (size_t i = 0; i < 2; i++) {
        made_trials(&pair->base.cells[i], &(struct made){10, 5000, .01, 1});
        made_trials(&pair->now.cells[i], &(struct made){10, 5600, .01, 2});
    }
}

static void test_no_common_state_is_not_comparable(void **state)
{
    const struct compare_options options = compare_defaults();
    struct made_pair pair;
    (void)state;

    make_slower_pair(&pair);
    move_apart(&pair.now.cells[0], 1, 500); /* one trial is alike: not enough */
    compare_pair(&pair, &options);
    assert_verdict(&pair.comparison.cells[0], COMPARE_NOT_COMPARABLE);
    assert_verdict(&pair.comparison.cells[1], COMPARE_REGRESSED);
    assert_contains(pair.comparison.cells[0].reason,
                    "BASE's CPUs were 100 to 100 ns (10 trials) apart");
    assert_contains(pair.comparison.cells[0].reason,
                    "NEW's CPUs were 100 to 100 ns (1 trial) and 501 to 509 ns (9 trials) apart");
    assert_int_equal(pair.comparison.tests, 1);

    move_apart(&pair.now.cells[1], 0, 500);
    compare_pair(&pair, &options);
    assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_NOT_COMPARABLE);
    assert_sentence(&pair.comparison,
                    "Not comparable: no figure of 2 cells is in both runs and alike");
    free_pair(&pair);
}

/* Probes within a factor of 1.5 are one state, and unpinned cells have none: nothing is left out. */
static void test_one_state_or_none_leaves_nothing_out(void **state)
{
    const struct compare_options options = compare_defaults();
    struct made_pair pair;
    (void)state;

    make_slower_pair(&pair);
    move_apart(&pair.now.cells[0], 0, 120);
    for (size_t i = 0; i < 10; i++) {
        pair.base.cells[1].trials[i].result.probe_before_ns = 0;
        pair.now.cells[1].trials[i].result.probe_before_ns = 0;
    }
    compare_pair(&pair, &options);
    for (size_t i = 0; i < 2; i++) {
        assert_verdict(&pair.comparison.cells[i], COMPARE_REGRESSED);
        assert_int_equal(pair.comparison.cells[i].figures[COMPARE_P50].now_trials, 10);
    }
    free_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_is_compared_with_like),
        cmocka_unit_test(test_no_common_state_is_not_comparable),
        cmocka_unit_test(test_one_state_or_none_leaves_nothing_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
