/* ipcbench compare BASE NEW: the files, the report, the exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/compare_request.h"
#include "bench/compare_text.h"
#include "bench/newest.h"
#include "bench/output.h"
#include "bench/verbs.h"
#include "results/baseline.h"
#include "results/compare_report.h"
#include "results/json.h"
#include "results/run.h"

/* --- files ------------------------------------------------------------------------------------- */

/* The baseline of the machine that NEW was measured on. */
static int find_baseline(const struct run *now, const char *name, struct text *path,
                         struct error *error)
{
    const int failure = baseline_path(&now->machine, name, path, error);
    if (failure)
        return failure;
    return access(text_string(path), F_OK) ? baseline_missing(&now->machine, name, error) : 0;
}

struct files {
    struct text base_path, now_path;
    struct run base, now;
};

static int load_files(const struct compare_request *request, char **names, struct files *files,
                      struct error *error)
{
    int failure = 0;
    if (!request->baseline)
        text_append(&files->base_path, "%s", *names++);
    if (*names)
        text_append(&files->now_path, "%s", *names);
    else
        failure = newest_result(&files->now_path, error);
    if (!failure)
        failure = run_load(text_string(&files->now_path), &files->now, error);
    if (!failure && request->baseline)
        failure = find_baseline(&files->now, request->baseline, &files->base_path, error);
    if (!failure)
        failure = run_load(text_string(&files->base_path), &files->base, error);
    return failure;
}

static void free_files(struct files *files)
{
    text_free(&files->base_path);
    text_free(&files->now_path);
    run_free(&files->base);
    run_free(&files->now);
}

/* --- output ------------------------------------------------------------------------------------ */

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

static int compare_files(const struct compare_request *request, const struct files *files,
                         int *status, struct error *error)
{
    static const int statuses[] = {
        [COMPARE_OUTCOME_NOT_COMPARABLE] = EXIT_NOT_COMPARABLE,
        [COMPARE_OUTCOME_FAILED] = EXIT_CELL_FAILED,
        [COMPARE_OUTCOME_REGRESSED] = EXIT_REGRESSED,
        [COMPARE_OUTCOME_FINE] = EXIT_FINE,
    };
    struct comparison comparison;
    struct text report = {0};
    int failure = compare_runs(&files->base, &files->now, &request->options, &comparison, error);
    if (failure)
        return failure;
    comparison.base_name = text_string(&files->base_path);
    comparison.now_name = text_string(&files->now_path);
    *status = statuses[compare_outcome(&comparison)];
    failure = write_report(request, &comparison, &report, error);
    if (!failure)
        failure = output_write(&report, error);
    text_free(&report);
    compare_free(&comparison);
    return failure;
}

int verb_compare(int argc, char **argv, struct error *error)
{
    struct compare_request request;
    struct files files = {0};
    int status = EXIT_USAGE;
    int failure = compare_request_parse(&request, argc, argv, error);
    if (!failure && request.help) {
        fputs(help_text("compare"), stdout);
        status = EXIT_FINE;
    } else {
        if (!failure)
            failure = load_files(&request, argv + request.first_file, &files, error);
        if (!failure)
            failure = compare_files(&request, &files, &status, error);
    }
    if (failure) {
        error_prefix(error, "compare: ");
        status = EXIT_USAGE;
    }
    free_files(&files);
    compare_request_free(&request);
    return status;
}
