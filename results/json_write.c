#include "results/json.h"

#include "base/file.h"
#include "base/text.h"
#include "results/json_parts.h"

#include <errno.h>

cJSON *json_write_run(struct json_writer *writer, const struct run *run, enum json_detail detail)
{
    cJSON *const document = cJSON_CreateObject();

    json_add(writer, document, "schema", json_text(RUN_SCHEMA));
    json_write_setting(writer, document, run);
    cJSON *const cells = json_add(writer, document, "cells", cJSON_CreateArray());
    for (size_t i = 0; i < run->cell_count && !writer->failed; i++)
        json_append(writer, cells, json_write_cell(writer, &run->cells[i], detail));
    return document;
}

int run_write_json(const struct run *run, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = json_write_run(&writer, run, JSON_WITH_TRIALS);
    char *const printed = writer.failed ? NULL : cJSON_Print(document);

    cJSON_Delete(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    return !printed || out->failed ? error_system(error, ENOMEM, "writing the run as JSON") : 0;
}

int run_save(const struct run *run, const char *path, struct error *error)
{
    struct text document = {0};

    int failed = run_write_json(run, &document, error);
    if (failed)
        error_prefix(error, "%s: ", path);
    if (!failed)
        failed = file_make_parents(path, error);
    if (!failed)
        failed = file_write_atomic(path, document.data, document.length, error);
    text_free(&document);
    return failed;
}
