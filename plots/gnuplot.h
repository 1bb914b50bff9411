/* The program gnuplot: a script in, a picture out. It is executed as such, no shell between, and
 * reads and writes memory alone: what it is given is on its standard input, what it draws on its
 * standard output. So nothing it does can leave half a file. */
#ifndef IPCBENCH_PLOTS_GNUPLOT_H
#define IPCBENCH_PLOTS_GNUPLOT_H

#include <signal.h>

struct error;
struct text;

/* Appends what gnuplot drew to `picture`. `interrupted` (may be NULL), once not 0, ends it: -EINTR.
 * Where gnuplot is missing the error says what to install. It gets GNUPLOT_SECONDS_MOST. */
int gnuplot_draw(const struct text *script, const volatile sig_atomic_t *interrupted,
                 struct text *picture, struct error *error);

enum { GNUPLOT_SECONDS_MOST = 120 };

#endif
