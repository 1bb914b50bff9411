#include "results/document.h"

#include "base/text.h"
#include "results/json_parts.h"

static int read_document(const char *text, struct document *document, struct error *error)
{
    cJSON *parsed = NULL;

    int failed = json_parse(text, &parsed, error);
    if (failed)
        return failed;
    document->is_topology = topology_is_document(parsed);
    if (document->is_topology) {
        failed = topology_read_document(parsed, &document->topology, error);
        cJSON_Delete(parsed);
        return failed;
    }
    failed = json_read_run(parsed, &document->run, error);
    if (failed)
        cJSON_Delete(parsed);
    return failed;
}

int document_load(const char *path, struct document *document, struct error *error)
{
    struct text text = {0};

    *document = (struct document){0};
    int failed = json_load_text(path, &text, error);
    if (!failed) {
        failed = read_document(text_string(&text), document, error);
        if (failed)
            error_prefix(error, "%s: ", path);
    }
    text_free(&text);
    return failed;
}

void document_free(struct document *document)
{
    run_free(&document->run);
    topology_matrix_free(&document->topology);
    *document = (struct document){0};
}
