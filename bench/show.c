#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/output.h"
#include "bench/table.h"
#include "bench/verbs.h"
#include "results/json.h"
#include "results/run.h"

int verb_show(int argc, char **argv, struct error *error)
{
    if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        fputs(help_text("show"), stdout);
        return EXIT_FINE;
    }
    if (argc != 2) {
        error_plain(error, "show: one result file is expected; see ipcbench show --help");
        return EXIT_USAGE;
    }
    struct run run = {0};
    if (run_load(argv[1], &run, error)) {
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
