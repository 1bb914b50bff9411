/* The part of crew.h that makes one result of many. */
#include "harness/crew.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "harness/trial.h"
#include "harness/windows.h"

/* -1, unknown, for one is unknown for all. */
static void add_known(int64_t *sum, int64_t part)
{
    *sum = *sum < 0 || part < 0 ? -1 : *sum + part;
}

static void add_cost(struct side_cost *sum, const struct side_cost *part)
{
    sum->messages += part->messages;
    sum->cpu_ns += part->cpu_ns;
    sum->voluntary_switches += part->voluntary_switches;
    sum->involuntary_switches += part->involuntary_switches;
    sum->minor_faults += part->minor_faults;
    sum->major_faults += part->major_faults;
    add_known(&sum->cpu_migrations, part->cpu_migrations);
    add_known(&sum->runqueue_wait_ns, part->runqueue_wait_ns);
    sum->blocked_ns += part->blocked_ns;
    sum->wait_episodes += part->wait_episodes;
    sum->wait_retries += part->wait_retries;
    if (sum->memory_node != part->memory_node)
        sum->memory_node = -1;
    for (size_t kind = 0; kind < COUNTER_KINDS; ++kind)
        add_known(&sum->counters.values[kind], part->counters.values[kind]);
}

static int merge(struct hdr *sum, struct hdr *part, struct error *error)
{
    if (sum->counter_count && part->counter_count)
        return hdr_merge(sum, part, error);
    if (part->counter_count) {
        *sum = *part;
        *part = (struct hdr){0};
    }
    return 0;
}

static int add_intervals(struct trial_result *sum, struct trial_result *part, struct error *error)
{
    if (part->interval_count > sum->interval_count) {
        uint32_t *counts =
            reallocarray(sum->interval_counts, part->interval_count, sizeof(*counts));
        if (!counts)
            return error_system(error, ENOMEM, "interval counts");
        for (size_t index = sum->interval_count; index < part->interval_count; ++index)
            counts[index] = 0;
        sum->interval_counts = counts;
        sum->interval_count = part->interval_count;
    }
    for (size_t index = 0; index < part->interval_count; ++index)
        sum->interval_counts[index] += part->interval_counts[index];
    return 0;
}

static void add_pace(struct pace *sum, const struct pace *part)
{
    sum->offered_per_s += part->offered_per_s;
    sum->achieved_per_s += part->achieved_per_s;
    sum->backlog_messages += part->backlog_messages;
    if (part->rise_share > sum->rise_share)
        sum->rise_share = part->rise_share;
    if (part->rise_messages > sum->rise_messages)
        sum->rise_messages = part->rise_messages;
    sum->stable = sum->stable && part->stable;
}

/* What must hold for every one of them. */
static void widen(struct trial_result *sum, const struct trial_result *part)
{
    struct clock_offset *offset = &sum->clock_offset;
    if (part->clock_offset.low_ns < offset->low_ns)
        offset->low_ns = part->clock_offset.low_ns;
    if (part->clock_offset.high_ns > offset->high_ns)
        offset->high_ns = part->clock_offset.high_ns;
    offset->warps += part->clock_offset.warps;
    sum->faults_in_loop = sum->faults_in_loop || part->faults_in_loop;
    sum->prefaulted = sum->prefaulted && part->prefaulted;
    sum->probes_disagree = sum->probes_disagree || part->probes_disagree;
    sum->drifting = sum->drifting || part->drifting;
    if (fabs(part->drift_share) > fabs(sum->drift_share)) {
        sum->drift_share = part->drift_share;
        sum->window_count = part->window_count;
        for (size_t window = 0; window < part->window_count; ++window)
            sum->window_values[window] = part->window_values[window];
    }
    if (part->elapsed_ns > sum->elapsed_ns)
        sum->elapsed_ns = part->elapsed_ns;
    if (part->capacity_messages < sum->capacity_messages)
        sum->capacity_messages = part->capacity_messages;
}

static int add(struct trial_result *sum, struct trial_result *part, struct error *error)
{
    widen(sum, part);
    sum->messages += part->messages;
    sum->negatives += part->negatives;
    sum->integrity.lost += part->integrity.lost;
    sum->integrity.duplicated += part->integrity.duplicated;
    sum->integrity.reordered += part->integrity.reordered;
    sum->integrity.corrupt += part->integrity.corrupt;
    add_pace(&sum->pace, &part->pace);
    int failure = merge(&sum->histogram, &part->histogram, error);
    for (size_t index = 0; !failure && index < SERIES_COUNT; ++index)
        failure = merge(&sum->series[index], &part->series[index], error);
    return failure ? failure : add_intervals(sum, part, error);
}

/* The whole is bad where one pair is; the first speaks. */
static void adopt_status(struct trial_result *whole, size_t lane, const struct trial_result *part)
{
    if (part->status == TRIAL_OK || whole->status != TRIAL_OK)
        return;
    whole->status = part->status;
    whole->error = part->error;
    error_prefix(&whole->error, "pair %zu: ", lane + 1);
}

static void note_lane(struct crew_figures *figures, const struct trial_request *request,
                      size_t lane, const struct trial_result *part)
{
    if (request->crew.shares_channel && lane < request->crew.senders) {
        figures->sender_count = lane + 1;
        figures->sent_per_s[lane] =
            (double)part->sides[SIDE_SENDER].messages / request->timed_seconds;
    }
    if (!crew_has(&request->crew, lane, SIDE_RECEIVER))
        return;
    figures->lane_count = lane + 1;
    figures->messages[lane] = part->messages;
    if (part->histogram.counter_count && part->histogram.total)
        figures->p50_ns[lane] = (double)hdr_percentile(&part->histogram, 50);
}

int crew_absorb(struct trial_result *whole, const struct trial_request *request, size_t lane,
                struct trial_result *part, struct error *error)
{
    if (lane == 0) {
        struct crew_figures *figures = calloc(1, sizeof(*figures));
        if (!figures)
            return error_system(error, ENOMEM, "figures of %zu lanes", request->crew.lanes);
        note_lane(figures, request, lane, part);
        *whole = *part;
        whole->status = TRIAL_OK;
        whole->crew = figures;
        adopt_status(whole, lane, part);
        *part = (struct trial_result){0}; /* what it owned is the whole's */
        return 0;
    }
    note_lane(whole->crew, request, lane, part);
    adopt_status(whole, lane, part);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (crew_has(&request->crew, lane, (enum side)side))
            add_cost(&whole->sides[side], &part->sides[side]);
    }
    return add(whole, part, error);
}

void crew_conclude(struct trial_result *whole, const struct trial_request *request)
{
    struct crew_figures *figures = whole->crew;
    whole->rate_per_s = 0;
    for (size_t lane = 0; lane < figures->lane_count && whole->elapsed_ns > 0; ++lane) {
        figures->rate_per_s[lane] = (double)figures->messages[lane] * 1e9 / whole->elapsed_ns;
        whole->rate_per_s += figures->rate_per_s[lane];
    }
    figures->fairness = crew_fairness(figures->rate_per_s, figures->lane_count);
    figures->sender_fairness = crew_fairness(figures->sent_per_s, figures->sender_count);
    if (request->pattern != PATTERN_STREAM)
        return;
    windows_of_intervals(whole, request->timed_seconds);
    windows_judge(whole);
}
