#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/interrupt.h"
#include "bench/session.h"
#include "harness/rounds.h"

enum { FAILURES_BEFORE_GIVING_UP = 2, DISTURBED_RETRIES = 5, TRIALS_MOST = 100 };

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
        const struct error *objection = &plan_choice(&session->plan, index)->objection;
        if (objection->code)
            why = *objection;
        const int refused = objection->code ||
                            trial_check(&session->plan.requests[index], &session->workspace, &why);
        if (!refused)
            continue;
        const int failure =
            settle_cell(session, cell, why.unavailable ? TRIAL_SKIPPED : TRIAL_FAILED, &why, error);
        if (failure)
            return failure;
    }
    return 0;
}

/* A failure of the transport, which another trial will not mend; a disturbance may be gone by then. */
static bool is_failure(const struct trial_result *result)
{
    const struct integrity *integrity = &result->integrity;
    return result->status == TRIAL_FAILED || integrity->lost || integrity->duplicated ||
           integrity->reordered || integrity->corrupt;
}

static bool cell_is_settled(const struct run_cell *cell)
{
    size_t failures = 0;
    if (cell->reason && !cell->trial_count)
        return true;
    for (size_t index = 0; index < cell->trial_count; ++index)
        failures += is_failure(&cell->trials[index].result);
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

/* Nothing but trials that the machine disturbed. */
static bool is_disturbed(const struct run_cell *cell)
{
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const struct trial_result *result = &cell->trials[index].result;
        const bool is_unstable = result->pace.offered_per_s > 0 && !result->pace.stable;
        if (result->status != TRIAL_INVALID || is_failure(result) || is_unstable || result->load)
            return false;
    }
    return true;
}

static bool has_time(const struct session *session)
{
    const double spent_s = (double)(clock_monotonic_ns() - session->began_ns) / 1e9;
    return spent_s < session->plan.budget_seconds;
}

/* Another trial beyond those asked for: where every one was disturbed, a few times; else where the
 * interval is still too wide and there is time. */
static bool wants_more(const struct session *session, const struct run_cell *cell)
{
    const struct plan *plan = &session->plan;
    if (cell_is_settled(cell) || !cell->trial_count)
        return false;
    if (is_disturbed(cell) && cell->trial_count < plan->trials + DISTURBED_RETRIES)
        return true;
    return plan->precision > 0 && cell->trial_count < TRIALS_MOST && has_time(session) &&
           run_cell_noise(cell) > plan->precision;
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
    struct trial_request request = session->plan.requests[place->cell];
    request.seed = session->run.request.seed + place->order;
    request.layout = layout_of(request.seed);
    trial_run(&request, &session->workspace, &result);
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

/* One round over every cell, or over those that want more. */
static int measure_round(struct session *session, size_t round, size_t *order, bool every,
                         struct error *error)
{
    const struct plan *plan = &session->plan;
    rounds_order(session->run.request.seed, round, order, plan->count);
    for (size_t step = 0; step < plan->count && !*interrupt_flag(); ++step) {
        const struct place place = {order[step], round, round * plan->count + step};
        const struct run_cell *cell = &session->run.cells[place.cell];
        if (!every && !wants_more(session, cell))
            continue;
        if (!cell_is_settled(cell) && !cell_has_round(cell, round)) {
            lockstep_trial(&session->config.lockstep, place.order, place.cell, round);
            progress_show(&session->progress, cell->id);
            const int failure = measure_trial(session, &place, error);
            if (failure)
                return failure;
        }
        progress_advance(&session->progress);
    }
    return 0;
}

/* Rounds beyond those asked for, over ever fewer cells. */
static int measure_more(struct session *session, size_t *order, struct error *error)
{
    const struct plan *plan = &session->plan;
    int failure = 0;
    for (size_t round = plan->trials; !failure && !*interrupt_flag(); ++round) {
        size_t wanting = 0;
        for (size_t index = 0; index < plan->count; ++index)
            wanting += wants_more(session, &session->run.cells[index]);
        if (!wanting)
            break;
        progress_extend(&session->progress, wanting);
        failure = measure_round(session, round, order, false, error);
    }
    return failure;
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
    lockstep_plan(&session->config.lockstep, plan->count, plan->trials);
    for (size_t round = 0; !failure && round < plan->trials && !*interrupt_flag(); ++round)
        failure = measure_round(session, round, order, true, error);
    if (!failure)
        failure = measure_more(session, order, error);
    progress_end(&session->progress);
    lockstep_end(&session->config.lockstep);
    free(order);
    return failure;
}
