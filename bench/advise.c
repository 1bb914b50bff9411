/* ipcbench advise FILE: the ranked choices for a workload, on the hardware of a result file. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/output.h"
#include "bench/verbs.h"
#include "bench/wrap.h"
#include "results/finding_cells.h"
#include "results/findings.h"
#include "results/json.h"
#include "results/run.h"

/* Choices with their reasons; the others are a line each, or with --all too. */
enum { REASONED_MOST = 5, INDENT = 6 };

/* --- what was asked ---------------------------------------------------------------------------- */

struct advise_request {
    const char *path;
    struct advice_request wanted;
    double cpu_share_most; /* 0: any */
    bool has_aim;
    bool json;
    bool all;
    bool help;
};

enum {
    OPTION_SIZE = 256,
    OPTION_PATTERN,
    OPTION_OPTIMISE,
    OPTION_MAX_CPU,
    OPTION_JSON,
    OPTION_ALL
};

static const struct option long_options[] = {
    {"size", required_argument, NULL, OPTION_SIZE},
    {"pattern", required_argument, NULL, OPTION_PATTERN},
    {"optimise", required_argument, NULL, OPTION_OPTIMISE},
    {"optimize", required_argument, NULL, OPTION_OPTIMISE},
    {"max-cpu", required_argument, NULL, OPTION_MAX_CPU},
    {"json", no_argument, NULL, OPTION_JSON},
    {"all", no_argument, NULL, OPTION_ALL},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int parse_size(const char *value, uint64_t *bytes, struct error *error)
{
    const int failure = units_parse_bytes(value, bytes, error);
    if (!failure && !*bytes)
        return error_plain(error, "'%s': a message has at least 1 byte", value);
    return failure;
}

static int parse_workload(const char *value, enum workload *workload, struct error *error)
{
    for (int index = 0; index < WORKLOADS; ++index) {
        *workload = (enum workload)index;
        if (!strcmp(value, workload_name(*workload)))
            return 0;
    }
    return error_plain(error, "'%s': request-reply, stream or events", value);
}

static int parse_aim(const char *value, enum aim *aim, struct error *error)
{
    for (int index = 0; index < AIMS; ++index) {
        *aim = (enum aim)index;
        if (!strcmp(value, aim_name(*aim)))
            return 0;
    }
    return error_plain(error, "'%s': p50, p99, throughput or cpu", value);
}

static int parse_share(const char *value, double *share, struct error *error)
{
    const size_t digits = strspn(value, "0123456789.");
    char *end = NULL;
    const double percent = digits ? strtod(value, &end) : 0;
    if (!(percent > 0) || percent > 100 || end != value + digits || (*end && strcmp(end, "%") != 0))
        return error_plain(error, "'%s': a share such as 20%%, over 0 and up to 100", value);
    *share = percent / 100;
    return 0;
}

static int take(int option, struct advise_request *request, struct error *error)
{
    switch (option) {
    case OPTION_SIZE:
        return parse_size(optarg, &request->wanted.size_bytes, error);
    case OPTION_PATTERN:
        return parse_workload(optarg, &request->wanted.workload, error);
    case OPTION_OPTIMISE:
        request->has_aim = true;
        return parse_aim(optarg, &request->wanted.aim, error);
    case OPTION_MAX_CPU:
        return parse_share(optarg, &request->cpu_share_most, error);
    case OPTION_JSON:
        request->json = true;
        return 0;
    case OPTION_ALL:
        request->all = true;
        return 0;
    default:
        request->help = true;
        return 0;
    }
}

static int parse(int argc, char **argv, struct advise_request *request, struct error *error)
{
    int option, index = -1;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", long_options, &index)) != -1) {
        if (option == ':' || option == '?')
            return error_plain(error, "advise: %s: %s; see ipcbench advise --help",
                               argv[optind - 1],
                               option == ':' ? "a value is missing" : "unknown option");
        if (take(option, request, error)) {
            error_prefix(error, "advise: --%s: ", index < 0 ? "help" : long_options[index].name);
            return -EINVAL;
        }
    }
    if (request->help)
        return 0;
    if (argc - optind != 1)
        return error_plain(error,
                           "advise: one result file is expected; see ipcbench advise --help");
    request->path = argv[optind];
    if (!request->has_aim && request->wanted.workload == WORKLOAD_STREAM)
        request->wanted.aim = AIM_THROUGHPUT;
    return 0;
}

/* --- words ------------------------------------------------------------------------------------- */

static const char *describe_aim(const struct advice *advice)
{
    static const char *const words[AIMS] = {
        [AIM_P50] = "shortest median (p50)",
        [AIM_P99] = "shortest 99th percentile (p99 of single trials)",
        [AIM_THROUGHPUT] = "highest rate",
        [AIM_CPU] = "least CPU time per message",
    };
    return words[advice->aim];
}

/* "64 B, 4 KiB" */
static void write_sizes(const struct findings *findings, const struct advice *like,
                        struct text *out)
{
    const char *link = "";
    for (size_t index = 0; index < findings->advice_count; ++index) {
        const struct advice *const advice = &findings->advice[index];
        if (advice->workload != like->workload || advice->aim != like->aim)
            continue;
        text_append(out, "%s%s", link, units_bytes(advice->size_bytes).text);
        link = ", ";
    }
}

static void write_nearest(const struct findings *findings, uint64_t wanted_bytes,
                          const struct advice *advice, struct text *out)
{
    struct text words = {0};
    text_append(&words, "%s was not measured for %s; there is ", units_bytes(wanted_bytes).text,
                workload_name(advice->workload));
    write_sizes(findings, advice, &words);
    text_append(&words, ". What follows is of %s, the nearest: another size may rank otherwise.",
                units_bytes(advice->size_bytes).text);
    wrap_write(text_string(&words), 0, 0, out);
    out->failed |= words.failed;
    text_free(&words);
}

static void write_heading(const struct findings *findings, const struct advise_request *request,
                          const struct advice *advice, struct text *out)
{
    if (request->wanted.size_bytes && request->wanted.size_bytes != advice->size_bytes)
        write_nearest(findings, request->wanted.size_bytes, advice, out);
    text_append(out, "%s, %s: %s\n", workload_name(advice->workload), describe_aim(advice),
                advice->setting);
    if (advice->left_out)
        text_append(out, "left out: %zu of %zu take more than %.3g %% of their CPUs%s\n",
                    advice->left_out, advice->left_out + advice->count,
                    100 * request->cpu_share_most,
                    advice->workload == WORKLOAD_EVENTS ? ", or it is not known how much" : "");
    if (advice->without_figure)
        text_append(out, "left out: %zu have no such figure (too few messages in a trial)\n",
                    advice->without_figure);
    if (!advice->count && advice->thriftiest)
        text_append(out, "nothing is left; the least is %.0f %%, by %s\n",
                    100 * advice->least_cpu_share, finding_name(advice->thriftiest).text);
}

static void write_name(const struct choice *choice, struct text *out)
{
    char place[24] = "-";
    if (choice->place)
        snprintf(place, sizeof(place), "%zu%s", choice->place, choice->tied ? "=" : "");
    text_append(out, "%-*s%s\n", INDENT - 2, place, finding_name(choice->cell).text);
}

static void write_line(const char *line, struct text *out)
{
    text_append(out, "%*s", INDENT, "");
    wrap_write(line, INDENT + 2, INDENT, out);
}

static void write_choices(const struct advice *advice, bool all, struct text *out)
{
    bool tied = false;
    for (size_t index = 0; index < advice->count; ++index) {
        const struct choice *const choice = &advice->choices[index];
        const bool reasoned = all || index < REASONED_MOST;
        text_append(out, reasoned || index == REASONED_MOST ? "\n" : "");
        write_name(choice, out);
        for (size_t line = 0; line < (reasoned ? CHOICE_LINES : 1); ++line)
            write_line(choice->lines[line], out);
        tied |= choice->tied;
    }
    if (tied)
        text_append(out, "\n= these trials do not tell those of one place apart: choose by what "
                         "they cost and what to mind\n");
}

static void write_noise(const struct findings *findings, struct text *out)
{
    for (size_t index = 0; index < findings->statement_count; ++index) {
        if (!strcmp(findings->statements[index].topic, FINDINGS_TOPIC_QUIET)) {
            text_append(out, "\n");
            wrap_write(findings->statements[index].text, 0, 0, out);
        }
    }
}

static int write_advice(const struct advise_request *request, const struct run *run,
                        struct text *out, struct error *error)
{
    struct findings findings;
    int failure = findings_advise(run, request->cpu_share_most, &findings, error);
    if (failure)
        return failure;
    const struct advice *const advice = advice_find(&findings, &request->wanted, error);
    if (!advice) {
        failure = -EINVAL;
    } else if (request->json) {
        failure = advice_write_json(&request->wanted, advice, out, error);
    } else {
        write_heading(&findings, request, advice, out);
        write_choices(advice, request->all, out);
        write_noise(&findings, out);
    }
    findings_free(&findings);
    return failure;
}

int verb_advise(int argc, char **argv, struct error *error)
{
    struct advise_request request = {0};
    if (parse(argc, argv, &request, error))
        return EXIT_USAGE;
    if (request.help) {
        fputs(help_text("advise"), stdout);
        return EXIT_FINE;
    }
    struct run run = {0};
    struct text out = {0};
    int failure = run_load(request.path, &run, error);
    if (!failure) {
        failure = write_advice(&request, &run, &out, error);
        if (failure)
            error_prefix(error, "%s: ", request.path);
    }
    if (failure)
        error_prefix(error, "advise: ");
    else
        failure = output_write(&out, error);
    text_free(&out);
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}
