#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/interrupt.h"
#include "bench/session.h"
#include "harness/rounds.h"

enum { FAILURES_BEFORE_GIVING_UP = 2 };

static int settle_cell(struct session *session, struct run_cell *cell, enum trial_status status,
                       const struct error *why, struct error *error)
{
    free(cell->reason);
    free(cell->knob);
    cell->status = status;
    cell->reason = strdup(why->message);
    cell->knob = why->knob[0] ? strdup(why->knob) : NULL;
    if (!cell->reason)
        return error_system(error, ENOMEM, "reason");
    return session->output ? journal_append(&session->journal, cell, NULL, error) : 0;
}

/* Cells that cannot be measured here are settled before the first round. */
static int check_cells(struct session *session, struct error *error)
{
    for (size_t index = 0; index < session->plan.count; ++index) {
        struct run_cell *cell = &session->run.cells[index];
        struct error why = {0};
        if (cell->trial_count)
            continue;
        free(cell->reason); /* of the run that is resumed: things may have changed */
        free(cell->knob);
        cell->reason = cell->knob = NULL;
        cell->status = TRIAL_INTERRUPTED;
        const int refused = trial_check(&session->plan.requests[index], &session->workspace, &why);
        if (!refused)
            continue;
        const int failure =
            settle_cell(session, cell, why.unavailable ? TRIAL_SKIPPED : TRIAL_FAILED, &why, error);
        if (failure)
            return failure;
    }
    return 0;
}

static bool cell_is_settled(const struct run_cell *cell)
{
    size_t failures = 0;
    if (cell->reason && !cell->trial_count)
        return true;
    for (size_t index = 0; index < cell->trial_count; ++index)
        failures += cell->trials[index].result.status == TRIAL_FAILED;
    return failures >= FAILURES_BEFORE_GIVING_UP;
}

static bool cell_has_round(const struct run_cell *cell, size_t round)
{
    for (size_t index = 0; index < cell->trial_count; ++index) {
        if (cell->trials[index].round == round)
            return true;
    }
    return false;
}

/* Where a trial stands in the run. */
struct place {
    size_t cell;
    size_t round;
    size_t order;
};

static int measure_trial(struct session *session, const struct place *place, struct error *error)
{
    struct run_cell *cell = &session->run.cells[place->cell];
    struct trial_result result;
    const double started_s = (double)(clock_monotonic_ns() - session->began_ns) / 1e9;
    trial_run(&session->plan.requests[place->cell], &session->workspace, &result);
    /* A signal to the whole process group ends the pair before us. */
    const bool cut_short = result.status == TRIAL_FAILED && *interrupt_flag();
    if (result.status == TRIAL_INTERRUPTED || cut_short) {
        trial_result_free(&result);
        return 0;
    }
    if (result.status == TRIAL_SKIPPED && !cell->trial_count) {
        const struct error why = result.error;
        trial_result_free(&result);
        return settle_cell(session, cell, TRIAL_SKIPPED, &why, error);
    }
    const int failure = run_cell_add(cell, &result, place->round, place->order, started_s, error);
    if (failure || !session->output)
        return failure;
    return journal_append(&session->journal, cell, &cell->trials[cell->trial_count - 1], error);
}

static int measure_round(struct session *session, size_t round, size_t *order, struct error *error)
{
    const struct plan *plan = &session->plan;
    rounds_order(session->run.request.seed, round, order, plan->count);
    for (size_t step = 0; step < plan->count && !*interrupt_flag(); ++step) {
        const struct place place = {order[step], round, round * plan->count + step};
        const struct run_cell *cell = &session->run.cells[place.cell];
        if (!cell_is_settled(cell) && !cell_has_round(cell, round)) {
            progress_show(&session->progress, cell->id);
            const int failure = measure_trial(session, &place, error);
            if (failure)
                return failure;
        }
        progress_advance(&session->progress);
    }
    return 0;
}

int session_measure(struct session *session, struct error *error)
{
    const struct plan *plan = &session->plan;
    for (size_t index = 0; index < plan->count; ++index) {
        session->plan.requests[index].clock = &session->clock;
        session->plan.requests[index].interrupted = interrupt_flag();
    }
    int failure = check_cells(session, error);
    size_t *order = calloc(plan->count, sizeof(*order));
    if (!order)
        return error_system(error, ENOMEM, "order of %zu cells", plan->count);
    progress_start(&session->progress, plan->count * plan->trials);
    for (size_t round = 0; !failure && round < plan->trials && !*interrupt_flag(); ++round)
        failure = measure_round(session, round, order, error);
    progress_end(&session->progress);
    free(order);
    return failure;
}
