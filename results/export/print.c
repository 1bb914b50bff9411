#include "results/export/print.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>

void print_figure(struct json_writer *writer, cJSON *object, const char *name, double value)
{
    if (value > 0)
        json_add(writer, object, name, json_real(value, EXPORT_DIGITS));
}

cJSON *print_name(const char *id, const char *ending)
{
    struct text name = {0};

    text_append(&name, "%s/%s", id, ending);
    cJSON *const item = name.failed ? NULL : json_text(text_string(&name));
    text_free(&name);
    return item;
}

int print_document(const struct json_writer *writer, cJSON *document, struct text *out,
                   struct error *error)
{
    char *const printed = writer->failed ? NULL : cJSON_Print(document);

    cJSON_Delete(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    return !printed || out->failed ? error_system(error, ENOMEM, "writing the export as JSON") : 0;
}
