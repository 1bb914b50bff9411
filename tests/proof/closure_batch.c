/* batch: does reading the clock for each round trip change what is measured? */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/stats.h"
#include "tests/proof/closure_parts.h"
#include "tests/proof/wrapped.h"

enum { EACH, BATCH, WAYS }; /* how it is stamped */
enum { PAIRS_PER_TRIAL = 4, PAIRS_LEAST = 6 };
static const double agree_percent = 1;
static const double confidence = 0.95;
static const double probe_ratio_most = 1.5;

struct batch_trial {
    double round_trip_ns; /* a round trip's share of the median batch; 0: none came about */
    double probe_low_ns, probe_high_ns;
};

/* Of batches that followed each other, stamped as such or added up. */
static double batch_median_ns(const struct closure *closure, size_t count, int way)
{
    const uint32_t *const samples = closure->stage.workspace.samples;
    const size_t each = way == EACH ? WRAPPED_BATCH : 1;
    const size_t batches = count / each;
    double *const sums = calloc(batches + 1, sizeof(*sums));
    if (!sums)
        return 0;
    for (size_t index = 0; index < batches * each; ++index)
        sums[index / each] += samples[index];
    const double median = stats_median(sums, batches);
    free(sums);
    return median * closure->stage.clock.ns_per_tick / WRAPPED_BATCH +
           (closure->spoil && way == BATCH ? 1000 : 0);
}

static int measure(struct closure *closure, const struct trial_request *request, int way,
                   struct batch_trial *trial, struct error *error)
{
    struct trial_result result;
    trial_run(request, &closure->stage.workspace, &result);
    const double before_ns = result.probe_before_ns, after_ns = result.probe_after_ns;
    *trial = (struct batch_trial){.probe_low_ns = fmin(before_ns, after_ns),
                                  .probe_high_ns = fmax(before_ns, after_ns)};
    const bool ran = result.status == TRIAL_OK || result.status == TRIAL_INVALID;
    if (ran)
        trial->round_trip_ns = batch_median_ns(closure, (size_t)result.messages, way);
    else
        *error = result.error;
    trial_result_free(&result);
    return ran ? 0 : -EIO;
}

/* One pair: the second way first in every other. 0 where the two are not alike. */
static int measure_pair(struct closure *closure, const struct trial_request *requests, size_t pair,
                        double *ratio, struct error *error)
{
    struct batch_trial trials[WAYS];
    const int first = pair % 4 == 1 || pair % 4 == 2;
    for (int step = 0; step < WAYS; ++step) {
        const int way = step ? !first : first;
        const int failure = measure(closure, &requests[way], way, &trials[way], error);
        if (failure)
            return failure;
    }
    const bool alike =
        fmax(trials[EACH].probe_high_ns, trials[BATCH].probe_high_ns) <=
        probe_ratio_most * fmin(trials[EACH].probe_low_ns, trials[BATCH].probe_low_ns);
    *ratio = alike && trials[EACH].round_trip_ns > 0
                 ? trials[BATCH].round_trip_ns / trials[EACH].round_trip_ns
                 : 0;
    return 0;
}

/* Broken where the interval leaves no room for agreement. */
static void judge(double *ratios, size_t count, struct finding *finding)
{
    const struct stats_median ratio = stats_median_interval(ratios, count, confidence);
    const double low = 100 * (ratio.low - 1), high = 100 * (ratio.high - 1);
    finding->off = 100 * fabs(ratio.value - 1);
    finding->allowed = agree_percent;
    finding->holds = count < PAIRS_LEAST || (low <= agree_percent && high >= -agree_percent);
    finding->unclear = count < PAIRS_LEAST || (finding->holds && finding->off > agree_percent);
    if (count < PAIRS_LEAST)
        finding->note = "too few pairs with like probes";
    else if (finding->unclear)
        finding->note = "off, but not beyond doubt: the interval reaches into what is allowed";
}

int closure_check_batch(struct closure *closure, const struct stage_cell *cell,
                        struct finding *finding, struct error *error)
{
    struct stage *const stage = &closure->stage;
    struct wrapped wrapped;
    struct trial_request requests[WAYS];
    const size_t pairs = PAIRS_PER_TRIAL * closure->trials;
    if (!cell->one_cpu && !stage_has_two_cpus(stage))
        return error_unavailable(error, "a second CPU", "there is one CPU");
    int failure = wrapped_make(&wrapped, cell->name, error);
    if (!failure)
        failure = stage_request(stage, &wrapped.transport, cell, &requests[EACH], error);
    if (failure)
        return failure;
    struct options *const options = &requests[BATCH].options;
    requests[BATCH] = requests[EACH];
    options->values[options->count - WRAPPED_OPTION_COUNT + WRAPPED_STAMPS] = 1;
    double *const ratios = calloc(pairs, sizeof(*ratios));
    if (!ratios)
        return error_system(error, ENOMEM, "%zu pairs", pairs);
    size_t count = 0;
    for (size_t pair = 0; pair < pairs && !failure && !*stage->interrupted; ++pair) {
        requests[EACH].layout = requests[BATCH].layout = layout_of(pair + 1);
        failure = measure_pair(closure, requests, pair, &ratios[count], error);
        count += ratios[count] > 0;
    }
    judge(ratios, count, finding);
    free(ratios);
    return failure;
}
