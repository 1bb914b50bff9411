/* HdrHistogram log, version 1.3: an interval per trial with the trial's histogram, tagged by its
 * cell, in the order in which they were measured. Seconds count from the start of the run; the
 * column of maxima is in milliseconds, as tools expect of nanoseconds. */
#include "results/export/formats.h"
#include "results/export/metric.h"
#include "results/export/when.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/hdr_codec.h"
#include "base/text.h"
#include "results/export.h"
#include "results/run.h"

static const double ns_per_ms = 1e6;

struct interval {
    const struct run_cell *cell;
    const struct run_trial *trial;
};

static int by_start(const void *left, const void *right)
{
    const struct run_trial *const a = ((const struct interval *)left)->trial;
    const struct run_trial *const b = ((const struct interval *)right)->trial;

    if (a->started_s != b->started_s)
        return a->started_s < b->started_s ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static size_t collect(const struct export_source *source, struct interval *intervals)
{
    size_t count = 0;

    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        for (size_t t = 0; cell->status == TRIAL_OK && t < cell->trial_count; t++) {
            const struct trial_result *const result = &cell->trials[t].result;
            const bool has_samples =
                result->histogram.counter_count > 0 && result->histogram.total > 0;
            if (result->status != TRIAL_OK || !pattern_is_latency(cell->pattern) || !has_samples)
                continue;
            if (intervals)
                intervals[count] = (struct interval){cell, &cell->trials[t]};
            count++;
        }
    }
    return count;
}

/* Readers may choke on comments of over 127 characters, and on any behind the first interval. */
static void write_head(const struct run *run, int64_t started_s, struct text *out)
{
    const time_t started = (time_t)started_s;
    struct tm when;
    char date[64] = "";

    if (gmtime_r(&started, &when))
        strftime(date, sizeof date, "%a %b %d %H:%M:%S UTC %Y", &when);
    text_append(out, "#[Logged by ipcbench %.20s]\n", run->version);
    text_append(out, "#[Histogram log format version 1.3]\n");
    text_append(out, "#[StartTime: %" PRId64 ".000 (seconds since epoch), %s]\n", started_s, date);
    text_append(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                     "\"Interval_Compressed_Histogram\"\n");
}

static int write_interval(const struct interval *interval, struct text *out, struct error *error)
{
    const struct trial_result *const result = &interval->trial->result;

    text_append(out, "Tag=");
    metric_append_plain(out, interval->cell->id);
    text_append(out, ",%.3f,%.3f,%.3f,", interval->trial->started_s, result->elapsed_ns / 1e9,
                (double)result->histogram.maximum / ns_per_ms);
    const int failed = hdr_encode(&result->histogram, out, error);
    text_append(out, "\n");
    return failed;
}

int export_hlog(const struct export_source *source, struct text *out, struct error *error)
{
    const size_t count = collect(source, NULL);
    int64_t started_s = 0;

    int failed = when_started(source->run, &started_s, error);
    if (failed)
        return failed;
    struct interval *const intervals = calloc(count + 1, sizeof *intervals);
    if (!intervals)
        return error_system(error, ENOMEM, "collecting histograms");
    collect(source, intervals);
    qsort(intervals, count, sizeof *intervals, by_start);
    write_head(source->run, started_s, out);
    for (size_t i = 0; i < count && !failed; i++)
        failed = write_interval(&intervals[i], out, error);
    free(intervals);
    if (!failed && out->failed)
        failed = error_system(error, ENOMEM, "writing a histogram log");
    return failed;
}
