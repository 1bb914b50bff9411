/* The three lines of a choice; shared by results/advice*.c alone. */
#ifndef IPCBENCH_RESULTS_ADVICE_WORDS_H
#define IPCBENCH_RESULTS_ADVICE_WORDS_H

#include "results/findings_parts.h"

struct run;

/* 1. the figure with its interval, and what it is to the best one */
void advice_write_figure(const struct ranking *ranking, size_t index, struct text *out);
/* 2. what it costs */
int advice_write_cost(const struct run_cell *cell, double cpu_share, struct text *out,
                      struct error *error);
/* 3. what to mind: of the transport, of its options, of these data */
void advice_write_caveats(const struct run *run, const struct run_cell *cell, struct text *out);

#endif
