/* Result files in the formats of other tools: one file per format in results/export/, this table,
 * and docs/exports.md with what goes where.
 *
 * All of them hold the same figures (results/export/metric.h). Cells and trials that did not end
 * well have none and are left out, or named in a comment where the format has comments; no figure is
 * 0, negative, infinite or NaN. Names are made from cell ids, so that they are unique, and the same
 * in every file that measures the same thing. */
#ifndef IPCBENCH_RESULTS_EXPORT_H
#define IPCBENCH_RESULTS_EXPORT_H

#include <stddef.h>

struct error;
struct run;
struct run_cell;
struct text;

/* What is exported: a summarised run and the cells chosen from it, in the run's order. */
struct export_source {
    const struct run *run;
    const struct run_cell *const *cells;
    size_t cell_count;
};

struct export_format {
    const char *name;
    const char *summary;   /* one line: who reads it */
    const char *extension; /* of files, without the dot */
    /* Appends the whole document. Returns 0, -ENOMEM, or -EINVAL for what the format cannot hold;
     * `out` is then worth nothing. */
    int (*write)(const struct export_source *source, struct text *out, struct error *error);
};

extern const struct export_format export_formats[];
extern const size_t export_format_count;

/* An unknown name gives a line that lists the known ones. */
int export_find(const char *name, const struct export_format **format, struct error *error);

/* The formats as lines "name  summary", for --format list. */
void export_list(struct text *out);

#endif
