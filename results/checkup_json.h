/* What `ipcbench doctor` found as JSON; docs/doctor.md describes it. */
#ifndef IPCBENCH_RESULTS_CHECKUP_JSON_H
#define IPCBENCH_RESULTS_CHECKUP_JSON_H

struct checkup;
struct error;
struct text;

/* Appends {"schema": "ipcbench-doctor/1", ...}, indented, with a final newline. */
int checkup_write_json(const struct checkup *checkup, struct text *out, struct error *error);

#endif
