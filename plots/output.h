/* Where pictures go: files in a folder, each there whole or not at all, or a text terminal. */
#ifndef IPCBENCH_PLOTS_OUTPUT_H
#define IPCBENCH_PLOTS_OUTPUT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "plots/picture.h"

struct error;

/* More pictures of one figure than that are a flood: the rest is left out, and said so. */
enum { PLOT_PICTURES_MOST = 40 };

/* Zero-initialise, then plot_output_to_files or plot_output_to_terminal; plot_output_free. */
struct plot_output {
    const char *folder; /* NULL: a text terminal */
    bool svg, png;
    struct canvas canvas;
    bool colour;
    const volatile sig_atomic_t *interrupted; /* may be NULL */

    struct text prefix;   /* in front of every name: "" or "<file>/" */
    struct text corner;   /* which machine and when; the caller's to set */
    struct text drawings; /* text terminals: the pictures one after the other */
    struct text report;   /* a line for each picture written and each that is left out */
    struct text names;    /* of the pictures so far, a line each */
    size_t drawn;
};
void plot_output_to_files(struct plot_output *output, const char *folder);
void plot_output_to_terminal(struct plot_output *output, double columns, double lines);
void plot_output_free(struct plot_output *output);

/* Draws and writes one picture, makes missing folders, and adds to the report. An error names the
 * picture; those written before are whole. */
int plot_output_add(struct plot_output *output, const struct picture *picture, struct error *error);

/* "load: left out: <reason>" */
void plot_output_left_out(struct plot_output *output, const char *figure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
