/* ipcbench findings FILE: what a result file says, in sentences. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/output.h"
#include "bench/verbs.h"
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
        finding_clean(line.data);
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
    const char *path;
    bool json;
    bool all;
    bool help;
};

static int parse(int argc, char **argv, struct findings_request *request, struct error *error)
{
    static const struct option long_options[] = {
        {"json", no_argument, NULL, 'j'},
        {"all", no_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        if (option == 'j')
            request->json = true;
        else if (option == 'a')
            request->all = true;
        else if (option == 'h')
            request->help = true;
        else
            return error_plain(error, "findings: %s: unknown option; see ipcbench findings --help",
                               argv[optind - 1]);
    }
    if (request->help)
        return 0;
    if (argc - optind != 1)
        return error_plain(error,
                           "findings: one result file is expected; see ipcbench findings --help");
    request->path = argv[optind];
    return 0;
}

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

int verb_findings(int argc, char **argv, struct error *error)
{
    struct findings_request request = {0};
    if (parse(argc, argv, &request, error))
        return EXIT_USAGE;
    if (request.help) {
        fputs(help_text("findings"), stdout);
        return EXIT_FINE;
    }
    struct run run = {0};
    if (run_load(request.path, &run, error)) {
        error_prefix(error, "findings: ");
        return EXIT_USAGE;
    }
    struct text out = {0};
    int failure = write_findings(&request, &run, &out, error);
    if (!failure)
        failure = output_write(&out, error);
    text_free(&out);
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}
