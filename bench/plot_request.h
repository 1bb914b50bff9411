/* The command line of `ipcbench plot`. */
#ifndef IPCBENCH_BENCH_PLOT_REQUEST_H
#define IPCBENCH_BENCH_PLOT_REQUEST_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "plots/plots.h"

struct error;

struct plot_request {
    struct plot_choice choice;
    const char *filter; /* NULL: none; else choice.filter is `pattern` */
    regex_t pattern;
    const char *folder; /* NULL: not given */
    bool svg, png;
    bool formats_given, figures_given;
    bool in_terminal;
    bool allow_different;
    bool help;
    size_t first_file; /* index into argv, which was permuted: files are last */
};

/* Options may stand behind the files too. plot_request_free in any case. */
int plot_request_parse(struct plot_request *request, int argc, char **argv, struct error *error);
void plot_request_free(struct plot_request *request);

#endif
