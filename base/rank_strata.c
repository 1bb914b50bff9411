#include "base/rank_strata.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rank_test_null.h"
#include "base/stats.h"

/* All strata added up. Scores are doubled mid-ranks, so that sums and their mean are whole. */
struct total {
    struct rank_null ties;  /* of the sum of scores of `after` */
    struct rank_null plain; /* the same for values without ties: of the interval */
    uint64_t sum;
    uint64_t mean;
    uint64_t least;    /* the smallest plain rank sum */
    double variance;   /* of the sum of ranks (not doubled), with ties */
    double separation; /* the logarithm of the number of ways to split */
    size_t pairs;
    bool exact;
};

static bool is_empty(const struct rank_stratum *stratum)
{
    return !stratum->before.count || !stratum->after.count;
}

static int check(const struct rank_sample *sample, struct error *error)
{
    for (size_t index = 0; index < sample->count; ++index) {
        if (!(sample->values[index] > 0) || !isfinite(sample->values[index]))
            return error_plain(error, "a ratio needs values above 0, not %g",
                               sample->values[index]);
    }
    return 0;
}

/* --- distributions ----------------------------------------------------------------------------- */

/* The sum of two independent numbers; takes over what `added` owns. */
static int convolve(struct rank_null *sum, struct rank_null *added, struct error *error)
{
    if (!sum->count) {
        *sum = *added;
        *added = (struct rank_null){0};
        return 0;
    }
    const size_t count = sum->count + added->count - 1;
    double *const shares = calloc(count, sizeof(*shares));
    if (!shares) {
        rank_null_free(added);
        return error_system(error, ENOMEM, "null distribution of %zu sums", count);
    }
    for (size_t i = 0; i < sum->count; ++i) {
        for (size_t j = 0; sum->shares[i] > 0 && j < added->count; ++j)
            shares[i + j] += sum->shares[i] * added->shares[j];
    }
    rank_null_free(sum);
    rank_null_free(added);
    *sum = (struct rank_null){shares, count};
    return 0;
}

static int add_distributions(struct total *total, const uint64_t *scores,
                             const struct rank_stratum *stratum, struct error *error)
{
    const size_t count = stratum->before.count + stratum->after.count;
    struct rank_null null = {0};
    int failure = rank_null_of(scores, count, stratum->after.count, &null, error);
    if (!failure)
        failure = convolve(&total->ties, &null, error);
    if (!failure)
        failure = rank_null_of_ranks(count, stratum->after.count, &null, error);
    if (!failure)
        failure = convolve(&total->plain, &null, error);
    return failure;
}

/* --- one stratum ------------------------------------------------------------------------------- */

/* Doubled mid-ranks of the sorted values; returns the sum of t^3 - t over ties. */
static double score(const double *sorted, size_t count, uint64_t *scores)
{
    double cubes = 0;
    size_t end;
    for (size_t start = 0; start < count; start = end) {
        end = start + 1;
        while (end < count && sorted[end] == sorted[start])
            ++end;
        const double length = (double)(end - start);
        cubes += length * length * length - length;
        for (size_t index = start; index < end; ++index)
            scores[index] = start + 1 + end;
    }
    return cubes;
}

static uint64_t sum_of(const struct rank_sample *sample, const double *sorted,
                       const uint64_t *scores)
{
    uint64_t sum = 0;
    for (size_t index = 0; index < sample->count; ++index) {
        size_t place = 0;
        while (sorted[place] != sample->values[index])
            ++place;
        sum += scores[place];
    }
    return sum;
}

static void add_moments(struct total *total, const struct rank_stratum *stratum, double cubes)
{
    const double n = (double)stratum->before.count, m = (double)stratum->after.count;
    const double count = n + m;
    total->mean += stratum->after.count * (stratum->before.count + stratum->after.count + 1);
    total->least += stratum->after.count * (stratum->after.count + 1) / 2;
    total->variance += n * m / 12 * (count + 1 - cubes / (count * (count - 1)));
    total->separation += lgamma(count + 1) - lgamma(n + 1) - lgamma(m + 1);
}

static int add_stratum(struct total *total, const struct rank_stratum *stratum, struct error *error)
{
    const size_t count = stratum->before.count + stratum->after.count;
    double *const sorted = calloc(count, sizeof(*sorted));
    uint64_t *const scores = calloc(count, sizeof(*scores));
    int failure = -ENOMEM;
    if (!sorted || !scores) {
        error_system(error, ENOMEM, "%zu ranks", count);
    } else {
        memcpy(sorted, stratum->before.values, stratum->before.count * sizeof(*sorted));
        memcpy(sorted + stratum->before.count, stratum->after.values,
               stratum->after.count * sizeof(*sorted));
        stats_sort(sorted, count);
        add_moments(total, stratum, score(sorted, count, scores));
        total->sum += sum_of(&stratum->after, sorted, scores);
        failure = total->exact ? add_distributions(total, scores, stratum, error) : 0;
    }
    free(sorted);
    free(scores);
    return failure;
}

/* --- what they say ----------------------------------------------------------------------------- */

static double p_of(const struct total *total)
{
    const uint64_t off =
        total->sum > total->mean ? total->sum - total->mean : total->mean - total->sum;
    if (!total->exact) {
        const double ranks = (double)off / 2 - 0.5;
        if (ranks <= 0 || total->variance <= 0)
            return 1;
        return 2 * rank_normal_beyond(ranks / sqrt(total->variance));
    }
    double p = 0;
    for (size_t sum = 0; sum < total->ties.count; ++sum) {
        const uint64_t away = sum > total->mean ? sum - total->mean : total->mean - sum;
        if (away >= off)
            p += total->ties.shares[sum];
    }
    return p < 1 ? p : 1;
}

/* Which of the sorted ratios, from either end, bound the interval; and what that misses. */
static size_t cut_of(const struct total *total, double missed_most, double *missed)
{
    if (!total->exact) {
        const double mean = (double)total->pairs / 2, deviation = sqrt(total->variance);
        const double at = floor(mean + deviation * rank_normal_quantile(missed_most / 2) + 0.5);
        const double rank = at < 1 ? 1 : at;
        *missed = 2 * rank_normal_beyond((mean + 0.5 - rank) / deviation);
        return (size_t)rank;
    }
    double tail = total->plain.shares[total->least];
    size_t rank = 1;
    *missed = 2 * tail;
    for (size_t u = 1; 2 * u < total->pairs; ++u) {
        tail += total->plain.shares[total->least + u];
        if (2 * tail > missed_most)
            break;
        *missed = 2 * tail;
        rank = u + 1;
    }
    return rank;
}

static size_t add_ratios(const struct rank_stratum *stratum, double *logarithms)
{
    size_t count = 0;
    for (size_t i = 0; i < stratum->before.count; ++i) {
        for (size_t j = 0; j < stratum->after.count; ++j)
            logarithms[count++] = log(stratum->after.values[j] / stratum->before.values[i]);
    }
    return count;
}

static int find_ratio(const struct rank_stratum *strata, size_t count, double confidence,
                      const struct total *total, struct rank_strata *result, struct error *error)
{
    double *const all = calloc(2 * total->pairs, sizeof(*all));
    if (!all)
        return error_system(error, ENOMEM, "%zu ratios", total->pairs);
    double *const own = all + total->pairs;
    size_t filled = 0;
    for (size_t index = 0; index < count; ++index)
        filled += add_ratios(&strata[index], all + filled);
    double missed;
    const size_t rank = cut_of(total, 1 - confidence, &missed);
    const double middle = stats_median(all, filled); /* sorts */
    result->ratio = (struct rank_ratio){
        .value = exp(middle),
        .low = exp(all[rank - 1]),
        .high = exp(all[filled - rank]),
        .coverage = missed < 1 ? 1 - missed : 0,
    };
    for (size_t index = 0; index < count; ++index) {
        const size_t here = add_ratios(&strata[index], own);
        const double median = stats_median(own, here);
        result->strata += here > 0;
        result->agreeing += here > 0 && ((median > 0) == (middle > 0) || median == middle);
    }
    free(all);
    return 0;
}

int rank_strata_compare(const struct rank_stratum *strata, size_t count, double confidence,
                        struct rank_strata *result, struct error *error)
{
    struct total total = {0};
    int failure = 0;
    *result = (struct rank_strata){.p = 1, .least_p = 1};
    for (size_t index = 0; index < count && !failure; ++index) {
        total.pairs += strata[index].before.count * strata[index].after.count;
        failure = check(&strata[index].before, error);
        if (!failure)
            failure = check(&strata[index].after, error);
    }
    if (failure || !total.pairs)
        return failure;
    total.exact = total.pairs <= RANK_EXACT_PAIRS;
    for (size_t index = 0; index < count && !failure; ++index)
        failure = is_empty(&strata[index]) ? 0 : add_stratum(&total, &strata[index], error);
    if (!failure)
        failure = find_ratio(strata, count, confidence, &total, result, error);
    if (!failure) {
        result->p = p_of(&total);
        result->least_p = fmin(1, 2 * exp(-total.separation));
    }
    rank_null_free(&total.ties);
    rank_null_free(&total.plain);
    return failure;
}
