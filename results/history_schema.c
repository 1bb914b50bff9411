/* The tables, and how a file of an older ipcbench gets them. */
#include "results/history_db.h"

#include <stdio.h>

/* "ipcb": tells our files from other people's. */
enum { APPLICATION_ID = 0x69706362 };

/* A step that was in a release is never changed: what is new is a step of its own.
 *
 * Figures lie together by series in the order of time, so that a trend is read in one go. The trials'
 * own values are doubles, little-endian, in the order of the trials. */
static const char *const steps[] = {
    "CREATE TABLE machine ("
    "    id INTEGER PRIMARY KEY,"
    "    fingerprint INTEGER NOT NULL UNIQUE," /* the 64 bits as they are, signed */
    "    description TEXT NOT NULL);"
    "CREATE TABLE cell ("
    "    id INTEGER PRIMARY KEY,"
    "    name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE series ("
    "    id INTEGER PRIMARY KEY,"
    "    machine INTEGER NOT NULL REFERENCES machine,"
    "    cell INTEGER NOT NULL REFERENCES cell,"
    "    metric INTEGER NOT NULL," /* enum history_metric */
    "    main INTEGER NOT NULL,"   /* 1: what the cell is ranked by */
    "    UNIQUE (cell, machine, metric));"
    "CREATE TABLE run ("
    "    id INTEGER PRIMARY KEY,"
    "    identity INTEGER NOT NULL UNIQUE,"
    "    machine INTEGER NOT NULL REFERENCES machine,"
    "    started_at INTEGER NOT NULL," /* seconds since 1970, UTC */
    "    trials INTEGER NOT NULL,"     /* of all cells, those that count */
    "    version TEXT NOT NULL,"
    "    commit_id TEXT NOT NULL,"
    "    kernel TEXT NOT NULL);"
    "CREATE TABLE figure ("
    "    series INTEGER NOT NULL REFERENCES series,"
    "    started_at INTEGER NOT NULL," /* as of the run */
    "    run INTEGER NOT NULL REFERENCES run,"
    "    value REAL NOT NULL,"
    "    low REAL NOT NULL,"
    "    high REAL NOT NULL,"
    "    trial_values BLOB NOT NULL,"
    "    PRIMARY KEY (series, started_at, run)) WITHOUT ROWID;"
    /* counts runs without reading their figures: twice as fast for millions */
    "CREATE INDEX figure_span ON figure (series, started_at);",
};

const struct history_schema history_schema = {
    .steps = steps,
    .version = sizeof steps / sizeof steps[0],
};

static int read_pragma(struct history *history, const char *pragma, int *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(history->db, pragma, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        const int failed = history_failure(history, error, "reading");
        sqlite3_finalize(statement);
        return failed;
    }
    *value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return 0;
}

/* The version; refuses a file that is not ours, or from the future. Inside a transaction, since
 * another process may be making the file just now. */
static int read_version(struct history *history, const struct history_schema *schema, int *version,
                        struct error *error)
{
    int application = 0, objects = 0;

    int failed = read_pragma(history, "PRAGMA application_id", &application, error);
    if (!failed)
        failed = read_pragma(history, "PRAGMA user_version", version, error);
    if (!failed)
        failed = read_pragma(history, "SELECT count(*) FROM sqlite_master", &objects, error);
    if (failed)
        return failed;
    if (application != APPLICATION_ID && (application != 0 || *version != 0 || objects != 0))
        return error_plain(error, "%s: an SQLite database, but not one of ipcbench", history->path);
    if (*version < 0 || *version > schema->version)
        return error_plain(error,
                           "%s: schema version %d is newer than this ipcbench, which knows "
                           "%d: use the ipcbench that wrote it, or a newer one",
                           history->path, *version, schema->version);
    return 0;
}

static int climb(struct history *history, const struct history_schema *schema, struct error *error)
{
    int version = 0;
    char stamp[96];

    /* Read again: another process may have been first. */
    int failed = read_version(history, schema, &version, error);
    for (int step = version; !failed && step < schema->version; step++)
        failed = history_execute(history, schema->steps[step], error);
    (void)snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   APPLICATION_ID, schema->version);
    return failed ? failed : history_execute(history, stamp, error);
}

int history_migrate(struct history *history, const struct history_schema *schema,
                    struct error *error)
{
    int version = 0;

    int failed = history_execute(history, "BEGIN", error);
    if (!failed)
        failed = read_version(history, schema, &version, error);
    history_rollback(history);
    if (failed || version == schema->version)
        return failed;
    failed = history_begin(history, error);
    if (!failed)
        failed = climb(history, schema, error);
    if (!failed)
        failed = history_commit(history, error);
    if (failed)
        history_rollback(history);
    return failed;
}
