/* What `ipcbench plot` was asked for. */
#ifndef IPCBENCH_BENCH_PLOT_REQUEST_H
#define IPCBENCH_BENCH_PLOT_REQUEST_H

#include <stdbool.h>

#include "bench/filter.h"
#include "plots/plots.h"

struct error;

struct plot_request {
    struct plot_choice choice; /* its filter is that below */
    struct filter filter;
    const char *folder; /* NULL: not given */
    bool svg, png;
    bool formats_given, figures_given;
    bool in_terminal;
    bool allow_different;
};

/* Options; the member is the whole request. */
int take_plot_formats(const char *value, void *member, struct error *error);
int take_plot_figures(const char *value, void *member, struct error *error);

/* Checks what goes together and fills in what was not said. */
int plot_request_complete(struct plot_request *request, struct error *error);

#endif
