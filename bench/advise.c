/* ipcbench advise FILE: the ranked choices for a workload, on the hardware of a result file. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "bench/wrap.h"
#include "results/finding_cells.h"
#include "results/findings.h"
#include "results/json.h"
#include "results/run.h"

/* Choices with their reasons; the others are a line each, or with --all too. */
enum { REASONED_MOST = 5, INDENT = 6 };

/* --- what was asked ---------------------------------------------------------------------------- */

struct advise_request {
    struct advice_request wanted;
    double cpu_share_most; /* 0: any */
    bool has_aim;
    bool json;
    bool all;
};

static int take_size(const char *value, void *member, struct error *error)
{
    uint64_t *const bytes = member;
    const int failure = units_parse_bytes(value, bytes, error);
    if (!failure && !*bytes)
        return error_plain(error, "'%s': a message has at least 1 byte", value);
    return failure;
}

static int take_workload(const char *value, void *member, struct error *error)
{
    enum workload *const workload = member;
    for (int index = 0; index < WORKLOADS; ++index) {
        *workload = (enum workload)index;
        if (!strcmp(value, workload_name(*workload)))
            return 0;
    }
    return error_plain(error, "'%s': request-reply, stream or events", value);
}

static int take_aim(const char *value, void *member, struct error *error)
{
    enum aim *const aim = &((struct advise_request *)member)->wanted.aim;
    ((struct advise_request *)member)->has_aim = true;
    for (int index = 0; index < AIMS; ++index) {
        *aim = (enum aim)index;
        if (!strcmp(value, aim_name(*aim)))
            return 0;
    }
    return error_plain(error, "'%s': p50, p99, throughput or cpu", value);
}

static int take_share(const char *value, void *member, struct error *error)
{
    const size_t digits = strspn(value, "0123456789.");
    char *end = NULL;
    const double percent = digits ? strtod(value, &end) : 0;
    if (!(percent > 0) || percent > 100 || end != value + digits || (*end && strcmp(end, "%") != 0))
        return error_plain(error, "'%s': a share such as 20%%, over 0 and up to 100", value);
    *(double *)member = percent / 100;
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

static int advise(void *request, const struct command_words *words, struct error *error)
{
    struct advise_request *const wanted = request;
    struct run run = {0};
    struct text out = {0};
    if (!wanted->has_aim && wanted->wanted.workload == WORKLOAD_STREAM)
        wanted->wanted.aim = AIM_THROUGHPUT;
    int failure =
        words->count == 1
            ? 0
            : error_plain(error, "one result file is expected; see ipcbench advise --help");
    if (!failure)
        failure = run_load(words->values[0], &run, error);
    if (!failure && write_advice(wanted, &run, &out, error)) {
        error_prefix(error, "%s: ", words->values[0]);
        failure = error->code;
    }
    if (failure)
        error_prefix(error, "advise: ");
    else
        failure = output_write(&out, error);
    text_free(&out);
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static const struct command_choice workloads[] = {
    {"request-reply", "an answer to each message"},
    {"stream", "as many as possible"},
    {"events", "messages that come when they come (paced, oneway, burst; throughput: load)"},
    {0},
};

static const struct command_option options[] = {
    {.name = "size",
     .value = "4K",
     .text = "of a message (64, or the nearest to it)",
     .take = take_size,
     .member = offsetof(struct advise_request, wanted.size_bytes)},
    {.name = "pattern",
     .value = "NAME",
     .choices = workloads,
     .text = "of the workload:",
     .take = take_workload,
     .member = offsetof(struct advise_request, wanted.workload)},
    {.name = "optimise",
     .value = "p50|p99|throughput|cpu",
     .text = "of what the best is wanted (p50; streams: throughput). cpu is CPU time per message",
     .take = take_aim},
    {.name = "optimize", .value = "NAME", .text = "the same, otherwise spelt", .take = take_aim},
    {.name = "max-cpu",
     .value = "20%",
     .text =
         "leaves out what keeps the CPUs of its two processes busier than this; what spins takes "
         "100 %",
     .take = take_share,
     .member = offsetof(struct advise_request, cpu_share_most)},
    {.name = "all",
     .text = "the reasons of all choices, not of the first five alone",
     .take = take_flag,
     .member = offsetof(struct advise_request, all)},
    {.name = "json",
     .text = "the same as JSON",
     .take = take_flag,
     .member = offsetof(struct advise_request, json)},
};

const struct command command_advise = {
    .name = "advise",
    .summary = "which transport for a workload, by a result file",
    .synopsis = "ipcbench advise FILE [options]",
    .about = "Which transport for a workload, on the machine of a result file? The choices, best "
             "first, each with its figure, what it costs, and what to mind.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error, or the file has no such figures.",
    .examples =
        "ipcbench advise run.json\n"
        "ipcbench advise run.json --size 4K --pattern stream --max-cpu 80%\n"
        "ipcbench advise run.json --pattern events --optimise p99 --json | jq '.choices[0]'",
    .request_bytes = sizeof(struct advise_request),
    .run = advise,
};
