/* Which are the best, and which can these data not tell from them? */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/compare.h"
#include "results/finding_cells.h"
#include "results/findings_parts.h"
#include "results/run.h"

static bool more_is_better(const struct ranked_cell *entry)
{
    return entry->with_best.figure == CONTEST_RATE;
}

/* By place (none: last), then by median. All have the same figure. */
static int by_place(const void *left, const void *right)
{
    const struct ranked_cell *const a = left, *const b = right;
    const size_t place_a = a->place ? a->place : SIZE_MAX;
    const size_t place_b = b->place ? b->place : SIZE_MAX;
    if (place_a != place_b)
        return place_a < place_b ? -1 : 1;
    const double difference =
        more_is_better(a) ? b->figure.value - a->figure.value : a->figure.value - b->figure.value;
    return (difference > 0) - (difference < 0);
}

/* Why it has no place; "" where it has one. */
static const char *weakness_of(const struct ranked_cell *entry)
{
    size_t good = 0;
    for (size_t index = 0; index < entry->cell->trial_count; ++index)
        good += entry->cell->trials[index].result.status == TRIAL_OK;
    if (entry->with_best.figure == CONTEST_CPU && finding_spins(entry->cell))
        return "what spins takes all of its CPUs, however few messages there are";
    if (entry->figure.count < good) /* the slow ones lack it: what is left flatters */
        return "some of its trials are too short for this figure";
    return contest_weakness(entry->cell);
}

/* Weak cells have no place, the others wait for theirs behind all there are. */
static int enter(const struct run_cell *const *cells, size_t count, enum contest_figure figure,
                 struct ranking *ranking, struct error *error)
{
    for (size_t index = 0; index < count; ++index) {
        struct ranked_cell entry = {.cell = cells[index], .with_best = {.figure = figure}};
        const int failure = contest_median(cells[index], figure, &entry.figure, error);
        if (failure)
            return failure;
        if (!entry.figure.count)
            continue;
        entry.weakness = weakness_of(&entry);
        entry.place = *entry.weakness ? 0 : count + 1;
        ranking->ranked += entry.place > 0;
        ranking->cells[ranking->count++] = entry;
    }
    qsort(ranking->cells, ranking->count, sizeof(*ranking->cells), by_place);
    return 0;
}

/* Those of [start, ranked) that are not worse than the one at `start` get its place; returns by
 * `next` where the others begin. */
static int take_group(struct ranking *ranking, size_t start, size_t *next, struct error *error)
{
    struct ranked_cell *const cells = ranking->cells;
    const struct run_cell *const best = cells[start].cell;
    const double tests = (double)(ranking->ranked - start - 1);
    const enum contest_figure figure = cells[start].with_best.figure;
    double least_p = 1;
    size_t members = 1;
    cells[start].place = start + 1;
    for (size_t index = start + 1; index < ranking->ranked; ++index) {
        struct contest contest = contest_of(best, cells[index].cell, figure);
        const int failure = contest_measure(&contest, error);
        if (failure)
            return failure;
        contest.adjusted_p = fmin(1, contest.p * tests);
        contest_judge(&contest);
        least_p = fmin(least_p, contest.least_p * tests);
        if (start == 0)
            cells[index].with_best = contest;
        if (contest.outcome == CONTEST_FIRST)
            continue;
        cells[index].place = start + 1;
        ++members;
    }
    if (start == 0)
        ranking->is_hopeless = members > 1 && least_p > COMPARE_LEVEL;
    for (size_t index = start; index < ranking->ranked; ++index)
        cells[index].tied |= cells[index].place == start + 1 && members > 1;
    qsort(cells + start, ranking->ranked - start, sizeof(*cells), by_place);
    *next = start + members;
    return 0;
}

int ranking_make(const struct run_cell *const *cells, size_t count, enum contest_figure figure,
                 struct ranking *ranking, struct error *error)
{
    *ranking = (struct ranking){.cells = calloc(count + 1, sizeof(*ranking->cells))};
    if (!ranking->cells)
        return error_system(error, ENOMEM, "ranking %zu cells", count);
    int failure = enter(cells, count, figure, ranking, error);
    size_t next = 0;
    while (!failure && next < ranking->ranked)
        failure = take_group(ranking, next, &next, error);
    if (failure)
        ranking_free(ranking);
    return failure;
}

void ranking_free(struct ranking *ranking)
{
    free(ranking->cells);
    *ranking = (struct ranking){0};
}
