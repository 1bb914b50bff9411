/* Findings as JSON, for other programs and the page of the report. */
#include <errno.h>

#include "base/error.h"
#include "base/text.h"
#include "results/findings.h"
#include "results/json_parts.h"

static void add_cells(struct json_writer *writer, cJSON *object, const struct evidence *evidence)
{
    cJSON *const cells = json_add(writer, object, "cells", cJSON_CreateArray());
    for (size_t index = 0; index < evidence->count && !writer->failed; ++index)
        json_append(writer, cells, json_text(evidence->cells[index]->id));
}

static void add_statements(struct json_writer *writer, cJSON *document,
                           const struct findings *findings)
{
    cJSON *const statements = json_add(writer, document, "statements", cJSON_CreateArray());
    for (size_t index = 0; index < findings->statement_count && !writer->failed; ++index) {
        const struct statement *const statement = &findings->statements[index];
        cJSON *const object = cJSON_CreateObject();
        json_append(writer, statements, object);
        json_add(writer, object, "topic", json_text(statement->topic));
        json_add(writer, object, "text", json_text(statement->text));
        add_cells(writer, object, &statement->evidence);
    }
}

static void add_beliefs(struct json_writer *writer, cJSON *document,
                        const struct findings *findings)
{
    cJSON *const beliefs = json_add(writer, document, "beliefs", cJSON_CreateArray());
    for (size_t index = 0; index < findings->belief_count && !writer->failed; ++index) {
        const struct belief_finding *const finding = &findings->beliefs[index];
        cJSON *const object = cJSON_CreateObject();
        json_append(writer, beliefs, object);
        json_add(writer, object, "belief", json_text(finding->belief));
        json_add(writer, object, "verdict", json_text(verdict_name(finding->verdict)));
        json_add(writer, object, "depends", cJSON_CreateBool(finding->depends));
        json_add(writer, object, "text", json_text(finding->text));
        add_cells(writer, object, &finding->evidence);
    }
}

static void add_choice(struct json_writer *writer, cJSON *choices, const struct choice *choice)
{
    cJSON *const object = cJSON_CreateObject();
    json_append(writer, choices, object);
    json_add(writer, object, "cell", json_text(choice->cell->id));
    if (choice->place)
        json_add(writer, object, "place", json_whole(choice->place));
    json_add(writer, object, "tied", cJSON_CreateBool(choice->tied));
    if (choice->cpu_share >= 0)
        json_add(writer, object, "cpu_share", json_real(choice->cpu_share, 3));
    cJSON *const lines = json_add(writer, object, "lines", cJSON_CreateArray());
    for (size_t line = 0; line < CHOICE_LINES && !writer->failed; ++line)
        json_append(writer, lines, json_text(choice->lines[line]));
}

static void add_choices(struct json_writer *writer, cJSON *object, const struct advice *advice)
{
    cJSON *const choices = json_add(writer, object, "choices", cJSON_CreateArray());
    for (size_t index = 0; index < advice->count && !writer->failed; ++index)
        add_choice(writer, choices, &advice->choices[index]);
}

static cJSON *describe_advice(struct json_writer *writer, const struct advice *advice)
{
    cJSON *const object = cJSON_CreateObject();
    json_add(writer, object, "size_bytes", json_whole(advice->size_bytes));
    json_add(writer, object, "pattern", json_text(workload_name(advice->workload)));
    json_add(writer, object, "optimise", json_text(aim_name(advice->aim)));
    json_add(writer, object, "setting", json_text(advice->setting));
    return object;
}

static void add_advice(struct json_writer *writer, cJSON *document, const struct findings *findings)
{
    cJSON *const all = json_add(writer, document, "advice", cJSON_CreateArray());
    for (size_t index = 0; index < findings->advice_count && !writer->failed; ++index) {
        const struct advice *const advice = &findings->advice[index];
        cJSON *const object = describe_advice(writer, advice);
        json_append(writer, all, object);
        add_choices(writer, object, advice);
    }
}

/* Frees the document. */
static int print(struct json_writer *writer, cJSON *document, struct text *out, struct error *error)
{
    char *const printed = writer->failed ? NULL : cJSON_Print(document);
    cJSON_Delete(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    return printed && !out->failed ? 0 : error_system(error, ENOMEM, "findings as JSON");
}

int findings_write_json(const struct findings *findings, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = cJSON_CreateObject();
    add_statements(&writer, document, findings);
    add_beliefs(&writer, document, findings);
    add_advice(&writer, document, findings);
    return print(&writer, document, out, error);
}

int advice_write_json(const struct advice_request *request, const struct advice *advice,
                      struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = describe_advice(&writer, advice);
    if (request->size_bytes && request->size_bytes != advice->size_bytes)
        json_add(&writer, document, "requested_bytes", json_whole(request->size_bytes));
    json_add(&writer, document, "left_out", json_whole(advice->left_out));
    json_add(&writer, document, "without_figure", json_whole(advice->without_figure));
    add_choices(&writer, document, advice);
    return print(&writer, document, out, error);
}
