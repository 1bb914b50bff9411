#include "results/catalogue.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const family_names[] = {
    [FAMILY_NONE] = "none",           [FAMILY_BYTE_STREAM] = "byte-stream",
    [FAMILY_MESSAGE] = "message",     [FAMILY_SHARED_MEMORY] = "shared-memory",
    [FAMILY_OPERATION] = "operation",
};

static void add_bytes(cJSON *object, const char *key, uint64_t bytes)
{
    char text[32];
    if (bytes <= UINT64_C(1) << 53) {
        cJSON_AddNumberToObject(object, key, (double)bytes);
        return;
    }
    snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
    cJSON_AddStringToObject(object, key, text);
}

static void add_refusals(cJSON *object, const struct option_spec *spec,
                         const struct catalogue_entry *entry)
{
    cJSON *refusals = NULL;
    for (size_t index = 0; index < entry->refusal_count; ++index) {
        const struct catalogue_refusal *refusal = &entry->refusals[index];
        if (refusal->option != spec)
            continue;
        if (!refusals)
            refusals = cJSON_AddArrayToObject(object, "unavailable");
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "value", refusal->value);
        cJSON_AddStringToObject(item, "reason", refusal->objection.message);
        if (refusal->objection.knob[0])
            cJSON_AddStringToObject(item, "knob", refusal->objection.knob);
        cJSON_AddItemToArray(refusals, item);
    }
}

static void add_option(cJSON *options, const struct option_spec *spec,
                       const struct catalogue_entry *entry)
{
    char choice[OPTION_TEXT_BYTES];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "key", spec->key);
    cJSON_AddStringToObject(object, "default", spec->default_value);
    cJSON_AddStringToObject(object, "meaning", spec->meaning);
    if (spec->kind == OPTION_CHOICE) {
        cJSON *choices = cJSON_AddArrayToObject(object, "choices");
        for (size_t index = 0; options_choice_text(spec, index, choice); ++index)
            cJSON_AddItemToArray(choices, cJSON_CreateString(choice));
    } else {
        cJSON_AddStringToObject(object, "unit", spec->kind == OPTION_BYTES ? "bytes" : "count");
        add_bytes(object, "minimum", spec->minimum);
        if (spec->maximum)
            add_bytes(object, "maximum", spec->maximum);
    }
    add_refusals(object, spec, entry);
    cJSON_AddItemToArray(options, object);
}

static void add_entry(cJSON *transports, const struct catalogue_entry *entry)
{
    const struct transport *transport = entry->transport;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", transport->name);
    cJSON_AddStringToObject(object, "summary", transport->summary);
    cJSON_AddStringToObject(object, "family", family_names[transport->family]);
    if (entry->plugin_path)
        cJSON_AddStringToObject(object, "plugin", entry->plugin_path);
    if (entry->belief_count > 0) {
        cJSON *beliefs = cJSON_AddArrayToObject(object, "beliefs");
        for (size_t index = 0; index < entry->belief_count; ++index)
            cJSON_AddItemToArray(beliefs, cJSON_CreateString(entry->beliefs[index]->text));
    }
    cJSON_AddBoolToObject(object, "available", entry->objection.code == 0);
    if (entry->objection.code) {
        cJSON_AddStringToObject(object, "reason", entry->objection.message);
        if (entry->objection.knob[0])
            cJSON_AddStringToObject(object, "knob", entry->objection.knob);
    } else {
        cJSON *limits = cJSON_AddObjectToObject(object, "limits");
        add_bytes(limits, "minimum_bytes", entry->limits.minimum_bytes);
        if (entry->limits.maximum_bytes != UINT64_MAX)
            add_bytes(limits, "maximum_bytes", entry->limits.maximum_bytes);
        if (entry->limits.knob[0])
            cJSON_AddStringToObject(limits, "knob", entry->limits.knob);
    }
    cJSON *options = cJSON_AddArrayToObject(object, "options");
    for (size_t index = 0; index < transport->option_count; ++index)
        add_option(options, &transport->options[index], entry);
    cJSON_AddItemToArray(transports, object);
}

int catalogue_write_json(const struct catalogue_entry *entries, size_t count, struct text *out,
                         struct error *error)
{
    cJSON *document = cJSON_CreateObject();
    cJSON *transports = cJSON_AddArrayToObject(document, "transports");
    for (size_t index = 0; index < count; ++index)
        add_entry(transports, &entries[index]);
    char *printed = cJSON_Print(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    cJSON_Delete(document);
    return printed && !out->failed ? 0 : error_system(error, ENOMEM, "catalogue");
}
