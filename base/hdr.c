#include "base/hdr.h"
#include "base/error.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counters are read through the shift 1 << (bucket + unit); 62 keeps every bound within 63 bits. */
enum { VALUE_BITS_MAX = 62 };

static int bit_length(uint64_t value)
{
    return value == 0 ? 0 : 64 - __builtin_clzll(value);
}

/* log2 of the smallest power of two that cuts 2 * 10^digits. */
static int sub_bucket_magnitude(int digits)
{
    uint64_t needed = 2;

    for (int i = 0; i < digits; i++)
        needed *= 10;
    return bit_length(needed - 1);
}

int hdr_init(struct hdr *hdr, uint64_t lowest, uint64_t highest, int digits, struct error *error)
{
    *hdr = (struct hdr){0};
    if (digits < 1 || digits > 5)
        return error_plain(error, "histogram: %d significant digits, must be 1 to 5", digits);
    if (lowest < 1)
        return error_plain(error, "histogram: lowest value 0, must be at least 1");
    if (highest > INT64_MAX)
        return error_plain(error, "histogram: highest value %" PRIu64 ", must be below 2^63",
                           highest);
    if (highest / 2 < lowest)
        return error_plain(error,
                           "histogram: highest value %" PRIu64 " below twice the lowest %" PRIu64,
                           highest, lowest);

    const int magnitude = sub_bucket_magnitude(digits);
    hdr->unit_magnitude = bit_length(lowest) - 1;
    if (hdr->unit_magnitude + magnitude > VALUE_BITS_MAX)
        return error_plain(error, "histogram: lowest value %" PRIu64 " too large for %d digits",
                           lowest, digits);
    hdr->lowest = lowest;
    hdr->highest = highest;
    hdr->digits = digits;
    hdr->half_magnitude = magnitude - 1;
    hdr->sub_bucket_mask = ((UINT64_C(1) << magnitude) - 1) << hdr->unit_magnitude;
    hdr->minimum = UINT64_MAX;

    /* Whole buckets, as other readers expect; the first has two halves. */
    const size_t halves = (hdr_index(hdr, highest) >> hdr->half_magnitude) + 1;
    const size_t counter_count = (halves < 2 ? 2 : halves) << hdr->half_magnitude;
    hdr->counters = calloc(counter_count, sizeof *hdr->counters);
    if (!hdr->counters)
        return error_system(error, ENOMEM, "histogram of %zu counters", counter_count);
    hdr->counter_count = counter_count;
    return 0;
}

int hdr_init_latency(struct hdr *hdr, struct error *error)
{
    return hdr_init(hdr, HDR_LOWEST_NS, HDR_HIGHEST_NS, HDR_DIGITS, error);
}

void hdr_free(struct hdr *hdr)
{
    free(hdr->counters);
    *hdr = (struct hdr){0};
}

void hdr_reset(struct hdr *hdr)
{
    memset(hdr->counters, 0, hdr->counter_count * sizeof *hdr->counters);
    hdr->total = 0;
    hdr->overflow = 0;
    hdr->minimum = UINT64_MAX;
    hdr->maximum = 0;
}

void hdr_record_corrected(struct hdr *hdr, uint64_t value, uint64_t interval)
{
    hdr_record(hdr, value);
    if (interval == 0 || value < interval)
        return;

    /* All missing values of one counter at once: an interval of 1 must not take `value` steps. */
    uint64_t missing = value - interval;
    while (missing >= interval) {
        uint64_t floor = hdr->highest + 1;
        if (missing <= hdr->highest)
            floor = hdr_index_lowest(hdr, hdr_index(hdr, missing));
        if (floor < interval)
            floor = interval;
        const uint64_t steps = (missing - floor) / interval;
        hdr_record_many(hdr, missing, steps);
        missing -= steps * interval;
        hdr_record(hdr, missing); /* on its own, for an exact minimum */
        missing -= interval;
    }
}

void hdr_trim(struct hdr *hdr)
{
    if (hdr->counter_count == 0)
        return;
    const size_t used = hdr->total ? hdr_index(hdr, hdr->maximum) + 1 : 1;
    uint64_t *const counters =
        used < hdr->counter_count ? realloc(hdr->counters, used * sizeof *counters) : NULL;
    if (!counters)
        return; /* nothing to gain, or no memory to gain it with */
    hdr->counters = counters;
    hdr->counter_count = used;
}

int hdr_merge(struct hdr *into, const struct hdr *from, struct error *error)
{
    if (into->lowest != from->lowest || into->highest != from->highest ||
        into->digits != from->digits)
        return error_plain(error,
                           "histograms of different ranges cannot be merged: %" PRIu64 "..%" PRIu64
                           ", %d digits and %" PRIu64 "..%" PRIu64 ", %d digits",
                           into->lowest, into->highest, into->digits, from->lowest, from->highest,
                           from->digits);

    if (into->counter_count < from->counter_count)
        return error_plain(error, "a trimmed histogram takes nothing in");
    if (from->total > INT64_MAX - into->total)
        return error_plain(error, "the counts of merged histograms add up to more than 2^63-1");

    for (size_t i = 0; i < from->counter_count; i++)
        into->counters[i] += from->counters[i];
    into->total += from->total;
    into->overflow += from->overflow;
    if (from->minimum < into->minimum)
        into->minimum = from->minimum;
    if (from->maximum > into->maximum)
        into->maximum = from->maximum;
    return 0;
}

/* The rank a percentile asks for, 1..total. 99.9 is stored as a little more than 99.9: without the
 * cut its rank in 1000 values would be 1000, not 999. */
static uint64_t rank_of(const struct hdr *hdr, double percentile)
{
    if (percentile >= 100)
        return hdr->total;
    if (!(percentile > 0))
        return 1;
    const double rank = ceil(percentile / 100 * (double)hdr->total * (1 - 2 * DBL_EPSILON));
    if (rank < 1)
        return 1;
    /* Converting total to double may have rounded it up. */
    return rank >= (double)hdr->total ? hdr->total : (uint64_t)rank;
}

/* A place in the distribution: counters before `index` hold `cumulative` values. */
struct position {
    size_t index;
    uint64_t cumulative;
};

static struct position advance(const struct hdr *hdr, struct position position, uint64_t rank)
{
    while (position.cumulative < rank && position.index < hdr->counter_count)
        position.cumulative += hdr->counters[position.index++];
    return position;
}

static uint64_t value_before(const struct hdr *hdr, struct position position)
{
    const uint64_t value = hdr_index_highest(hdr, position.index - 1);
    return value < hdr->maximum ? value : hdr->maximum;
}

uint64_t hdr_percentile(const struct hdr *hdr, double percentile)
{
    if (hdr->total == 0)
        return 0;
    return value_before(hdr, advance(hdr, (struct position){0}, rank_of(hdr, percentile)));
}

uint64_t hdr_count_beyond(const struct hdr *hdr, double percentile)
{
    if (hdr->total == 0)
        return 0;
    const uint64_t rank = rank_of(hdr, percentile);
    return hdr->total - advance(hdr, (struct position){0}, rank).cumulative;
}

static double middle_of(const struct hdr *hdr, size_t index)
{
    return ((double)hdr_index_lowest(hdr, index) + (double)hdr_index_highest(hdr, index)) / 2;
}

double hdr_mean(const struct hdr *hdr)
{
    double sum = 0;

    if (hdr->total == 0)
        return 0;
    for (size_t i = 0; i < hdr->counter_count; i++) {
        if (hdr->counters[i] > 0)
            sum += (double)hdr->counters[i] * middle_of(hdr, i);
    }
    return sum / (double)hdr->total;
}

double hdr_standard_deviation(const struct hdr *hdr)
{
    const double mean = hdr_mean(hdr);
    double squares = 0;

    if (hdr->total == 0)
        return 0;
    for (size_t i = 0; i < hdr->counter_count; i++) {
        if (hdr->counters[i] == 0)
            continue;
        const double deviation = middle_of(hdr, i) - mean;
        squares += (double)hdr->counters[i] * deviation * deviation;
    }
    return sqrt(squares / (double)hdr->total);
}

static int index_shift(const struct hdr *hdr, size_t index)
{
    const size_t half = index >> hdr->half_magnitude;
    return (half > 0 ? (int)half - 1 : 0) + hdr->unit_magnitude;
}

uint64_t hdr_index_lowest(const struct hdr *hdr, size_t index)
{
    /* Bucket 0 holds both its halves, every later one its upper half only. */
    const size_t half_count = (size_t)1 << hdr->half_magnitude;
    const size_t sub_bucket = index < half_count ? index : (index & (half_count - 1)) + half_count;
    return (uint64_t)sub_bucket << index_shift(hdr, index);
}

uint64_t hdr_index_highest(const struct hdr *hdr, size_t index)
{
    return hdr_index_lowest(hdr, index) + (UINT64_C(1) << index_shift(hdr, index)) - 1;
}

/* Tick n of t per half distance: after h = n / t halvings 100 * 2^-h is left, and each of the next
 * t ticks takes 1 / (2t) of that. Computed anew for each tick, so that 50, 75, 87.5 are met
 * exactly. */
static double tick_percentile(int tick, int ticks_per_half_distance)
{
    const int halvings = tick / ticks_per_half_distance;
    const int part = tick % ticks_per_half_distance;
    const double left = ldexp(100, -halvings);
    return 100 - left * (1 - (double)part / (2.0 * ticks_per_half_distance));
}

struct hdr_steps hdr_steps(const struct hdr *hdr, int ticks_per_half_distance)
{
    return (struct hdr_steps){
        .hdr = hdr,
        .ticks_per_half_distance = ticks_per_half_distance > 0 ? ticks_per_half_distance : 1,
        .finished = hdr->total == 0,
    };
}

bool hdr_steps_next(struct hdr_steps *steps)
{
    if (steps->finished)
        return false;

    const struct hdr *const hdr = steps->hdr;
    const bool all_reached = steps->cumulative == hdr->total;
    const double tick = tick_percentile(steps->next_tick, steps->ticks_per_half_distance);
    steps->percentile = all_reached || tick >= 100 ? 100 : tick;
    steps->next_tick++;

    const struct position before = {steps->next_index, steps->cumulative};
    const struct position reached = advance(hdr, before, rank_of(hdr, steps->percentile));
    steps->next_index = reached.index;
    steps->cumulative = reached.cumulative;
    steps->value = value_before(hdr, reached);
    steps->finished = steps->percentile >= 100;
    return true;
}
