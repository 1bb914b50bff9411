#include "bench/plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "bench/config.h"
#include "bench/plan_parts.h"
#include "harness/load.h"

/* Set-up, probes, verification and reaping of a trial, from experience. */
static const double trial_overhead_seconds = 0.025;
static const double capacity_seconds = 0.06; /* to find a burst's channel full */
static const double walked_bytes_per_s = 700e6;

static const double default_precision = 0.03;
/* What precision may add, as a share of the time without it. */
static const double default_budget_share = 0.35;

/* Who runs where, at each place. */
static int place_crews(struct plan *plan, const struct config *config, struct error *error)
{
    struct crew crew = {0};
    if (config->senders || config->receivers)
        crew = crew_of_channel(config->senders ? config->senders : 1,
                               config->receivers ? config->receivers : 1);
    else if (config->pairs > 1)
        crew = crew_of_pairs(config->pairs);
    if (!crew.lanes)
        return 0;
    plan->crews = calloc(plan->placements.count, sizeof(*plan->crews));
    for (size_t index = 0; plan->crews && index < plan->placements.count; ++index) {
        struct crew_lane *const places = calloc(crew.lanes, sizeof(*places));
        if (!places)
            return error_system(error, ENOMEM, "plan");
        plan->crews[index] = crew;
        const int failure = crew_place(&plan->crews[index], &plan->topology,
                                       &plan->placements.items[index].cpus, places, error);
        if (failure)
            return failure;
    }
    return plan->crews ? 0 : error_system(error, ENOMEM, "plan");
}

static void free_crews(struct plan *plan)
{
    for (size_t index = 0; plan->crews && index < plan->placements.count; ++index)
        free((void *)(uintptr_t)plan->crews[index].places);
    free(plan->crews);
}

static int place(struct plan *plan, const struct config *config, struct error *error)
{
    int failure = topology_read("", &plan->topology, error);
    if (!failure)
        failure = placements_make(&plan->placements, config, &plan->topology, error);
    if (!failure)
        failure = place_crews(plan, config, error);
    if (failure) {
        error_prefix(error, "run: ");
        return failure;
    }
    plan->cpus = placements_bounds_pair(&plan->placements, &plan->topology);
    failure = memory_policy_parse(config->memory, &plan->memory, error);
    if (failure)
        error_prefix(error, "run: --mem: ");
    else
        placements_check_memory(&plan->placements, &plan->memory);
    return failure;
}

int plan_make(struct plan *plan, const struct config *config, struct error *error)
{
    const struct suite *suite = config->suite;
    *plan = (struct plan){
        .trials = config->trials ? config->trials : suite->trials,
        .timed_seconds = config->timed_seconds > 0 ? config->timed_seconds : suite->timed_seconds,
        .warmup_seconds =
            config->warmup_seconds >= 0 ? config->warmup_seconds : suite->warmup_seconds,
    };
    const int failure = place(plan, config, error);
    if (failure)
        return failure;
    int result = plan_expand(plan, config, error);
    if (result)
        return result;
    const bool exact = config->trials && config->precision < 0 && config->budget_seconds <= 0;
    plan->precision = exact ? 0 : config->precision >= 0 ? config->precision : default_precision;
    plan->budget_seconds = config->budget_seconds > 0
                               ? config->budget_seconds
                               : (1 + default_budget_share) * plan_seconds(plan);
    return 0;
}

void plan_free(struct plan *plan)
{
    for (size_t index = 0; index < plan->count; ++index)
        free(plan->ids[index]);
    free(plan->ids);
    free(plan->requests);
    free(plan->choices);
    free_crews(plan);
    placements_free(&plan->placements);
    topology_free(&plan->topology);
    *plan = (struct plan){0};
}

const struct placement_choice *plan_choice(const struct plan *plan, size_t cell)
{
    return &plan->placements.items[plan->choices[cell]];
}

static double trial_seconds(const struct trial_request *request)
{
    const double seconds = request->timed_seconds + request->warmup_seconds;
    if (request->pattern == PATTERN_LOAD)
        return load_seconds(request->timed_seconds,
                            request->warmup_seconds + trial_overhead_seconds);
    /* Bringing in, writing and looking through a working set. */
    const double set_up_seconds =
        pattern_walks(request->pattern) ? (double)request->message_bytes / walked_bytes_per_s : 0;
    return seconds + trial_overhead_seconds + set_up_seconds +
           (request->pattern == PATTERN_BURST ? capacity_seconds : 0);
}

double plan_seconds(const struct plan *plan)
{
    double seconds = 0;
    for (size_t index = 0; index < plan->count; ++index)
        seconds += (double)plan->trials * trial_seconds(&plan->requests[index]);
    return seconds;
}
