/* Which advice answers a request? */
#include <math.h>

#include "base/error.h"
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
        if (is_asked_for(advice, request) && (!found || ratio_away(advice->size_bytes, wanted) <
                                                            ratio_away(found->size_bytes, wanted)))
            found = advice;
    }
    return found;
}

static bool has_workload(const struct findings *findings, enum workload workload)
{
    for (size_t index = 0; index < findings->advice_count; ++index) {
        if (findings->advice[index].workload == workload)
            return true;
    }
    return false;
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

static void refuse(const struct findings *findings, const struct advice_request *request,
                   struct error *error)
{
    const char *const workload = workload_name(request->workload);
    if (request->workload == WORKLOAD_STREAM &&
        (request->aim == AIM_P50 || request->aim == AIM_P99))
        error_plain(error, "a %s has no %s: throughput or cpu", workload, aim_name(request->aim));
    else if (request->aim == AIM_P99 && has_workload(findings, request->workload))
        error_plain(error,
                    "no p99 for %s: a trial must have over 1000 messages; ipcbench run -p %s "
                    "--time 1 gives it more",
                    workload, how_to_measure(request));
    else
        error_plain(error, "no figures for %s, %s; ipcbench run -p %s measures them", workload,
                    aim_name(request->aim), how_to_measure(request));
}

const struct advice *advice_find(const struct findings *findings,
                                 const struct advice_request *request, struct error *error)
{
    const struct advice *const found = find_nearest(findings, request);
    if (!found)
        refuse(findings, request, error);
    return found;
}
