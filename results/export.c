#include "results/export.h"

#include "base/error.h"
#include "base/text.h"
#include "results/export/formats.h"

#include <string.h>

const struct export_format export_formats[] = {
    {"gbench", "Google Benchmark JSON, an entry per trial: for its compare.py", "json",
     export_gbench},
    {"gha-smaller", "github-action-benchmark, customSmallerIsBetter: latencies", "json",
     export_gha_smaller},
    {"gha-bigger", "github-action-benchmark, customBiggerIsBetter: rates", "json",
     export_gha_bigger},
    {"bmf", "Bencher Metric Format, with lower and upper values", "json", export_bmf},
    {"gobench", "Go benchmark text, a line per trial: for benchstat", "txt", export_gobench},
    {"otava", "Apache Otava JSON: one point of a history", "json", export_otava},
    {"hlog", "HdrHistogram log 1.3, an interval per trial, a tag per cell", "hlog", export_hlog},
    {"hgrm", "HdrHistogram percentile distribution of each cell, in ns", "hgrm", export_hgrm},
    {"csv", "tidy CSV: one row per cell, trial and metric", "csv", export_csv},
    {"md", "Markdown tables: for a README, an issue or a review", "md", export_md},
    {"prom", "OpenMetrics text: for Prometheus's textfile collector", "prom", export_prom},
};
const size_t export_format_count = sizeof export_formats / sizeof export_formats[0];

int export_find(const char *name, const struct export_format **format, struct error *error)
{
    struct text names = {0};

    for (size_t i = 0; i < export_format_count; i++) {
        if (strcmp(name, export_formats[i].name) == 0) {
            *format = &export_formats[i];
            text_free(&names);
            return 0;
        }
        text_append(&names, "%s%s", i ? ", " : "", export_formats[i].name);
    }
    const int failed =
        error_plain(error, "no format '%.40s': %s; or list", name, text_string(&names));
    text_free(&names);
    return failed;
}

void export_list(struct text *out)
{
    for (size_t i = 0; i < export_format_count; i++)
        text_append(out, "%-12s %s\n", export_formats[i].name, export_formats[i].summary);
}
