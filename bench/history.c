/* ipcbench history: figures of many runs, and what became of them. */
#include "bench/history.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "results/history.h"
#include "results/json.h"
#include "results/run.h"

static int add_files(struct history *history, struct history_request *request, struct error *error);

/* In the order of the command's parts. */
static const struct part {
    enum history_mode mode;
    int words_least, words_most;
    const char *words; /* what these are */
    int (*run)(struct history *history, struct history_request *request, struct error *error);
} parts[] = {
    {HISTORY_WRITE, 1, INT_MAX, "result files are", add_files},
    {HISTORY_READ, 0, 0, "no argument is", history_show},
    {HISTORY_READ, 1, 1, "one cell is", history_trend},
    {HISTORY_READ, 0, 0, "no argument is", history_show_changes},
};

/* Where the history lies if nobody says: appended to `path`. */
static int default_path(struct text *path, struct error *error)
{
    static const struct {
        const char *variable;
        const char *rest;
    } places[] = {
        {"IPCBENCH_HISTORY", ""},
        {"XDG_DATA_HOME", "/ipcbench/history.sqlite"},
        {"HOME", "/.local/share/ipcbench/history.sqlite"},
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *const value = getenv(places[i].variable);
        /* A relative XDG_DATA_HOME is to be ignored, says its specification. */
        if (!value || !value[0] || (i > 0 && value[0] != '/'))
            continue;
        text_append(path, "%s%s", value, places[i].rest);
        return 0;
    }
    return error_plain(error, "history: HOME is not set: say where it is with --history FILE");
}

static int take_since(const char *value, void *member, struct error *error)
{
    return date_parse(value, member, error);
}

static int take_machine(const char *value, void *member, struct error *error)
{
    const size_t length = strlen(value);

    *(const char **)member = value;
    if (length > 0 && length <= 16 && strspn(value, "0123456789abcdef") == length)
        return 0;
    return error_plain(
        error, "'%.60s' is no fingerprint: up to 16 digits of 0-9a-f, as history show prints them",
        value);
}

static int take_metric(const char *value, void *member, struct error *error)
{
    unsigned *const metrics = member;

    *metrics = 0;
    if (strcmp(value, "main") == 0)
        return 0;
    for (int metric = 0; metric < HISTORY_METRICS; metric++) {
        if (strcmp(value, "all") == 0 ||
            strcmp(value, history_metric_name((enum history_metric)metric)) == 0)
            *metrics |= 1U << metric;
    }
    return *metrics ? 0 : error_plain(error, "'%.60s': main, p50, p99, rate or all", value);
}

static int take_last(const char *value, void *member, struct error *error)
{
    uint64_t count;

    const int failed = units_parse_count(value, &count, error);
    if (failed)
        return failed;
    if (count < 1 || count > 1000000)
        return error_plain(error, "'%.60s': 1 to 1000000 runs", value);
    *(size_t *)member = (size_t)count;
    return 0;
}

/* Each file by itself: what is in stays in, whatever the next one is like. */
static int add_file(struct history *history, const char *path, struct error *error)
{
    static const char *const words[] = {
        [HISTORY_NEW] = "added",
        [HISTORY_KNOWN] = "known already",
        [HISTORY_EXTENDED] = "replaced: it has more trials than before",
    };
    struct run run = {0};
    struct text line = {0};
    enum history_added added = HISTORY_NEW;

    int failed = run_load(path, &run, error);
    if (failed)
        return failed;
    failed = history_add(history, &run, &added, error);
    if (failed)
        error_prefix(error, "%s: ", path);
    else
        text_append(&line, "%s: %s\n", path, words[added]);
    if (!failed)
        failed = output_write(&line, error);
    text_free(&line);
    run_free(&run);
    return failed;
}

static int add_files(struct history *history, struct history_request *request, struct error *error)
{
    int failed = 0;

    for (size_t i = 0; i < request->argument_count && !failed; i++)
        failed = add_file(history, request->arguments[i], error);
    return failed ? EXIT_USAGE : EXIT_FINE;
}

static int open_and_run(const struct part *part, struct history_request *request,
                        struct error *error)
{
    struct text path = {0};
    struct history *history = NULL;

    int failed = request->path ? 0 : default_path(&path, error);
    if (!failed)
        failed = history_open(request->path ? request->path : text_string(&path), part->mode,
                              &history, error);
    const int status = failed ? EXIT_USAGE : part->run(history, request, error);
    history_close(history);
    text_free(&path);
    return status;
}

static int run_part(void *given, const struct command_words *words, struct error *error)
{
    struct history_request *const request = given;
    const struct part *const part = &parts[words->part];
    int status = EXIT_USAGE;

    request->arguments = words->values;
    request->argument_count = (size_t)words->count;
    request->query.filter = filter_regex(&request->filter);
    if (words->count < part->words_least || words->count > part->words_most)
        error_plain(error, "%s expected; see ipcbench history --help", part->words);
    else
        status = open_and_run(part, request, error);
    if (error->code)
        error_prefix(error, "history %s: ", command_history.parts[words->part].name);
    return status;
}

static void release(void *request)
{
    filter_free(&((struct history_request *)request)->filter);
}

static const struct command_choice part_choices[] = {
    {"add", "keeps the figures of result files; one that is in already is left alone"},
    {"show", "the latest figure of each cell beside those before"},
    {"trend", "one cell's figures over time"},
    {"changes", "where the level of a cell changed, between which commits, and by how much "
                "(E-divisive, p at most 0.001 for each series)"},
    {0},
};

static const struct command_option options[] = {
    {.name = "history",
     .value = "FILE",
     .text = "an SQLite database; add makes it. Default: IPCBENCH_HISTORY, or "
             "ipcbench/history.sqlite in XDG_DATA_HOME (~/.local/share)",
     .take = take_path,
     .member = offsetof(struct history_request, path)},
    {.name = "filter",
     .letter = 'f',
     .value = "REGEX",
     .parts = "show changes",
     .text = "show, changes: only cells whose id matches",
     .take = take_filter,
     .member = offsetof(struct history_request, filter)},
    {.name = "since",
     .value = "DATE",
     .parts = "show trend changes",
     .text = "runs from then on: 2026-01-31 or 2026-01-31T12:00:00Z",
     .take = take_since,
     .member = offsetof(struct history_request, query.since_s)},
    {.name = "machine",
     .value = "FP",
     .parts = "show trend changes",
     .text = "only machines whose fingerprint starts so (show prints them)",
     .take = take_machine,
     .member = offsetof(struct history_request, query.machine)},
    {.name = "metric",
     .value = "main|p50|p99|rate|all",
     .parts = "show trend changes",
     .text = "main: p50 of times, rate of streams",
     .take = take_metric,
     .member = offsetof(struct history_request, query.metrics)},
    {.name = "last",
     .value = "N",
     .parts = "show trend changes",
     .text = "only the last N runs (show 20, trend all, changes 500 of at most 2000: its time "
             "grows with the square)",
     .take = take_last,
     .member = offsetof(struct history_request, query.last)},
    {.name = "json",
     .parts = "show trend changes",
     .text = "all of it as JSON; trend: with the figures of every trial",
     .take = take_flag,
     .member = offsetof(struct history_request, as_json)},
};

const struct command command_history = {
    .name = "history",
    .summary = "the figures of many runs: trends, and where levels changed",
    .synopsis = "ipcbench history add [--history FILE] FILE...\n"
                "ipcbench history show|changes [options]\n"
                "ipcbench history trend [options] CELL",
    .about = "Figures of many runs in one place. Those of one machine never meet those of another: "
             "see docs/history.md.",
    .parts = part_choices,
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error, or nothing fits.",
    .examples = "ipcbench history add results/runs/*.json\n"
                "ipcbench history show -f '^pingpong/.*/64/'\n"
                "ipcbench history trend pingpong/pipe/64/same-cache --metric p99\n"
                "ipcbench history changes --since 2026-01-01",
    .request_bytes = sizeof(struct history_request),
    .release = release,
    .run = run_part,
};
