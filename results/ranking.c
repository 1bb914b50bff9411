/* Which are the best, and which can these data not tell from them? */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/compare.h"
#include "results/finding_cells.h"
#include "results/findings_parts.h"
#include "results/run.h"

/* For a place. */
#define WAITING SIZE_MAX

static bool more_is_better(const struct ranked_cell *entry)
{
    return entry->with_best.figure == CONTEST_RATE;
}

/* By median, those without a place last. All have the same figure. */
static int by_median(const void *left, const void *right)
{
    const struct ranked_cell *const a = left, *const b = right;
    if (!a->place != !b->place)
        return a->place ? -1 : 1;
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
        entry.place = *entry.weakness ? 0 : WAITING;
        ranking->ranked += entry.place > 0;
        ranking->cells[ranking->count++] = entry;
    }
    qsort(ranking->cells, ranking->count, sizeof(*ranking->cells), by_median);
    return 0;
}

/* Holds all that wait for a place against the first of them, and marks those that are significantly
 * behind; returns by `behind` the first of these, or `ranked`. */
static int hold_against(struct ranking *ranking, size_t start, bool *is_behind, size_t *behind,
                        struct error *error)
{
    struct ranked_cell *const cells = ranking->cells;
    double tests = 0, least_p = 1;
    for (size_t index = start + 1; index < ranking->ranked; ++index)
        tests += cells[index].place == WAITING;
    *behind = ranking->ranked;
    for (size_t index = start + 1; index < ranking->ranked; ++index) {
        is_behind[index] = false;
        if (cells[index].place != WAITING)
            continue;
        struct contest contest =
            contest_of(cells[start].cell, cells[index].cell, cells[start].with_best.figure);
        const int failure = contest_measure(&contest, error);
        if (failure)
            return failure;
        contest.adjusted_p = fmin(1, contest.p * tests);
        contest_judge(&contest);
        least_p = fmin(least_p, contest.least_p * tests);
        if (start == 0)
            cells[index].with_best = contest;
        is_behind[index] = contest.outcome == CONTEST_FIRST;
        if (is_behind[index] && *behind == ranking->ranked)
            *behind = index;
    }
    if (start == 0)
        ranking->is_hopeless = *behind > 1 && *behind == ranking->ranked && least_p > COMPARE_LEVEL;
    return 0;
}

/* Gives the place of the one at `start` to all up to the first that is behind it. Those that come
 * after that one and are not told from the best either have no place: too few or too wild. */
static void give_places(struct ranking *ranking, size_t start, const bool *is_behind, size_t behind)
{
    struct ranked_cell *const cells = ranking->cells;
    size_t members = 0;
    for (size_t index = start; index < ranking->ranked; ++index) {
        if (cells[index].place != WAITING || (index > start && is_behind[index]))
            continue;
        cells[index].place = index < behind ? start + 1 : 0;
        cells[index].weakness = index < behind ? "" : "its trials do not place it";
        members += index < behind;
    }
    for (size_t index = start; index < behind; ++index)
        cells[index].tied |= cells[index].place == start + 1 && members > 1;
}

static int give_all_places(struct ranking *ranking, struct error *error)
{
    bool *const is_behind = calloc(ranking->ranked + 1, sizeof(*is_behind));
    int failure = 0;
    if (!is_behind)
        return error_system(error, ENOMEM, "ranking %zu cells", ranking->ranked);
    for (size_t start = 0, behind; start < ranking->ranked && !failure; start = behind) {
        failure = hold_against(ranking, start, is_behind, &behind, error);
        if (!failure)
            give_places(ranking, start, is_behind, behind);
    }
    free(is_behind);
    return failure;
}

int ranking_make(const struct run_cell *const *cells, size_t count, enum contest_figure figure,
                 struct ranking *ranking, struct error *error)
{
    *ranking = (struct ranking){.cells = calloc(count + 1, sizeof(*ranking->cells))};
    if (!ranking->cells)
        return error_system(error, ENOMEM, "ranking %zu cells", count);
    int failure = enter(cells, count, figure, ranking, error);
    if (!failure)
        failure = give_all_places(ranking, error);
    if (failure)
        ranking_free(ranking);
    return failure;
}

void ranking_free(struct ranking *ranking)
{
    free(ranking->cells);
    *ranking = (struct ranking){0};
}
