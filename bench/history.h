/* ipcbench history: what its parts share. */
#ifndef IPCBENCH_BENCH_HISTORY_H
#define IPCBENCH_BENCH_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/filter.h"
#include "bench/grid.h"
#include "results/history.h"

struct error;
struct text;

struct history_request {
    const char *path; /* of the history */
    bool as_json;
    struct filter filter;       /* that of the query */
    struct history_query query; /* `last` 0: the default of each */
    char **arguments;           /* what is no option: files, a cell */
    size_t argument_count;
};

/* Each returns an exit status and prints to standard output. */
int history_show(struct history *history, struct history_request *request, struct error *error);
int history_trend(struct history *history, struct history_request *request, struct error *error);
int history_show_changes(struct history *history, struct history_request *request,
                         struct error *error);

/* The series asked for; that there is none is an error which says why. */
int history_find_some(struct history *history, const struct history_request *request,
                      struct history_list *list, struct error *error);

/* The same with their points. */
int history_read_all(struct history *history, const struct history_request *request,
                     struct history_list *list, struct error *error);

/* The points' figures; the caller frees them. NULL: no memory. */
double *history_values(const struct history_series *series);

/* A figure with its unit. */
struct units_text history_figure(enum history_metric metric, double value);

/* The same in two fields: the value, and its interval where there is more than one trial. */
void history_write_figure(const struct history_series *series, const struct history_point *point,
                          char (*fields)[GRID_FIELD_BYTES]);

/* Appends "Intel(R) Xeon(R), 2 CPUs [0123456789abcdef]". */
void history_write_machine(const struct history_series *series, struct text *out);

#endif
