/* ipcbench compare BASE NEW: the files, the report, the exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/compare_print.h"
#include "bench/config.h"
#include "bench/newest.h"
#include "results/baseline.h"
#include "results/json.h"
#include "results/run.h"

struct compare_files_request {
    struct compare_request compare;
    const char *baseline; /* a name, or NULL */
};

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

static int load_files(const struct compare_files_request *request, char **names,
                      struct files *files, struct error *error)
{
    int failure = 0;
    if (!request->baseline)
        text_append(&files->base_path, "%s", *names++);
    if (*names)
        text_append(&files->now_path, "%s", *names);
    else
        failure = newest_result(&files->now_path, "to compare", error);
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

static int compare_files(const struct compare_request *request, const struct files *files,
                         int *status, struct error *error)
{
    struct comparison comparison;
    int failure = compare_runs(&files->base, &files->now, &request->options, &comparison, error);
    if (failure)
        return failure;
    comparison.base_name = text_string(&files->base_path);
    comparison.now_name = text_string(&files->now_path);
    failure = compare_print(request, &comparison, error);
    *status = compare_status(&comparison);
    compare_free(&comparison);
    return failure;
}

static void prepare(void *request)
{
    ((struct compare_files_request *)request)->compare.options = compare_defaults();
}

static void release(void *request)
{
    compare_request_free(&((struct compare_files_request *)request)->compare);
}

static int check_words(const struct compare_files_request *request,
                       const struct command_words *words, struct error *error)
{
    if (words->count == 2 - (request->baseline != NULL) || (request->baseline && words->count == 0))
        return 0;
    return error_plain(error, request->baseline
                                  ? "with --baseline at most one result file is expected"
                                  : "two result files are expected, BASE and NEW");
}

static int compare(void *request, const struct command_words *words, struct error *error)
{
    struct compare_files_request *const wanted = request;
    struct files files = {0};
    int status = EXIT_USAGE;
    wanted->compare.options.filter = filter_regex(&wanted->compare.filter);
    int failure = check_words(wanted, words, error);
    if (!failure)
        failure = load_files(wanted, words->values, &files, error);
    if (!failure)
        failure = compare_files(&wanted->compare, &files, &status, error);
    if (failure) {
        error_prefix(error, "compare: ");
        status = EXIT_USAGE;
    }
    free_files(&files);
    return status;
}

static const struct command_option options[] = {
    COMPARE_REQUEST_OPTIONS,
    {.name = "filter",
     .letter = 'f',
     .value = "REGEX",
     .text = "only cells whose id matches",
     .take = take_filter,
     .member = offsetof(struct compare_files_request, compare.filter)},
    {.name = "allow-different",
     .text = "although machine or parameters differ; lists what does",
     .take = take_flag,
     .member = offsetof(struct compare_files_request, compare.options.allow_different)},
    {.name = "baseline",
     .value = "NAME",
     .text = "instead of BASE; IPCBENCH_BASELINES names another folder than results/baseline",
     .take = take_baseline_name,
     .member = offsetof(struct compare_files_request, baseline)},
};

const struct command command_compare = {
    .name = "compare",
    .summary = "did it get slower? two result files, cell by cell",
    .synopsis = "ipcbench compare [options] BASE NEW\n"
                "ipcbench compare [options] --baseline NAME [NEW]",
    .about = "Did it get slower? Two result files, cell by cell; or a baseline of this machine "
             "(ipcbench run --save-baseline NAME) and NEW, without which the newest file in "
             "results/runs is taken.\n"
             "\n"
             "A cell regressed if its trials are significantly slower than BASE's (Mann-Whitney, "
             "corrected for the number of figures) AND by more than the threshold AND by more than "
             "its own noise; it is unchanged if the whole 95 % interval of the ratio lies within "
             "the threshold; else it could not be decided, and more trials might tell.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 1 a cell regressed, 2 usage or file error, 3 not comparable, 4 a cell "
                "failed that did not in BASE.",
    .examples = "ipcbench compare before.json after.json\n"
                "ipcbench compare -f 'pingpong/.*/64/' --metric p50,p99 before.json after.json\n"
                "ipcbench run --suite quick --save-baseline main\n"
                "ipcbench run --suite quick; ipcbench compare --baseline main\n"
                "ipcbench compare --format junit before.json after.json >compare.xml",
    .request_bytes = sizeof(struct compare_files_request),
    .prepare = prepare,
    .release = release,
    .run = compare,
};
