/* ipcbench findings FILE: what a result file says, in sentences. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "bench/wrap.h"
#include "results/finding_cells.h"
#include "results/findings.h"
#include "results/json.h"
#include "results/run.h"

/* Cells that are named before "and N more"; --json and --all name all. */
enum { NAMED_MOST = 4, INDENT = 2, VERDICT_COLUMNS = 14 };

static void write_evidence(const struct evidence *evidence, bool all, size_t indent,
                           struct text *out)
{
    struct text line = {0};
    if (!evidence->count)
        return;
    text_append(&line, "[");
    for (size_t index = 0; index < evidence->count; ++index) {
        if (!all && index == NAMED_MOST) {
            text_append(&line, " and %zu more", evidence->count - index);
            break;
        }
        text_append(&line, "%s%s", index ? ", " : "", evidence->cells[index]->id);
    }
    text_append(&line, "]");
    if (line.data)
        text_clean(line.data);
    text_append(out, "%*s", (int)indent, "");
    wrap_write(text_string(&line), indent, indent, out);
    out->failed |= line.failed;
    text_free(&line);
}

static void write_statements(const struct findings *findings, bool all, struct text *out)
{
    const char *topic = "";
    text_append(out, "What this machine says\n");
    for (size_t index = 0; index < findings->statement_count; ++index) {
        const struct statement *const statement = &findings->statements[index];
        if (strcmp(topic, statement->topic) != 0)
            text_append(out, "\n%s\n", statement->topic);
        topic = statement->topic;
        text_append(out, "%*s", INDENT, "");
        wrap_write(statement->text, INDENT, INDENT, out);
        write_evidence(&statement->evidence, all, INDENT, out);
    }
    if (!findings->statement_count)
        text_append(out, "  nothing: no two cells that could be compared\n");
}

static void write_beliefs(const struct findings *findings, bool all, struct text *out)
{
    text_append(out, "\nCommon beliefs\n");
    for (size_t index = 0; index < findings->belief_count; ++index) {
        const struct belief_finding *const finding = &findings->beliefs[index];
        text_append(out, "\n%-*s%s\n%*s", VERDICT_COLUMNS,
                    finding->depends ? "depends" : verdict_name(finding->verdict), finding->belief,
                    VERDICT_COLUMNS, "");
        wrap_write(finding->text, VERDICT_COLUMNS, VERDICT_COLUMNS, out);
        write_evidence(&finding->evidence, all, VERDICT_COLUMNS, out);
    }
}

struct findings_request {
    bool json;
    bool all;
};

static int write_findings(const struct findings_request *request, const struct run *run,
                          struct text *out, struct error *error)
{
    struct findings findings;
    int failure = findings_make(run, &findings, error);
    if (failure)
        return failure;
    if (request->json) {
        failure = findings_write_json(&findings, out, error);
    } else {
        write_statements(&findings, request->all, out);
        write_beliefs(&findings, request->all, out);
    }
    findings_free(&findings);
    return failure;
}

static int show_findings(void *request, const struct command_words *words, struct error *error)
{
    struct run run = {0};
    struct text out = {0};
    int failure = words->count == 1 ? 0
                                    : error_plain(error, "one result file is expected; see "
                                                         "ipcbench findings --help");
    if (!failure)
        failure = run_load(words->values[0], &run, error);
    if (!failure)
        failure = write_findings(request, &run, &out, error);
    if (failure)
        error_prefix(error, "findings: ");
    else
        failure = output_write(&out, error);
    text_free(&out);
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static const struct command_option options[] = {
    {.name = "all",
     .text = "names all cells that a sentence rests on",
     .take = take_flag,
     .member = offsetof(struct findings_request, all)},
    {.name = "json",
     .text = "statements, beliefs and all advice",
     .take = take_flag,
     .member = offsetof(struct findings_request, json)},
};

const struct command command_findings = {
    .name = "findings",
    .summary = "what a result file says, in sentences, and about common beliefs",
    .synopsis = "ipcbench findings FILE [--json] [--all]",
    .about =
        "What a result file says, in sentences: the fastest for small and large messages, what "
        "spinning, huge pages and madvise changed; and what it says about common beliefs, each "
        "confirmed, refuted, undecided (by these trials) or not measured. What trials do not "
        "tell apart is not told apart here. See docs/advise.md.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error.",
    .examples =
        "ipcbench run && ipcbench findings results/runs/20260102-030405-default.json\n"
        "ipcbench findings run.json --json | jq -r '.beliefs[] | [.verdict, .belief] | @tsv'",
    .request_bytes = sizeof(struct findings_request),
    .run = show_findings,
};
