#include "harness/load.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "harness/trial.h"

const double load_shares[LOAD_SHARES] = {0.01, 0.02, 0.05, 0.1, 0.2,  0.4,
                                         0.6,  0.7,  0.8,  0.9, 0.95, 1};

/* Enough for a p99 with ten samples beyond it; slow transports get longer for it, to a limit. */
static const double messages_least = 1100;
static const double point_seconds_most = 1;
/* Below this share of what was offered, another attempt would say the same. */
static const double hopeless_share = 0.95;
enum { TAIL_SAMPLES_LEAST = 10, ATTEMPTS = 2 };

static const char *const status_names[] = {"stable", "unstable", "invalid"};

const char *load_point_status_name(enum load_point_status status)
{
    return status_names[status];
}

double load_seconds(double timed_seconds, double warmup_seconds)
{
    return (1 + LOAD_POINTS_MAX) * (timed_seconds + warmup_seconds);
}

/* What one curve is made with. */
struct load_work {
    struct trial_request paced;
    struct workspace *workspace;
    struct load_curve *curve;
    struct trial_result *whole; /* the load trial's own: first failure, probes, obtained */
};

/* Trials within the trial: their messages and probes speak for the whole. */
static void absorb(struct trial_result *whole, const struct trial_result *part)
{
    if (!whole->messages) {
        whole->obtained = part->obtained;
        whole->probe_before_ns = part->probe_before_ns;
        whole->clock_offset = part->clock_offset;
        whole->cold = part->cold;
    }
    whole->probe_after_ns = part->probe_after_ns;
    whole->messages += part->messages;
    whole->elapsed_ns += part->elapsed_ns;
    whole->faults_in_loop |= part->faults_in_loop;
    whole->probes_disagree |= part->probes_disagree;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        struct side_cost *const sum = &whole->sides[side];
        const struct side_cost *const cost = &part->sides[side];
        const struct side_cost last = *sum;
        *sum = *cost;
        sum->messages += last.messages;
        sum->cpu_ns += last.cpu_ns;
        sum->voluntary_switches += last.voluntary_switches;
        sum->involuntary_switches += last.involuntary_switches;
        sum->minor_faults += last.minor_faults;
        sum->major_faults += last.major_faults;
        sum->blocked_ns += last.blocked_ns;
    }
}

/* Is this the end of the whole curve? Then the reason is the curve's. */
static bool is_fatal(const struct trial_result *part)
{
    const struct integrity *const integrity = &part->integrity;
    return (part->status != TRIAL_OK && part->status != TRIAL_INVALID) || integrity->lost ||
           integrity->duplicated || integrity->reordered || integrity->corrupt;
}

static void fail_like(struct trial_result *whole, const struct trial_result *part)
{
    whole->status = part->status;
    whole->error = part->error;
    whole->integrity = part->integrity;
}

static int measure_saturation(struct load_work *work, const struct trial_request *request)
{
    struct trial_request stream = *request;
    struct trial_result result;
    stream.pattern = PATTERN_STREAM;
    trial_run(&stream, work->workspace, &result);
    const bool ok = result.status == TRIAL_OK;
    if (ok) {
        absorb(work->whole, &result);
        work->curve->saturation_per_s = result.rate_per_s;
    } else {
        fail_like(work->whole, &result);
        error_prefix(&work->whole->error, "saturation by stream: ");
    }
    trial_result_free(&result);
    return ok ? 0 : -1;
}

static double seconds_for(const struct load_work *work, double offered_per_s)
{
    const double wanted = messages_least / offered_per_s;
    const double usual = work->paced.timed_seconds;
    if (wanted <= usual)
        return usual;
    return wanted < point_seconds_most ? wanted : point_seconds_most;
}

static struct load_point point_of(const struct trial_result *result, double share,
                                  double offered_per_s)
{
    const struct hdr *const histogram = &result->histogram;
    struct load_point point = {
        .share = share,
        .offered_per_s = offered_per_s,
        .achieved_per_s = result->pace.achieved_per_s,
        .status = result->status == TRIAL_OK                               ? LOAD_POINT_STABLE
                  : result->pace.offered_per_s > 0 && !result->pace.stable ? LOAD_POINT_UNSTABLE
                                                                           : LOAD_POINT_INVALID,
    };
    if (point.status != LOAD_POINT_STABLE)
        return point;
    point.p50_ns = (double)hdr_percentile(histogram, 50);
    point.max_ns = (double)histogram->maximum;
    if (hdr_count_beyond(histogram, 99) >= TAIL_SAMPLES_LEAST)
        point.p99_ns = (double)hdr_percentile(histogram, 99);
    return point;
}

/* Measures at a share of the saturation and keeps the point in order; once more where it was disturbed
 * or only just not stable. */
static int measure_point(struct load_work *work, double share, struct load_point *point)
{
    const double offered_per_s = share * work->curve->saturation_per_s;
    work->paced.offered_per_s = offered_per_s;
    struct trial_request request = work->paced;
    request.timed_seconds = seconds_for(work, offered_per_s);
    for (int attempt = 0; attempt < ATTEMPTS; ++attempt) {
        struct trial_result result;
        ++request.seed;
        trial_run(&request, work->workspace, &result);
        const bool fatal = is_fatal(&result);
        if (fatal) {
            fail_like(work->whole, &result);
            error_prefix(&work->whole->error, "at %.0f %% of saturation: ", share * 100);
        } else {
            absorb(work->whole, &result);
            *point = point_of(&result, share, offered_per_s);
        }
        trial_result_free(&result);
        if (fatal)
            return -1;
        if (point->status == LOAD_POINT_STABLE ||
            point->achieved_per_s < hopeless_share * offered_per_s)
            break;
    }
    work->paced.seed = request.seed;
    struct load_curve *curve = work->curve;
    size_t at = curve->point_count++;
    for (; at > 0 && curve->points[at - 1].share > share; --at)
        curve->points[at] = curve->points[at - 1];
    curve->points[at] = *point;
    return 0;
}

/* 0: no point has one. */
static double lowest_p99(const struct load_curve *curve)
{
    double lowest = 0;
    for (size_t index = 0; index < curve->point_count; ++index) {
        const double p99_ns = curve->points[index].p99_ns;
        if (p99_ns > 0 && (lowest <= 0 || p99_ns < lowest))
            lowest = p99_ns;
    }
    return lowest;
}

/* A slow transport's points may have too few messages for a p99: then what is stable counts. */
static bool is_below_knee(const struct load_curve *curve, const struct load_point *point)
{
    return point->status == LOAD_POINT_STABLE &&
           point->p99_ns <= LOAD_KNEE_RATIO * lowest_p99(curve);
}

/* The highest point below the knee, and the next one above it; NULL where there is none. */
static void bracket(const struct load_curve *curve, const struct load_point **below,
                    const struct load_point **above)
{
    *below = *above = NULL;
    for (size_t index = 0; index < curve->point_count; ++index) {
        if (is_below_knee(curve, &curve->points[index])) {
            *below = &curve->points[index];
            *above = index + 1 < curve->point_count ? &curve->points[index + 1] : NULL;
        }
    }
}

static int measure_curve(struct load_work *work)
{
    size_t order[LOAD_SHARES];
    struct random random;
    struct load_point point;
    for (size_t index = 0; index < LOAD_SHARES; ++index)
        order[index] = index;
    random_seed(&random, work->paced.seed);
    random_shuffle(&random, order, LOAD_SHARES);
    for (size_t index = 0; index < LOAD_SHARES; ++index) {
        if (measure_point(work, load_shares[order[index]], &point))
            return -1;
    }
    const struct load_point *below, *above;
    for (int step = 0; step < LOAD_BISECTIONS; ++step) {
        bracket(work->curve, &below, &above);
        if (!below || !above)
            break;
        if (measure_point(work, (below->share + above->share) / 2, &point))
            return -1;
    }
    bracket(work->curve, &below, &above);
    work->curve->knee_per_s = below ? below->achieved_per_s : 0;
    return 0;
}

void load_run(const struct trial_request *request, struct workspace *workspace,
              struct trial_result *result)
{
    *result =
        (struct trial_result){.capacity_messages = -1, .load = calloc(1, sizeof(*result->load))};
    struct load_work work = {*request, workspace, result->load, result};
    work.paced.pattern = PATTERN_PACED;
    work.paced.cold = false; /* the first trial of the curve, the stream, has it */
    if (!result->load) {
        error_system(&result->error, ENOMEM, "load curve");
        result->status = TRIAL_FAILED;
        return;
    }
    if (measure_saturation(&work, request) || measure_curve(&work))
        return;
    result->layout = request->layout;
    result->rate_per_s = result->load->knee_per_s;
    result->status = TRIAL_OK;
    if (result->rate_per_s > 0)
        return;
    result->status = TRIAL_INVALID;
    error_plain(&result->error, "no rate was stable, not even %.0f %% of saturation (%.0f per s)",
                load_shares[0] * 100, result->load->saturation_per_s);
}
