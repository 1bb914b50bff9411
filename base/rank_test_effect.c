/* How large a difference is, and how large it must be to be seen. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rank_test.h"
#include "base/rank_test_null.h"

/* The interval's ends as ranks from either side, and what it misses. */
struct cut {
    size_t rank;
    double missed;
};

/* U is the rank sum less its smallest value, and symmetric. */
static int exact_cut(size_t n, size_t m, double missed_most, struct cut *cut, struct error *error)
{
    const size_t chosen = n < m ? n : m;
    const size_t least = chosen * (chosen + 1) / 2;
    struct rank_null null;
    const int failure = rank_null_of_ranks(n + m, chosen, &null, error);
    if (failure)
        return failure;
    double tail = null.shares[least];
    *cut = (struct cut){.rank = 1, .missed = 2 * tail};
    for (size_t u = 1; 2 * u < n * m; ++u) {
        tail += null.shares[least + u];
        if (2 * tail > missed_most)
            break;
        *cut = (struct cut){.rank = u + 1, .missed = 2 * tail};
    }
    rank_null_free(&null);
    return 0;
}

/* P(U < rank) with the correction for continuity. */
static struct cut normal_cut(size_t n, size_t m, double missed_most)
{
    const double mean = (double)n * (double)m / 2;
    const double deviation = sqrt(mean * (double)(n + m + 1) / 6);
    const double rank = floor(mean + deviation * rank_normal_quantile(missed_most / 2) + 0.5);
    return (struct cut){
        .rank = rank < 1 ? 1 : (size_t)rank,
        .missed = 2 * rank_normal_beyond((mean + 0.5 - (rank < 1 ? 1 : rank)) / deviation),
    };
}

static int check_positive(const struct rank_sample *sample, struct error *error)
{
    if (!sample->count)
        return error_plain(error, "no values to take a ratio of");
    for (size_t index = 0; index < sample->count; ++index) {
        if (!(sample->values[index] > 0))
            return error_plain(error, "a ratio needs values above 0, not %g",
                               sample->values[index]);
    }
    return 0;
}

int rank_ratio(const struct rank_sample *before, const struct rank_sample *after, double confidence,
               struct rank_ratio *ratio, struct error *error)
{
    const size_t n = before->count, m = after->count, pairs = n * m;
    struct cut cut = {0};
    *ratio = (struct rank_ratio){0};
    int failure = check_positive(before, error);
    if (!failure)
        failure = check_positive(after, error);
    if (!failure && pairs <= RANK_EXACT_PAIRS)
        failure = exact_cut(n, m, 1 - confidence, &cut, error);
    else if (!failure)
        cut = normal_cut(n, m, 1 - confidence);
    if (failure)
        return failure;
    double *const shifts = malloc(pairs * sizeof(*shifts));
    if (!shifts)
        return error_system(error, ENOMEM, "%zu ratios", pairs);
    for (size_t index = 0; index < pairs; ++index)
        shifts[index] = log(after->values[index % m] / before->values[index / m]);
    *ratio = (struct rank_ratio){
        .value = exp(stats_median(shifts, pairs)), /* sorts */
        .low = exp(shifts[cut.rank - 1]),
        .high = exp(shifts[pairs - cut.rank]),
        .coverage = cut.missed < 1 ? 1 - cut.missed : 0,
    };
    free(shifts);
    return 0;
}

/* P(X <= at_most) twice, X binomial(count, 1/2): mantissa and exponent apart, since 2^-count is no
 * double beyond 1074. */
static double sign_p(size_t at_most, size_t count)
{
    double mantissa = 1, tail = 0;
    int exponent = -(int)count;
    for (size_t i = 0; i <= at_most; ++i) {
        if (i > 0) {
            int shift;
            mantissa = frexp(mantissa * (double)(count - i + 1) / (double)i, &shift);
            exponent += shift;
        }
        tail += ldexp(mantissa, exponent);
    }
    return 2 * tail < 1 ? 2 * tail : 1;
}

struct rank_pairs rank_pairs(double *differences, size_t count, double confidence)
{
    struct rank_pairs pairs = {.median = stats_median_interval(differences, count, confidence)};
    for (size_t index = 0; index < count; ++index) {
        pairs.above += differences[index] > 0;
        pairs.below += differences[index] < 0;
    }
    pairs.p =
        sign_p(pairs.above < pairs.below ? pairs.above : pairs.below, pairs.above + pairs.below);
    return pairs;
}

double rank_spread(double *values, size_t count)
{
    static const double normal_deviation = 1.482602218505602; /* 1 / z(3/4) */
    const double median = stats_median(values, count);
    double *const distances = malloc((count ? count : 1) * sizeof(*distances));
    if (!distances)
        return INFINITY;
    for (size_t index = 0; index < count; ++index)
        distances[index] = fabs(values[index] - median);
    const double spread = normal_deviation * stats_median(distances, count);
    free(distances);
    return spread;
}

/* The p of complete separation: 2 / C(n+m, n), or 2 / 2^n. */
static double least_p(const struct rank_plan *plan)
{
    const double n = (double)plan->before_count, m = (double)plan->after_count;
    if (plan->paired)
        return exp2(1 - n);
    return exp(M_LN2 + lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1));
}

double rank_detectable(const struct rank_plan *plan, double spread)
{
    const double n = (double)plan->before_count, m = (double)plan->after_count;
    const double level = plan->level / (plan->tests ? (double)plan->tests : 1);
    if (!plan->before_count || (!plan->paired && !plan->after_count) || least_p(plan) > level)
        return INFINITY;
    const double z = rank_normal_quantile(1 - level / 2) + rank_normal_quantile(plan->power);
    return plan->paired ? z * sqrt(M_PI / 2) * spread * sqrt(1 / n)
                        : z * sqrt(M_PI / 3) * spread * sqrt(1 / n + 1 / m);
}
