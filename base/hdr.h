/* High dynamic range histogram: fixed relative precision from `lowest` to `highest`, constant-time
 * recording, exact merging.
 *
 * Layout (HdrHistogram's, so that encoded histograms are exchangeable): values fall into buckets
 * that double in width; each is cut into equal sub-buckets, enough that any value is known to
 * `digits` significant decimal digits:
 *     sub_bucket_count = 2^ceil(log2(2 * 10^digits)), half = sub_bucket_count / 2
 *     unit             = floor(log2(lowest))
 *     bucket(v)        = bit length of (v | mask) - unit - log2(sub_bucket_count)
 *     index(v)         = (bucket << log2(half)) + (v >> (bucket + unit))
 * 1 ns to 60 s at 3 digits takes 27,648 counters, 216 KiB. One writer, no locking. */
#ifndef IPCBENCH_BASE_HDR_H
#define IPCBENCH_BASE_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct hdr {
    uint64_t lowest;  /* values below are recorded as they are but told apart no finer than this */
    uint64_t highest; /* values above are counted in `overflow` and nowhere else */
    int digits;       /* 1..5 */
    int unit_magnitude;
    int half_magnitude; /* log2(sub_bucket_count) - 1 */
    uint64_t sub_bucket_mask;
    size_t counter_count;
    uint64_t *counters; /* owned */
    uint64_t total;     /* recorded values, without overflow */
    uint64_t overflow;
    uint64_t minimum; /* exact; UINT64_MAX while empty */
    uint64_t maximum; /* exact; 0 while empty */
};

/* The defaults for latencies in nanoseconds. */
enum { HDR_DIGITS = 3 };
#define HDR_LOWEST_NS  UINT64_C(1)
#define HDR_HIGHEST_NS UINT64_C(60000000000)

/* Fails with EINVAL for digits outside 1..5, lowest < 1, highest < 2 * lowest, highest over 2^63-1
 * and a lowest so large that its precision leaves 63 bits; and with ENOMEM. */
int hdr_init(struct hdr *hdr, uint64_t lowest, uint64_t highest, int digits, struct error *error);
int hdr_init_latency(struct hdr *hdr, struct error *error);
void hdr_free(struct hdr *hdr); /* also after a failed init, also twice */
void hdr_reset(struct hdr *hdr);

/* The counter a value falls in; may lie at or beyond counter_count for values over `highest`. */
static inline size_t hdr_index(const struct hdr *hdr, uint64_t value)
{
    const int bits = 64 - __builtin_clzll(value | hdr->sub_bucket_mask);
    const int bucket = bits - hdr->unit_magnitude - (hdr->half_magnitude + 1);
    const uint64_t sub_bucket = value >> (bucket + hdr->unit_magnitude);
    return ((size_t)bucket << hdr->half_magnitude) + (size_t)sub_bucket;
}

static inline void hdr_record_many(struct hdr *hdr, uint64_t value, uint64_t count)
{
    if (__builtin_expect(value > hdr->highest, 0)) {
        hdr->overflow += count;
        return;
    }
    if (count == 0)
        return;
    hdr->counters[hdr_index(hdr, value)] += count;
    hdr->total += count;
    if (value < hdr->minimum)
        hdr->minimum = value;
    if (value > hdr->maximum)
        hdr->maximum = value;
}

static inline void hdr_record(struct hdr *hdr, uint64_t value)
{
    hdr_record_many(hdr, value, 1);
}

/* Records `value` and, where it is over `interval`, the values a steady load would have seen during
 * it: value - interval, value - 2 * interval, ... down to interval. A model, not data. An interval
 * of 0 corrects nothing. */
void hdr_record_corrected(struct hdr *hdr, uint64_t value, uint64_t interval);

/* Gives back the memory above the largest recorded value: most latencies lie in the lower third of
 * their range. Afterwards the histogram is for reading and merging from alone. */
void hdr_trim(struct hdr *hdr);

/* Adds `from` to `into`: counters, total, overflow, minimum and maximum. Both must have the same
 * lowest, highest and digits, and `into` must not be trimmed; otherwise, or where
 * the counts would add up to over 2^63-1, EINVAL and nothing is changed. */
int hdr_merge(struct hdr *into, const struct hdr *from, struct error *error);

/* The smallest recorded value at or above rank ceil(percentile / 100 * total), at least 1, given as
 * the highest value its counter stands for, never above the maximum. A product that only rounding
 * put above a whole number counts as that number. percentile is cut to 0..100. Empty: 0. */
uint64_t hdr_percentile(const struct hdr *hdr, double percentile);

/* Values recorded strictly beyond the counter that holds hdr_percentile(). A percentile is worth
 * showing where this is at least 10. */
uint64_t hdr_count_beyond(const struct hdr *hdr, double percentile);

/* Over the middle of each counter's range; empty: 0. The standard deviation divides by n. */
double hdr_mean(const struct hdr *hdr);
double hdr_standard_deviation(const struct hdr *hdr);

/* The range of values a counter stands for. */
uint64_t hdr_index_lowest(const struct hdr *hdr, size_t index);
uint64_t hdr_index_highest(const struct hdr *hdr, size_t index);

/* Walks the distribution in steps that halve with each halving of the distance to 100 %:
 *     struct hdr_steps steps = hdr_steps(&hdr, 5);
 *     while (hdr_steps_next(&steps)) use(steps.percentile, steps.value, steps.cumulative);
 * The last step is 100 %. The grid depends on the ticks (at least 1) alone, so that distributions
 * can be laid side by side by step number; a grid ends once the maximum is reached. An empty
 * histogram has no steps. */
struct hdr_steps {
    const struct hdr *hdr;
    int ticks_per_half_distance;
    double percentile;   /* reached by this step, 0..100 */
    uint64_t value;      /* hdr_percentile() of it */
    uint64_t cumulative; /* recorded values up to and including its counter */
    size_t next_index;
    int next_tick;
    bool finished;
};
struct hdr_steps hdr_steps(const struct hdr *hdr, int ticks_per_half_distance);
bool hdr_steps_next(struct hdr_steps *steps);

#endif
