/* What `ipcbench history` shows, as JSON. Members that do not exist are left out. */
#ifndef IPCBENCH_RESULTS_HISTORY_JSON_H
#define IPCBENCH_RESULTS_HISTORY_JSON_H

#include "results/history.h"
#include "results/history_changes.h"

struct error;
struct text;

/* Appends {"schema": "ipcbench-history/1", "series": [...]} with the points that have been read. */
int history_write_json(const struct history_list *list, struct text *out, struct error *error);

/* Appends {"schema": "ipcbench-history-changes/1", "series_searched": ..., "changes": [...]}. */
int history_changes_write_json(const struct history_changes *changes, size_t series_searched,
                               struct text *out, struct error *error);

#endif
