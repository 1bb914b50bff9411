/* A comparison in words and in the formats that others read. Nothing here decides anything. */
#ifndef IPCBENCH_RESULTS_COMPARE_REPORT_H
#define IPCBENCH_RESULTS_COMPARE_REPORT_H

#include <stddef.h>

#include "results/compare.h"

struct text;

/* A line of a report: a gated figure of a cell, or a cell whose verdict needs none. */
struct compare_row {
    const struct compare_cell *cell;
    const struct compare_figure *figure; /* NULL: see the cell's reason */
    enum compare_metric metric;
    enum compare_verdict verdict;
};

struct compare_rows {
    struct compare_row *rows; /* the gravest verdict first, the largest effect first within it */
    size_t count;
};
int compare_rows_make(const struct comparison *comparison, struct compare_rows *rows,
                      struct error *error);
void compare_rows_free(struct compare_rows *rows);

/* The other figure of a latency, p99 beside p50, where it is not gated itself; NULL: none. */
const struct compare_figure *compare_row_aside(const struct compare_row *row);

/* For a review, on one line without its end: "2 of 96 cells regressed: ... by 12 % [9, 15]; ..." */
void compare_write_sentence(const struct comparison *comparison, const struct compare_rows *rows,
                            struct text *out);

/* What is to be said of one row: why it is not decided and what could have been seen, which trials
 * were left out. Nothing where nothing is. */
void compare_write_remark(const struct comparison *comparison, const struct compare_row *row,
                          struct text *out);

/* Fields of tables. */
struct compare_field {
    char text[64];
};
struct compare_field compare_value_field(enum compare_metric metric, double value);
struct compare_field compare_change_field(double ratio); /* "+12.3 %" */
struct compare_field compare_interval_field(
    const struct compare_figure *figure);       /* "+9.1 … +15 %" */
struct compare_field compare_p_field(double p); /* "0.003" */

/* Appended: JSON (schema ipcbench-comparison/1, docs/compare.md), JUnit XML as CI services read it,
 * GitHub's Markdown. `all`: equivalent figures too. */
int compare_write_json(const struct comparison *comparison, struct text *out, struct error *error);
int compare_write_junit(const struct comparison *comparison, struct text *out, struct error *error);
int compare_write_markdown(const struct comparison *comparison, bool all, struct text *out,
                           struct error *error);

#endif
