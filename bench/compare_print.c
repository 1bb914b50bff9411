#include "bench/compare_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/compare_text.h"
#include "bench/output.h"
#include "results/compare_report.h"

static int write_report(const struct comparison *comparison, enum compare_format format,
                        const struct compare_text_style *style, struct text *out,
                        struct error *error)
{
    switch (format) {
    case COMPARE_FORMAT_MARKDOWN:
        return compare_write_markdown(comparison, style->all, out, error);
    case COMPARE_FORMAT_JSON:
        return compare_write_json(comparison, out, error);
    case COMPARE_FORMAT_JUNIT:
        return compare_write_junit(comparison, out, error);
    default:
        return compare_write_text(comparison, style, out, error);
    }
}

static int save(const struct compare_request *request, const struct comparison *comparison,
                const char *path, struct error *error)
{
    const struct compare_text_style style = {.all = request->all};
    enum compare_format format;
    struct text report = {0};
    int failure = compare_format_of(path, &format, error);
    if (!failure)
        failure = write_report(comparison, format, &style, &report, error);
    if (!failure)
        failure = file_make_parents(path, error);
    if (!failure)
        failure = file_write_atomic(path, text_string(&report), report.length, error);
    text_free(&report);
    return failure;
}

/* Each by itself: one that cannot be written does not cost the others. */
static int save_all(const struct compare_request *request, const struct comparison *comparison,
                    struct error *error)
{
    char *paths = strdup(text_string(&request->reports));
    char *rest = NULL;
    int result = paths ? 0 : error_system(error, ENOMEM, "--report");
    for (char *path = paths ? strtok_r(paths, "\n", &rest) : NULL; path;
         path = strtok_r(NULL, "\n", &rest)) {
        const int failure = save(request, comparison, path, result ? NULL : error);
        result = result ? result : failure;
    }
    free(paths);
    return result;
}

int compare_print(const struct compare_request *request, const struct comparison *comparison,
                  struct error *error)
{
    const struct compare_text_style style = {.all = request->all, .colour = output_wants_colour()};
    struct text report = {0};
    int failure = write_report(comparison, request->format, &style, &report, error);
    if (!failure)
        failure = output_write(&report, error);
    text_free(&report);
    const int unsaved = save_all(request, comparison, failure ? NULL : error);
    return failure ? failure : unsaved;
}

int compare_status(const struct comparison *comparison)
{
    static const int statuses[] = {
        [COMPARE_OUTCOME_NOT_COMPARABLE] = EXIT_NOT_COMPARABLE,
        [COMPARE_OUTCOME_FAILED] = EXIT_CELL_FAILED,
        [COMPARE_OUTCOME_REGRESSED] = EXIT_REGRESSED,
        [COMPARE_OUTCOME_FINE] = EXIT_FINE,
    };
    return statuses[compare_outcome(comparison)];
}
