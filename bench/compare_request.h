/* What the verbs that compare were asked for: what decides, and how it is printed. */
#ifndef IPCBENCH_BENCH_COMPARE_REQUEST_H
#define IPCBENCH_BENCH_COMPARE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "bench/filter.h"
#include "results/compare.h"

enum compare_format {
    COMPARE_FORMAT_TEXT,
    COMPARE_FORMAT_MARKDOWN,
    COMPARE_FORMAT_JSON,
    COMPARE_FORMAT_JUNIT,
};

struct compare_request {
    struct compare_options options; /* without its filter */
    struct filter filter;
    enum compare_format format;
    struct text reports; /* names of more files to write, each with a line break behind it */
    bool all;
};

void compare_request_free(struct compare_request *request);

/* Which format a file's name asks for by its ending: .txt, .md, .json or .xml. EINVAL: another. */
int compare_format_of(const char *path, enum compare_format *format, struct error *error);

int take_metrics(const char *value, void *member, struct error *error);
int take_threshold(const char *value, void *member, struct error *error);
int take_minimum(const char *value, void *member, struct error *error);
int take_correction(const char *value, void *member, struct error *error);
int take_report(const char *value, void *member, struct error *error);
int take_compare_format(const char *value, void *member, struct error *error);

/* Rows of a table of options, for a request that begins with a struct compare_request. */
#define COMPARE_REQUEST_OPTIONS                                                                    \
    {.name = "metric",                                                                             \
     .value = "p50|p99|rate",                                                                      \
     .is_list = true,                                                                              \
     .text = "what decides (p50,rate): p50 and p99 of latencies, the rate of stream and load; "    \
             "p99 is shown in any case",                                                           \
     .take = take_metrics,                                                                         \
     .member = offsetof(struct compare_request, options.gated)},                                   \
        {.name = "threshold",                                                                      \
         .value = "5%",                                                                            \
         .text = "that much slower is still the same (5 %; p99: 10 %)",                            \
         .take = take_threshold,                                                                   \
         .member = offsetof(struct compare_request, options.threshold)},                           \
        {.name = "min-abs",                                                                        \
         .value = "50ns",                                                                          \
         .text = "latencies that differ by less are the same (50ns)",                              \
         .take = take_minimum,                                                                     \
         .member = offsetof(struct compare_request, options.minimum_ns)},                          \
        {.name = "correct",                                                                        \
         .value = "holm|bh|none",                                                                  \
         .text = "against false alarms: any (holm), the share of them among the alarms "           \
                 "(Benjamini-Hochberg), or no correction",                                         \
         .take = take_correction,                                                                  \
         .member = offsetof(struct compare_request, options.correction)},                          \
        {.name = "format",                                                                         \
         .value = "text|md|json|junit",                                                            \
         .text = "a table, Markdown for a review, JSON, or JUnit XML",                             \
         .take = take_compare_format,                                                              \
         .member = offsetof(struct compare_request, format)},                                      \
        {.name = "report",                                                                         \
         .value = "FILE",                                                                          \
         .text = "also write it here, as its ending says: .txt, .md, .json or .xml (JUnit); "      \
                 "several times",                                                                  \
         .take = take_report,                                                                      \
         .member = offsetof(struct compare_request, reports)},                                     \
    {                                                                                              \
        .name = "all", .text = "the unchanged cells too", .take = take_flag,                       \
        .member = offsetof(struct compare_request, all)                                            \
    }

#endif
