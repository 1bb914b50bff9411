/* The figures. Each has a file of its own that exports one of these and is given the cells of a
 * run; what the data do not allow is left out, with the reason, and is no error. */
#ifndef IPCBENCH_PLOTS_FIGURES_H
#define IPCBENCH_PLOTS_FIGURES_H

#include <stddef.h>

struct error;
struct plot_cells;
struct plot_output;

struct figure {
    const char *name;    /* on the command line, and how its files' names begin */
    const char *summary; /* one line of help */
    int (*draw)(const struct plot_cells *cells, struct plot_output *output, struct error *error);
};

extern const struct figure figure_percentiles, figure_latency, figure_throughput, figure_load,
    figure_cost, figure_trials, figure_pages;

#endif
