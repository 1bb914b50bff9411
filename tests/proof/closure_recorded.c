/* recorded: the histograms hold the times that the stamps say, each of them and no other. */
#include "tests/proof/closure_parts.h"

/* How many messages are not where their time belongs. */
static int count_misplaced(const struct remains *remains, const struct hdr *histogram,
                           time_of *time, uint64_t *misplaced, struct error *error)
{
    struct hdr ours;
    const int failure = hdr_init_latency(&ours, error);
    if (failure)
        return failure;
    for (size_t index = 0; index < remains->count; ++index) {
        const double ns = time(remains, index);
        if (ns >= 0)
            hdr_record(&ours, (uint64_t)(ns + 0.5));
    }
    for (size_t index = 0; index < ours.counter_count; ++index) {
        const uint64_t a = ours.counters[index], b = histogram->counters[index];
        *misplaced += a > b ? a - b : b - a;
    }
    hdr_free(&ours);
    return 0;
}

static int recorded_samples(const struct closure *closure, const struct remains *remains,
                            struct finding *finding, struct error *error)
{
    uint64_t misplaced = 0;
    if (closure->spoil)
        remains->workspace->samples[0] += (uint32_t)closure_spoil_ticks(closure);
    const int failure =
        count_misplaced(remains, &remains->result->histogram, sample_ns, &misplaced, error);
    finding_add(finding, (double)misplaced, 0);
    return failure;
}

static int recorded_ways(const struct closure *closure, const struct remains *remains,
                         struct finding *finding, struct error *error)
{
    const struct trial_result *const result = remains->result;
    uint64_t misplaced = 0;
    if (closure->spoil)
        remains->workspace->stamps[STAMP_RECEIVED][0] += closure_spoil_ticks(closure);
    int failure =
        count_misplaced(remains, &result->histogram, sent_to_received_ns, &misplaced, error);
    if (!failure)
        failure = count_misplaced(remains, &result->series[SERIES_BACKWARD], replied_to_returned_ns,
                                  &misplaced, error);
    if (!failure)
        failure = count_misplaced(remains, &result->series[SERIES_ROUND_TRIP], sent_to_returned_ns,
                                  &misplaced, error);
    finding_add(finding, (double)misplaced, 0);
    return failure;
}

static int recorded_schedule(const struct closure *closure, const struct remains *remains,
                             struct finding *finding, struct error *error)
{
    const struct trial_result *const result = remains->result;
    uint64_t misplaced = 0;
    if (closure->spoil)
        remains->workspace->stamps[STAMP_RECEIVED][0] += closure_spoil_ticks(closure);
    int failure =
        count_misplaced(remains, &result->histogram, intended_to_received_ns, &misplaced, error);
    if (!failure)
        failure = count_misplaced(remains, &result->series[SERIES_SERVICE], sent_to_received_ns,
                                  &misplaced, error);
    if (!failure)
        failure = count_misplaced(remains, &result->series[SERIES_SEND_LAG], intended_to_sent_ns,
                                  &misplaced, error);
    finding_add(finding, (double)misplaced, 0);
    return failure;
}

int closure_check_recorded(struct closure *closure, const struct stage_cell *cell,
                           struct finding *finding, struct error *error)
{
    int failure = closure_run(closure, cell, PATTERN_PINGPONG, recorded_samples, finding, error);
    if (!failure)
        failure = closure_run(closure, cell, PATTERN_ONEWAY, recorded_ways, finding, error);
    if (!failure)
        failure = closure_run(closure, cell, PATTERN_PACED, recorded_schedule, finding, error);
    return failure;
}
