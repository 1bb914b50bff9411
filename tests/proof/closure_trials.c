#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "tests/proof/closure_parts.h"
#include "transports/builtin.h"

static const double paced_rate_per_s = 2000;

uint64_t closure_spoil_ticks(const struct closure *closure)
{
    return (uint64_t)(1000 / closure->stage.clock.ns_per_tick + 0.5);
}

void finding_add(struct finding *finding, double off, double allowed)
{
    if (!(off <= allowed))
        finding->holds = false;
    if (finding->seen && off - allowed <= finding->off - finding->allowed)
        return;
    finding->off = off;
    finding->allowed = allowed;
    finding->seen = true;
}

static const struct transport *find_transport(const char *name)
{
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        if (!strcmp(transports_builtin[index]->name, name))
            return transports_builtin[index];
    }
    return NULL;
}

/* An invalid trial has been disturbed, which breaks no identity; only what gave no message tells
 * nothing. */
int closure_run(struct closure *closure, const struct stage_cell *cell, enum pattern pattern,
                remains_check *check, struct finding *finding, struct error *error)
{
    struct stage *const stage = &closure->stage;
    struct trial_request request;
    if (!cell->one_cpu && !stage_has_two_cpus(stage))
        return error_unavailable(error, "a second CPU", "there is one CPU");
    int failure = stage_request(stage, find_transport(cell->name), cell, &request, error);
    request.pattern = pattern;
    request.offered_per_s = paced_rate_per_s;
    for (size_t trial = 0; trial < closure->trials && !failure && !*stage->interrupted; ++trial) {
        struct trial_result result;
        request.layout = layout_of(trial + 1);
        trial_run(&request, &stage->workspace, &result);
        const struct remains remains = {
            .result = &result,
            .request = &request,
            .workspace = &stage->workspace,
            .count = (size_t)result.messages,
        };
        if ((result.status == TRIAL_OK || result.status == TRIAL_INVALID) && result.messages) {
            failure = check(closure, &remains, finding, error);
        } else {
            *error = result.error;
            failure = -EIO;
        }
        trial_result_free(&result);
    }
    return failure;
}

static double ns_between(const struct remains *remains, uint64_t from, uint64_t to)
{
    return (double)(int64_t)(to - from) * remains->request->clock->ns_per_tick;
}

double sample_ns(const struct remains *remains, size_t index)
{
    return clock_ns(remains->request->clock, remains->workspace->samples[index]);
}

double intended_to_received_ns(const struct remains *remains, size_t index)
{
    const struct workspace *const workspace = remains->workspace;
    return ns_between(remains,
                      atomic_load(&workspace->crew->start_ticks) + workspace->intended_ticks[index],
                      workspace->stamps[STAMP_RECEIVED][index]);
}

double intended_to_sent_ns(const struct remains *remains, size_t index)
{
    const struct workspace *const workspace = remains->workspace;
    return ns_between(remains,
                      atomic_load(&workspace->crew->start_ticks) + workspace->intended_ticks[index],
                      workspace->stamps[STAMP_SENT][index]);
}

double sent_to_received_ns(const struct remains *remains, size_t index)
{
    uint64_t *const *const stamps = remains->workspace->stamps;
    return ns_between(remains, stamps[STAMP_SENT][index], stamps[STAMP_RECEIVED][index]);
}

double replied_to_returned_ns(const struct remains *remains, size_t index)
{
    uint64_t *const *const stamps = remains->workspace->stamps;
    return ns_between(remains, stamps[STAMP_REPLIED][index], stamps[STAMP_RETURNED][index]);
}

double sent_to_returned_ns(const struct remains *remains, size_t index)
{
    uint64_t *const *const stamps = remains->workspace->stamps;
    return ns_between(remains, stamps[STAMP_SENT][index], stamps[STAMP_RETURNED][index]);
}
