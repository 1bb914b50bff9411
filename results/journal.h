/* The journal: a run on disk while it is going on, so that a crash loses at most one trial.
 *
 * JSON lines beside the final file (<file>.journal): first the run without trials, then a line per
 * finished trial or skipped cell, each written whole and flushed to disk. A last line that was cut
 * short by a crash is ignored. */
#ifndef IPCBENCH_RESULTS_JOURNAL_H
#define IPCBENCH_RESULTS_JOURNAL_H

#include <stddef.h>

struct error;
struct run;
struct run_cell;
struct run_trial;

struct journal {
    int fd; /* -1: closed */
    char *path;
};

/* Creates the journal (replacing none: a file already there is EEXIST and says to resume it or
 * remove it) and writes the run, trials it already has included. */
int journal_create(struct journal *journal, const char *path, const struct run *run,
                   struct error *error);

/* Goes on with a run that was interrupted: replaces the journal at `path`, or starts it where there
 * is none, by the run as it stands; atomically, so that a crash meanwhile loses nothing. */
int journal_reopen(struct journal *journal, const char *path, const struct run *run,
                   struct error *error);

/* Appends one trial, or, with trial NULL, the cell's status and reason alone. */
int journal_append(struct journal *journal, const struct run_cell *cell,
                   const struct run_trial *trial, struct error *error);

/* Closes; with `remove` also deletes the file (the final document has replaced it). Safe twice. */
void journal_close(struct journal *journal, int remove);

/* Rebuilds and summarises the run from a journal; its status is RUN_INTERRUPTED. Free it with
 * run_free. */
int journal_load(const char *path, struct run *run, struct error *error);

#endif
