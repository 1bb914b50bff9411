#include "results/json.h"

#include "base/file.h"
#include "base/text.h"
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MOST = 20000 };

static int check_utf8(const char *text, struct error *error)
{
    for (const char *at = text; *at;) {
        const size_t bytes = json_utf8_bytes(at);
        if (bytes == 0)
            return error_plain(error, "byte %zu is not UTF-8", (size_t)(at - text));
        at += bytes;
    }
    return 0;
}

/* `end` is where the parser gave up; spaces before it belong to what it had understood. */
static int not_json(const char *text, const char *end, struct error *error)
{
    size_t line = 1;
    const char *line_start = text;

    if (end[strspn(end, " \t\r\n")] == '\0')
        return error_plain(error,
                           "not a whole JSON document: it ends after %zu bytes, in the "
                           "middle; expected a file that ipcbench wrote",
                           strlen(text));
    for (const char *at = text; at < end; at++) {
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    }
    return error_plain(error, "line %zu, column %zu: not JSON; expected a file that ipcbench wrote",
                       line, (size_t)(end - line_start) + 1);
}

int json_parse(const char *text, cJSON **document, struct error *error)
{
    const char *end = text;

    const int failed = check_utf8(text, error);
    if (failed)
        return failed;
    *document = cJSON_ParseWithOpts(text, &end, 1);
    return *document ? 0 : not_json(text, end, error);
}

static int read_schema(const struct json_node *root, struct error *error)
{
    const struct json_node schema = json_child(root, "schema");

    const int failed = json_expect_object(root, error);
    if (failed)
        return failed;
    if (!cJSON_IsString(schema.item) || strcmp(schema.item->valuestring, RUN_SCHEMA) != 0)
        return json_expected(&schema, error, "\"" RUN_SCHEMA "\"");
    return 0;
}

/* Names are how a resumed run and a comparison find a cell. */
static int check_unique(const struct json_node *cell, const struct run *run, struct error *error)
{
    const struct json_node id = json_child(cell, "id");
    const size_t last = run->cell_count - 1;

    for (size_t i = 0; i < last; i++) {
        if (strcmp(run->cells[i].id, run->cells[last].id) == 0)
            return json_wrong(&id, error, "\"%.60s\" is cells[%zu] already; expected a new name",
                              run->cells[last].id, i);
    }
    return 0;
}

static int read_cells(const struct json_node *root, struct run *run, struct error *error)
{
    const struct json_node cells = json_child(root, "cells");
    const cJSON *item = NULL;

    int failed = json_expect_array(&cells, CELLS_MOST, error);
    if (failed)
        return failed;
    run->cells = calloc((size_t)cJSON_GetArraySize(cells.item) + 1, sizeof *run->cells);
    if (!run->cells)
        return error_system(error, ENOMEM, "reading cells");
    cJSON_ArrayForEach(item, cells.item)
    {
        const struct json_node element = json_element(&cells, item, run->cell_count);
        failed = json_read_cell(&element, &run->cells[run->cell_count++], error);
        if (!failed)
            failed = check_unique(&element, run, error);
        if (failed)
            return failed;
    }
    return 0;
}

int json_read_run(cJSON *document, struct run *run, struct error *error)
{
    const struct json_node root = {.item = document};

    *run = (struct run){0};
    int failed = read_schema(&root, error);
    if (!failed)
        failed = json_read_setting(&root, run, error);
    if (!failed)
        failed = read_cells(&root, run, error);
    if (failed) {
        run_free(run);
        return failed;
    }
    /* The machine's facts point to their names in there; nothing else is needed any more. */
    run->document = cJSON_DetachItemFromObjectCaseSensitive(document, "machine");
    cJSON_Delete(document);
    return 0;
}

int run_read_json(const char *text, struct run *run, struct error *error)
{
    cJSON *document = NULL;

    *run = (struct run){0};
    int failed = json_parse(text, &document, error);
    if (failed)
        return failed;
    failed = json_read_run(document, run, error);
    if (failed)
        cJSON_Delete(document);
    return failed;
}

int run_load(const char *path, struct run *run, struct error *error)
{
    struct text text = {0};

    *run = (struct run){0};
    int failed = file_read(path, &text, error);
    if (failed) {
        text_free(&text);
        return failed;
    }
    const size_t read = strlen(text_string(&text));
    failed = read == text.length ? run_read_json(text_string(&text), run, error)
                                 : error_plain(error, "byte %zu is NUL: not JSON", read);
    if (failed)
        error_prefix(error, "%s: ", path);
    text_free(&text);
    return failed;
}
