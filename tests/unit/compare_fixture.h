/* Made runs for the tests of comparisons: figures as wanted, no histograms. Include after
 * cmocka.h. */
#ifndef IPCBENCH_TESTS_COMPARE_FIXTURE_H
#define IPCBENCH_TESTS_COMPARE_FIXTURE_H

#include "run_fixture.h"

#include "base/random.h"
#include "base/text.h"
#include "results/compare_report.h"

/* A run of so many empty cells "cell/<n>", all ping-pong. */
static inline void made_run(struct run *run, size_t cells)
{
    fixture_setting(run);
    run->cells = calloc(cells + 1, sizeof *run->cells);
    assert_non_null(run->cells);
    run->cell_count = cells;
    for (size_t i = 0; i < cells; i++) {
        char id[32];
        snprintf(id, sizeof id, "cell/%02zu", i);
        fixture_cell(&run->cells[i], id, PATTERN_PINGPONG);
    }
}

/* One trial more with this figure, p50 or rate by pattern; its p99 is 1.5 times the p50. */
static inline struct run_trial *made_trial(struct run_cell *cell, double figure)
{
    struct run_trial *const trials =
        realloc(cell->trials, (cell->trial_count + 1) * sizeof *trials);
    assert_non_null(trials);
    cell->trials = trials;
    struct run_trial *const trial = &trials[cell->trial_count++];
    *trial = (struct run_trial){.round = cell->trial_count, .result = {.status = TRIAL_OK}};
    trial->result.probe_before_ns = trial->result.probe_after_ns = 100;
    if (pattern_is_latency(cell->pattern))
        trial->figures = (struct figures){.p50_ns = figure, .p99_ns = 1.5 * figure};
    else
        trial->figures.rate_per_s = figure;
    cell->status = TRIAL_OK;
    return trial;
}

/* Trials around a figure, evenly from less to more by this share, in an order that depends on the
 * seed; the smallest differences keep them from being tied. */
struct made {
    size_t count;
    double figure;
    double share;
    uint64_t seed;
};
static inline void made_trials(struct run_cell *cell, const struct made *made)
{
    size_t order[64];
    struct random random;

    assert_true(made->count <= 64);
    for (size_t i = 0; i < made->count; i++)
        order[i] = i;
    random_seed(&random, made->seed);
    random_shuffle(&random, order, made->count);
    for (size_t i = 0; i < made->count; i++) {
        const double place =
            made->count > 1 ? 2.0 * (double)order[i] / (double)(made->count - 1) - 1 : 0;
        made_trial(cell, made->figure * (1 + made->share * place + 1e-6 * (double)made->seed));
    }
}

static inline void compared(const struct run *base, const struct run *now,
                            const struct compare_options *options, struct comparison *comparison)
{
    struct error error = {0};

    if (compare_runs(base, now, options, comparison, &error) != 0)
        fail_msg("%s", error.message);
}

/* Two runs and, once it was asked for, what comparing them gives. */
struct made_pair {
    struct run base, now;
    struct comparison comparison;
};

static inline void make_pair(struct made_pair *pair, size_t base_cells, size_t now_cells)
{
    made_run(&pair->base, base_cells);
    made_run(&pair->now, now_cells);
    pair->comparison = (struct comparison){0};
}

/* Takes the place of the pair's last comparison. */
static inline void compare_pair(struct made_pair *pair, const struct compare_options *options)
{
    compare_free(&pair->comparison);
    compared(&pair->base, &pair->now, options, &pair->comparison);
}

static inline void free_pair(struct made_pair *pair)
{
    compare_free(&pair->comparison);
    run_free(&pair->base);
    run_free(&pair->now);
}

static inline void set_status(struct run_cell *cell, enum trial_status status, const char *reason)
{
    cell->status = status;
    free(cell->reason);
    cell->reason = reason ? fixture_text(reason) : NULL;
}

static inline void measured(struct run_cell *cell)
{
    made_trials(cell, &(struct made){10, 5000, .01, 1});
}

static inline void failed(struct run_cell *cell)
{
    set_status(cell, TRIAL_FAILED, "receiver died");
}

/* Cell 0 regresses, 1 improves, 2 regresses more, 3 stays, 4 fails, 5 is in NEW alone. */
static inline void make_runs(struct made_pair *pair)
{
    static const double factors[] = {1.12, 0.8, 1.5, 1};

    make_pair(pair, 5, 6);
    for (size_t i = 0; i < 4; i++) {
        made_trials(&pair->base.cells[i], &(struct made){12, 5000, .01, 1});
        made_trials(&pair->now.cells[i], &(struct made){12, 5000 * factors[i], .01, 2});
    }
    measured(&pair->base.cells[4]);
    failed(&pair->now.cells[4]);
    measured(&pair->now.cells[5]);
}

static inline void assert_verdict(const struct compare_cell *cell, enum compare_verdict expected)
{
    if (cell->verdict != expected)
        fail_msg("%s is %s, expected %s (%s)", cell->id, compare_verdict_name(cell->verdict),
                 compare_verdict_name(expected), cell->reason);
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is missing in: %s", part, text);
}

/* The remark of the first row with this verdict. */
static inline void assert_remark(const struct comparison *comparison, enum compare_verdict verdict,
                                 const char *part)
{
    struct compare_rows rows;
    struct text remark = {0};

    assert_int_equal(compare_rows_make(comparison, &rows, NULL), 0);
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].verdict != verdict)
            continue;
        compare_write_remark(comparison, &rows.rows[i], &remark);
        break;
    }
    assert_contains(text_string(&remark), part);
    text_free(&remark);
    compare_rows_free(&rows);
}

static inline void assert_sentence(const struct comparison *comparison, const char *part)
{
    struct compare_rows rows;
    struct text sentence = {0};

    assert_int_equal(compare_rows_make(comparison, &rows, NULL), 0);
    compare_write_sentence(comparison, &rows, &sentence);
    assert_contains(text_string(&sentence), part);
    text_free(&sentence);
    compare_rows_free(&rows);
}

#endif
