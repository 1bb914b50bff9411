/* Prints encoded histograms with what we say about them, for a reader we did not write to check:
 *     <name> <count> <min> <max> <p50> <p90> <p99> <p99.9> <HISTFAAA...>   (separated by tabs) */
#include "base/error.h"
#include "base/hdr.h"
#include "base/hdr_codec.h"
#include "base/random.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

struct sample {
    const char *name;
    void (*record)(struct hdr *hdr, struct random *random);
};

static void record_one(struct hdr *hdr, struct random *random)
{
    (void)random;
    hdr_record(hdr, 4210);
}

static void record_zero(struct hdr *hdr, struct random *random)
{
    (void)random;
    hdr_record(hdr, 0);
}

static void record_extremes(struct hdr *hdr, struct random *random)
{
    (void)random;
    hdr_record_many(hdr, HDR_LOWEST_NS, 3);
    hdr_record_many(hdr, HDR_HIGHEST_NS, 2);
    hdr_record(hdr, HDR_HIGHEST_NS + 1);
}

static void record_highest(struct hdr *hdr, struct random *random)
{
    (void)random;
    hdr_record(hdr, HDR_HIGHEST_NS);
}

static void record_thousand(struct hdr *hdr, struct random *random)
{
    (void)random;
    for (uint64_t value = 1; value <= 1000; value++)
        hdr_record(hdr, value);
}

static void record_every_magnitude(struct hdr *hdr, struct random *random)
{
    for (int i = 0; i < 1000003; i++)
        hdr_record(hdr, random_below(random, HDR_HIGHEST_NS) >> random_below(random, 36));
}

static void record_latencies(struct hdr *hdr, struct random *random)
{
    for (int i = 0; i < 5000011; i++) {
        const bool stalled = random_below(random, 5000) == 0;
        hdr_record(hdr, 3800 + random_below(random, 900) +
                            (stalled ? random_below(random, 4000000) : 0));
    }
}

static void record_powers(struct hdr *hdr, struct random *random)
{
    (void)random;
    for (int bits = 1; bits < 36; bits++) {
        hdr_record(hdr, (UINT64_C(1) << bits) - 1);
        hdr_record(hdr, UINT64_C(1) << bits);
        hdr_record(hdr, (UINT64_C(1) << bits) + 1);
    }
}

/* One count for each length of the encoded word, as far as a JavaScript number is exact. */
static void record_huge_counts(struct hdr *hdr, struct random *random)
{
    (void)random;
    for (int bits = 0; bits < 50; bits++)
        hdr_record_many(hdr, 1000 + UINT64_C(10) * (uint64_t)bits, (UINT64_C(1) << bits) - 1);
}

static void record_every_counter(struct hdr *hdr, struct random *random)
{
    (void)random;
    for (size_t i = 0; i < hdr->counter_count && hdr_index_lowest(hdr, i) <= hdr->highest; i++)
        hdr_record_many(hdr, hdr_index_lowest(hdr, i), i % 5);
}

static const struct sample samples[] = {
    {"one", record_one},
    {"zero", record_zero},
    {"extremes", record_extremes},
    {"highest", record_highest},
    {"thousand", record_thousand},
    {"every-magnitude", record_every_magnitude},
    {"latencies", record_latencies},
    {"powers", record_powers},
    {"huge-counts", record_huge_counts},
    {"every-counter", record_every_counter},
};

static int emit(const struct sample *sample, struct error *error)
{
    struct hdr hdr;
    struct random random;
    struct text encoded = {0};

    int failed = hdr_init_latency(&hdr, error);
    if (failed)
        return failed;
    random_seed(&random, 42);
    sample->record(&hdr, &random);
    failed = hdr_encode(&hdr, &encoded, error);
    if (!failed)
        printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
               "\t%" PRIu64 "\t%s\n",
               sample->name, hdr.total, hdr.minimum, hdr.maximum, hdr_percentile(&hdr, 50),
               hdr_percentile(&hdr, 90), hdr_percentile(&hdr, 99), hdr_percentile(&hdr, 99.9),
               text_string(&encoded));
    text_free(&encoded);
    hdr_free(&hdr);
    return failed;
}

int main(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct error error = {0};
        if (emit(&samples[i], &error)) {
            fprintf(stderr, "%s: %s\n", samples[i].name, error.message);
            return 1;
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
