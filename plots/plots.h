/* Static figures of result files, by gnuplot: what `ipcbench plot` draws, from files alone.
 *
 * Figures are drawn one after the other; what was written before an error stays, and is whole. */
#ifndef IPCBENCH_PLOTS_PLOTS_H
#define IPCBENCH_PLOTS_PLOTS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

struct comparison;
struct error;
struct plot_output;
struct run;
struct text;
struct topology_matrix;

enum plot_figure {
    PLOT_PERCENTILES,
    PLOT_LATENCY,
    PLOT_THROUGHPUT,
    PLOT_LOAD,
    PLOT_COST,
    PLOT_TRIALS,
    PLOT_PAGES,
    PLOT_HEATMAP,
    PLOT_COMPARE,
};
enum { PLOT_FIGURES = 9 };

struct plot_choice {
    bool figures[PLOT_FIGURES];
    const regex_t *filter; /* only cells whose id matches; NULL: all */
};

const char *plot_figure_name(enum plot_figure figure);
const char *plot_figure_summary(enum plot_figure figure);

/* The first six, of one run. EINVAL where the filter leaves no cell. */
int plots_of_run(const struct run *run, const struct plot_choice *choice,
                 struct plot_output *output, struct error *error);

/* The heat map of what `ipcbench topology --measure --json` prints. `name` is the file's. */
int plots_of_topology(const struct topology_matrix *matrix, const char *name,
                      struct plot_output *output, struct error *error);

/* The forest plot of a comparison; of a refused one, why there is none. */
int plots_of_comparison(const struct comparison *comparison, struct plot_output *output,
                        struct error *error);

/* "AMD EPYC, 2 CPUs, Linux 6.18, host; 2026-01-02 03:04 UTC; ipcbench 0.1.0". */
void plot_append_origin(const struct run *run, struct text *out);

#endif
