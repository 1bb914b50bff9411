/* What a cell's trials are together: its status and reason, and how many trials count and are marked. */
#include "results/summary_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int replace_text(char **text, const char *by, struct error *error)
{
    char *copy = NULL;

    if (by && by[0] && !(copy = strdup(by)))
        return error_system(error, ENOMEM, "keeping a reason");
    free(*text);
    *text = copy;
    return 0;
}

static void count_trial(struct summary *summary, const struct trial_result *result)
{
    summary->trials++;
    summary->trials_unsettled += result->probes_disagree;
    summary->trials_faulted += result->faults_in_loop;
    summary->trials_drifting += result->drifting;
    if (result->capacity_messages > summary->capacity_messages)
        summary->capacity_messages = result->capacity_messages;
}

int summary_count_trials(struct run_cell *cell, struct error *error)
{
    struct summary *const summary = &cell->summary;
    int failed = 0;

    summary->capacity_messages = -1;
    for (size_t i = 0; i < cell->trial_count && !failed; i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        const char *const reason = result->error.message;
        if (result->status == TRIAL_OK)
            count_trial(summary, result);
        else if (result->status == TRIAL_INVALID && summary->trials_invalid++ == 0)
            failed = replace_text(&summary->invalid_reason, reason, error);
        else if ((result->status == TRIAL_FAILED || result->status == TRIAL_SKIPPED) &&
                 summary->trials_failed++ == 0)
            failed = replace_text(&summary->failed_reason, reason, error);
    }
    return failed;
}

static bool is_intact(const struct trial_result *result)
{
    const struct integrity *const integrity = &result->integrity;
    return !integrity->lost && !integrity->duplicated && !integrity->reordered &&
           !integrity->corrupt;
}

/* A rate that was not held in most trials has no latency, whatever the others say. */
static bool is_mostly_unstable(const struct run_cell *cell)
{
    size_t held = 0, not_held = 0;

    for (size_t i = 0; i < cell->trial_count && pattern_has_rate(cell->pattern); i++) {
        const struct trial_result *const result = &cell->trials[i].result;
        held += result->status == TRIAL_OK;
        not_held += result->status == TRIAL_INVALID && !result->pace.stable;
    }
    return not_held > held;
}

/* The trial that speaks for the cell: one that lost or damaged messages, whatever the others did;
 * else the first of the best-informed status there is. */
static const struct trial_result *spokesman(const struct run_cell *cell)
{
    static const enum trial_status precedence[] = {TRIAL_OK, TRIAL_FAILED, TRIAL_INVALID,
                                                   TRIAL_SKIPPED, TRIAL_INTERRUPTED};

    for (size_t i = 0; i < cell->trial_count; i++) {
        if (!is_intact(&cell->trials[i].result))
            return &cell->trials[i].result;
    }
    for (size_t p = is_mostly_unstable(cell); p < sizeof precedence / sizeof precedence[0]; p++) {
        for (size_t i = 0; i < cell->trial_count; i++) {
            if (cell->trials[i].result.status == precedence[p])
                return &cell->trials[i].result;
        }
    }
    return NULL;
}

int summary_adopt_status(struct run_cell *cell, struct error *error)
{
    const struct trial_result *const result = spokesman(cell);
    if (!result) {
        if (cell->status == TRIAL_OK)
            cell->status = TRIAL_INTERRUPTED;
        return 0;
    }

    const bool settled = result->status != TRIAL_OK && result->status != TRIAL_INTERRUPTED;
    int failed = replace_text(&cell->reason, settled ? result->error.message : NULL, error);
    if (!failed)
        failed = replace_text(&cell->knob, settled ? result->error.knob : NULL, error);
    if (failed)
        return failed;
    cell->status = result->status;
    cell->obtained = result->obtained;
    return 0;
}
