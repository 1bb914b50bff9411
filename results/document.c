#include "results/document.h"

#include "base/text.h"
#include "results/json_parts.h"

static int read_parsed(cJSON *parsed, struct document *document, struct error *error)
{
    document->is_topology = topology_is_document(parsed);
    if (document->is_topology) {
        const int failed = topology_read_document(parsed, &document->topology, error);
        cJSON_Delete(parsed);
        return failed;
    }
    const int failed = json_read_run(parsed, &document->run, error);
    if (failed)
        cJSON_Delete(parsed);
    return failed;
}

int document_read(const char *text, struct document *document, struct error *error)
{
    cJSON *parsed = NULL;

    *document = (struct document){0};
    int failed = json_parse(text, &parsed, error);
    if (!failed)
        failed = read_parsed(parsed, document, error);
    if (failed)
        document_free(document);
    return failed;
}

int document_load(const char *path, struct document *document, struct error *error)
{
    struct text text = {0};

    *document = (struct document){0};
    int failed = json_load_text(path, &text, error);
    if (!failed) {
        failed = document_read(text_string(&text), document, error);
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
