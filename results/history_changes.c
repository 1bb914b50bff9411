#include "results/history_changes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stats.h"

static const double confidence = 0.95;

/* The points from one change to the next. */
struct span {
    size_t from, to;
};

static int measure(const struct history_series *series, double *values, struct span before,
                   struct span after, struct history_change *change, struct error *error)
{
    const struct rank_sample old = {values + before.from, before.to - before.from};
    const struct rank_sample new = {values + after.from, after.to - after.from};

    for (size_t i = before.from; i < after.to; i++)
        values[i] = series->points[i].value;
    const int failed = rank_ratio(&old, &new, confidence, &change->ratio, error);
    /* These sort, which the ratio does not mind. */
    change->before =
        (struct history_level){stats_median(values + before.from, old.count), old.count};
    change->after = (struct history_level){stats_median(values + after.from, new.count), new.count};
    change->worse = history_metric_is_time(series->metric) == (change->ratio.value > 1);
    return failed;
}

/* `values` is room for those of all points. */
static int append_all(const struct history_series *series, const struct changes *found,
                      double *values, struct history_changes *changes, struct error *error)
{
    struct history_change *const items =
        reallocarray(changes->items, changes->count + found->count + 1, sizeof *items);
    int failed = items ? 0 : error_system(error, ENOMEM, "%s: change points", series->cell);

    if (items)
        changes->items = items;
    for (size_t i = 0; i < found->count && !failed; i++) {
        const size_t at = found->items[i].at;
        const struct span before = {i ? found->items[i - 1].at : 0, at};
        const struct span after = {at, i + 1 < found->count ? found->items[i + 1].at
                                                            : series->point_count};
        struct history_change *const change = &changes->items[changes->count];
        *change = (struct history_change){.series = series,
                                          .before_run = series->points[at - 1],
                                          .after_run = series->points[at],
                                          .p = found->items[i].p};
        failed = measure(series, values, before, after, change, error);
        changes->count += !failed;
    }
    return failed;
}

int history_changes_append(const struct history_series *series, const struct changes_rule *rule,
                           struct history_changes *changes, struct error *error)
{
    struct changes found = {0};
    double *const values = calloc(series->point_count + 1, sizeof *values);

    if (!values)
        return error_system(error, ENOMEM, "%s: %zu points", series->cell, series->point_count);
    for (size_t i = 0; i < series->point_count; i++)
        values[i] = log(series->points[i].value);
    int failed = changes_find(values, series->point_count, rule, &found, error);
    if (!failed && found.count)
        failed = append_all(series, &found, values, changes, error);
    changes_free(&found);
    free(values);
    return failed;
}

static int by_importance(const void *left, const void *right)
{
    const struct history_change *const a = left, *const b = right;
    const double size_a = fabs(log(a->ratio.value)), size_b = fabs(log(b->ratio.value));

    if (a->series->fingerprint != b->series->fingerprint)
        return a->series->fingerprint < b->series->fingerprint ? -1 : 1;
    if (a->after_run.started_at_s != b->after_run.started_at_s)
        return a->after_run.started_at_s > b->after_run.started_at_s ? -1 : 1;
    if (a->before_run.started_at_s != b->before_run.started_at_s)
        return a->before_run.started_at_s > b->before_run.started_at_s ? -1 : 1;
    if (a->worse != b->worse)
        return a->worse ? -1 : 1;
    if (size_a != size_b)
        return size_a > size_b ? -1 : 1;
    return strcmp(a->series->cell, b->series->cell);
}

void history_changes_sort(struct history_changes *changes)
{
    if (changes->count)
        qsort(changes->items, changes->count, sizeof *changes->items, by_importance);
}

void history_changes_free(struct history_changes *changes)
{
    free(changes->items);
    *changes = (struct history_changes){0};
}
