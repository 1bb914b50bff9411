/* A run becomes points of series. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "results/fingerprint.h"
#include "results/history_db.h"
#include "results/history_figures.h"
#include "results/run.h"

struct addition {
    struct history *history;
    const struct run *run;
    int64_t machine; /* its row */
    int64_t row;     /* of the run */
    int64_t identity;
    int64_t started_at_s;
    int64_t trials;
    double *values; /* room for the figures of any cell's trials */
    struct error *error;
};

/* The row of a table that holds this; made where there is none. `find` takes the first of the values
 * that `add` takes. */
static int row_of(struct addition *addition, enum history_statement find,
                  enum history_statement add, const struct history_value *values, int64_t *row)
{
    struct history *const history = addition->history;
    sqlite3_stmt *statement;
    bool there;

    int failed = history_statement(history, find, values, &statement, addition->error);
    if (failed)
        return failed;
    failed = history_step(history, statement, &there, addition->error);
    *row = there ? sqlite3_column_int64(statement, 0) : 0;
    history_done(statement);
    if (failed || there)
        return failed;
    failed = history_statement(history, add, values, &statement, addition->error);
    if (!failed)
        failed = history_run(history, statement, addition->error);
    *row = sqlite3_last_insert_rowid(history->db);
    return failed;
}

/* In place: the same bytes on every machine. */
static void encode(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits = htole64(bits);
        memcpy(&values[i], &bits, sizeof bits);
    }
}

static int add_figure(struct addition *addition, const struct run_cell *cell, int64_t cell_row,
                      enum history_metric metric)
{
    struct history *const history = addition->history;
    double *const values = addition->values;
    size_t count = history_figure_trials(cell, metric, values);
    const struct stats_median median = history_figure_median(cell, metric, values, count);
    if (!count || !(median.value > 0))
        return 0;

    const struct history_value named[] = {{.number = addition->machine},
                                          {.number = cell_row},
                                          {.number = (int64_t)metric},
                                          {.number = metric == history_figure_main(cell->pattern)}};
    int64_t series;
    int failed = row_of(addition, STATEMENT_FIND_SERIES, STATEMENT_ADD_SERIES, named, &series);
    if (failed)
        return failed;
    const struct history_value keys[7] = {
        {.number = series}, {.number = addition->started_at_s}, {.number = addition->row}};
    sqlite3_stmt *statement;
    failed = history_statement(history, STATEMENT_ADD_FIGURE, keys, &statement, addition->error);
    if (failed)
        return failed;
    count = history_figure_trials(cell, metric, values); /* in the order of the trials again */
    encode(values, count);
    (void)sqlite3_bind_double(statement, 4, median.value);
    (void)sqlite3_bind_double(statement, 5, median.low);
    (void)sqlite3_bind_double(statement, 6, median.high);
    (void)sqlite3_bind_blob(statement, 7, values, (int)(count * sizeof *values), SQLITE_STATIC);
    return history_run(history, statement, addition->error);
}

static int add_cell(struct addition *addition, const struct run_cell *cell)
{
    int64_t row;

    if (!cell->summary.trials)
        return 0;
    int failed = row_of(addition, STATEMENT_FIND_CELL, STATEMENT_ADD_CELL,
                        &(struct history_value){.text = cell->id}, &row);
    for (int metric = 0; metric < HISTORY_METRICS && !failed; metric++) {
        if (history_figure_exists(cell->pattern, (enum history_metric)metric))
            failed = add_figure(addition, cell, row, (enum history_metric)metric);
    }
    return failed;
}

static int add_machine(struct addition *addition)
{
    const struct machine *const machine = &addition->run->machine;
    struct text description = {0};

    fingerprint_describe(machine, &description);
    const struct history_value values[] = {{.number = (int64_t)fingerprint_of(machine)},
                                           {.text = text_string(&description)}};
    const int failed =
        row_of(addition, STATEMENT_FIND_MACHINE, STATEMENT_ADD_MACHINE, values, &addition->machine);
    text_free(&description);
    return failed;
}

/* What no two runs share, and a run that is resumed keeps. The first trial tells those apart that
 * were started in the same second with the same seed, as by a job on several machines. */
static int64_t identity_of(const struct run *run)
{
    const struct run_trial *first = NULL;
    const char *cell = "";
    char text[512];

    for (size_t c = 0; c < run->cell_count; c++) {
        for (size_t t = 0; t < run->cells[c].trial_count; t++) {
            const struct run_trial *const trial = &run->cells[c].trials[t];
            if (!first || trial->order < first->order) {
                first = trial;
                cell = run->cells[c].id;
            }
        }
    }
    const int length = snprintf(text, sizeof text, "%s %llu %s %.6g %.300s", run->started_at,
                                (unsigned long long)run->request.seed,
                                fingerprint_text(fingerprint_of(&run->machine)).text,
                                first ? first->result.elapsed_ns : 0, cell);
    return (int64_t)fingerprint_add(FINGERPRINT_START, text, (size_t)length);
}

static const char *fact(const struct run *run, const char *group, const char *key)
{
    const char *const text = machine_text(&run->machine, group, key);
    return text ? text : "";
}

static int add_run(struct addition *addition)
{
    const struct run *const run = addition->run;
    const struct history_value values[] = {
        {.number = addition->identity},
        {.number = addition->machine},
        {.number = addition->started_at_s},
        {.number = addition->trials},
        {.text = run->version},
        {.text = fact(run, "build", "commit")},
        {.text = fact(run, "kernel", "release")},
    };
    sqlite3_stmt *statement;

    int failed = history_statement(addition->history, STATEMENT_ADD_RUN, values, &statement,
                                   addition->error);
    if (!failed)
        failed = history_run(addition->history, statement, addition->error);
    addition->row = sqlite3_last_insert_rowid(addition->history->db);
    for (size_t i = 0; i < run->cell_count && !failed; i++)
        failed = add_cell(addition, &run->cells[i]);
    return failed;
}

static int drop_run(struct addition *addition, int64_t row)
{
    static const enum history_statement drops[] = {STATEMENT_DROP_FIGURES, STATEMENT_DROP_RUN};
    const struct history_value value = {.number = row};
    sqlite3_stmt *statement;
    int failed = 0;

    for (size_t i = 0; i < 2 && !failed; i++) {
        failed =
            history_statement(addition->history, drops[i], &value, &statement, addition->error);
        if (!failed)
            failed = history_run(addition->history, statement, addition->error);
    }
    return failed;
}

/* Inside a transaction. */
static int add_once(struct addition *addition, enum history_added *added)
{
    struct history *const history = addition->history;
    const struct history_value identity = {.number = addition->identity};
    sqlite3_stmt *statement;
    bool known;

    int failed =
        history_statement(history, STATEMENT_FIND_RUN, &identity, &statement, addition->error);
    if (failed)
        return failed;
    failed = history_step(history, statement, &known, addition->error);
    const int64_t row = known ? sqlite3_column_int64(statement, 0) : 0;
    const int64_t trials = known ? sqlite3_column_int64(statement, 1) : 0;
    history_done(statement);
    *added = !known ? HISTORY_NEW : trials >= addition->trials ? HISTORY_KNOWN : HISTORY_EXTENDED;
    if (failed || *added == HISTORY_KNOWN)
        return failed;
    if (known)
        failed = drop_run(addition, row);
    if (!failed)
        failed = add_machine(addition);
    return failed ? failed : add_run(addition);
}

/* What can be known without the file. */
static int prepare(struct addition *addition)
{
    const struct run *const run = addition->run;
    size_t most = 0;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct run_cell *const cell = &run->cells[i];
        addition->trials += (int64_t)cell->summary.trials;
        most = cell->trial_count > most ? cell->trial_count : most;
    }
    if (!addition->trials)
        return error_plain(addition->error, "no cell has a figure: nothing to add");
    int failed = date_parse(run->started_at, &addition->started_at_s, addition->error);
    if (failed) {
        error_prefix(addition->error, "started_at: ");
        return failed;
    }
    addition->identity = identity_of(run);
    addition->values = calloc(most + 1, sizeof *addition->values);
    return addition->values ? 0 : error_system(addition->error, ENOMEM, "adding a run");
}

int history_add(struct history *history, const struct run *run, enum history_added *added,
                struct error *error)
{
    struct addition addition = {.history = history, .run = run, .error = error};
    const bool alone = !history->in_transaction;

    int failed = prepare(&addition);
    if (failed)
        return failed;
    if (alone)
        failed = history_begin(history, error);
    if (!failed)
        failed = add_once(&addition, added);
    if (alone && !failed)
        failed = history_commit(history, error);
    if (alone && failed)
        history_rollback(history);
    free(addition.values);
    return failed;
}
