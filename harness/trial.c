#include "harness/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"
#include "harness/channels.h"
#include "harness/fold.h"
#include "harness/judge.h"
#include "harness/load.h"
#include "harness/pair.h"

static const char *const status_names[] = {"ok", "skipped", "invalid", "failed", "interrupted"};

const char *trial_status_name(enum trial_status status)
{
    return status_names[status];
}

const char *series_name(enum series series)
{
    static const char *const names[SERIES_COUNT] = {
        [SERIES_SERVICE] = "service",
        [SERIES_SEND_LAG] = "send_lag",
        [SERIES_BACKWARD] = "backward",
        [SERIES_ROUND_TRIP] = "round_trip",
    };
    return names[series];
}

double clock_offset_bound_ns(const struct clock_offset *offset)
{
    return offset->high_ns > -offset->low_ns ? offset->high_ns : -offset->low_ns;
}

struct layout layout_of(uint64_t seed)
{
    enum { PAGE_BYTES = 4096 };
    struct random random;
    random_seed(&random, seed);
    return (struct layout){
        .buffer_offset_bytes =
            MESSAGE_ALIGN_BYTES * random_below(&random, PAGE_BYTES / MESSAGE_ALIGN_BYTES),
        .stack_offset_bytes = random_below(&random, PAGE_BYTES),
    };
}

static void add_integrity(struct integrity *sum, const struct integrity *part)
{
    sum->lost += part->lost;
    sum->duplicated += part->duplicated;
    sum->reordered += part->reordered;
    sum->corrupt += part->corrupt;
}

/* What two processes have left behind, the verdict apart. 0, or -ERANGE where their clocks drifted;
 * otherwise the status says that it failed. */
static int gather(const struct trial_request *request, const struct workspace *workspace,
                  struct trial_result *result)
{
    const struct side_report *reports = workspace->shared->reports;
    uint64_t faults = 0;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        result->sides[side] = reports[side].cost;
        add_integrity(&result->integrity, &reports[side].integrity);
        faults += reports[side].cost.minor_faults + reports[side].cost.major_faults;
    }
    if (!request->message_bytes && pattern_has_messages(request->pattern) &&
        request->transport->family != FAMILY_NONE)
        fold_unnumbered(workspace, result);
    /* Where an operation is measured, they are what it does. */
    result->faults_in_loop = faults > 0 && pattern_has_messages(request->pattern);
    result->prefaulted = reports[SIDE_SENDER].prefaulted && reports[SIDE_RECEIVER].prefaulted;
    result->obtained = reports[SIDE_SENDER].obtained;
    result->layout = request->layout;
    result->probe_before_ns = reports[SIDE_SENDER].probe_before_ns;
    result->probe_after_ns = reports[SIDE_SENDER].probe_after_ns;
    result->probes_disagree = trial_probes_disagree(result);
    const bool drifted = fold_clock_offset(request, workspace, &result->clock_offset) != 0;
    int failure = fold_trial(request, workspace, result, &result->error);
    if (!failure)
        failure = fold_cold(request, workspace, result, &result->error);
    if (failure)
        result->status = TRIAL_FAILED;
    else if (result->elapsed_ns > 0)
        result->rate_per_s = (double)result->messages * 1e9 / result->elapsed_ns;
    return drifted ? -ERANGE : 0;
}

static void collect(const struct trial_request *request, const struct workspace *workspace,
                    struct trial_result *result)
{
    const bool drifted = gather(request, workspace, result) != 0;
    if (result->status == TRIAL_OK)
        result->status = trial_judge(request, drifted, result);
}

/* Every lane's result, of independent pairs with its verdict, as one. */
static void collect_crew(const struct trial_request *request, struct workspace *workspace,
                         struct trial_result *result)
{
    int failure = 0;
    for (size_t lane = 0; !failure && lane < request->crew.lanes; ++lane) {
        const struct trial_request own = crew_lane_request(request, lane);
        const struct workspace view = workspace_of_lane(workspace, lane);
        struct trial_result part = {
            .capacity_messages = -1, .disturbance = result->disturbance, /* one for all */
        };
        if (request->crew.shares_channel)
            (void)gather(&own, &view, &part); /* streams compare no clocks */
        else
            collect(&own, &view, &part);
        failure = crew_absorb(result, request, lane, &part, &result->error);
        trial_result_free(&part);
    }
    if (failure) {
        result->status = TRIAL_FAILED;
        return;
    }
    if (request->crew.shares_channel)
        fold_channel(request, workspace, result);
    if (request->pattern == PATTERN_STREAM)
        fold_crew_window(request, workspace, result);
    crew_conclude(result, request);
    if (request->crew.shares_channel && result->status == TRIAL_OK)
        result->status = trial_judge(request, false, result);
}

static enum trial_status status_of_failure(int failure, const struct error *error)
{
    if (failure == -EINTR)
        return TRIAL_INTERRUPTED;
    return error->unavailable ? TRIAL_SKIPPED : TRIAL_FAILED;
}

static int run_watched(const struct pair *pair, struct disturbance *during, struct error *error)
{
    struct disturbance_sources *const sources = pair->workspace->disturbances;
    struct disturbance before, after;
    disturbance_read(sources, &pair->request->cpus, &before);
    const int failure = pair_run(pair, error);
    disturbance_read(sources, &pair->request->cpus, &after);
    *during = disturbance_between(&before, &after);
    return failure;
}

/* The schedules, each lane's arrivals its own, and room for what the children stamp. */
static int prepare_schedule(const struct trial_request *request, struct workspace *workspace,
                            struct error *error)
{
    const size_t lanes = crew_lanes(&request->crew);
    const int failure = workspace_reserve(workspace, lanes, pair_stamps_needed(request), error);
    if (failure || request->pattern != PATTERN_PACED)
        return failure;
    struct schedule schedule = {
        .arrivals = request->arrivals,
        .rate_per_s = request->offered_per_s,
        .seconds = request->timed_seconds,
        .ns_per_tick = request->clock->ns_per_tick,
        .seed = request->seed,
    };
    for (size_t lane = 0; lane < lanes; ++lane, ++schedule.seed)
        schedule_fill(&schedule, workspace_of_lane(workspace, lane).intended_ticks);
    return 0;
}

static void run_pair(const struct trial_request *request, struct workspace *workspace,
                     struct trial_result *result)
{
    *result = (struct trial_result){.capacity_messages = -1};
    struct channels channels;
    int hold = -1;
    int failure = idle_hold(request->idle, &hold, &result->error);
    if (!failure)
        failure = prepare_schedule(request, workspace, &result->error);
    if (!failure) {
        failure = channels_open(&channels, request, workspace, &result->error);
        const struct pair pair = {request, workspace, channels.items, getpid()};
        if (!failure)
            failure = run_watched(&pair, &result->disturbance, &result->error);
        channels_close(&channels);
    }
    idle_release(&hold);
    if (failure)
        result->status = status_of_failure(failure, &result->error);
    else if (request->crew.lanes)
        collect_crew(request, workspace, result);
    else
        collect(request, workspace, result);
}

void trial_run(const struct trial_request *request, struct workspace *workspace,
               struct trial_result *result)
{
    if (request->pattern == PATTERN_LOAD)
        load_run(request, workspace, result);
    else
        run_pair(request, workspace, result);
}

void trial_result_free(struct trial_result *result)
{
    hdr_free(&result->histogram);
    for (size_t index = 0; index < SERIES_COUNT; ++index)
        hdr_free(&result->series[index]);
    free(result->load);
    result->load = NULL;
    free(result->crew);
    result->crew = NULL;
    free(result->interval_counts);
    result->interval_counts = NULL;
    result->interval_count = 0;
}
