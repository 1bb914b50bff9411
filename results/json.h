/* Result files: a run as one JSON document, valid against results/ipcbench-result-1.schema.json.
 * The only user of cJSON. Whole numbers beyond 2^53 are strings; figures that do not exist are left
 * out, never null or NaN. */
#ifndef IPCBENCH_RESULTS_JSON_H
#define IPCBENCH_RESULTS_JSON_H

#include <stdint.h>

struct error;
struct run;
struct text;

/* What is read is bounded: a file of more bytes is refused unread, a document of more than 8,000,000
 * values or 64 levels unparsed, and cells, trials and histograms end at 3 GiB: with the text and its
 * tree under 5 GiB for the worst of files, some 25 times the file for those that ipcbench writes. */
#define RUN_FILE_BYTES_MOST (UINT64_C(256) << 20)

/* Appends the document, indented, with a final newline. */
int run_write_json(const struct run *run, struct text *out, struct error *error);

/* Reads a document. Anything wrong gives one line with the JSON path and what would be right;
 * nothing is kept. On success free with run_free. */
int run_read_json(const char *text, struct run *run, struct error *error);

/* The same for files; run_save replaces the file atomically and makes its folders. Errors name the
 * path. */
int run_save(const struct run *run, const char *path, struct error *error);
int run_load(const char *path, struct run *run, struct error *error);

#endif
