/* github-action-benchmark's custom formats: a list of {name, unit, value, range, extra}. The action
 * takes a missing value for a broken file and null for 0, so that what has no figure is left out. */
#include "results/export/formats.h"
#include "results/export/metric.h"
#include "results/export/print.h"

#include <inttypes.h>
#include <stdio.h>

#include "results/export.h"

/* Half the interval. The action takes only a number of two characters or more for one, and scales it
 * with the value where no unit follows. */
static void write_range(struct json_writer *writer, cJSON *entry,
                        const struct metric_figure *figure)
{
    char range[64];

    if (figure->low <= 0)
        return;
    snprintf(range, sizeof range, "± %.1f", (figure->high - figure->low) / 2);
    json_add(writer, entry, "range", json_text(range));
}

static cJSON *write_entry(struct json_writer *writer, const struct run_cell *cell,
                          enum metric metric)
{
    const struct metric_figure figure = metric_of_cell(cell, metric);
    char extra[128];
    cJSON *const entry = cJSON_CreateObject();

    json_add(writer, entry, "name", print_name(cell->id, metric_name(metric)));
    json_add(writer, entry, "unit", json_text(metric_unit(metric)));
    print_figure(writer, entry, "value", figure.value);
    write_range(writer, entry, &figure);
    snprintf(extra, sizeof extra, "%zu trials\n%" PRIu64 " bytes", cell->summary.trials,
             cell->size_bytes);
    json_add(writer, entry, "extra", json_text(extra));
    return entry;
}

static int write_all(const struct export_source *source, bool times, struct text *out,
                     struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const list = cJSON_CreateArray();

    for (size_t i = 0; i < source->cell_count; i++) {
        for (unsigned m = 0; m < METRIC_COUNT; m++) {
            const enum metric metric = (enum metric)m;
            if (metric_is_time(metric) == times &&
                metric_of_cell(source->cells[i], metric).value > 0)
                json_append(&writer, list, write_entry(&writer, source->cells[i], metric));
        }
    }
    return print_document(&writer, list, out, error);
}

int export_gha_smaller(const struct export_source *source, struct text *out, struct error *error)
{
    return write_all(source, true, out, error);
}

int export_gha_bigger(const struct export_source *source, struct text *out, struct error *error)
{
    return write_all(source, false, out, error);
}
