#include "results/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/compare_parts.h"
#include "results/run.h"

struct compare_options compare_defaults(void)
{
    return (struct compare_options){
        .gated = {[COMPARE_P50] = true, [COMPARE_RATE] = true},
        .threshold = {[COMPARE_P50] = 0.05, [COMPARE_P99] = 0.10, [COMPARE_RATE] = 0.05},
        .minimum_ns = 50,
    };
}

/* --- pairing ----------------------------------------------------------------------------------- */

static const struct run_cell *find(const struct run *run, const char *id)
{
    for (size_t index = 0; index < run->cell_count; ++index) {
        if (!strcmp(run->cells[index].id, id))
            return &run->cells[index];
    }
    return NULL;
}

static void add_pair(struct comparison *comparison, const struct run_cell *base,
                     const struct run_cell *now)
{
    const struct compare_options *const options = &comparison->options;
    const struct run_cell *const known = base ? base : now;
    struct compare_cell *const cell = &comparison->cells[comparison->cell_count];
    if (options->filter && regexec(options->filter, known->id, 0, NULL, 0) != 0)
        return;
    *cell = (struct compare_cell){.id = known->id, .base = base, .now = now};
    for (size_t metric = 0; metric < COMPARE_METRICS; ++metric)
        cell->judged |=
            options->gated[metric] && compare_applies((enum compare_metric)metric, known->pattern);
    ++comparison->cell_count;
}

static int pair_by_place(struct comparison *comparison, struct error *error)
{
    const struct run *const base = comparison->base, *const now = comparison->now;
    if (base->cell_count != now->cell_count)
        return error_plain(error, "%zu cells in one run and %zu in the other: no pairs",
                           base->cell_count, now->cell_count);
    for (size_t index = 0; index < base->cell_count; ++index) {
        const struct run_cell *const left = &base->cells[index], *const right = &now->cells[index];
        if (left->pattern != right->pattern)
            return error_plain(error, "%s and %s: not the same pattern", left->id, right->id);
        add_pair(comparison, left, right);
    }
    return 0;
}

static int pair_cells(struct comparison *comparison, struct error *error)
{
    const struct run *const base = comparison->base, *const now = comparison->now;
    const size_t most = base->cell_count + now->cell_count;
    comparison->cells = calloc(most + 1, sizeof(*comparison->cells));
    if (!comparison->cells)
        return error_system(error, ENOMEM, "%zu cells", most);
    if (comparison->options.by_place)
        return pair_by_place(comparison, error);
    for (size_t index = 0; index < base->cell_count; ++index)
        add_pair(comparison, &base->cells[index], find(now, base->cells[index].id));
    for (size_t index = 0; index < now->cell_count; ++index) {
        if (!find(base, now->cells[index].id))
            add_pair(comparison, NULL, &now->cells[index]);
    }
    if (!comparison->cell_count && most)
        return error_plain(error, "no cell's id matches the filter; the first is %s",
                           base->cell_count ? base->cells[0].id : now->cells[0].id);
    return 0;
}

/* --- cells without figures on one side --------------------------------------------------------- */

static bool has_figures(const struct run_cell *cell)
{
    return cell && cell->status == TRIAL_OK;
}

static bool has_failed(const struct run_cell *cell)
{
    return cell && (cell->status == TRIAL_FAILED || cell->status == TRIAL_INVALID);
}

/* "skipped in NEW: no huge pages"; nothing where there are figures. */
static void tell_status(const struct run_cell *cell, const char *where, struct text *out)
{
    if (has_figures(cell))
        return;
    text_append(out, out->length ? "; " : "");
    if (!cell)
        text_append(out, "not in %s", where);
    else if (cell->status == TRIAL_INTERRUPTED)
        text_append(out, "not measured in %s, which was interrupted", where);
    else
        text_append(out, "%s in %s: %s", trial_status_name(cell->status), where,
                    cell->reason ? cell->reason : "no reason given");
}

static void judge_without_figures(struct compare_cell *cell)
{
    struct text reason = {0};
    tell_status(cell->base, "BASE", &reason);
    tell_status(cell->now, "NEW", &reason);
    snprintf(cell->reason, sizeof(cell->reason), "%s", text_string(&reason));
    text_free(&reason);
    if (has_failed(cell->now) && !has_failed(cell->base))
        cell->verdict = COMPARE_FAILED;
    else if (has_figures(cell->base))
        cell->verdict = COMPARE_MISSING;
    else
        cell->verdict = has_figures(cell->now) ? COMPARE_NEW : COMPARE_UNMEASURED;
}

static size_t count_failed(const struct run_cell *cell)
{
    size_t count = 0;
    for (size_t index = 0; index < cell->trial_count; ++index)
        count += cell->trials[index].result.status == TRIAL_FAILED;
    return count;
}

/* --- families of tests ------------------------------------------------------------------------- */

static size_t collect_family(struct comparison *comparison, bool gated,
                             struct compare_figure **figures)
{
    size_t count = 0;
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        struct compare_cell *const cell = &comparison->cells[index];
        for (size_t metric = 0; metric < COMPARE_METRICS; ++metric) {
            if (cell->figures[metric].present && cell->figures[metric].gated == gated)
                figures[count++] = &cell->figures[metric];
        }
    }
    return count;
}

static int adjust(enum compare_correction correction, double *p, size_t count)
{
    if (correction == COMPARE_UNCORRECTED)
        return 0;
    return rank_adjust(correction == COMPARE_HOLM ? RANK_HOLM : RANK_BENJAMINI_HOCHBERG, p, count,
                       NULL);
}

/* The p of all figures that are gated, or of all that are not, adjusted for their number. */
static int correct_family(struct comparison *comparison, bool gated, size_t *tests,
                          struct error *error)
{
    const size_t most = COMPARE_METRICS * comparison->cell_count + 1;
    struct compare_figure **const figures = calloc(most, sizeof(*figures));
    double *const p = calloc(most, sizeof(*p));
    int failure = -ENOMEM;
    *tests = 0;
    if (figures && p) {
        *tests = collect_family(comparison, gated, figures);
        for (size_t index = 0; index < *tests; ++index)
            p[index] = figures[index]->p;
        failure = adjust(comparison->options.correction, p, *tests);
        for (size_t index = 0; index < *tests; ++index)
            figures[index]->adjusted_p = p[index];
    }
    free(figures);
    free(p);
    return failure ? error_system(error, ENOMEM, "%zu figures", most) : 0;
}

/* --- verdicts ---------------------------------------------------------------------------------- */

static void judge_from_figures(struct compare_cell *cell, size_t gated_tests, size_t other_tests)
{
    bool decided = false;
    for (size_t index = 0; index < COMPARE_METRICS; ++index) {
        struct compare_figure *const figure = &cell->figures[index];
        if (!figure->present)
            continue;
        compare_figure_judge(figure, (enum compare_metric)index,
                             figure->gated ? gated_tests : other_tests);
        if (!figure->gated)
            continue;
        if (!decided || figure->verdict < cell->verdict)
            cell->verdict = figure->verdict;
        decided = true;
    }
    if (decided)
        return;
    if (cell->stratum.pairs_left_out) {
        cell->verdict = COMPARE_NOT_COMPARABLE;
        snprintf(cell->reason, sizeof(cell->reason),
                 "in each of %zu pairs of trials the CPUs changed places in between",
                 cell->stratum.pairs_left_out);
        return;
    }
    cell->verdict = COMPARE_UNMEASURED;
    snprintf(cell->reason, sizeof(cell->reason),
             "too few messages in a trial for the figure asked for (10 beyond a percentile)");
}

static int measure_cells(struct comparison *comparison, struct error *error)
{
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        struct compare_cell *const cell = &comparison->cells[index];
        /* Until it is judged: anything that needs figures. */
        cell->verdict = COMPARE_EQUIVALENT;
        if (!has_figures(cell->base) || !has_figures(cell->now)) {
            judge_without_figures(cell);
            continue;
        }
        cell->sometimes_fails = count_failed(cell->now) && !count_failed(cell->base);
        const int failure = comparison->options.paired
                                ? compare_cell_measure_pairs(cell, &comparison->options, error)
                                : compare_cell_measure(cell, &comparison->options, error);
        if (failure)
            return failure;
    }
    return 0;
}

static void judge_cells(struct comparison *comparison, size_t other_tests)
{
    const size_t gated_tests =
        comparison->options.correction == COMPARE_UNCORRECTED ? 1 : comparison->tests;
    if (comparison->options.correction == COMPARE_UNCORRECTED)
        other_tests = 1;
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        struct compare_cell *const cell = &comparison->cells[index];
        if (cell->verdict == COMPARE_EQUIVALENT)
            judge_from_figures(cell, gated_tests, other_tests);
        if (!cell->judged)
            continue;
        ++comparison->judged;
        ++comparison->counts[cell->verdict];
        comparison->sometimes_failing += cell->sometimes_fails;
    }
}

int compare_runs(const struct run *base, const struct run *now,
                 const struct compare_options *options, struct comparison *comparison,
                 struct error *error)
{
    size_t other_tests = 0;
    *comparison = (struct comparison){.base = base, .now = now, .options = *options};
    int failure = pair_cells(comparison, error);
    if (!failure)
        failure = compare_settings(comparison, error);
    if (!failure && !comparison->refused) {
        failure = measure_cells(comparison, error);
        if (!failure)
            failure = correct_family(comparison, true, &comparison->tests, error);
        if (!failure)
            failure = correct_family(comparison, false, &other_tests, error);
        if (!failure)
            judge_cells(comparison, other_tests);
    }
    if (failure)
        compare_free(comparison);
    return failure;
}

void compare_free(struct comparison *comparison)
{
    for (size_t index = 0; index < comparison->difference_count; ++index) {
        free(comparison->differences[index].what);
        free(comparison->differences[index].base);
        free(comparison->differences[index].now);
    }
    free(comparison->differences);
    free(comparison->cells);
    *comparison = (struct comparison){0};
}

enum compare_outcome compare_outcome(const struct comparison *comparison)
{
    const size_t *const counts = comparison->counts;
    const size_t compared = counts[COMPARE_REGRESSED] + counts[COMPARE_IMPROVED] +
                            counts[COMPARE_INCONCLUSIVE] + counts[COMPARE_EQUIVALENT];
    if (comparison->refused)
        return COMPARE_OUTCOME_NOT_COMPARABLE;
    if (counts[COMPARE_FAILED] || comparison->sometimes_failing)
        return COMPARE_OUTCOME_FAILED;
    if (counts[COMPARE_REGRESSED])
        return COMPARE_OUTCOME_REGRESSED;
    return compared ? COMPARE_OUTCOME_FINE : COMPARE_OUTCOME_NOT_COMPARABLE;
}
