/* ipcbench export: a result file in the format of another tool. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/filter.h"
#include "bench/output.h"
#include "results/export.h"
#include "results/json.h"
#include "results/run.h"

struct export_request {
    const char *format;
    struct filter filter;
    const char *output; /* NULL: standard output */
};

/* The cells whose id matches, in *cells, which the caller frees; none is an error. */
static int choose_cells(const struct run *run, const struct filter *filter,
                        const struct run_cell ***cells, size_t *count, struct error *error)
{
    *count = 0;
    *cells = calloc(run->cell_count + 1, sizeof(**cells));
    if (!*cells)
        return error_system(error, ENOMEM, "choosing cells");
    for (size_t index = 0; index < run->cell_count; ++index) {
        if (filter_matches(filter, run->cells[index].id))
            (*cells)[(*count)++] = &run->cells[index];
    }
    if (*count == 0 && filter->text)
        return error_plain(error, "--filter: no cell of %zu matches '%.80s'", run->cell_count,
                           filter->text);
    return 0;
}

static int write_document(const struct export_request *request, const struct text *document,
                          struct error *error)
{
    if (!request->output || strcmp(request->output, "-") == 0)
        return output_write(document, error);
    const int failure = file_make_parents(request->output, error);
    return failure
               ? failure
               : file_write_atomic(request->output, text_string(document), document->length, error);
}

static int export_run(const struct export_request *request, const struct export_format *format,
                      const char *path, const struct run *run, struct error *error)
{
    const struct run_cell **cells = NULL;
    size_t count = 0;
    struct text document = {0};
    int failure = choose_cells(run, &request->filter, &cells, &count, error);
    if (!failure) {
        const struct export_source source = {run, cells, count};
        failure = format->write(&source, &document, error);
        if (failure)
            error_prefix(error, "%s: ", path);
    }
    if (!failure)
        failure = write_document(request, &document, error);
    text_free(&document);
    free(cells);
    return failure;
}

static int carry_out(const struct export_request *request, const char *path, struct error *error)
{
    const struct export_format *format;
    struct run run = {0};
    int failure = export_find(request->format, &format, error);
    if (!failure)
        failure = run_load(path, &run, error);
    if (!failure)
        failure = export_run(request, format, path, &run, error);
    run_free(&run);
    return failure;
}

static int list_formats(struct error *error)
{
    struct text list = {0};
    export_list(&list);
    const int failure = output_write(&list, error);
    text_free(&list);
    return failure;
}

static int export_file(void *request, const struct command_words *words, struct error *error)
{
    const struct export_request *const wanted = request;
    int failure;
    if (wanted->format && strcmp(wanted->format, "list") == 0)
        failure = list_formats(error);
    else if (!wanted->format)
        failure = error_plain(error, "--format is missing; ipcbench export --format list names "
                                     "them");
    else if (words->count == 0)
        failure = error_plain(error, "a result file is missing; see ipcbench export --help");
    else if (words->count > 1)
        failure =
            error_plain(error, "unexpected '%s': one result file at a time", words->values[1]);
    else
        failure = carry_out(wanted, words->values[0], error);
    if (failure)
        error_prefix(error, "export: ");
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static void release(void *request)
{
    filter_free(&((struct export_request *)request)->filter);
}

static const struct command_choice formats[] = {
    {"gbench", "Google Benchmark JSON, for its compare.py"},
    {"gha-smaller", "github-action-benchmark: latencies"},
    {"gha-bigger", "the same: rates"},
    {"bmf", "Bencher Metric Format"},
    {"gobench", "Go benchmark text, for benchstat"},
    {"otava", "Apache Otava JSON"},
    {"hlog", "HdrHistogram log"},
    {"hgrm", "HdrHistogram percentile distributions"},
    {"csv", "tidy: a row per cell, trial and metric"},
    {"md", "Markdown tables"},
    {"prom", "OpenMetrics text, for Prometheus's textfile collector"},
    {"list", "prints these names"},
    {0},
};

static const struct command_option options[] = {
    {.name = "format",
     .value = "NAME",
     .choices = formats,
     .text = "which:",
     .take = take_string,
     .member = offsetof(struct export_request, format)},
    {.name = "filter",
     .letter = 'f',
     .value = "REGEX",
     .text = "only cells whose id matches",
     .take = take_filter,
     .member = offsetof(struct export_request, filter)},
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .text = "replaces the file at once or not at all",
     .take = take_path,
     .member = offsetof(struct export_request, output)},
};

const struct command command_export = {
    .name = "export",
    .summary = "a result file in the format of another tool",
    .synopsis = "ipcbench export FILE --format NAME [options]",
    .about = "A result file in the format of another tool, on standard output. Cells that are not "
             "ok are left out.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error.",
    .examples = "ipcbench export run.json --format csv -o run.csv\n"
                "ipcbench export run.json --format gobench >new.txt && benchstat old.txt new.txt\n"
                "ipcbench export run.json --format hgrm -f '^pingpong/pipe/64/' -o pipe.hgrm",
    .request_bytes = sizeof(struct export_request),
    .release = release,
    .run = export_file,
};
