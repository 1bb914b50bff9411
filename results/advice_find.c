/* Which advice answers a request? */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "results/findings.h"

static const uint64_t usual_bytes = 64;

static bool is_asked_for(const struct advice *advice, const struct advice_request *request)
{
    return advice->workload == request->workload && advice->aim == request->aim;
}

static double ratio_away(uint64_t a, uint64_t b)
{
    return fabs(log((double)(a ? a : 1) / (double)(b ? b : 1)));
}

static const struct advice *find_nearest(const struct findings *findings,
                                         const struct advice_request *request)
{
    const uint64_t wanted = request->size_bytes ? request->size_bytes : usual_bytes;
    const struct advice *found = NULL;
    for (size_t index = 0; index < findings->advice_count; ++index) {
        const struct advice *const advice = &findings->advice[index];
        if (is_asked_for(advice, request) &&
            (!found || ratio_away(advice->size_bytes, wanted) < ratio_away(found->size_bytes, wanted)))
            found = advice;
    }
    return found;
}

/* The patterns to run for a workload. */
static const char *how_to_measure(const struct advice_request *request)
{
    static const char *const patterns[WORKLOADS] = {
        [WORKLOAD_REQUEST_REPLY] = "pingpong",
        [WORKLOAD_STREAM] = "stream",
        [WORKLOAD_EVENTS] = "paced",
    };
    if (request->workload == WORKLOAD_EVENTS && request->aim == AIM_THROUGHPUT)
        return "load";
    return patterns[request->workload];
}

static int refuse(const struct advice_request *request, struct error *error)
{
    const char *const workload = workload_name(request->workload);
    if (request->workload == WORKLOAD_STREAM &&
        (request->aim == AIM_P50 || request->aim == AIM_P99))
        return error_plain(error, "a %s has no %s: throughput or cpu", workload,
                           aim_name(request->aim));
    return error_plain(error, "no figures for %s, %s; ipcbench run -p %s measures them", workload,
                       aim_name(request->aim), how_to_measure(request));
}

int advice_find(const struct findings *findings, const struct advice_request *request,
                struct advice_answer *answer, struct error *error)
{
    const struct advice *const advice = find_nearest(findings, request);
    *answer = (struct advice_answer){.advice = advice};
    if (!advice)
        return refuse(request, error);
    answer->nearest = request->size_bytes && request->size_bytes != advice->size_bytes;
    answer->choices = calloc(advice->count + 1, sizeof(*answer->choices));
    if (!answer->choices)
        return error_system(error, ENOMEM, "%zu choices", advice->count);
    for (size_t index = 0; index < advice->count; ++index) {
        const struct choice *const choice = &advice->choices[index];
        const bool is_known = choice->cpu_share >= 0;
        if (is_known &&
            (!answer->thriftiest || choice->cpu_share < answer->thriftiest->cpu_share))
            answer->thriftiest = choice;
        if (request->cpu_share_most > 0 &&
            (!is_known || choice->cpu_share > request->cpu_share_most))
            ++answer->left_out;
        else
            answer->choices[answer->count++] = choice;
    }
    return 0;
}

void advice_answer_free(struct advice_answer *answer)
{
    free((void *)answer->choices);
    *answer = (struct advice_answer){0};
}
