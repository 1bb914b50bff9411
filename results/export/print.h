/* A built JSON tree as the text of an export. Only results/export/ includes it. */
#ifndef IPCBENCH_RESULTS_EXPORT_PRINT_H
#define IPCBENCH_RESULTS_EXPORT_PRINT_H

#include "results/json_parts.h"

enum { EXPORT_DIGITS = 6 }; /* significant, as result files carry them */

/* Adds a figure to an object; one that does not exist (0) is left out. */
void print_figure(struct json_writer *writer, cJSON *object, const char *name, double value);

/* "<cell id>/<metric or other ending>" as a JSON string. */
cJSON *print_name(const char *id, const char *ending);

/* Appends the tree, indented, with a final newline, and frees it. */
int print_document(const struct json_writer *writer, cJSON *document, struct text *out,
                   struct error *error);

#endif
