#include "results/json.h"

#include "base/file.h"
#include "base/text.h"
#include "harness/placement.h"
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MOST = 20000 };

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

    *document = NULL;
    int failed = json_scan(text, error);
    if (failed)
        return failed;
    *document = cJSON_ParseWithOpts(text, &end, 1);
    if (!*document)
        return not_json(text, end, error);
    const struct json_node root = {.item = *document};
    failed = json_check_members(&root, error);
    if (failed) {
        cJSON_Delete(*document);
        *document = NULL;
    }
    return failed;
}

static int read_cells(const struct json_node *root, struct run *run, struct error *error)
{
    const struct json_node cells = json_child(root, "cells");
    const cJSON *item = NULL;

    int failed = json_expect_array(&cells, CELLS_MOST, error);
    if (failed)
        return failed;
    const size_t count = (size_t)cJSON_GetArraySize(cells.item);
    failed = json_charge(&cells, count * sizeof *run->cells, error);
    if (failed)
        return failed;
    run->cells = calloc(count + 1, sizeof *run->cells);
    if (!run->cells)
        return error_system(error, ENOMEM, "reading cells");
    cJSON_ArrayForEach(item, cells.item)
    {
        const struct json_node element = json_element(&cells, item, run->cell_count);
        failed = json_read_cell(&element, &run->cells[run->cell_count++], error);
        if (failed)
            return failed;
    }
    return json_check_ids(&cells, run, error);
}

/* Files written before cells had CPUs of their own: all were measured on the request's. */
static void complete_pairs(struct run *run)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        struct run_cell *const cell = &run->cells[i];
        if (cell->trial_count > 0 && cell->cpus.sender == CPU_ANY &&
            strcmp(cell->placement, placement_name(PLACEMENT_UNPINNED)) != 0)
            cell->cpus = run->request.cpus;
    }
}

int json_read_run(cJSON *document, struct run *run, struct error *error)
{
    struct json_budget budget = {.bytes_left = JSON_BYTES_MOST};
    const struct json_node root = {.item = document, .budget = &budget};

    *run = (struct run){0};
    int failed = json_upgrade(document, error);
    if (!failed)
        failed = json_read_setting(&root, run, error);
    if (!failed)
        failed = read_cells(&root, run, error);
    if (failed) {
        run_free(run);
        return failed;
    }
    complete_pairs(run);
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

int json_load_text(const char *path, struct text *text, struct error *error)
{
    const int failed = file_read_limited(path, RUN_FILE_BYTES_MOST, text, error);
    if (failed)
        return failed;
    const size_t read = strlen(text_string(text));
    return read == text->length ? 0
                                : error_plain(error, "%s: byte %zu is NUL: not JSON", path, read);
}

int run_load(const char *path, struct run *run, struct error *error)
{
    struct text text = {0};

    *run = (struct run){0};
    int failed = json_load_text(path, &text, error);
    if (!failed) {
        failed = run_read_json(text_string(&text), run, error);
        if (failed)
            error_prefix(error, "%s: ", path);
    }
    text_free(&text);
    return failed;
}
