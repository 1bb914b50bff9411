/* The measuring of ipcbench ab: both sides' runs, trial by trial in turns. */
#ifndef IPCBENCH_BENCH_AB_TURNS_H
#define IPCBENCH_BENCH_AB_TURNS_H

#include <stdbool.h>

#include "bench/ab_request.h"

/* Runs both; their results are in the files of these names. `chosen`: which cells of the plans; NULL:
 * all. An interruption is no failure: the files hold what is complete. */
int ab_measure(const struct ab_plans *plans, const struct text *paths, const bool *chosen,
               struct error *error);

#endif
