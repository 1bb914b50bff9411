#include "base/rank_test_null.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* ways[j][s]: of the scores taken in so far, the choices of j that add up to s. A new score r
 * leaves those without it and adds those with it: ways[j][s] += ways[j-1][s-r]. Doubles: nothing is
 * ever subtracted, so that each count keeps its relative precision beyond 2^53. */
static void count_ways(double *ways, size_t sums, const uint64_t *scores, size_t count,
                       size_t chosen)
{
    ways[0] = 1;
    for (size_t index = 0; index < count; ++index) {
        const size_t score = (size_t)scores[index];
        for (size_t j = index + 1 < chosen ? index + 1 : chosen; j > 0; --j) {
            double *const with = ways + j * sums;
            const double *const without = with - sums;
            for (size_t sum = score; sum < sums; ++sum)
                with[sum] += without[sum - score];
        }
    }
}

int rank_null_of(const uint64_t *scores, size_t count, size_t chosen, struct rank_null *null,
                 struct error *error)
{
    size_t sums = 1;
    for (size_t index = count - chosen; index < count; ++index)
        sums += (size_t)scores[index];
    double *const ways = calloc((chosen + 1) * sums, sizeof(*ways));
    *null = (struct rank_null){.shares = malloc(sums * sizeof(double)), .count = sums};
    if (!ways || !null->shares) {
        free(ways);
        rank_null_free(null);
        return error_system(error, ENOMEM, "null distribution of %zu in %zu ranks", chosen, count);
    }
    count_ways(ways, sums, scores, count, chosen);
    double all = 0;
    for (size_t sum = 0; sum < sums; ++sum)
        all += ways[chosen * sums + sum];
    for (size_t sum = 0; sum < sums; ++sum)
        null->shares[sum] = ways[chosen * sums + sum] / all;
    free(ways);
    return 0;
}

int rank_null_of_ranks(size_t count, size_t chosen, struct rank_null *null, struct error *error)
{
    uint64_t *const ranks = malloc(count * sizeof(*ranks));
    if (!ranks)
        return error_system(error, ENOMEM, "%zu ranks", count);
    for (size_t index = 0; index < count; ++index)
        ranks[index] = index + 1;
    const int failure = rank_null_of(ranks, count, chosen, null, error);
    free(ranks);
    return failure;
}

void rank_null_free(struct rank_null *null)
{
    free(null->shares);
    *null = (struct rank_null){0};
}

double rank_normal_beyond(double z)
{
    return erfc(z * M_SQRT1_2) / 2;
}

/* By bisection: not in any hot path, and as exact as erfc. */
double rank_normal_quantile(double share)
{
    double low = -40, high = 40;
    for (int step = 0; step < 100; ++step) {
        const double middle = (low + high) / 2;
        if (rank_normal_beyond(-middle) < share)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
