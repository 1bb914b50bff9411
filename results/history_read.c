/* Series and their points, out of the file. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/fingerprint.h"
#include "results/history_db.h"

static const struct {
    const char *name;
    bool is_time;
} metrics[HISTORY_METRICS] = {
    [HISTORY_P50] = {"p50", true},
    [HISTORY_P99] = {"p99", true},
    [HISTORY_RATE] = {"rate", false},
};

const char *history_metric_name(enum history_metric metric)
{
    return metrics[metric].name;
}

bool history_metric_is_time(enum history_metric metric)
{
    return metrics[metric].is_time;
}

int history_size(struct history *history, struct history_size *size, struct error *error)
{
    sqlite3_stmt *statement;
    bool there;

    *size = (struct history_size){0};
    int failed = history_statement(history, STATEMENT_SIZE, NULL, &statement, error);
    if (failed)
        return failed;
    failed = history_step(history, statement, &there, error);
    if (!failed && there)
        *size = (struct history_size){
            .runs = (size_t)sqlite3_column_int64(statement, 0),
            .cells = (size_t)sqlite3_column_int64(statement, 1),
            .machines = (size_t)sqlite3_column_int64(statement, 2),
        };
    history_done(statement);
    return failed;
}

/* Never NULL: the columns of texts are NOT NULL. Valid until the next step. */
static const char *text_of(sqlite3_stmt *statement, int column)
{
    const char *const text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

static bool is_wanted(const struct history_query *query, sqlite3_stmt *row)
{
    const int metric = sqlite3_column_int(row, 4);
    const bool is_main = sqlite3_column_int(row, 5) != 0;
    const struct fingerprint_text machine =
        fingerprint_text((uint64_t)sqlite3_column_int64(row, 2));

    return metric >= 0 && metric < HISTORY_METRICS &&
           (query->metrics ? query->metrics >> metric & 1 : is_main) &&
           (!query->machine ||
            strncmp(machine.text, query->machine, strlen(query->machine)) == 0) &&
           (!query->filter || regexec(query->filter, text_of(row, 1), 0, NULL, 0) == 0);
}

static int append_series(struct history_list *list, sqlite3_stmt *row, struct error *error)
{
    if ((list->count & (list->count - 1)) == 0) { /* a power of two: full */
        const size_t capacity = list->count ? 2 * list->count : 1;
        struct history_series *const series = reallocarray(list->series, capacity, sizeof *series);
        if (!series)
            return error_system(error, ENOMEM, "%zu series", capacity);
        list->series = series;
    }
    struct history_series *const series = &list->series[list->count++];
    *series = (struct history_series){
        .id = sqlite3_column_int64(row, 0),
        .cell = strdup(text_of(row, 1)),
        .fingerprint = (uint64_t)sqlite3_column_int64(row, 2),
        .machine = strdup(text_of(row, 3)),
        .metric = (enum history_metric)sqlite3_column_int(row, 4),
    };
    return series->cell && series->machine ? 0 : error_system(error, ENOMEM, "reading a series");
}

/* How many runs since then, and the first of them. */
static int read_span(struct history *history, const struct history_query *query,
                     struct history_series *series, struct error *error)
{
    const struct history_value values[] = {{.number = series->id}, {.number = query->since_s}};
    sqlite3_stmt *statement;
    bool there;

    int failed = history_statement(history, STATEMENT_SPAN, values, &statement, error);
    if (failed)
        return failed;
    failed = history_step(history, statement, &there, error);
    if (!failed && there) {
        series->runs = (size_t)sqlite3_column_int64(statement, 0);
        series->first_at_s = sqlite3_column_int64(statement, 1);
    }
    history_done(statement);
    return failed;
}

static void free_series(struct history_series *series)
{
    history_points_free(series);
    free(series->cell);
    free(series->machine);
}

/* Those without a run since then go. */
static int keep_alive(struct history *history, const struct history_query *query,
                      struct history_list *list, struct error *error)
{
    size_t kept = 0;
    int failed = 0;

    for (size_t i = 0; i < list->count; i++) {
        struct history_series *const series = &list->series[i];
        if (!failed)
            failed = read_span(history, query, series, error);
        if (failed || series->runs)
            list->series[kept++] = *series;
        else
            free_series(series);
    }
    list->count = kept;
    return failed;
}

int history_find(struct history *history, const struct history_query *query,
                 struct history_list *list, struct error *error)
{
    const struct history_value cell = {.text = query->cell};
    sqlite3_stmt *statement;
    bool there = true;

    *list = (struct history_list){0};
    int failed = history_statement(history, STATEMENT_LIST, &cell, &statement, error);
    if (failed)
        return failed;
    if (!query->cell)
        (void)sqlite3_bind_null(statement, 1);
    while (!failed && there) {
        failed = history_step(history, statement, &there, error);
        if (!failed && there && is_wanted(query, statement))
            failed = append_series(list, statement, error);
    }
    history_done(statement);
    if (!failed)
        failed = keep_alive(history, query, list, error);
    if (failed)
        history_list_free(list);
    return failed;
}

void history_list_free(struct history_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_series(&list->series[i]);
    free(list->series);
    *list = (struct history_list){0};
}

static double *decode(const unsigned char *bytes, size_t count)
{
    double *const values = calloc(count + 1, sizeof *values);

    for (size_t i = 0; values && i < count; i++) {
        uint64_t bits;
        memcpy(&bits, bytes + i * sizeof bits, sizeof bits);
        bits = le64toh(bits);
        memcpy(&values[i], &bits, sizeof bits);
    }
    return values;
}

static int read_point(sqlite3_stmt *row, bool trials, struct history_point *point,
                      struct error *error)
{
    *point = (struct history_point){
        .started_at_s = sqlite3_column_int64(row, 0),
        .value = sqlite3_column_double(row, 1),
        .low = sqlite3_column_double(row, 2),
        .high = sqlite3_column_double(row, 3),
        .trials = (size_t)sqlite3_column_int64(row, 4),
    };
    (void)snprintf(point->commit, sizeof point->commit, "%s", text_of(row, 5));
    (void)snprintf(point->version, sizeof point->version, "%s", text_of(row, 6));
    (void)snprintf(point->kernel, sizeof point->kernel, "%s", text_of(row, 7));
    if (!trials)
        return 0;
    const unsigned char *const bytes = sqlite3_column_blob(row, 8);
    point->trial_values = decode(bytes, bytes ? point->trials : 0);
    return point->trial_values ? 0 : error_system(error, ENOMEM, "the figures of trials");
}

/* They come latest first, because the latest are those to keep. */
static void reverse(struct history_point *points, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        const struct history_point point = points[i];
        points[i] = points[count - 1 - i];
        points[count - 1 - i] = point;
    }
}

int history_points(struct history *history, const struct history_query *query,
                   struct history_series *series, struct error *error)
{
    const size_t most = query->last && query->last < series->runs ? query->last : series->runs;
    const struct history_value values[] = {{.number = series->id},
                                           {.number = query->since_s},
                                           {.number = (int64_t)most},
                                           {.number = query->trials}};
    sqlite3_stmt *statement;
    bool there = true;

    history_points_free(series);
    series->points = calloc(most + 1, sizeof *series->points);
    if (!series->points)
        return error_system(error, ENOMEM, "%zu points of a series", most);
    int failed = history_statement(history, STATEMENT_POINTS, values, &statement, error);
    if (failed)
        return failed;
    while (!failed && there) {
        failed = history_step(history, statement, &there, error);
        if (!failed && there)
            failed =
                read_point(statement, query->trials, &series->points[series->point_count++], error);
    }
    history_done(statement);
    reverse(series->points, series->point_count);
    return failed;
}

void history_points_free(struct history_series *series)
{
    for (size_t i = 0; i < series->point_count; i++)
        free(series->points[i].trial_values);
    free(series->points);
    series->points = NULL;
    series->point_count = 0;
}

static int read_names(struct history *history, size_t most, struct history_names *names,
                      struct error *error)
{
    sqlite3_stmt *statement;
    bool there = true;

    int failed = history_statement(history, STATEMENT_CELLS, NULL, &statement, error);
    if (failed)
        return failed;
    while (!failed && there && names->count < most) {
        failed = history_step(history, statement, &there, error);
        if (!failed && there && (names->names[names->count] = strdup(text_of(statement, 0))))
            names->count++;
    }
    history_done(statement);
    return failed;
}

int history_cells(struct history *history, struct history_names *names, struct error *error)
{
    struct history_size size;

    *names = (struct history_names){0};
    int failed = history_size(history, &size, error);
    if (failed)
        return failed;
    names->names = calloc(size.cells + 1, sizeof *names->names);
    if (!names->names)
        return error_system(error, ENOMEM, "the names of %zu cells", size.cells);
    failed = read_names(history, size.cells, names, error);
    if (failed)
        history_names_free(names);
    return failed;
}

void history_names_free(struct history_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct history_names){0};
}
