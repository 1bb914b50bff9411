/* ipcbench import: a result file of an older ipcbench, complete as this one writes them. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/output.h"
#include "bench/verbs.h"
#include "results/import.h"
#include "results/json.h"
#include "results/run.h"

struct import_request {
    const char *path;
    const char *output; /* NULL: standard output */
};

static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int parse_arguments(int argc, char **argv, struct import_request *request, bool *help,
                           struct error *error)
{
    opterr = 0;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "-:o:h", options, NULL)) >= 0;) {
        if (option == 'h') {
            *help = true;
            return 0;
        }
        if (option == '?')
            return error_plain(error, "import: unknown option %s; see ipcbench import --help",
                               argv[optind - 1]);
        if (option == ':')
            return error_plain(error, "import: %s needs a value; see ipcbench import --help",
                               argv[optind - 1]);
        if (option == 'o')
            request->output = optarg;
        else if (request->path)
            return error_plain(error, "import: unexpected '%s': one result file at a time", optarg);
        else
            request->path = optarg;
    }
    if (!request->path)
        return error_plain(error, "import: a result file is missing; see ipcbench import --help");
    return 0;
}

static int write_run(const struct run *run, const char *output, struct error *error)
{
    struct text document = {0};
    if (output && strcmp(output, "-") != 0)
        return run_save(run, output, error);
    int failure = run_write_json(run, &document, error);
    if (!failure)
        failure = output_write(&document, error);
    text_free(&document);
    return failure;
}

int verb_import(int argc, char **argv, struct error *error)
{
    struct import_request request = {0};
    struct run run = {0};
    bool help = false;
    int failure = parse_arguments(argc, argv, &request, &help, error);
    if (help) {
        fputs(help_text("import"), stdout);
        return EXIT_FINE;
    }
    if (failure)
        return EXIT_USAGE;
    failure = import_load(request.path, &run, error);
    if (!failure)
        failure = write_run(&run, request.output, error);
    if (failure)
        error_prefix(error, "import: ");
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}
