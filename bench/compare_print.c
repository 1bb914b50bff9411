#include "bench/compare_print.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "bench/command.h"
#include "bench/compare_text.h"
#include "bench/output.h"
#include "results/compare_report.h"

/* https://no-color.org: set and not empty. */
static bool wants_colour(void)
{
    const char *const no_colour = getenv("NO_COLOR");
    const char *const terminal = getenv("TERM");
    return !(no_colour && no_colour[0]) && terminal && strcmp(terminal, "dumb") != 0 &&
           isatty(STDOUT_FILENO);
}

static int write_report(const struct compare_request *request, const struct comparison *comparison,
                        struct text *out, struct error *error)
{
    const struct compare_text_style style = {.all = request->all, .colour = wants_colour()};
    switch (request->format) {
    case COMPARE_FORMAT_MARKDOWN:
        return compare_write_markdown(comparison, request->all, out, error);
    case COMPARE_FORMAT_JSON:
        return compare_write_json(comparison, out, error);
    case COMPARE_FORMAT_JUNIT:
        return compare_write_junit(comparison, out, error);
    default:
        return compare_write_text(comparison, &style, out, error);
    }
}

int compare_print(const struct compare_request *request, const struct comparison *comparison,
                  struct error *error)
{
    struct text report = {0};
    int failure = write_report(request, comparison, &report, error);
    if (!failure)
        failure = output_write(&report, error);
    text_free(&report);
    return failure;
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
