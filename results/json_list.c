/* Arrays of records, each with the same table of fields. */
#include "results/json_parts.h"

cJSON *json_write_list(struct json_writer *writer, const struct json_list *list, size_t count)
{
    cJSON *const array = cJSON_CreateArray();

    for (size_t i = 0; i < count; i++) {
        cJSON *const item = cJSON_CreateObject();
        json_write_fields(writer, item, list->fields,
                          (const char *)list->records + i * list->record_bytes);
        json_append(writer, array, item);
    }
    return array;
}

int json_read_list(const struct json_node *node, const struct json_list *list, size_t *count,
                   struct error *error)
{
    const cJSON *item = NULL;
    size_t index = 0;

    int failed = json_expect_array(node, list->limit, error);
    if (failed)
        return failed;
    cJSON_ArrayForEach(item, node->item)
    {
        const struct json_node element = json_element(node, item, index);
        failed = json_read_fields(&element, list->fields,
                                  (char *)list->records + index * list->record_bytes, error);
        if (failed)
            return failed;
        *count = ++index;
    }
    return 0;
}
