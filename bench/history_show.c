/* ipcbench history show: series as rows. Also what it shares with trend. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/sparkline.h"
#include "base/stats.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/columns.h"
#include "bench/command.h"
#include "bench/grid.h"
#include "bench/history.h"
#include "bench/output.h"
#include "results/fingerprint.h"
#include "results/history_json.h"

enum { SHOW_LAST = 20, SPARKLINE_COLUMNS = 20 };

struct units_text history_figure(enum history_metric metric, double value)
{
    return history_metric_is_time(metric) ? units_ns(value) : units_rate(value);
}

void history_write_machine(const struct history_series *series, struct text *out)
{
    text_append(out, "%s [%s]", series->machine, fingerprint_text(series->fingerprint).text);
}

/* Says which names come near to a cell that is not there. */
static int refuse_cell(struct history *history, const char *cell, struct error *error)
{
    struct history_names names;
    struct text near = {0};

    const int failed = history_cells(history, &names, error);
    if (failed)
        return failed;
    nearest_write(cell, (const char *const *)names.names, names.count, 3, &near);
    const int refused = error_plain(error, "no cell '%.80s'%s%.200s", cell,
                                    near.length ? "; nearest: " : "", text_string(&near));
    text_free(&near);
    history_names_free(&names);
    return refused;
}

/* Is the cell there, only not on this machine, with this metric or that late? */
static int check_cell(struct history *history, const char *cell, struct error *error)
{
    const struct history_query anything = {.cell = cell, .metrics = ~0U};
    struct history_list list;

    int failed = history_find(history, &anything, &list, error);
    if (!failed && !list.count)
        failed = refuse_cell(history, cell, error);
    history_list_free(&list);
    return failed;
}

int history_find_some(struct history *history, const struct history_request *request,
                      struct history_list *list, struct error *error)
{
    const struct history_query *const query = &request->query;
    struct history_size size;

    int failed = history_find(history, query, list, error);
    if (failed || list->count)
        return failed;
    failed = history_size(history, &size, error);
    if (!failed && query->cell)
        failed = check_cell(history, query->cell, error);
    return failed
               ? failed
               : error_plain(error,
                             "nothing fits: the history has %zu runs of %zu cells on %zu "
                             "machine%s; try without --filter, --since, --machine, --metric",
                             size.runs, size.cells, size.machines, size.machines == 1 ? "" : "s");
}

double *history_values(const struct history_series *series)
{
    double *const values = calloc(series->point_count + 1, sizeof *values);

    for (size_t i = 0; values && i < series->point_count; i++)
        values[i] = series->points[i].value;
    return values;
}

int history_read_all(struct history *history, const struct history_request *request,
                     struct history_list *list, struct error *error)
{
    int failed = history_find_some(history, request, list, error);

    for (size_t i = 0; i < list->count && !failed; i++)
        failed = history_points(history, &request->query, &list->series[i], error);
    return failed;
}

void history_write_figure(const struct history_series *series, const struct history_point *point,
                          char (*fields)[GRID_FIELD_BYTES])
{
    const struct main_figure figure = {point->value, point->low, point->high};

    (void)snprintf(fields[0], GRID_FIELD_BYTES, "%s",
                   history_figure(series->metric, point->value).text);
    if (point->trials > 1)
        column_interval(&figure, fields[1]);
}

static void write_headings(struct grid *grid, size_t last)
{
    char recent[32];
    char median[32];
    (void)snprintf(recent, sizeof recent, "last %zu", last);
    (void)snprintf(median, sizeof median, "median of %zu", last);
    const char *const headings[] = {"", "metric", "runs",  "latest", "",
                                    "", median,   "ratio", recent};
    char(*row)[GRID_FIELD_BYTES] = grid_row(grid);

    for (size_t column = 0; row && column < grid->columns; column++)
        (void)snprintf(row[column], GRID_FIELD_BYTES, "%s", headings[column]);
}

static void write_series(const struct history_series *series, struct grid *grid)
{
    char(*row)[GRID_FIELD_BYTES] = grid_row(grid);
    double *const values = history_values(series);
    struct text line = {0};

    if (row && values && series->point_count) {
        const struct history_point *const latest = &series->points[series->point_count - 1];
        sparkline_write(values, series->point_count, SPARKLINE_COLUMNS, &line);
        const double median = stats_median(values, series->point_count);
        (void)snprintf(row[0], GRID_FIELD_BYTES, "%s", series->cell);
        (void)snprintf(row[1], GRID_FIELD_BYTES, "%s", history_metric_name(series->metric));
        (void)snprintf(row[2], GRID_FIELD_BYTES, "%zu", series->runs);
        (void)snprintf(row[3], GRID_FIELD_BYTES, "%s", date_day(latest->started_at_s).text);
        history_write_figure(series, latest, &row[4]);
        (void)snprintf(row[6], GRID_FIELD_BYTES, "%s", history_figure(series->metric, median).text);
        (void)snprintf(row[7], GRID_FIELD_BYTES, "%.2f", latest->value / median);
        (void)snprintf(row[8], GRID_FIELD_BYTES, "%s", text_string(&line));
    }
    text_free(&line);
    free(values);
}

/* The series of one machine, from `from` on. Returns the index behind them. */
static size_t write_block(const struct history_list *list, size_t from, size_t last,
                          struct text *out)
{
    const uint64_t machine = list->series[from].fingerprint;
    struct grid grid = {.columns = 9};
    size_t i = from;

    write_headings(&grid, last);
    for (; i < list->count && list->series[i].fingerprint == machine; i++)
        write_series(&list->series[i], &grid);
    text_append(out, "%s", from ? "\n" : "");
    history_write_machine(&list->series[from], out);
    text_append(out, "\n");
    grid_write(&grid, out);
    grid_free(&grid);
    return i;
}

static int show(struct history *history, const struct history_request *request,
                struct history_list *list, struct text *out, struct error *error)
{
    const int failed = history_read_all(history, request, list, error);

    if (failed)
        return failed;
    if (request->as_json)
        return history_write_json(list, out, error);
    for (size_t i = 0; i < list->count;)
        i = write_block(list, i, request->query.last, out);
    text_append(out, "\nratio: the latest run to that median. One cell in detail: "
                     "ipcbench history trend CELL\n");
    return 0;
}

int history_show(struct history *history, struct history_request *request, struct error *error)
{
    struct history_list list = {0};
    struct text out = {0};

    if (!request->query.last)
        request->query.last = SHOW_LAST;
    int failed = show(history, request, &list, &out, error);
    if (!failed)
        failed = output_write(&out, error);
    text_free(&out);
    history_list_free(&list);
    return failed ? EXIT_USAGE : EXIT_FINE;
}
