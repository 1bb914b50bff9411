/* ipcbench import: a result file of an older ipcbench, complete as this one writes them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "results/import.h"
#include "results/json.h"
#include "results/run.h"

struct import_request {
    const char *output; /* NULL: standard output */
};

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

static int import(void *request, const struct command_words *words, struct error *error)
{
    const struct import_request *const wanted = request;
    struct run run = {0};
    int failure =
        words->count == 1 ? 0
        : words->count == 0
            ? error_plain(error, "a result file is missing; see ipcbench import --help")
            : error_plain(error, "unexpected '%s': one result file at a time", words->values[1]);
    if (!failure)
        failure = import_load(words->values[0], &run, error);
    if (!failure)
        failure = write_run(&run, wanted->output, error);
    if (failure)
        error_prefix(error, "import: ");
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static const struct command_option options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .text = "where to; may be the file itself, which is replaced at once or not at all (standard "
             "output)",
     .take = take_path,
     .member = offsetof(struct import_request, output)},
};

const struct command command_import = {
    .name = "import",
    .summary = "a result file of an older ipcbench, written as this one writes them",
    .synopsis = "ipcbench import FILE [-o FILE]",
    .about = "Reads a result file that an older ipcbench wrote and writes it as this one does: "
             "every figure that its trials allow is derived again. A version that this ipcbench "
             "does not know is refused.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error.",
    .examples = "ipcbench import old.json -o old.json",
    .request_bytes = sizeof(struct import_request),
    .run = import,
};
