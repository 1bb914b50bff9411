/* The options of ipcbench compare. */
#include "bench/compare_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/units.h"
#include "bench/command.h"
#include "results/baseline.h"

static const char *const format_names[] = {
    [COMPARE_FORMAT_TEXT] = "text",
    [COMPARE_FORMAT_MARKDOWN] = "md",
    [COMPARE_FORMAT_JSON] = "json",
    [COMPARE_FORMAT_JUNIT] = "junit",
};

/* "p50,rate": these and no others decide. */
int take_metrics(const char *value, void *member, struct error *error)
{
    bool *const gated = member;
    memset(gated, 0, COMPARE_METRICS * sizeof(*gated));
    for (const char *at = value;; ++at) {
        const size_t length = strcspn(at, ",");
        size_t metric = 0;
        while (metric < COMPARE_METRICS &&
               (strlen(compare_metric_name((enum compare_metric)metric)) != length ||
                strncmp(at, compare_metric_name((enum compare_metric)metric), length) != 0))
            ++metric;
        if (metric == COMPARE_METRICS)
            return error_plain(error, "'%s': p50, p99 or rate, or several with commas", value);
        gated[metric] = true;
        at += length;
        if (!*at)
            return 0;
    }
}

int take_threshold(const char *value, void *member, struct error *error)
{
    double *const threshold = member;
    const size_t digits = strspn(value, "0123456789.");
    char *end = NULL;
    const double percent = digits ? strtod(value, &end) : -1;
    if (percent < 0 || percent > 1000 || end != value + digits || (*end && strcmp(end, "%") != 0))
        return error_plain(error, "'%s': a share such as 5%%, 0 to 1000", value);
    for (size_t metric = 0; metric < COMPARE_METRICS; ++metric)
        threshold[metric] = percent / 100;
    return 0;
}

int take_minimum(const char *value, void *member, struct error *error)
{
    double seconds;
    const int failure = units_parse_seconds(value, &seconds, error);
    *(double *)member = failure ? 0 : seconds * 1e9;
    return failure;
}

int take_correction(const char *value, void *member, struct error *error)
{
    enum compare_correction *const correction = member;
    static const enum compare_correction all[] = {COMPARE_HOLM, COMPARE_BENJAMINI_HOCHBERG,
                                                  COMPARE_UNCORRECTED};
    for (size_t index = 0; index < sizeof(all) / sizeof(all[0]); ++index) {
        *correction = all[index];
        if (!strcmp(value, compare_correction_name(all[index])))
            return 0;
    }
    return error_plain(error, "'%s': holm, bh or none", value);
}

int take_compare_format(const char *value, void *member, struct error *error)
{
    enum compare_format *const format = member;
    for (size_t index = 0; index < sizeof(format_names) / sizeof(format_names[0]); ++index) {
        *format = (enum compare_format)index;
        if (!strcmp(value, format_names[index]))
            return 0;
    }
    return error_plain(error, "'%s': text, md, json or junit", value);
}

int compare_format_of(const char *path, enum compare_format *format, struct error *error)
{
    static const struct {
        const char *ending;
        enum compare_format format;
    } endings[] = {
        {".txt", COMPARE_FORMAT_TEXT},
        {".md", COMPARE_FORMAT_MARKDOWN},
        {".json", COMPARE_FORMAT_JSON},
        {".xml", COMPARE_FORMAT_JUNIT},
    };
    const char *const ending = strrchr(path, '.');
    for (size_t index = 0; ending && index < sizeof(endings) / sizeof(endings[0]); ++index) {
        *format = endings[index].format;
        if (!strcmp(ending, endings[index].ending))
            return 0;
    }
    return error_plain(error, "'%.80s': a file name that ends in .txt, .md, .json or .xml", path);
}

int take_report(const char *value, void *member, struct error *error)
{
    enum compare_format format;
    const int failure = compare_format_of(value, &format, error);
    if (!failure)
        text_append(member, "%s\n", value);
    return failure;
}

void compare_request_free(struct compare_request *request)
{
    filter_free(&request->filter);
    text_free(&request->reports);
}
