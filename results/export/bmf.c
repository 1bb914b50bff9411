/* Bencher Metric Format: {"<benchmark>": {"<measure>": {value, lower_value, upper_value}}}.
 * `latency` (ns) and `throughput` (ops/s) are measures that every Bencher project has. */
#include "results/export/formats.h"
#include "results/export/metric.h"
#include "results/export/print.h"

#include <string.h>

#include "base/error.h"
#include "results/export.h"

enum { NAME_BYTES_MOST = 1024 };

static const char *const measures[METRIC_COUNT] = {
    [METRIC_P50] = "latency",           [METRIC_P99] = "latency-p99",
    [METRIC_P999] = "latency-p99-9",    [METRIC_RATE] = "throughput",
    [METRIC_SATURATION] = "saturation",
};

static cJSON *write_measures(struct json_writer *writer, const struct run_cell *cell)
{
    cJSON *const object = cJSON_CreateObject();

    for (unsigned m = 0; m < METRIC_COUNT; m++) {
        const struct metric_figure figure = metric_of_cell(cell, (enum metric)m);
        if (figure.value <= 0)
            continue;
        cJSON *const measure = json_add(writer, object, measures[m], cJSON_CreateObject());
        print_figure(writer, measure, "value", figure.value);
        print_figure(writer, measure, "lower_value", figure.low);
        print_figure(writer, measure, "upper_value", figure.high);
    }
    return object;
}

int export_bmf(const struct export_source *source, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = cJSON_CreateObject();

    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        if (!metric_has_any(cell))
            continue;
        if (cell->id[0] == '\0' || strlen(cell->id) > NAME_BYTES_MOST) {
            cJSON_Delete(document);
            return error_plain(error,
                               "bmf: a cell's id of %zu bytes (%.40s...); Bencher takes 1 to %d",
                               strlen(cell->id), cell->id, NAME_BYTES_MOST);
        }
        json_add_copy(&writer, document, cell->id, write_measures(&writer, cell));
    }
    return print_document(&writer, document, out, error);
}
