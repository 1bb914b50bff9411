/* Medians of millions of tick counts without sorting them. */
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/floor/floor.h"

enum { HALF_BITS = 16, BUCKETS = 1 << HALF_BITS };

static size_t *buckets(void)
{
    size_t *counts = calloc(BUCKETS, sizeof(*counts));
    if (!counts)
        floor_fail("calloc");
    return counts;
}

/* The bucket that holds rank `*rank`, which becomes the rank within it. */
static uint32_t find_bucket(const size_t *counts, size_t *rank)
{
    uint32_t bucket = 0;
    while (*rank >= counts[bucket])
        *rank -= counts[bucket++];
    return bucket;
}

/* Counts the upper halves, finds the median's, then the lower halves of those. */
double floor_median(const uint32_t *values, size_t count)
{
    if (!count)
        return 0;
    size_t rank = count / 2;
    size_t *upper = buckets(), *lower = buckets();
    for (size_t index = 0; index < count; ++index)
        ++upper[values[index] >> HALF_BITS];
    const uint32_t upper_half = find_bucket(upper, &rank);
    for (size_t index = 0; index < count; ++index) {
        if (values[index] >> HALF_BITS == upper_half)
            ++lower[values[index] & (BUCKETS - 1)];
    }
    const uint32_t lower_half = find_bucket(lower, &rank);
    free(upper);
    free(lower);
    return (double)(upper_half << HALF_BITS | lower_half);
}

double floor_mean(const uint32_t *values, size_t count)
{
    uint64_t sum = 0;
    for (size_t index = 0; index < count; ++index)
        sum += values[index];
    return count ? (double)sum / (double)count : 0;
}

/* Room for round trips of 30 ns, half of the time each kind; more than enough ends the loop. */
void floor_samples_open(struct floor_run *run)
{
    const double fastest_seconds = 30e-9;
    const double most = 1 << 26;
    const double wanted = run->seconds / fastest_seconds / 2 + 4 * FLOOR_STAMPED_IN_A_ROW;
    run->sample_capacity = (size_t)(wanted < most ? wanted : most);
    run->batch_capacity = run->sample_capacity / FLOOR_BATCH + FLOOR_BATCHES_IN_A_ROW;
    const size_t bytes = (run->sample_capacity + run->batch_capacity) * sizeof(uint32_t);
    run->samples = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (run->samples == MAP_FAILED)
        floor_fail("mmap for samples");
    run->batches = run->samples + run->sample_capacity;
}
