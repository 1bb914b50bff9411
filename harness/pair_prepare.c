/* Room for what a child's loops write down, brought in before they run by the process that writes. */
#include <string.h>

#include "harness/loop_run.h"
#include "harness/pair_child.h"
#include "harness/placement.h"
#include "harness/prefault.h"

enum { WARM_SAMPLES_ENOUGH = 100, COLD_MESSAGE_BYTES_MOST = 4096 };

/* Pauses between messages: long against a wake-up, so that none finds the traces of the last. */
static const double oneway_gap_seconds = 100e-6;
static const double burst_gap_seconds = 500e-6;

static double gap_seconds(const struct trial_request *request)
{
    return request->pattern == PATTERN_BURST ? burst_gap_seconds : oneway_gap_seconds;
}

static size_t stamps_in(const struct trial_request *request, double seconds)
{
    const struct schedule schedule = {.rate_per_s = request->offered_per_s, .seconds = seconds};
    switch (request->pattern) {
    case PATTERN_ONEWAY:
    case PATTERN_BURST:
        return (size_t)(seconds / gap_seconds(request)) + 2;
    case PATTERN_PACED:
        return schedule_count(&schedule);
    case PATTERN_PINGPONG:
    case PATTERN_STREAM:
    case PATTERN_LOAD:
    case PATTERN_PAGEWALK:
    case PATTERN_LINEWALK:
    case PATTERN_MEMORY:
        break;
    }
    return 0;
}

size_t pair_stamps_needed(const struct trial_request *request)
{
    return stamps_in(request, request->timed_seconds > request->warmup_seconds
                                  ? request->timed_seconds
                                  : request->warmup_seconds);
}

/* Would a sender that spins until its next message is due take the CPU from somebody else? */
static bool must_sleep(const struct child *child)
{
    return placement_shares_cpu(&child->request->cpus) || child->request->crew.oversubscribed;
}

static int prefault_stamps(const struct child *child, enum stamp stamp, struct error *error)
{
    const int failure =
        prefault(child->workspace->stamps[stamp], child->run.stamp_capacity * sizeof(uint64_t));
    return failure
               ? error_system(error, -failure, "prefault of %zu stamps", child->run.stamp_capacity)
               : 0;
}

/* The schedule has been made by the parent. */
int child_prepare_stamps(struct child *child, double seconds, struct error *error)
{
    const struct trial_request *request = child->request;
    const struct workspace *workspace = child->workspace;
    struct loop_run *run = &child->run;
    const bool paced = request->pattern == PATTERN_PACED;
    run->stamp_capacity = stamps_in(request, seconds);
    if (run->stamp_capacity > workspace->stamp_capacity)
        run->stamp_capacity = workspace->stamp_capacity;
    run->stamp_count = 0;
    run->intended_ticks = workspace->intended_ticks;
    run->gap_ticks = clock_ticks_of_seconds(request->clock, gap_seconds(request));
    run->burst_messages = request->pattern == PATTERN_BURST ? request->burst_messages : 1;
    run->sleeps = must_sleep(child);
    memcpy(run->stamps, workspace->stamps, sizeof(run->stamps));
    int failure = prefault_stamps(child, child_sends(child) ? STAMP_SENT : STAMP_RECEIVED, error);
    if (!failure && !paced)
        failure =
            prefault_stamps(child, child_sends(child) ? STAMP_RETURNED : STAMP_REPLIED, error);
    for (size_t index = 0; child_sends(child) && paced && index < run->stamp_capacity; index += 512)
        run->sink += run->intended_ticks[index]; /* a page each */
    return failure;
}

static void prepare_intervals(struct child *child)
{
    const struct workspace *workspace = child->workspace;
    struct loop_run *run = &child->run;
    run->interval_counts = workspace->interval_counts;
    run->interval_capacity = workspace->interval_capacity;
    run->interval_count = 0;
    if (!child_sends(child))
        memset(run->interval_counts, 0, run->interval_capacity * sizeof(uint32_t));
}

/* Round trips or operations at three times the warm-up's rate still fit; should that be too few, the loop ends
 * early and keeps them all. */
static int prepare_samples(struct child *child, struct error *error)
{
    const struct workspace *workspace = child->workspace;
    struct loop_run *run = &child->run;
    if (child_sends(child) == pattern_walks(child->request->pattern))
        return 0;
    const double warm_seconds =
        clock_ns(child->request->clock, run->last_ticks - run->first_ticks) / 1e9;
    const double warm_rate = warm_seconds > 0 ? (double)run->sample_count / warm_seconds : 0;
    const bool cold = run->sample_count < WARM_SAMPLES_ENOUGH && /* no rate to go by: the highest */
                      !pattern_walks(child->request->pattern);   /* one batch tells it */
    const double wanted = cold && child->request->message_bytes <= COLD_MESSAGE_BYTES_MOST
                              ? (double)workspace_samples_most(child->request->timed_seconds) /
                                    (double)crew_lanes(&child->request->crew)
                              : 3 * warm_rate * child->request->timed_seconds + 4096;
    run->samples = workspace->samples;
    run->sample_capacity =
        wanted < (double)workspace->sample_capacity ? (size_t)wanted : workspace->sample_capacity;
    const int failure = prefault(run->samples, run->sample_capacity * sizeof(uint32_t));
    return failure ? error_system(error, -failure, "prefault of %zu samples", run->sample_capacity)
                   : 0;
}

int child_prepare_timed(struct child *child, struct error *error)
{
    child->run.long_sample_count = 0;
    prefault_program();
    switch (child->request->pattern) {
    case PATTERN_STREAM:
        prepare_intervals(child);
        return 0;
    case PATTERN_ONEWAY:
    case PATTERN_BURST:
    case PATTERN_PACED:
        return child_prepare_stamps(child, child->request->timed_seconds, error);
    case PATTERN_PINGPONG:
    case PATTERN_LOAD:
    case PATTERN_PAGEWALK:
    case PATTERN_LINEWALK:
    case PATTERN_MEMORY:
        break;
    }
    return prepare_samples(child, error);
}
