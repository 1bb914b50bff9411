#include "base/rank_test.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rank_test_null.h"

struct ranked {
    double value;
    bool after;
};

/* Both groups in one order. Scores are mid-ranks, doubled where there are ties so that they are
 * whole. */
struct ranking {
    struct ranked *values;
    uint64_t *scores;
    size_t count;
    size_t before_count;
    size_t after_count;
    uint64_t total;     /* of all scores */
    uint64_t after_sum; /* of the scores of `after` */
    double tie_cubes;   /* sum of t^3 - t over groups of t equal values */
    unsigned scale;     /* a score is this many times the rank */
};

static int compare_ranked(const void *left, const void *right)
{
    const double a = ((const struct ranked *)left)->value;
    const double b = ((const struct ranked *)right)->value;
    return (a > b) - (a < b);
}

static size_t end_of_tie(const struct ranking *ranking, size_t start)
{
    size_t end = start + 1;
    while (end < ranking->count && ranking->values[end].value == ranking->values[start].value)
        ++end;
    return end;
}

static void score(struct ranking *ranking)
{
    qsort(ranking->values, ranking->count, sizeof(*ranking->values), compare_ranked);
    size_t end;
    for (size_t start = 0; start < ranking->count; start = end) {
        end = end_of_tie(ranking, start);
        const double length = (double)(end - start);
        ranking->tie_cubes += length * length * length - length;
    }
    ranking->scale = ranking->tie_cubes > 0 ? 2 : 1;
    for (size_t start = 0; start < ranking->count; start = end) {
        end = end_of_tie(ranking, start);
        for (size_t index = start; index < end; ++index) {
            ranking->scores[index] = ranking->scale * (start + 1 + end) / 2;
            ranking->total += ranking->scores[index];
            if (ranking->values[index].after)
                ranking->after_sum += ranking->scores[index];
        }
    }
}

static int rank(const struct rank_sample *before, const struct rank_sample *after,
                struct ranking *ranking, struct error *error)
{
    const size_t count = before->count + after->count;
    *ranking = (struct ranking){
        .values = malloc(count * sizeof(*ranking->values)),
        .scores = malloc(count * sizeof(*ranking->scores)),
        .count = count,
        .before_count = before->count,
        .after_count = after->count,
    };
    if (!ranking->values || !ranking->scores)
        return error_system(error, ENOMEM, "%zu ranks", count);
    for (size_t index = 0; index < before->count; ++index)
        ranking->values[index] = (struct ranked){before->values[index], false};
    for (size_t index = 0; index < after->count; ++index)
        ranking->values[before->count + index] = (struct ranked){after->values[index], true};
    score(ranking);
    return 0;
}

/* How far the sum of `chosen` scores lies from its mean, times the number of scores: whole. */
static int64_t distance(const struct ranking *ranking, size_t chosen, uint64_t sum)
{
    const int64_t off = (int64_t)(ranking->count * sum) - (int64_t)(chosen * ranking->total);
    return off < 0 ? -off : off;
}

/* Over the smaller group, which is as far from its mean as the larger. */
static int exact_p(const struct ranking *ranking, double *p, struct error *error)
{
    const bool after_is_smaller = ranking->after_count <= ranking->before_count;
    const size_t chosen = after_is_smaller ? ranking->after_count : ranking->before_count;
    const int64_t seen = distance(ranking, ranking->after_count, ranking->after_sum);
    struct rank_null null;
    const int failure = rank_null_of(ranking->scores, ranking->count, chosen, &null, error);
    if (failure)
        return failure;
    *p = 0;
    for (size_t sum = 0; sum < null.count; ++sum) {
        if (distance(ranking, chosen, sum) >= seen)
            *p += null.shares[sum];
    }
    *p = *p < 1 ? *p : 1;
    rank_null_free(&null);
    return 0;
}

static double normal_p(const struct ranking *ranking, double u)
{
    const double pairs = (double)ranking->before_count * (double)ranking->after_count;
    const double count = (double)ranking->count;
    const double variance = pairs / 12 * (count + 1 - ranking->tie_cubes / (count * (count - 1)));
    const double off = fabs(u - pairs / 2) - 0.5;
    if (off <= 0 || variance <= 0)
        return 1;
    return 2 * rank_normal_beyond(off / sqrt(variance));
}

int rank_compare(const struct rank_sample *before, const struct rank_sample *after,
                 struct rank_comparison *comparison, struct error *error)
{
    *comparison = (struct rank_comparison){.p = 1, .superiority = 0.5, .exact = true};
    if (!before->count || !after->count)
        return 0;
    struct ranking ranking;
    int failure = rank(before, after, &ranking, error);
    if (!failure) {
        const double count = (double)after->count, pairs = count * (double)before->count;
        comparison->u = (double)ranking.after_sum / ranking.scale - count * (count + 1) / 2;
        comparison->superiority = comparison->u / pairs;
        comparison->tied = ranking.scale > 1;
        comparison->exact = pairs <= RANK_EXACT_PAIRS;
        if (comparison->exact)
            failure = exact_p(&ranking, &comparison->p, error);
        else
            comparison->p = normal_p(&ranking, comparison->u);
    }
    free(ranking.values);
    free(ranking.scores);
    return failure;
}
