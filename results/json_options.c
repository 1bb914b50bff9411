/* A cell's transport options as JSON. */
#include "results/json_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MOST = 64 };

/* A number is a number and a choice text, for whoever plots over it. "default" is no number. */
static struct json_fact option_fact(const struct run_option *option)
{
    return (struct json_fact){
        .is_number = option->is_number && option->number <= INT64_MAX &&
                     strcmp(option->text, "default") != 0,
        .number = (int64_t)option->number,
        .text = option->text,
    };
}

void json_write_options(struct json_writer *writer, cJSON *cell_item, const struct run_cell *cell)
{
    cJSON *const options = json_add(writer, cell_item, "options", cJSON_CreateObject());
    cJSON *typed = NULL;
    char plain[JSON_COUNT_DIGITS_MAX + 1];

    for (size_t i = 0; i < cell->option_count; i++) {
        const struct run_option *const option = &cell->options[i];
        const struct json_fact fact = option_fact(option);
        json_add_copy(writer, options, option->key, json_fact_item(&fact));
        snprintf(plain, sizeof plain, "%" PRIu64, option->number);
        if (!fact.is_number || strcmp(plain, option->text) == 0)
            continue;
        if (!typed)
            typed = json_add(writer, cell_item, "options_typed", cJSON_CreateObject());
        json_add_copy(writer, typed, option->key, json_text(option->text));
    }
}

static int read_option(const struct json_node *node, const struct json_node *typed_object,
                       struct run_option *option, struct error *error)
{
    const struct json_node typed = json_child(typed_object, node->name);
    struct json_fact fact;
    char plain[JSON_COUNT_DIGITS_MAX + 2] = "";

    const int failed = json_read_fact(node, &fact, error);
    if (failed)
        return failed;
    if (fact.is_number && fact.number < 0)
        return json_expected(node, error, "text or a whole number of at least 0");
    if (fact.is_number)
        snprintf(plain, sizeof plain, "%" PRId64, fact.number);
    option->is_number = fact.is_number;
    option->number = fact.is_number ? (uint64_t)fact.number : 0;
    option->key = strdup(node->name);
    if (fact.is_number && typed.item)
        return json_read_string(&typed, &option->text, error);
    option->text = strdup(fact.is_number ? plain : fact.text);
    return option->key && option->text ? 0 : error_system(error, ENOMEM, "reading options");
}

int json_read_options(const struct json_node *cell_node, struct run_cell *cell, struct error *error)
{
    const struct json_node node = json_child(cell_node, "options");
    const struct json_node typed = json_child(cell_node, "options_typed");
    const cJSON *item = NULL;

    int failed = json_expect_object(&node, error);
    if (!failed && typed.item)
        failed = json_expect_object(&typed, error);
    if (failed)
        return failed;
    const int count = cJSON_GetArraySize(node.item);
    if (count > OPTIONS_MOST)
        return json_wrong(&node, error, "%d members; expected at most %d", count, OPTIONS_MOST);
    cell->options = calloc((size_t)count + 1, sizeof *cell->options);
    if (!cell->options)
        return error_system(error, ENOMEM, "reading options");
    cJSON_ArrayForEach(item, node.item)
    {
        const struct json_node member = {.parent = &node, .item = item, .name = item->string};
        const int wrong = read_option(&member, &typed, &cell->options[cell->option_count++], error);
        if (wrong)
            return wrong;
    }
    return 0;
}
