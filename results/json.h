/* Result files: a run as one JSON document, valid against results/ipcbench-result-1.schema.json.
 * The only user of cJSON. Whole numbers beyond 2^53 are strings; figures that do not exist are left
 * out, never null or NaN. */
#ifndef IPCBENCH_RESULTS_JSON_H
#define IPCBENCH_RESULTS_JSON_H

struct error;
struct run;
struct text;

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
