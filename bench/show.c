/* ipcbench show: the table of a result file. */
#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "bench/table.h"
#include "results/json.h"
#include "results/run.h"

static int show(void *request, const struct command_words *words, struct error *error)
{
    (void)request;
    if (words->count != 1) {
        error_plain(error, "show: one result file is expected; see ipcbench show --help");
        return EXIT_USAGE;
    }
    struct run run = {0};
    if (run_load(words->values[0], &run, error)) {
        error_prefix(error, "show: ");
        return EXIT_USAGE;
    }
    struct text table = {0};
    table_write(&run, &table);
    const int failure = output_write(&table, error);
    text_free(&table);
    run_free(&run);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

const struct command command_show = {
    .name = "show",
    .summary = "the table of a result file",
    .synopsis = "ipcbench show FILE",
    .about = "Prints the table of a result file, as the run printed it.",
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error.",
    .examples = "ipcbench show results/runs/20260102-030405-quick.json",
    .run = show,
};
