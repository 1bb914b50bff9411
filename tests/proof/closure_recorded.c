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

/* A histogram and the times that belong in it. */
struct recorded {
    const struct hdr *histogram;
    time_of *time;
};

enum { RECORDED_MOST = 3 };

static void recorded_of(const struct remains *remains, struct recorded recorded[RECORDED_MOST])
{
    const struct trial_result *const result = remains->result;
    const struct hdr *const series = result->series;
    if (remains->request->pattern == PATTERN_PACED) {
        recorded[0] = (struct recorded){&result->histogram, intended_to_received_ns};
        recorded[1] = (struct recorded){&series[SERIES_SERVICE], sent_to_received_ns};
        recorded[2] = (struct recorded){&series[SERIES_SEND_LAG], intended_to_sent_ns};
    } else {
        recorded[0] = (struct recorded){&result->histogram, sent_to_received_ns};
        recorded[1] = (struct recorded){&series[SERIES_BACKWARD], replied_to_returned_ns};
        recorded[2] = (struct recorded){&series[SERIES_ROUND_TRIP], sent_to_returned_ns};
    }
}

static int recorded_stamps(const struct closure *closure, const struct remains *remains,
                           struct finding *finding, struct error *error)
{
    struct recorded recorded[RECORDED_MOST];
    uint64_t misplaced = 0;
    int failure = 0;
    if (closure->spoil)
        remains->workspace->stamps[STAMP_RECEIVED][0] += closure_spoil_ticks(closure);
    recorded_of(remains, recorded);
    for (size_t i = 0; !failure && i < RECORDED_MOST; i++)
        failure =
            count_misplaced(remains, recorded[i].histogram, recorded[i].time, &misplaced, error);
    finding_add(finding, (double)misplaced, 0);
    return failure;
}

int closure_check_recorded(struct closure *closure, const struct stage_cell *cell,
                           struct finding *finding, struct error *error)
{
    int failure = closure_run(closure, cell, PATTERN_PINGPONG, recorded_samples, finding, error);
    if (!failure)
        failure = closure_run(closure, cell, PATTERN_ONEWAY, recorded_stamps, finding, error);
    if (!failure)
        failure = closure_run(closure, cell, PATTERN_PACED, recorded_stamps, finding, error);
    return failure;
}
