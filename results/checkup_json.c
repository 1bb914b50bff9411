#include "results/checkup_json.h"

#include <cjson/cJSON.h>
#include <errno.h>

#include "base/error.h"
#include "base/text.h"
#include "harness/checkup.h"

static void add_count(cJSON *counts, const char *key, size_t count)
{
    cJSON_AddNumberToObject(counts, key, (double)count);
}

static void add_counts(cJSON *document, const struct checkup *checkup)
{
    cJSON *counts = cJSON_AddObjectToObject(document, "counts");
    add_count(counts, "disturb", checkup_count_bad(checkup, CHECKUP_DISTURBS));
    add_count(counts, "limit", checkup_count_bad(checkup, CHECKUP_LIMITS));
    add_count(counts, "note", checkup_count(checkup, CHECKUP_NOTE));
    add_count(counts, "ok", checkup_count(checkup, CHECKUP_OK));
    add_count(counts, "unknown", checkup_count(checkup, CHECKUP_UNKNOWN));
}

static void add_finding(cJSON *checks, const struct checkup_finding *finding)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", finding->name);
    cJSON_AddStringToObject(object, "group", finding->group);
    cJSON_AddStringToObject(object, "state", checkup_state_name(finding->state));
    cJSON_AddStringToObject(object, "effect", checkup_effect_name(finding->effect));
    cJSON_AddStringToObject(object, "found", finding->found);
    if (finding->meaning[0])
        cJSON_AddStringToObject(object, "meaning", finding->meaning);
    if (finding->command[0])
        cJSON_AddStringToObject(object, "command", finding->command);
    if (finding->advice[0])
        cJSON_AddStringToObject(object, "advice", finding->advice);
    if (finding->setting)
        cJSON_AddStringToObject(object, "setting", finding->setting);
    cJSON_AddBoolToObject(object, "tunable", finding->tunable);
    cJSON_AddItemToArray(checks, object);
}

int checkup_write_json(const struct checkup *checkup, struct text *out, struct error *error)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "schema", "ipcbench-doctor/1");
    add_counts(document, checkup);
    cJSON *checks = cJSON_AddArrayToObject(document, "checks");
    for (size_t index = 0; index < checkup->count; ++index)
        add_finding(checks, &checkup->findings[index]);
    char *printed = cJSON_Print(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    cJSON_Delete(document);
    return printed && !out->failed ? 0 : error_system(error, ENOMEM, "doctor");
}
