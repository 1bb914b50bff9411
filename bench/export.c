/* ipcbench export: a result file in the format of another tool. */
#include <errno.h>
#include <getopt.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "bench/output.h"
#include "bench/verbs.h"
#include "results/export.h"
#include "results/json.h"
#include "results/run.h"

struct export_request {
    const char *path;
    const char *format;
    const char *filter; /* NULL: every cell */
    const char *output; /* NULL: standard output */
};

static const struct option options[] = {
    {"format", required_argument, NULL, 'F'},
    {"filter", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void take_option(int option, struct export_request *request)
{
    if (option == 'F')
        request->format = optarg;
    else if (option == 'f')
        request->filter = optarg;
    else
        request->output = optarg;
}

/* Words may stand before and behind options; more than one file is refused. */
static int parse_arguments(int argc, char **argv, struct export_request *request, bool *help,
                           struct error *error)
{
    opterr = 0;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "-:f:o:h", options, NULL)) >= 0;) {
        if (option == 'h') {
            *help = true;
            return 0;
        }
        if (option == '?')
            return error_plain(error, "export: unknown option %s; see ipcbench export --help",
                               argv[optind - 1]);
        if (option == ':')
            return error_plain(error, "export: %s needs a value; see ipcbench export --help",
                               argv[optind - 1]);
        if (option != 1) {
            take_option(option, request);
        } else if (request->path) {
            return error_plain(error, "export: unexpected '%s': one result file at a time", optarg);
        } else {
            request->path = optarg;
        }
    }
    return 0;
}

static int check_request(const struct export_request *request, struct error *error)
{
    if (!request->format)
        return error_plain(error, "export: --format is missing; ipcbench export --format list "
                                  "names them");
    if (!request->path)
        return error_plain(error, "export: a result file is missing; see ipcbench export --help");
    return 0;
}

/* The cells whose id matches, in *cells, which the caller frees; none is an error. */
static int choose_cells(const struct run *run, const char *filter, const struct run_cell ***cells,
                        size_t *count, struct error *error)
{
    regex_t regex;
    const int refused = regcomp(&regex, filter ? filter : "", REG_EXTENDED | REG_NOSUB);
    if (refused) {
        char reason[128];
        regerror(refused, &regex, reason, sizeof(reason));
        return error_plain(error, "--filter: '%.80s': %s", filter, reason);
    }
    *count = 0;
    *cells = calloc(run->cell_count + 1, sizeof(**cells));
    for (size_t index = 0; *cells && index < run->cell_count; ++index) {
        if (regexec(&regex, run->cells[index].id, 0, NULL, 0) == 0)
            (*cells)[(*count)++] = &run->cells[index];
    }
    regfree(&regex);
    if (!*cells)
        return error_system(error, ENOMEM, "choosing cells");
    if (*count == 0 && filter)
        return error_plain(error, "--filter: no cell of %zu matches '%.80s'", run->cell_count,
                           filter);
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
                      const struct run *run, struct error *error)
{
    const struct run_cell **cells = NULL;
    size_t count = 0;
    struct text document = {0};
    int failure = choose_cells(run, request->filter, &cells, &count, error);
    if (!failure) {
        const struct export_source source = {run, cells, count};
        failure = format->write(&source, &document, error);
        if (failure)
            error_prefix(error, "%s: ", request->path);
    }
    if (!failure)
        failure = write_document(request, &document, error);
    text_free(&document);
    free(cells);
    return failure;
}

static int carry_out(const struct export_request *request, struct error *error)
{
    const struct export_format *format;
    struct run run = {0};
    int failure = export_find(request->format, &format, error);
    if (!failure)
        failure = run_load(request->path, &run, error);
    if (!failure)
        failure = export_run(request, format, &run, error);
    run_free(&run);
    if (failure)
        error_prefix(error, "export: ");
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

int verb_export(int argc, char **argv, struct error *error)
{
    struct export_request request = {0};
    bool help = false;
    int failure = parse_arguments(argc, argv, &request, &help, error);
    if (help) {
        fputs(help_text("export"), stdout);
        return EXIT_FINE;
    }
    if (!failure && request.format && strcmp(request.format, "list") == 0)
        return list_formats(error) ? EXIT_USAGE : EXIT_FINE;
    if (!failure)
        failure = check_request(&request, error);
    if (!failure)
        failure = carry_out(&request, error);
    return failure ? EXIT_USAGE : EXIT_FINE;
}
