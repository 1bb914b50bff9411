/* Reading result files of every version there has been. */
#ifndef IPCBENCH_RESULTS_IMPORT_H
#define IPCBENCH_RESULTS_IMPORT_H

struct error;
struct run;

/* Reads a file of any known version and derives its figures again from its trials, so that it is
 * complete as run_write_json writes the newest version. What older files do not tell stays absent.
 * A version that is not known is refused by name, and so is JSON that is no result file. On success
 * free with run_free. */
int import_load(const char *path, struct run *run, struct error *error);

/* The same for a document in memory; errors do not name a path. */
int import_read(const char *text, struct run *run, struct error *error);

#endif
