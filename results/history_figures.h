/* What a cell's summary and trials mean as points of a history. Pure. */
#ifndef IPCBENCH_RESULTS_HISTORY_FIGURES_H
#define IPCBENCH_RESULTS_HISTORY_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stats.h"
#include "harness/pattern.h"
#include "results/history.h"

struct run_cell;

/* Does a pattern have this figure, and which one is its main one? */
bool history_figure_exists(enum pattern pattern, enum history_metric metric);
enum history_metric history_figure_main(enum pattern pattern);

/* The figures of the trials, in their order; room for cell->trial_count. Returns how many. */
size_t history_figure_trials(const struct run_cell *cell, enum history_metric metric,
                             double *values);

/* Their median with its interval. Sorts them. */
struct stats_median history_figure_median(const struct run_cell *cell, enum history_metric metric,
                                          double *values, size_t count);

#endif
