/* The history: the figures of many runs in one SQLite file, as series over time. A series is one
 * metric of one cell on one machine (results/fingerprint.h); a point of it is one run.
 *
 *     history_open(path, HISTORY_WRITE, &history, &error)
 *     history_add(history, &run, &added, &error)         one transaction: all of the run or nothing
 *     history_close(history)
 *
 * Several processes may use one file: a writer waits for others up to HISTORY_WAIT_S, and what a killed
 * one left half done is undone by the next to open it. The sole user of SQLite. */
#ifndef IPCBENCH_RESULTS_HISTORY_H
#define IPCBENCH_RESULTS_HISTORY_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct history;
struct run;

enum { HISTORY_WAIT_S = 60 };

enum history_mode {
    HISTORY_READ,  /* the file must be there; may be one that cannot be written */
    HISTORY_WRITE, /* makes the file and its folders where there are none */
};

/* A file of an older schema is brought up to date, which takes permission to write; one of a newer
 * schema is refused. Every error names the file. */
int history_open(const char *path, enum history_mode mode, struct history **history,
                 struct error *error);
void history_close(struct history *history); /* NULL is fine */

/* Several adds as one transaction, which is quicker for thousands. What is not committed is gone
 * after history_close. */
int history_begin(struct history *history, struct error *error);
int history_commit(struct history *history, struct error *error);

enum history_added {
    HISTORY_NEW,
    HISTORY_KNOWN,    /* is in it already: nothing was changed */
    HISTORY_EXTENDED, /* was in it with fewer trials (it has been resumed since): replaced */
};

/* Which run it is follows from when it started, its seed, its machine and its first trial, not from
 * the file's name. Only cells with a trial that counts have figures. A run without any is refused. */
int history_add(struct history *history, const struct run *run, enum history_added *added,
                struct error *error);

enum history_metric {
    HISTORY_P50,  /* ns: latency patterns */
    HISTORY_P99,  /* ns: latency patterns; of trials with enough samples for it */
    HISTORY_RATE, /* per second: pingpong, stream, load (the knee) */
};
enum { HISTORY_METRICS = 3 };
const char *history_metric_name(enum history_metric metric);
bool history_metric_is_time(enum history_metric metric); /* then less is better */

/* The same of every run on every query. */
struct history_size {
    size_t runs;
    size_t cells;
    size_t machines;
};
int history_size(struct history *history, struct history_size *size, struct error *error);

/* Which series, and which of their points. All zero: the main metric of every cell, all points. */
struct history_query {
    const char *cell;      /* exactly this one; NULL: all */
    const regex_t *filter; /* of cells; NULL: all */
    const char *machine;   /* fingerprints that start so; NULL: all */
    unsigned metrics;      /* bits, 1 << enum history_metric; 0: the cell's main figure */
    int64_t since_s;       /* seconds since 1970, UTC; points before that do not count */
    size_t last;           /* only that many points, the latest; 0: all */
    bool trials;           /* also the figures of the single trials */
};

struct history_point {
    int64_t started_at_s;
    double value; /* median over trials, with its interval */
    double low;
    double high;
    size_t trials;    /* that count */
    char commit[48];  /* of ipcbench; "" where the result file does not tell, as below */
    char version[24]; /* likewise */
    char kernel[64];
    double *trial_values; /* `trials` of them, where asked for; else NULL */
};

struct history_series {
    int64_t id;
    char *cell;
    uint64_t fingerprint;
    char *machine; /* what it is, for people */
    enum history_metric metric;
    size_t runs;                  /* since then, whatever `last` says */
    int64_t first_at_s;           /* of those runs */
    struct history_point *points; /* oldest first */
    size_t point_count;
};

struct history_list {
    struct history_series *series; /* by machine (most runs first), cell, metric; owned */
    size_t count;
};

/* The series that have a run since then, without their points. */
int history_find(struct history *history, const struct history_query *query,
                 struct history_list *list, struct error *error);
void history_list_free(struct history_list *list);

/* The points of one of them; history_points_free gives their memory back. */
int history_points(struct history *history, const struct history_query *query,
                   struct history_series *series, struct error *error);
void history_points_free(struct history_series *series);

/* The names of the cells, in alphabetical order. */
struct history_names {
    char **names; /* owned, each of them too */
    size_t count;
};
int history_cells(struct history *history, struct history_names *names, struct error *error);
void history_names_free(struct history_names *names);

#endif
