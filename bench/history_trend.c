/* ipcbench history trend: one cell over time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/sparkline.h"
#include "base/stats.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/history.h"
#include "bench/output.h"
#include "results/history_json.h"

enum { TREND_ROWS = 10, TREND_COLUMNS = 72 };

static void write_extreme(const struct history_series *series, const char *name, size_t index,
                          struct text *out)
{
    const struct history_point *const point = &series->points[index];

    text_append(
        out, "  %-8s%s  on %s%s%s\n", name, history_figure(series->metric, point->value).text,
        date_day(point->started_at_s).text, point->commit[0] ? ", commit " : "", point->commit);
}

static void write_extremes(const struct history_series *series, double *values, struct text *out)
{
    size_t lowest = 0, highest = 0;

    for (size_t i = 1; i < series->point_count; i++) {
        lowest = values[i] < values[lowest] ? i : lowest;
        highest = values[i] > values[highest] ? i : highest;
    }
    write_extreme(series, "lowest", lowest, out);
    text_append(out, "  %-8s%s\n", "median",
                history_figure(series->metric, stats_median(values, series->point_count)).text);
    write_extreme(series, "highest", highest, out);
}

/* The latest runs, latest first. */
static void write_runs(const struct history_series *series, struct text *out)
{
    static const char *const headings[] = {"latest runs", "commit", "kernel", "trials", "", ""};
    struct grid grid = {.columns = 6};
    char(*row)[GRID_FIELD_BYTES] = grid_row(&grid);

    for (size_t column = 0; row && column < grid.columns; column++)
        (void)snprintf(row[column], GRID_FIELD_BYTES, "%s", headings[column]);
    for (size_t i = 0; i < series->point_count && i < TREND_ROWS; i++) {
        const struct history_point *const point = &series->points[series->point_count - 1 - i];
        row = grid_row(&grid);
        if (!row)
            break;
        (void)snprintf(row[0], GRID_FIELD_BYTES, "%s", date_time(point->started_at_s).text);
        (void)snprintf(row[1], GRID_FIELD_BYTES, "%s", point->commit[0] ? point->commit : "-");
        (void)snprintf(row[2], GRID_FIELD_BYTES, "%s", point->kernel[0] ? point->kernel : "-");
        (void)snprintf(row[3], GRID_FIELD_BYTES, "%zu", point->trials);
        history_write_figure(series, point, &row[4]);
    }
    grid_write(&grid, out);
    grid_free(&grid);
}

static void write_trend(const struct history_series *series, struct text *out)
{
    double *const values = history_values(series);

    if (!values || !series->point_count) {
        out->failed |= !values;
        free(values);
        return;
    }
    text_append(out, "%s, %s: %zu run%s, %s to %s\n", series->cell,
                history_metric_name(series->metric), series->point_count,
                series->point_count == 1 ? "" : "s", date_day(series->points[0].started_at_s).text,
                date_day(series->points[series->point_count - 1].started_at_s).text);
    history_write_machine(series, out);
    text_append(out, "\n\n  ");
    sparkline_write(values, series->point_count, TREND_COLUMNS, out);
    text_append(out, "\n\n");
    write_extremes(series, values, out);
    text_append(out, "\n");
    write_runs(series, out);
    free(values);
}

static int trend(struct history *history, const struct history_request *request,
                 struct history_list *list, struct text *out, struct error *error)
{
    const int failed = history_read_all(history, request, list, error);

    if (failed)
        return failed;
    if (request->as_json)
        return history_write_json(list, out, error);
    for (size_t i = 0; i < list->count; i++) {
        text_append(out, "%s", i ? "\n" : "");
        write_trend(&list->series[i], out);
    }
    return 0;
}

int history_trend(struct history *history, struct history_request *request, struct error *error)
{
    struct history_list list = {0};
    struct text out = {0};

    request->query.cell = request->arguments[0];
    request->query.trials = request->as_json;
    int failed = trend(history, request, &list, &out, error);
    if (!failed)
        failed = output_write(&out, error);
    text_free(&out);
    history_list_free(&list);
    return failed ? EXIT_USAGE : EXIT_FINE;
}
