/* Apache Otava's JSON: a list of points in time, here the one that this run is. Lists of several
 * runs may be joined into a history. */
#include "results/export/formats.h"
#include "results/export/metric.h"
#include "results/export/print.h"
#include "results/export/when.h"

#include "base/error.h"
#include "results/export.h"

static cJSON *write_metrics(struct json_writer *writer, const struct export_source *source)
{
    cJSON *const list = cJSON_CreateArray();

    for (size_t i = 0; i < source->cell_count; i++) {
        for (unsigned m = 0; m < METRIC_COUNT; m++) {
            const double value = metric_of_cell(source->cells[i], (enum metric)m).value;
            if (value <= 0)
                continue;
            cJSON *const item = cJSON_CreateObject();
            json_add(writer, item, "name",
                     print_name(source->cells[i]->id, metric_name((enum metric)m)));
            print_figure(writer, item, "value", value);
            json_append(writer, list, item);
        }
    }
    return list;
}

/* Otava selects by branch and always looks for one; a result file does not know it. */
static cJSON *write_attributes(struct json_writer *writer, const struct run *run)
{
    const char *const commit = machine_text(&run->machine, "build", "commit");
    cJSON *const attributes = cJSON_CreateObject();

    json_add(writer, attributes, "branch", json_text("unknown"));
    json_add(writer, attributes, "commit", json_text(commit ? commit : "unknown"));
    json_add(writer, attributes, "version", json_text(run->version));
    return attributes;
}

int export_otava(const struct export_source *source, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    int64_t started_s = 0;

    const int failed = when_started(source->run, &started_s, error);
    if (failed)
        return failed;
    cJSON *const document = cJSON_CreateArray();
    cJSON *const point = cJSON_CreateObject();
    json_add(&writer, point, "timestamp", json_whole((uint64_t)started_s));
    json_add(&writer, point, "metrics", write_metrics(&writer, source));
    json_add(&writer, point, "attributes", write_attributes(&writer, source->run));
    json_append(&writer, document, point);
    return print_document(&writer, document, out, error);
}
