/* The batches of a walk: per access, and what both sides have spent per access. */
#include <math.h>

#include "harness/fold.h"

struct batches {
    const uint32_t *ticks;
    const struct clock *clock;
};

static double access_ns(const void *series, size_t index)
{
    const struct batches *batches = series;
    return clock_ns(batches->clock, batches->ticks[index]) / WALK_BATCH;
}

int fold_walk(const struct trial_request *request, const struct workspace *workspace,
              struct trial_result *result, struct error *error)
{
    const struct side_report *report = &workspace->shared->reports[SIDE_RECEIVER];
    const struct batches batches = {workspace->samples, request->clock};
    const size_t count = (size_t)report->sample_count;
    const int failure = hdr_init_latency(&result->histogram, error);
    if (failure)
        return failure;
    for (size_t index = 0; index < count; ++index)
        hdr_record(&result->histogram, (uint64_t)ceil(access_ns(&batches, index)));
    result->batch_accesses = WALK_BATCH;
    result->messages = report->sample_count * WALK_BATCH;
    result->elapsed_ns = clock_ns(request->clock, report->elapsed_ticks);
    result->sides[SIDE_SENDER].messages = result->messages;
    result->sides[SIDE_RECEIVER].messages = result->messages;
    windows_of_samples(result, &batches, count, access_ns);
    return fold_median(&batches, count, access_ns, &result->access_ns, error);
}
