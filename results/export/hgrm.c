/* Percentile distributions as HdrHistogram prints them, in nanoseconds, of each cell's trials
 * together. Plotters lay the rows of several side by side by number: all have the same grid of
 * percentiles, printed as such. One that reads several cells from one file skips lines with '#'. */
#include "results/export/formats.h"
#include "results/export/metric.h"

#include <errno.h>
#include <inttypes.h>

#include "base/error.h"
#include "base/hdr.h"
#include "base/text.h"
#include "results/export.h"
#include "results/run.h"

enum { TICKS_PER_HALF_DISTANCE = 5 };

/* The last row has no fourth column: readers skip it, where "Infinity" would confuse them. One of
 * them knows a row by the blank in front, which values of 10 ms and more would fill. */
static void write_rows(const struct hdr *hdr, struct text *out)
{
    struct hdr_steps steps = hdr_steps(hdr, TICKS_PER_HALF_DISTANCE);

    text_append(out, " %12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
                "1/(1-Percentile)");
    while (hdr_steps_next(&steps)) {
        const double share = steps.percentile / 100;
        text_append(out, " %12.3f %2.12f %10" PRIu64, (double)steps.value, share, steps.cumulative);
        if (share < 1)
            text_append(out, " %14.2f", 1 / (1 - share));
        text_append(out, "\n");
    }
}

/* Of the whole range, which the counters of a trimmed histogram no longer tell. */
static int bucket_count(const struct hdr *hdr)
{
    return (int)(hdr_index(hdr, hdr->highest) >> hdr->half_magnitude);
}

static void write_foot(const struct hdr *hdr, struct text *out)
{
    text_append(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", hdr_mean(hdr),
                hdr_standard_deviation(hdr));
    text_append(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n", (double)hdr->maximum,
                hdr->total);
    text_append(out, "#[Buckets = %12d, SubBuckets     = %12" PRIu64 "]\n", bucket_count(hdr),
                UINT64_C(2) << hdr->half_magnitude);
}

int export_hgrm(const struct export_source *source, struct text *out, struct error *error)
{
    const char *separator = "";

    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        const struct hdr *const merged = &cell->summary.merged;
        if (cell->status != TRIAL_OK || !pattern_is_latency(cell->pattern) ||
            merged->counter_count == 0 || merged->total == 0)
            continue;
        text_append(out, "%s#[Cell    = ", separator);
        metric_append_line(out, cell->id);
        text_append(out, "]\n");
        write_rows(merged, out);
        write_foot(merged, out);
        separator = "\n";
    }
    return out->failed ? error_system(error, ENOMEM, "writing percentile distributions") : 0;
}
