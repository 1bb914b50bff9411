/* The plan as the run model sees it: names and values instead of tables and hooks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/plan.h"
#include "bench/registry.h"
#include "results/run.h"

static int describe_options(const struct options *options, struct run_cell *cell)
{
    cell->options = calloc(options->count ? options->count : 1, sizeof(*cell->options));
    if (!cell->options)
        return -ENOMEM;
    for (size_t index = 0; index < options->count; ++index) {
        char buffer[OPTION_TEXT_BYTES];
        struct run_option *option = &cell->options[index];
        option->key = strdup(options->specs[index].key);
        option->text = strdup(options_value_text(options, index, buffer));
        if (!option->key || !option->text)
            return -ENOMEM;
        option->is_number =
            options->specs[index].kind != OPTION_CHOICE && strcmp(option->text, "default") != 0;
        option->number = option->is_number ? options->values[index] : 0;
        ++cell->option_count;
    }
    return 0;
}

static int describe_crew(const struct crew *crew, struct run_cell *cell)
{
    if (!crew->lanes)
        return 0;
    cell->crew = calloc(1, sizeof(*cell->crew));
    if (!cell->crew)
        return -ENOMEM;
    cell->crew->pairs = crew->shares_channel ? 0 : crew->lanes;
    cell->crew->senders = crew->shares_channel ? crew->senders : 0;
    cell->crew->receivers = crew->shares_channel ? crew->receivers : 0;
    cell->crew->oversubscribed = crew->oversubscribed;
    cell->crew->lane_count = crew->lanes;
    for (size_t lane = 0; lane < crew->lanes; ++lane)
        cell->crew->cpus[lane] = crew->places[lane].cpus;
    return 0;
}

static int describe_origin(const struct run_plugin *origin, struct run_cell *cell)
{
    if (!origin)
        return 0;
    cell->plugin = malloc(sizeof(*cell->plugin));
    if (!cell->plugin)
        return -ENOMEM;
    *cell->plugin = *origin;
    cell->plugin->path = strdup(origin->path);
    return cell->plugin->path ? 0 : -ENOMEM;
}

static const struct operation_belief *belief_of(const struct trial_request *request)
{
    return request->transport->belief && !pattern_has_messages(request->pattern)
               ? request->transport->belief(&request->options)
               : NULL;
}

static int describe_cell(const struct plan *plan, const struct registry *registry, size_t index,
                         struct run_cell *cell)
{
    const struct trial_request *request = &plan->requests[index];
    static const char *const claims[] = {
        [BELIEF_CHEAPER] = "cheaper", [BELIEF_DEARER] = "dearer", [BELIEF_NO_DEARER] = "no dearer"};
    char memory[MEMORY_POLICY_TEXT_BYTES];
    const struct operation_belief *const belief = belief_of(request);
    *cell = (struct run_cell){
        .id = strdup(plan->ids[index]),
        .pattern = request->pattern,
        .transport = strdup(request->transport->name),
        .size_bytes = request->message_bytes,
        .placement = strdup(placement_name(plan_choice(plan, index)->placement)),
        .cpus = request->cpus,
        .rate_per_s = request->offered_per_s,
        .burst_messages = request->burst_messages,
        .arrivals = request->arrivals,
        .idle = request->idle,
        .touch = request->touch,
        .memory = strdup(memory_policy_text(&request->memory, memory)),
        .belief = belief ? strdup(belief->text) : NULL,
        .belief_against = belief ? strdup(belief->against) : NULL,
        .belief_claim = belief ? strdup(claims[belief->claim]) : NULL,
        .status = TRIAL_INTERRUPTED, /* until measured */
    };
    if (!cell->id || !cell->transport || !cell->placement || !cell->memory ||
        (belief && (!cell->belief || !cell->belief_against || !cell->belief_claim)))
        return -ENOMEM;
    int failure = describe_origin(registry_origin(registry, request->transport), cell);
    if (!failure)
        failure = describe_crew(&request->crew, cell);
    return failure ? failure : describe_options(&request->options, cell);
}

int plan_describe(const struct plan *plan, const struct registry *registry, struct run *run,
                  struct error *error)
{
    run->cells = calloc(plan->count, sizeof(*run->cells));
    for (size_t index = 0; run->cells && index < plan->count; ++index) {
        run->cell_count = index + 1;
        if (describe_cell(plan, registry, index, &run->cells[index]))
            return error_system(error, ENOMEM, "plan of %zu cells", plan->count);
    }
    return run->cells ? 0 : error_system(error, ENOMEM, "plan of %zu cells", plan->count);
}
