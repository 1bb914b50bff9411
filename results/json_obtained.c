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

/* Copies text with its NUL into an array of `bytes`; `what` is it for the error. */
static int copy_text(const struct json_node *node, const char *what, const char *text, char *array,
                     size_t bytes, struct error *error)
{
    const size_t length = strlen(text);

    if (length >= bytes)
        return json_wrong(node, error, "%zu bytes of %s; expected at most %zu", length, what,
                          bytes - 1);
    memcpy(array, text, length + 1);
    return 0;
}

static int read_fact(const struct json_node *node, struct obtained_fact *fact, struct error *error)
{
    struct json_fact value;

    int failed = json_read_fact(node, &value, error);
    if (!failed)
        failed = copy_text(node, "name", node->name, fact->key, sizeof fact->key, error);
    if (!failed && !value.is_number)
        failed = copy_text(node, "text", value.text, fact->text, sizeof fact->text, error);
    fact->is_number = value.is_number;
    fact->number = value.number;
    return failed;
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
