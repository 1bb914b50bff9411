/* What the system gave, as JSON: a member per fact, text or a whole number. */
#include "results/json_parts.h"

#include <string.h>

cJSON *json_write_obtained(struct json_writer *writer, const struct obtained *obtained)
{
    cJSON *const item = cJSON_CreateObject();

    for (size_t i = 0; i < obtained->count; i++) {
        const struct obtained_fact *const fact = &obtained->facts[i];
        const struct json_fact value = {fact->is_number, fact->number, fact->text};
        json_add_copy(writer, item, fact->key, json_fact_item(&value));
    }
    return item;
}

static int read_fact(const struct json_node *node, struct obtained_fact *fact, struct error *error)
{
    struct json_fact value;

    const int failed = json_read_fact(node, &value, error);
    if (failed)
        return failed;
    fact->is_number = value.is_number;
    fact->number = value.number;
    if (strlen(node->name) >= sizeof fact->key)
        return json_wrong(node, error, "a name of %zu bytes; expected at most %zu",
                          strlen(node->name), sizeof fact->key - 1);
    strcpy(fact->key, node->name);
    if (value.is_number)
        return 0;
    if (strlen(value.text) >= sizeof fact->text)
        return json_wrong(node, error, "%zu bytes of text; expected at most %zu",
                          strlen(value.text), sizeof fact->text - 1);
    strcpy(fact->text, value.text);
    return 0;
}

int json_read_obtained(const struct json_node *node, struct obtained *obtained, struct error *error)
{
    const cJSON *item = NULL;
    int failed = json_expect_object(node, error);

    if (failed)
        return failed;
    cJSON_ArrayForEach(item, node->item)
    {
        const struct json_node member = {.parent = node, .item = item, .name = item->string};
        if (obtained->count == OBTAINED_MAX)
            return json_wrong(node, error, "expected at most %d members", OBTAINED_MAX);
        failed = read_fact(&member, &obtained->facts[obtained->count], error);
        if (failed)
            return failed;
        obtained->count++;
    }
    return 0;
}
