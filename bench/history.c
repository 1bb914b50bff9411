/* ipcbench history: figures of many runs, and what became of them. */
#include "bench/history.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/output.h"
#include "bench/verbs.h"
#include "results/history.h"
#include "results/json.h"
#include "results/run.h"

/* Options by letter, as getopt_long gives them. */
enum {
    OPTION_HISTORY = 'H',
    OPTION_SINCE = 's',
    OPTION_MACHINE = 'm',
    OPTION_METRIC = 'M',
    OPTION_LAST = 'l',
    OPTION_JSON = 'j',
    OPTION_FILTER = 'f',
    OPTION_HELP = 'h'
};

static const struct option long_options[] = {
    {"history", required_argument, NULL, OPTION_HISTORY},
    {"filter", required_argument, NULL, OPTION_FILTER},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"machine", required_argument, NULL, OPTION_MACHINE},
    {"metric", required_argument, NULL, OPTION_METRIC},
    {"last", required_argument, NULL, OPTION_LAST},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {0},
};

static int add_files(struct history *history, struct history_request *request, struct error *error);

static const struct part {
    const char *name;
    const char *options; /* the letters it takes besides --history */
    enum history_mode mode;
    size_t arguments_least, arguments_most;
    const char *arguments; /* what these are */
    int (*run)(struct history *history, struct history_request *request, struct error *error);
} parts[] = {
    {"add", "", HISTORY_WRITE, 1, (size_t)-1, "result files are", add_files},
    {"show", "fsmMlj", HISTORY_READ, 0, 0, "no argument is", history_show},
    {"trend", "smMlj", HISTORY_READ, 1, 1, "one cell is", history_trend},
    {"changes", "fsmMlj", HISTORY_READ, 0, 0, "no argument is", history_show_changes},
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

static int parse_machine(const char *text, struct history_query *query, struct error *error)
{
    const size_t length = strlen(text);

    query->machine = text;
    if (length > 0 && length <= 16 && strspn(text, "0123456789abcdef") == length)
        return 0;
    return error_plain(error,
                       "--machine: '%.60s' is no fingerprint: up to 16 digits of 0-9a-f, as "
                       "history show prints them",
                       text);
}

static int parse_metric(const char *text, struct history_query *query, struct error *error)
{
    query->metrics = 0;
    if (strcmp(text, "main") == 0)
        return 0;
    for (int metric = 0; metric < HISTORY_METRICS; metric++) {
        if (strcmp(text, "all") == 0 ||
            strcmp(text, history_metric_name((enum history_metric)metric)) == 0)
            query->metrics |= 1U << metric;
    }
    return query->metrics
               ? 0
               : error_plain(error, "--metric: '%.60s': main, p50, p99, rate or all", text);
}

static int parse_last(const char *text, struct history_query *query, struct error *error)
{
    uint64_t count;

    int failed = units_parse_count(text, &count, error);
    if (!failed && (count < 1 || count > 1000000))
        failed = error_plain(error, "'%.60s': 1 to 1000000 runs", text);
    if (failed)
        error_prefix(error, "--last: ");
    else
        query->last = (size_t)count;
    return failed;
}

static int parse_filter(const char *text, struct history_query *query, regex_t *filter,
                        struct error *error)
{
    char reason[128];

    if (query->filter)
        regfree(filter);
    query->filter = NULL;
    const int refused = regcomp(filter, text, REG_EXTENDED | REG_NOSUB);
    if (!refused) {
        query->filter = filter;
        return 0;
    }
    regerror(refused, filter, reason, sizeof reason);
    return error_plain(error, "--filter: '%.60s': %s", text, reason);
}

static int parse_option(int option, struct history_request *request, regex_t *filter,
                        struct error *error)
{
    struct history_query *const query = &request->query;
    int failed;

    switch (option) {
    case OPTION_HISTORY:
        request->path = optarg;
        return 0;
    case OPTION_FILTER:
        return parse_filter(optarg, query, filter, error);
    case OPTION_SINCE:
        failed = date_parse(optarg, &query->since_s, error);
        if (failed)
            error_prefix(error, "--since: ");
        return failed;
    case OPTION_MACHINE:
        return parse_machine(optarg, query, error);
    case OPTION_METRIC:
        return parse_metric(optarg, query, error);
    case OPTION_LAST:
        return parse_last(optarg, query, error);
    case OPTION_JSON:
        request->as_json = true;
        return 0;
    default:
        request->help = true;
        return 0;
    }
}

static int parse(const struct part *part, int argc, char **argv, struct history_request *request,
                 regex_t *filter, struct error *error)
{
    int failed = 0;

    opterr = 0;
    optind = 0;
    while (!failed) {
        const int word = optind ? optind : 1;
        const int option = getopt_long(argc, argv, ":f:h", long_options, NULL);
        if (option < 0)
            break;
        const bool known = option == OPTION_HISTORY || option == OPTION_HELP ||
                           strchr(part->options, option) != NULL;
        if (option == ':' || option == '?' || !known)
            return error_plain(error, "%s option %s; see ipcbench history --help",
                               option == ':' ? "a value is needed by" : "unknown",
                               option == ':'                         ? argv[optind - 1]
                               : word < argc && argv[word][0] == '-' ? argv[word]
                                                                     : argv[optind - 1]);
        failed = parse_option(option, request, filter, error);
    }
    request->arguments = argv + optind;
    request->argument_count = (size_t)(argc - optind);
    if (!failed && !request->help &&
        (request->argument_count < part->arguments_least ||
         request->argument_count > part->arguments_most))
        failed = error_plain(error, "%s expected; see ipcbench history --help", part->arguments);
    return failed;
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

static int carry_out(const struct part *part, struct history_request *request, struct error *error)
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

static int run_part(const struct part *part, int argc, char **argv, struct error *error)
{
    struct history_request request = {0};
    regex_t filter;
    int status = EXIT_USAGE;

    if (!parse(part, argc, argv, &request, &filter, error)) {
        if (request.help)
            fputs(help_text("history"), stdout);
        status = request.help ? EXIT_FINE : carry_out(part, &request, error);
    }
    if (error->code)
        error_prefix(error, "history %s: ", part->name);
    if (request.query.filter)
        regfree(&filter);
    return status;
}

int verb_history(int argc, char **argv, struct error *error)
{
    if (argc < 2) {
        error_plain(error, "history: add, show, trend or changes; see ipcbench history --help");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(help_text("history"), stdout);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(argv[1], parts[i].name) == 0)
            return run_part(&parts[i], argc - 1, argv + 1, error);
    }
    error_plain(error,
                "history: no '%.60s': add, show, trend or changes; see ipcbench history --help",
                argv[1]);
    return EXIT_USAGE;
}
