#include "results/history_json.h"

#include <errno.h>

#include "base/date.h"
#include "base/text.h"
#include "results/fingerprint.h"
#include "results/json_parts.h"

enum { FIGURE_DIGITS = 6 };

static void add_text(struct json_writer *writer, cJSON *item, const char *name, const char *text)
{
    if (text[0])
        json_add(writer, item, name, json_text(text));
}

static void add_figure(struct json_writer *writer, cJSON *item, const char *name, double value)
{
    json_add(writer, item, name, json_real(value, FIGURE_DIGITS));
}

/* Which run a point is. */
static void add_run(struct json_writer *writer, cJSON *item, const struct history_point *point)
{
    json_add(writer, item, "started_at", json_text(date_time(point->started_at_s).text));
    add_text(writer, item, "commit", point->commit);
    add_text(writer, item, "version", point->version);
    add_text(writer, item, "kernel", point->kernel);
}

static cJSON *write_point(struct json_writer *writer, const struct history_point *point)
{
    cJSON *const item = cJSON_CreateObject();

    add_run(writer, item, point);
    add_figure(writer, item, "value", point->value);
    add_figure(writer, item, "low", point->low);
    add_figure(writer, item, "high", point->high);
    json_add(writer, item, "trials", json_whole(point->trials));
    if (!point->trial_values)
        return item;
    cJSON *const values = json_add(writer, item, "trial_values", cJSON_CreateArray());
    for (size_t i = 0; i < point->trials; i++)
        json_append(writer, values, json_real(point->trial_values[i], FIGURE_DIGITS));
    return item;
}

/* Which series. */
static void add_name(struct json_writer *writer, cJSON *item, const struct history_series *series)
{
    json_add(writer, item, "cell", json_text(series->cell));
    json_add(writer, item, "metric", json_text(history_metric_name(series->metric)));
    json_add(writer, item, "unit",
             json_text(history_metric_is_time(series->metric) ? "ns" : "per_s"));
    json_add(writer, item, "machine", json_text(fingerprint_text(series->fingerprint).text));
    json_add(writer, item, "machine_description", json_text(series->machine));
}

static cJSON *write_series(struct json_writer *writer, const struct history_series *series)
{
    cJSON *const item = cJSON_CreateObject();

    add_name(writer, item, series);
    json_add(writer, item, "runs", json_whole(series->runs));
    cJSON *const points = json_add(writer, item, "points", cJSON_CreateArray());
    for (size_t i = 0; i < series->point_count; i++)
        json_append(writer, points, write_point(writer, &series->points[i]));
    return item;
}

static cJSON *write_level(struct json_writer *writer, const struct history_level *level,
                          const struct history_point *run)
{
    cJSON *const item = cJSON_CreateObject();

    add_figure(writer, item, "median", level->median);
    json_add(writer, item, "runs", json_whole(level->runs));
    add_run(writer, item, run);
    return item;
}

static cJSON *write_change(struct json_writer *writer, const struct history_change *change)
{
    cJSON *const item = cJSON_CreateObject();

    add_name(writer, item, change->series);
    json_add(writer, item, "worse", cJSON_CreateBool(change->worse));
    add_figure(writer, item, "ratio", change->ratio.value);
    add_figure(writer, item, "ratio_low", change->ratio.low);
    add_figure(writer, item, "ratio_high", change->ratio.high);
    add_figure(writer, item, "ratio_coverage", change->ratio.coverage);
    add_figure(writer, item, "p", change->p);
    json_add(writer, item, "before", write_level(writer, &change->before, &change->before_run));
    json_add(writer, item, "after", write_level(writer, &change->after, &change->after_run));
    return item;
}

/* Prints the document and gives its memory back. */
static int print(cJSON *document, const struct json_writer *writer, struct text *out,
                 struct error *error)
{
    char *const printed = writer->failed ? NULL : cJSON_Print(document);

    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    cJSON_Delete(document);
    return printed && !out->failed ? 0 : error_system(error, ENOMEM, "history as JSON");
}

int history_write_json(const struct history_list *list, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = cJSON_CreateObject();

    json_add(&writer, document, "schema", json_text("ipcbench-history/1"));
    cJSON *const array = json_add(&writer, document, "series", cJSON_CreateArray());
    for (size_t i = 0; i < list->count; i++)
        json_append(&writer, array, write_series(&writer, &list->series[i]));
    return print(document, &writer, out, error);
}

int history_changes_write_json(const struct history_changes *changes, size_t series_searched,
                               struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = cJSON_CreateObject();

    json_add(&writer, document, "schema", json_text("ipcbench-history-changes/1"));
    json_add(&writer, document, "series_searched", json_whole(series_searched));
    cJSON *const array = json_add(&writer, document, "changes", cJSON_CreateArray());
    for (size_t i = 0; i < changes->count; i++)
        json_append(&writer, array, write_change(&writer, &changes->items[i]));
    return print(document, &writer, out, error);
}
