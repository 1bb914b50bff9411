/* Rankings of alike cells: places that are shared, what has none, and false claims. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "findings_fixture.h"

#include "results/contest.h"
#include "results/findings_parts.h"

static void ranked(struct run *run, enum contest_figure figure, struct ranking *ranking)
{
    const struct run_cell *cells[MADE_CELLS_MOST];
    for (size_t i = 0; i < run->cell_count; i++)
        cells[i] = &run->cells[i];
    assert_int_equal(run_summarise(run, NULL), 0);
    assert_int_equal(ranking_make(cells, run->cell_count, figure, ranking, NULL), 0);
}

static void ties_share_a_place(void **state)
{
    static const double figures[] = {3000, 1000, 9000, 1010, 3020};
    static const size_t order[] = {1, 3, 0, 4, 2}, places[] = {1, 1, 3, 3, 5};
    struct run run;
    struct ranking ranking;
    (void)state;
    made_empty(&run);
    for (size_t i = 0; i < 5; i++)
        made_measured(&run, PATTERN_PINGPONG, "pipe", 64, figures[i]);
    ranked(&run, CONTEST_P50, &ranking);
    assert_int_equal(ranking.ranked, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_ptr_equal(ranking.cells[i].cell, &run.cells[order[i]]);
        assert_int_equal(ranking.cells[i].place, places[i]);
        assert_int_equal(ranking.cells[i].tied, i < 4);
    }
    assert_near(ranking.cells[4].with_best.advantage.value, 9, 0.2);
    ranking_free(&ranking);
    run_free(&run);
}

/* Four trials do not show that it is slower than the best; but it is no first place either. */
static void few_trials_do_not_make_a_winner(void **state)
{
    struct run run;
    struct ranking ranking;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 1000);
    made_trials(made_cell(&run, PATTERN_PINGPONG, "xsi-mq", 64), &(struct made){4, 5000, 0.01, 1});
    made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 2000);
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 64, 9000);
    ranked(&run, CONTEST_P50, &ranking);
    static const size_t order[] = {0, 2, 1, 3}, places[] = {1, 2, 0, 4};
    for (size_t i = 0; i < 4; i++) {
        assert_ptr_equal(ranking.cells[i].cell, &run.cells[order[i]]);
        assert_int_equal(ranking.cells[i].place, places[i]);
        assert_false(ranking.cells[i].tied);
    }
    assert_contains(ranking.cells[2].weakness, "do not place it");
    ranking_free(&ranking);
    run_free(&run);
}

static void what_is_not_ranked(void **state)
{
    struct run run;
    struct ranking ranking;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 3000);
    struct run_cell *const few = made_cell(&run, PATTERN_PINGPONG, "fifo", 64);
    made_trial(few, 10);
    struct run_cell *const part = made_measured(&run, PATTERN_PINGPONG, "uds-dgram", 64, 200);
    part->trials[0].figures.p99_ns = 0;
    struct run_cell *const none = made_measured(&run, PATTERN_PINGPONG, "xsi-mq", 64, 100);
    for (size_t i = 0; i < none->trial_count; i++)
        none->trials[i].figures.p99_ns = 0;
    ranked(&run, CONTEST_P99, &ranking);
    assert_int_equal(ranking.ranked, 1);
    assert_int_equal(ranking.count, 3);
    assert_ptr_equal(ranking.cells[0].cell, &run.cells[0]);
    assert_string_equal(ranking.cells[1].weakness, "too few trials");
    assert_int_equal(ranking.cells[1].place, 0);
    assert_contains(ranking.cells[2].weakness, "too short");
    ranking_free(&ranking);
    run_free(&run);
}

static void spinning_is_not_ranked_by_its_cpu(void **state)
{
    struct run run;
    struct ranking ranking;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 3000);
    made_measured(&run, PATTERN_PINGPONG, "shm:sync=spin", 64, 300);
    ranked(&run, CONTEST_CPU, &ranking);
    assert_int_equal(ranking.ranked, 1);
    assert_ptr_equal(ranking.cells[0].cell, &run.cells[0]);
    assert_contains(ranking.cells[1].weakness, "spins");
    ranking_free(&ranking);
    run_free(&run);
}

static double normal(struct random *random)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)(random_next(random) >> 11) * 0x1p-53;
    return sum;
}

/* Ten cells without any difference, figures that scatter: how often is one of them called worse? */
static void rankings_seldom_claim_what_is_not_so(void **state)
{
    enum { RUNS = 300, CELLS = 10, TRIALS = 7 };
    struct random random;
    size_t false_claims = 0;
    (void)state;
    random_seed(&random, 5);
    for (int i = 0; i < RUNS; i++) {
        struct run run;
        struct ranking ranking;
        made_empty(&run);
        for (int c = 0; c < CELLS; c++) {
            struct run_cell *const cell = made_cell(&run, PATTERN_PINGPONG, "pipe", 64);
            for (int t = 0; t < TRIALS; t++)
                made_trial(cell, 20000 * exp(0.3 * normal(&random)));
        }
        ranked(&run, CONTEST_P50, &ranking);
        false_claims += ranking.cells[CELLS - 1].place != 1;
        ranking_free(&ranking);
        run_free(&run);
    }
    assert_true(false_claims < RUNS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_share_a_place),
        cmocka_unit_test(few_trials_do_not_make_a_winner),
        cmocka_unit_test(what_is_not_ranked),
        cmocka_unit_test(spinning_is_not_ranked_by_its_cpu),
        cmocka_unit_test(rankings_seldom_claim_what_is_not_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
