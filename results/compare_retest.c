/* What is left of an alarm once its cells were measured again. */
#include <string.h>

#include "results/compare.h"

bool compare_is_flagged(const struct compare_cell *cell)
{
    return cell->judged && (cell->verdict == COMPARE_REGRESSED || cell->verdict == COMPARE_FAILED ||
                            cell->sometimes_fails);
}

static bool is_flagged_in(const struct comparison *comparison, const char *id)
{
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        if (!strcmp(comparison->cells[index].id, id))
            return compare_is_flagged(&comparison->cells[index]);
    }
    return false;
}

void compare_retest(struct comparison *comparison, const struct comparison *again)
{
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        struct compare_cell *const cell = &comparison->cells[index];
        if (!compare_is_flagged(cell) || is_flagged_in(again, cell->id))
            continue;
        --comparison->counts[cell->verdict];
        comparison->sometimes_failing -= cell->sometimes_fails;
        cell->unconfirmed = true;
        cell->sometimes_fails = false;
        cell->verdict = COMPARE_INCONCLUSIVE;
        for (size_t metric = 0; metric < COMPARE_METRICS; ++metric) {
            if (cell->figures[metric].present && cell->figures[metric].verdict == COMPARE_REGRESSED)
                cell->figures[metric].verdict = COMPARE_INCONCLUSIVE;
        }
        ++comparison->counts[COMPARE_INCONCLUSIVE];
    }
}
