/* What the files that turn a run into JSON and back share (results/json_*.c and journal.c), and
 * nobody else includes.
 *
 * Most of a document is flat records, so each is described once, by a table of fields, and one
 * writer and one reader walk it: what is written is what is read. */
#ifndef IPCBENCH_RESULTS_JSON_PARTS_H
#define IPCBENCH_RESULTS_JSON_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/run.h"

struct text;

/* JSON readers that use doubles keep whole numbers exact up to here; larger ones become strings. */
#define JSON_WHOLE_MAX (INT64_C(1) << 53)

enum { JSON_COUNT_DIGITS_MAX = 20 };

/* One field of a record: where it lies in the struct and how it looks in JSON. */
enum json_kind {
    JSON_FIGURE,      /* double >= 0, six significant digits; 0 means absent unless required */
    JSON_EXACT,       /* double >= 0, fifteen digits: what was asked, conversion factors */
    JSON_SIGNED,      /* double of either sign, always written */
    JSON_SIDES,       /* double[SIDE_COUNT] >= 0: {"sender": ..., "receiver": ...} */
    JSON_SIDE_COUNTS, /* uint64_t[SIDE_COUNT], likewise */
    JSON_COUNT,       /* uint64_t */
    JSON_SIZE,        /* size_t */
    JSON_KNOWN,       /* int64_t >= 0; -1 means absent */
    JSON_NUMBER,      /* int >= 0; -1 means absent unless required */
    JSON_BOOL,
    JSON_STRING, /* char *, owned; NULL means absent */
    JSON_CHARS,  /* char[]; "" means absent unless required */
    JSON_CHOICE, /* an enum, by name */
    JSON_RECORD, /* a struct with a table of its own; absent where all its numbers are 0 */
};

struct json_field {
    const char *name;
    enum json_kind kind;
    bool required;
    size_t offset;
    uint64_t
        limit; /* largest whole number; JSON_CHARS: bytes of the array; 0: what the type holds */
    const char *(*choice)(unsigned value); /* JSON_CHOICE: the name of each value below `limit` */
    const struct json_fields *record;      /* JSON_RECORD: its fields */
};

struct json_fields {
    const struct json_field *fields;
    size_t count;
};
#define FIELDS(array)                                                                              \
    {                                                                                              \
        (array), sizeof(array) / sizeof(array)[0]                                                  \
    }

/* Writing. A tree is built item by item; memory running out is remembered and reported at the end,
 * so that the code in between reads straight. */
struct json_writer {
    bool failed;
};

/* Adds an item to an object under a name that outlives the tree (a literal) or, for json_add_copy,
 * under a copy of the name. A NULL item or parent is a failure to allocate one. */
cJSON *json_add(struct json_writer *writer, cJSON *object, const char *name, cJSON *item);
cJSON *json_add_copy(struct json_writer *writer, cJSON *object, const char *name, cJSON *item);
void json_append(struct json_writer *writer, cJSON *array, cJSON *item);
void json_write_fields(struct json_writer *writer, cJSON *object, const struct json_fields *table,
                       const void *record);

/* Items; NULL when memory runs out. Text is made valid UTF-8: a stray byte becomes '?'. */
cJSON *json_text(const char *text);
cJSON *json_whole(uint64_t number);
cJSON *json_whole_signed(int64_t number);
cJSON *json_real(double number, int digits);

/* Bytes of the UTF-8 character that `text` starts with; 0: not UTF-8. NUL counts as none. */
size_t json_utf8_bytes(const char *text);

/* Reading. A node is an item with its way down from the root, so that an error can name it. Nodes
 * live on the stack; a parent outlives its children. */
struct json_budget;
struct json_node {
    const struct json_node *parent; /* NULL: the root */
    const cJSON *item;              /* NULL: missing */
    const char *name;               /* in an object; NULL: in an array */
    size_t index;                   /* in an array */
    struct json_budget *budget;     /* of the root: what may still be allocated; NULL: no limit */
};

/* Few bytes of a document may stand for many in memory: histograms, trials, cells. */
#define JSON_BYTES_MOST (UINT64_C(3) << 30)
struct json_budget {
    uint64_t bytes_left;
};
/* Takes `bytes` from what the document of this node may have, before or after they are allocated. */
int json_charge(const struct json_node *node, uint64_t bytes, struct error *error);

/* "cells[3].trials[0].histogram: <formatted>". Returns -EINVAL. */
int json_wrong(const struct json_node *node, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with "expected <what>, found <what the item is>" or "missing; expected ...". */
int json_expected(const struct json_node *node, struct error *error, const char *what);

struct json_node json_child(const struct json_node *object, const char *name);
struct json_node json_element(const struct json_node *array, const cJSON *item, size_t index);

int json_expect_object(const struct json_node *node, struct error *error);
/* An array of at most `limit` elements. */
int json_expect_array(const struct json_node *node, size_t limit, struct error *error);
int json_read_fields(const struct json_node *object, const struct json_fields *table, void *record,
                     struct error *error);
int json_read_whole(const struct json_node *node, uint64_t limit, uint64_t *number,
                    struct error *error);
/* A number, at least 0 unless it is signed. */
int json_read_real(const struct json_node *node, bool is_signed, double *number,
                   struct error *error);
/* Replaces *text, owned by the caller. Control characters become '?': what is read is printed, and must
 * neither break a line nor move the cursor. The exact one is for what is only executed again. */
int json_read_string(const struct json_node *node, char **text, struct error *error);
int json_read_exact_string(const struct json_node *node, char **text, struct error *error);

/* An array of records: at most `limit` of them, of `record_bytes` each, one after the other from
 * `records` on. */
struct json_list {
    const struct json_fields *fields;
    void *records;
    size_t record_bytes;
    size_t limit;
};
cJSON *json_write_list(struct json_writer *writer, const struct json_list *list, size_t count);
int json_read_list(const struct json_node *node, const struct json_list *list, size_t *count,
                   struct error *error);

/* A value that is text or a whole number: facts about the machine, options, what was obtained. */
struct json_fact {
    bool is_number;
    int64_t number;
    const char *text; /* on reading: the document's */
};
cJSON *json_fact_item(const struct json_fact *fact);
int json_read_fact(const struct json_node *node, struct json_fact *fact, struct error *error);

/* The parts of a document. Writers return a new tree or NULL with writer->failed; readers fill what
 * the caller zeroed and leave it fit to be freed, whatever happens. */
cJSON *json_write_obtained(struct json_writer *writer, const struct obtained *obtained);
int json_read_obtained(const struct json_node *node, struct obtained *obtained,
                       struct error *error);

/* A histogram's text with the exact figures that text does not hold, as members of `object`. */
void json_write_histogram(struct json_writer *writer, cJSON *object, const struct hdr *histogram);
int json_read_histogram(const struct json_node *object, struct hdr *histogram, struct error *error);

/* Latencies beside the main histogram, each an object by its name in `series`, a member of `object`.
 * `figures` holds their percentiles; NULL where they are not to be believed. */
void json_write_series(struct json_writer *writer, cJSON *object,
                       const struct hdr series[SERIES_COUNT], const struct figures *figures);
int json_read_series(const struct json_node *node, struct hdr series[SERIES_COUNT],
                     struct figures *figures, struct error *error);

/* The curve of a load trial, and of a cell of those. Reading a curve allocates it. */
cJSON *json_write_curve(struct json_writer *writer, const struct load_curve *curve);
int json_read_curve(const struct json_node *node, struct load_curve **curve, struct error *error);
cJSON *json_write_load(struct json_writer *writer, const struct summary_load *load);
int json_read_load(const struct json_node *node, struct summary_load *load, struct error *error);

/* How the machine and the pattern stood in a trial that ran to the end, as members of it: layout,
 * clock offset, pace, windows, cold start and what else only some patterns have. */
void json_write_conditions(struct json_writer *writer, cJSON *trial, enum pattern pattern,
                           const struct trial_result *result);
int json_read_conditions(const struct json_node *trial, struct trial_result *result,
                         struct error *error);

/* integrity, sides and disturbance, as members of a trial. */
void json_write_costs(struct json_writer *writer, cJSON *trial, const struct trial_result *result);
int json_read_costs(const struct json_node *trial, struct trial_result *result,
                    struct error *error);

/* `disturbance`, as a member of a trial, and `noise`, of the document: left out where nothing was
 * taken, as in files from before there was any. */
void json_write_disturbance(struct json_writer *writer, cJSON *object, const char *name,
                            const struct disturbance *disturbance);
int json_read_disturbance(const struct json_node *object, const char *name,
                          struct disturbance *disturbance, struct error *error);
void json_write_noise(struct json_writer *writer, cJSON *document, const struct run_noise *noise);
int json_read_noise(const struct json_node *document, struct run_noise *noise, struct error *error);

cJSON *json_write_trial(struct json_writer *writer, enum pattern pattern,
                        const struct run_trial *trial);
int json_read_trial(const struct json_node *node, enum pattern pattern, struct run_trial *trial,
                    struct error *error);

enum json_detail { JSON_WITH_TRIALS, JSON_WITHOUT_TRIALS };
cJSON *json_write_cell(struct json_writer *writer, const struct run_cell *cell,
                       enum json_detail detail);
int json_read_cell(const struct json_node *node, struct run_cell *cell, struct error *error);

/* {"sender": ..., "receiver": ...}: ids of CPUs. */
cJSON *json_write_pair(struct json_writer *writer, const struct cpu_pair *cpus);
int json_read_pair(const struct json_node *node, struct cpu_pair *cpus, struct error *error);

/* options and, where a number was typed with a unit, options_typed, as members of a cell. */
void json_write_options(struct json_writer *writer, cJSON *cell_item, const struct run_cell *cell);
int json_read_options(const struct json_node *cell_node, struct run_cell *cell,
                      struct error *error);

/* A cell's status with reason and knob, as members of `object`. */
void json_write_status(struct json_writer *writer, cJSON *object, const struct run_cell *cell);
int json_read_status(const struct json_node *object, struct run_cell *cell, struct error *error);

/* `plugin`, in a cell; absent where the transport is built in. */
void json_write_plugin(struct json_writer *writer, cJSON *cell_item,
                       const struct run_plugin *plugin);
int json_read_plugin(const struct json_node *cell_node, struct run_plugin **plugin,
                     struct error *error);

/* `crew`, in a cell, a trial and a summary; absent where one pair was measured. */
void json_write_crew(struct json_writer *writer, cJSON *cell_item, const struct run_crew *crew);
int json_read_crew(const struct json_node *cell_node, struct run_crew **crew, struct error *error);
void json_write_crew_figures(struct json_writer *writer, cJSON *trial,
                             const struct crew_figures *crew);
int json_read_crew_figures(const struct json_node *trial, struct crew_figures **crew,
                           struct error *error);
void json_write_crew_summary(struct json_writer *writer, cJSON *summary,
                             const struct summary_crew *crew);
int json_read_crew_summary(const struct json_node *summary, struct summary_crew *crew,
                           struct error *error);

/* Summaries are members of a cell; one without ok trials has none. */
cJSON *json_write_summary(struct json_writer *writer, enum pattern pattern,
                          const struct summary *summary);
int json_read_summary(const struct json_node *node, enum pattern pattern, struct summary *summary,
                      struct error *error);

/* All but schema and cells, as members of the document. */
void json_write_setting(struct json_writer *writer, cJSON *document, const struct run *run);
int json_read_setting(const struct json_node *document, struct run *run, struct error *error);

cJSON *json_write_run(struct json_writer *writer, const struct run *run, enum json_detail detail);
/* Refuses what no parser should be given: bytes that are not UTF-8, NULs in texts, more levels or
 * values than a result file has; with line and column. */
enum { JSON_DEPTH_MOST = 64, JSON_VALUES_MOST = 8000000 };
int json_scan(const char *text, struct error *error);
/* Refuses a second member of one name in any object, and a second cell of one id. */
int json_check_members(const struct json_node *node, struct error *error);
int json_check_ids(const struct json_node *cells, const struct run *run, struct error *error);

/* A struct cpu in a topology. */
extern const struct json_fields topology_cpu_fields;

/* The whole file, bounded, with no NUL in it. Errors name the path. */
int json_load_text(const char *path, struct text *text, struct error *error);

/* Parses `text`; on success the caller owns *document. */
int json_parse(const char *text, cJSON **document, struct error *error);
/* Checks `schema`, and makes of a document of an older version one of the newest, in place. */
int json_upgrade(cJSON *document, struct error *error);
/* Takes over *document on success and leaves it to the caller on failure. */
int json_read_run(cJSON *document, struct run *run, struct error *error);

#endif
