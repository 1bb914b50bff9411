/* The file itself: opening, transactions, what goes wrong. */
#include "results/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "results/history_db.h"

static const char *const statement_texts[STATEMENT_COUNT] = {
    [STATEMENT_ADD_MACHINE] = "INSERT INTO machine (fingerprint, description) VALUES (?1, ?2)",
    [STATEMENT_FIND_MACHINE] = "SELECT id FROM machine WHERE fingerprint = ?1",
    [STATEMENT_ADD_CELL] = "INSERT INTO cell (name) VALUES (?1)",
    [STATEMENT_FIND_CELL] = "SELECT id FROM cell WHERE name = ?1",
    [STATEMENT_ADD_SERIES] =
        "INSERT INTO series (machine, cell, metric, main) VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_FIND_SERIES] =
        "SELECT id FROM series WHERE cell = ?2 AND machine = ?1 AND metric = ?3",
    [STATEMENT_FIND_RUN] = "SELECT id, trials FROM run WHERE identity = ?1",
    [STATEMENT_DROP_FIGURES] =
        "DELETE FROM figure WHERE run = ?1 AND started_at = (SELECT started_at FROM run WHERE id = "
        "?1)"
        " AND series IN (SELECT id FROM series"
        "                WHERE machine = (SELECT machine FROM run WHERE id = ?1))",
    [STATEMENT_DROP_RUN] = "DELETE FROM run WHERE id = ?1",
    [STATEMENT_ADD_RUN] =
        "INSERT INTO run (identity, machine, started_at, trials, version, commit_id, kernel)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STATEMENT_ADD_FIGURE] =
        "INSERT INTO figure (series, started_at, run, value, low, high, trial_values)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STATEMENT_SIZE] = "SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM cell),"
                       " (SELECT count(*) FROM machine)",
    [STATEMENT_LIST] =
        "SELECT series.id, cell.name, machine.fingerprint, machine.description, metric, main"
        " FROM series JOIN cell ON cell.id = series.cell JOIN machine ON machine.id = "
        "series.machine"
        " JOIN (SELECT machine, count(*) AS runs FROM run GROUP BY machine) AS used"
        "      ON used.machine = machine.id"
        " WHERE ?1 IS NULL OR cell.name = ?1"
        " ORDER BY used.runs DESC, machine.id, cell.name, metric",
    [STATEMENT_SPAN] = "SELECT count(*), min(started_at) FROM figure"
                       " WHERE series = ?1 AND started_at >= ?2",
    [STATEMENT_POINTS] = "SELECT figure.started_at, value, low, high, length(trial_values) / 8,"
                         "       commit_id, version, kernel, CASE WHEN ?4 THEN trial_values END"
                         " FROM figure JOIN run ON run.id = figure.run"
                         " WHERE series = ?1 AND figure.started_at >= ?2"
                         " ORDER BY figure.started_at DESC, figure.run DESC LIMIT ?3",
    [STATEMENT_CELLS] = "SELECT name FROM cell ORDER BY name",
};

/* What an operating system error would have said. */
static int code_of(sqlite3 *db)
{
    const int system = sqlite3_system_errno(db);

    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_READONLY:
        return EROFS;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return system ? system : EIO;
    default:
        return 0;
    }
}

/* What needs more than the system's words: "" where those are enough. */
static const char *explain(const struct history *history)
{
    switch (sqlite3_errcode(history->db) & 0xff) {
    case SQLITE_NOTADB:
        return "not a database; expected one that `ipcbench history add` made";
    case SQLITE_CORRUPT:
        return "damaged; make it anew from the result files with `ipcbench history add`";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another process has kept it locked for a minute; try again when it is done";
    case SQLITE_READONLY:
        return "may not be written by this user, or lies on a read-only file system";
    default:
        return "";
    }
}

int history_failure(const struct history *history, struct error *error, const char *format, ...)
{
    char what[128];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const int code = history->db ? code_of(history->db) : ENOMEM;
    const char *const explanation = history->db ? explain(history) : "";
    if (explanation[0])
        return error_plain(error, "%s: %s", history->path, explanation);
    if (code)
        return error_system(error, code, "%s: %s", history->path, what);
    return error_plain(error, "%s: %s: %s", history->path, what, sqlite3_errmsg(history->db));
}

static int bind_all(sqlite3_stmt *statement, const struct history_value *values)
{
    const int count = sqlite3_bind_parameter_count(statement);
    int code = SQLITE_OK;

    for (int i = 0; i < count && code == SQLITE_OK; i++)
        code = values[i].text
                   ? sqlite3_bind_text(statement, i + 1, values[i].text, -1, SQLITE_STATIC)
                   : sqlite3_bind_int64(statement, i + 1, values[i].number);
    return code;
}

int history_statement(struct history *history, enum history_statement which,
                      const struct history_value *values, sqlite3_stmt **statement,
                      struct error *error)
{
    sqlite3_stmt **const kept = &history->statements[which];

    if (!*kept && sqlite3_prepare_v3(history->db, statement_texts[which], -1,
                                     SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK)
        return history_failure(history, error, "preparing a query");
    *statement = *kept;
    return bind_all(*kept, values) == SQLITE_OK
               ? 0
               : history_failure(history, error, "preparing a query");
}

void history_done(sqlite3_stmt *statement)
{
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}

int history_step(struct history *history, sqlite3_stmt *statement, bool *there, struct error *error)
{
    const int code = sqlite3_step(statement);

    *there = code == SQLITE_ROW;
    return *there || code == SQLITE_DONE ? 0 : history_failure(history, error, "reading");
}

int history_run(struct history *history, sqlite3_stmt *statement, struct error *error)
{
    const int failed =
        sqlite3_step(statement) == SQLITE_DONE ? 0 : history_failure(history, error, "writing");

    history_done(statement);
    return failed;
}

int history_execute(struct history *history, const char *sql, struct error *error)
{
    return sqlite3_exec(history->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : history_failure(history, error, "writing");
}

/* IMMEDIATE: waits its turn now. A reader that turns into a writer could not wait at all. */
int history_begin(struct history *history, struct error *error)
{
    const int failed = history_execute(history, "BEGIN IMMEDIATE", error);
    history->in_transaction = !failed;
    return failed;
}

int history_commit(struct history *history, struct error *error)
{
    const int failed = history_execute(history, "COMMIT", error);
    if (!failed)
        history->in_transaction = false;
    return failed;
}

void history_rollback(struct history *history)
{
    (void)sqlite3_exec(history->db, "ROLLBACK", NULL, NULL, NULL);
    history->in_transaction = false;
}

/* SQLite's own words for these would be "unable to open database file". */
static int check_file(const char *path, enum history_mode mode, struct error *error)
{
    struct stat file;

    if (stat(path, &file) == 0) {
        if (S_ISREG(file.st_mode))
            return 0;
        return error_plain(error, "%s: not a file", path);
    }
    if (errno != ENOENT)
        return error_system(error, errno, "%s", path);
    if (mode == HISTORY_WRITE)
        return file_make_parents(path, error);
    error_plain(error, "%s: there is none yet; make it with `ipcbench history add FILE`", path);
    if (error)
        error->code = ENOENT;
    return -ENOENT;
}

/* A rollback journal, SQLite's default, and no write-ahead log: that could not be read by those who
 * may not write. */
static int prepare(struct history *history, struct error *error)
{
    (void)sqlite3_busy_timeout(history->db, HISTORY_WAIT_S * 1000);
    const int failed = history_migrate(history, &history_schema, error);
    return failed ? failed : history_execute(history, "PRAGMA cache_size = -65536", error);
}

int history_open(const char *path, enum history_mode mode, struct history **history,
                 struct error *error)
{
    *history = NULL;
    int failed = check_file(path, mode, error);
    if (failed)
        return failed;
    struct history *const opened = calloc(1, sizeof *opened);
    if (opened)
        opened->path = strdup(path);
    if (!opened || !opened->path) {
        free(opened);
        return error_system(error, ENOMEM, "%s", path);
    }
    /* A file that may not be written is opened for reading alone, by SQLite itself. */
    const int flags = SQLITE_OPEN_READWRITE | (mode == HISTORY_WRITE ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path, &opened->db, flags, NULL) != SQLITE_OK)
        failed = history_failure(opened, error, "open");
    if (!failed)
        failed = prepare(opened, error);
    if (failed)
        history_close(opened);
    else
        *history = opened;
    return failed;
}

void history_close(struct history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(history->statements[i]);
    (void)sqlite3_close(history->db);
    free(history->path);
    free(history);
}
