/* What the parts of results/history share: the open file and its statements. */
#ifndef IPCBENCH_RESULTS_HISTORY_DB_H
#define IPCBENCH_RESULTS_HISTORY_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "results/history.h"

/* Prepared once, when first needed. */
enum history_statement {
    STATEMENT_ADD_MACHINE,
    STATEMENT_FIND_MACHINE,
    STATEMENT_ADD_CELL,
    STATEMENT_FIND_CELL,
    STATEMENT_ADD_SERIES,
    STATEMENT_FIND_SERIES,
    STATEMENT_FIND_RUN,
    STATEMENT_DROP_FIGURES,
    STATEMENT_DROP_RUN,
    STATEMENT_ADD_RUN,
    STATEMENT_ADD_FIGURE,
    STATEMENT_SIZE,
    STATEMENT_LIST,
    STATEMENT_SPAN,
    STATEMENT_POINTS,
    STATEMENT_CELLS,
};
enum { STATEMENT_COUNT = STATEMENT_CELLS + 1 };

struct history {
    sqlite3 *db;
    char *path;
    bool in_transaction; /* the caller's */
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* What SQLite says, in our words: "PATH: <formatted>: ..." */
int history_failure(const struct history *history, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A number; a text where there is one. */
struct history_value {
    const char *text; /* must outlive the statement's run */
    int64_t number;
};

/* The statement with as many values bound as it has parameters. Give it back with history_done. */
int history_statement(struct history *history, enum history_statement which,
                      const struct history_value *values, sqlite3_stmt **statement,
                      struct error *error);
void history_done(sqlite3_stmt *statement);

/* The next row: *there tells whether there is one. */
int history_step(struct history *history, sqlite3_stmt *statement, bool *there,
                 struct error *error);

/* Runs a bound statement that gives no row, and gives it back. */
int history_run(struct history *history, sqlite3_stmt *statement, struct error *error);

/* Statements of text, one or several. */
int history_execute(struct history *history, const char *sql, struct error *error);

/* Undoes what was begun; for those whose error stands already. */
void history_rollback(struct history *history);

/* A schema is the steps that lead to it from an empty file; its version is their count. */
struct history_schema {
    const char *const *steps;
    int version;
};
extern const struct history_schema history_schema;

/* Takes the file from its version to the schema's in one transaction: all steps or none. */
int history_migrate(struct history *history, const struct history_schema *schema,
                    struct error *error);

#endif
