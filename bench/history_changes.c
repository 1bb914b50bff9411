/* ipcbench history changes: where levels changed, between which commits. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/grid.h"
#include "bench/history.h"
#include "bench/output.h"
#include "bench/progress.h"
#include "results/history_changes.h"
#include "results/history_json.h"

enum { CHANGES_LAST = 500, CHANGES_LEAST = 10 };

static int search_all(struct history *history, const struct history_request *request,
                      struct history_list *list, struct history_changes *changes,
                      struct error *error)
{
    const struct changes_rule rule = changes_rule_default();
    struct progress progress;
    int failed = 0;

    progress_start(&progress, list->count);
    for (size_t i = 0; i < list->count && !failed; i++) {
        struct history_series *const series = &list->series[i];
        progress_show(&progress, series->cell);
        failed = history_points(history, &request->query, series, error);
        if (!failed)
            failed = history_changes_append(series, &rule, changes, error);
        history_points_free(series);
        progress_advance(&progress);
    }
    progress_end(&progress);
    history_changes_sort(changes);
    return failed;
}

static const char *commit_of(const struct history_point *point)
{
    return point->commit[0] ? point->commit : "an unknown commit";
}

/* Between the same two runs on the same machine: one cause, most likely. */
static bool same_place(const struct history_change *a, const struct history_change *b)
{
    return a->series->fingerprint == b->series->fingerprint &&
           a->before_run.started_at_s == b->before_run.started_at_s &&
           a->after_run.started_at_s == b->after_run.started_at_s &&
           strcmp(a->before_run.commit, b->before_run.commit) == 0 &&
           strcmp(a->after_run.commit, b->after_run.commit) == 0;
}

static void write_place(const struct history_change *change, struct text *out)
{
    const struct history_point *const before = &change->before_run;
    const struct history_point *const after = &change->after_run;

    text_append(out, "\nbetween %s (%s)", commit_of(before), date_time(before->started_at_s).text);
    text_append(out, " and %s (%s)", commit_of(after), date_time(after->started_at_s).text);
    if (strcmp(before->kernel, after->kernel) != 0)
        text_append(out, ", kernel %s to %s", before->kernel, after->kernel);
    text_append(out, "\n");
}

static void write_row(const struct history_change *change, struct grid *grid)
{
    const enum history_metric metric = change->series->metric;
    const struct rank_ratio *const ratio = &change->ratio;
    char(*row)[GRID_FIELD_BYTES] = grid_row(grid);

    if (!row)
        return;
    (void)snprintf(row[0], GRID_FIELD_BYTES, "%s", change->series->cell);
    (void)snprintf(row[1], GRID_FIELD_BYTES, "%s", history_metric_name(metric));
    (void)snprintf(row[2], GRID_FIELD_BYTES, "%s",
                   history_figure(metric, change->before.median).text);
    (void)snprintf(row[3], GRID_FIELD_BYTES, "to %s",
                   history_figure(metric, change->after.median).text);
    (void)snprintf(row[4], GRID_FIELD_BYTES, "x %.3f [%.3f, %.3f]", ratio->value, ratio->low,
                   ratio->high);
    (void)snprintf(row[5], GRID_FIELD_BYTES, "%s", change->worse ? "worse" : "better");
    (void)snprintf(row[6], GRID_FIELD_BYTES, "%zu and %zu runs", change->before.runs,
                   change->after.runs);
}

/* The changes at one place, from `from` on. Returns the index behind them. */
static size_t write_changes(const struct history_changes *changes, size_t from, struct text *out)
{
    const struct history_change *const first = &changes->items[from];
    struct grid grid = {.columns = 7};
    size_t i = from;

    if (!from || first->series->fingerprint != changes->items[from - 1].series->fingerprint) {
        text_append(out, "\n");
        history_write_machine(first->series, out);
        text_append(out, "\n");
    }
    write_place(first, out);
    for (; i < changes->count && same_place(first, &changes->items[i]); i++)
        write_row(&changes->items[i], &grid);
    grid_write(&grid, out);
    grid_free(&grid);
    return i;
}

static void write_report(const struct history_changes *changes, size_t series, size_t last,
                         struct text *out)
{
    text_append(out, "%zu change%s of level in %zu series of at most %zu runs\n", changes->count,
                changes->count == 1 ? "" : "s", series, last);
    for (size_t i = 0; i < changes->count;)
        i = write_changes(changes, i, out);
    if (changes->count)
        text_append(out, "\nx: the new level to the one before, with its 95 %% interval; medians "
                         "of the runs of each level\n");
}

static int report(struct history *history, const struct history_request *request,
                  struct history_list *list, struct text *out, struct error *error)
{
    struct history_changes changes = {0};

    int failed = history_find_some(history, request, list, error);
    if (!failed)
        failed = search_all(history, request, list, &changes, error);
    if (!failed && request->as_json)
        failed = history_changes_write_json(&changes, list->count, out, error);
    else if (!failed)
        write_report(&changes, list->count, request->query.last, out);
    history_changes_free(&changes);
    return failed;
}

int history_show_changes(struct history *history, struct history_request *request,
                         struct error *error)
{
    struct history_list list = {0};
    struct text out = {0};
    const size_t last = request->query.last ? request->query.last : CHANGES_LAST;

    if (last < CHANGES_LEAST || last > CHANGES_VALUES_MOST) {
        error_plain(error, "--last %zu: changes are searched in the last %d to %d runs", last,
                    CHANGES_LEAST, CHANGES_VALUES_MOST);
        return EXIT_USAGE;
    }
    request->query.last = last;
    int failed = report(history, request, &list, &out, error);
    if (!failed)
        failed = output_write(&out, error);
    text_free(&out);
    history_list_free(&list);
    return failed ? EXIT_USAGE : EXIT_FINE;
}
