/* Results to compare with, by name and machine: FOLDER/<fingerprint>/NAME.json, ordinary result
 * files. The fingerprint is that of results/fingerprint.h, so that one folder in git serves several
 * machines. */
#ifndef IPCBENCH_RESULTS_BASELINE_H
#define IPCBENCH_RESULTS_BASELINE_H

#include "base/error.h"

struct machine;
struct text;

/* Where they lie unless IPCBENCH_BASELINES says otherwise. */
#define BASELINE_FOLDER "results/baseline"
const char *baseline_folder(void);

/* 1 to 64 letters, digits, '-', '_', '.', the first one a letter or digit: no way out of the folder,
 * and no hidden files. */
int baseline_check_name(const char *name, struct error *error);

/* Appends the path of that baseline for that machine. Checks the name. */
int baseline_path(const struct machine *machine, const char *name, struct text *path,
                  struct error *error);

/* ENOENT: "no baseline NAME for this machine (FOLDER/<fingerprint>); there are: a, b; of other
 * machines: ...". Returns -ENOENT. */
int baseline_missing(const struct machine *machine, const char *name, struct error *error);

#endif
