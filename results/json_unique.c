/* Names that must stand once: of two members of one name a reader takes the first and another the
 * last, and cells are found by their ids. */
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct named {
    const char *name;
    size_t index;
    const cJSON *item;
};

/* By name, and of one name in the order of the document. */
static int by_name(const void *left, const void *right)
{
    const struct named *const a = left;
    const struct named *const b = right;
    const int order = strcmp(a->name, b->name);

    return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* The first two of the same name next to each other; NULL: all differ. Sorts. */
static const struct named *find_pair(struct named *all, size_t count)
{
    qsort(all, count, sizeof *all, by_name);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(all[i - 1].name, all[i].name) == 0)
            return &all[i - 1];
    }
    return NULL;
}

static int check_members(const struct json_node *node, size_t count, struct error *error)
{
    struct named *const all = calloc(count, sizeof *all);
    const cJSON *item = NULL;
    size_t taken = 0;
    int failed = 0;

    if (!all)
        return error_system(error, ENOMEM, "checking names");
    cJSON_ArrayForEach(item, node->item)
    {
        all[taken] = (struct named){item->string, taken, item};
        taken++;
    }
    const struct named *const pair = find_pair(all, taken);
    if (pair) {
        const struct json_node second = {
            .parent = node, .item = pair[1].item, .name = pair[1].name};
        failed = json_wrong(&second, error, "a second member of this name; expected one");
    }
    free(all);
    return failed;
}

int json_check_members(const struct json_node *node, struct error *error)
{
    const bool is_object = cJSON_IsObject(node->item);
    const cJSON *item = NULL;
    size_t index = 0;
    int failed = 0;

    /* json_scan has limited the depth. */
    cJSON_ArrayForEach(item, node->item)
    {
        const struct json_node child = {
            .parent = node, .item = item, .name = is_object ? item->string : NULL, .index = index};
        index++;
        if (is_object)
            text_clean(item->string); /* values are cleaned as they are read */
        failed = item->child ? json_check_members(&child, error) : 0;
        if (failed)
            return failed;
    }
    return is_object && index > 1 ? check_members(node, index, error) : 0;
}

int json_check_ids(const struct json_node *cells, const struct run *run, struct error *error)
{
    struct named *const all = calloc(run->cell_count + 1, sizeof *all);
    int failed = 0;

    if (!all)
        return error_system(error, ENOMEM, "checking ids");
    for (size_t i = 0; i < run->cell_count; i++)
        all[i] = (struct named){.name = run->cells[i].id, .index = i};
    const struct named *const pair = find_pair(all, run->cell_count);
    if (pair) {
        const struct json_node cell = json_element(cells, NULL, pair[1].index);
        const struct json_node id = {.parent = &cell, .name = "id"};
        failed = json_wrong(&id, error, "\"%.60s\" is cells[%zu] already; expected a new name",
                            pair[1].name, pair[0].index);
    }
    free(all);
    return failed;
}
