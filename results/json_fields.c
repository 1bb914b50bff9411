/* One writer and one reader for every flat record: they walk its table of fields. */
#include "results/json_parts.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { FIGURE_DIGITS = 6, EXACT_DIGITS = 15 };

_Static_assert(sizeof(enum pattern) == sizeof(unsigned), "enums are read through unsigned");

/* Nothing that is not a number, and nothing negative where only a defect would make it so. */
static double sound(double value)
{
    return isfinite(value) && value > 0 ? value : 0;
}

/* Numbers alone tell whether there is a record. */
static bool is_zero(const struct json_field *field, const void *place)
{
    switch (field->kind) {
    case JSON_FIGURE:
    case JSON_EXACT:
    case JSON_SIGNED:
        return *(const double *)place == 0;
    case JSON_COUNT:
        return *(const uint64_t *)place == 0;
    case JSON_SIZE:
        return *(const size_t *)place == 0;
    default:
        return true;
    }
}

static bool is_all_zero(const struct json_fields *table, const void *record)
{
    for (size_t i = 0; i < table->count; i++) {
        if (!is_zero(&table->fields[i], (const char *)record + table->fields[i].offset))
            return false;
    }
    return true;
}

static bool is_absent(const struct json_field *field, const void *place)
{
    switch (field->kind) {
    case JSON_FIGURE:
    case JSON_EXACT:
        return !field->required && sound(*(const double *)place) == 0;
    case JSON_KNOWN:
        return *(const int64_t *)place < 0;
    case JSON_NUMBER:
        return !field->required && *(const int *)place < 0;
    case JSON_STRING:
        return !field->required && !*(char *const *)place;
    case JSON_CHARS:
        return !field->required && *(const char *)place == '\0';
    case JSON_RECORD:
        return !field->required && is_all_zero(field->record, place);
    default:
        return false;
    }
}

static cJSON *sides_item(struct json_writer *writer, const double *values)
{
    cJSON *const item = cJSON_CreateObject();

    json_add(writer, item, "sender", json_real(sound(values[SIDE_SENDER]), FIGURE_DIGITS));
    json_add(writer, item, "receiver", json_real(sound(values[SIDE_RECEIVER]), FIGURE_DIGITS));
    return item;
}

static cJSON *side_counts_item(struct json_writer *writer, const uint64_t *counts)
{
    cJSON *const item = cJSON_CreateObject();

    json_add(writer, item, "sender", json_whole(counts[SIDE_SENDER]));
    json_add(writer, item, "receiver", json_whole(counts[SIDE_RECEIVER]));
    return item;
}

static cJSON *record_item(struct json_writer *writer, const struct json_fields *table,
                          const void *record)
{
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, table, record);
    return item;
}

static cJSON *field_item(struct json_writer *writer, const struct json_field *field,
                         const void *place)
{
    switch (field->kind) {
    case JSON_FIGURE:
        return json_real(sound(*(const double *)place), FIGURE_DIGITS);
    case JSON_EXACT:
        return json_real(sound(*(const double *)place), EXACT_DIGITS);
    case JSON_SIGNED:
        return json_real(*(const double *)place, FIGURE_DIGITS);
    case JSON_SIDES:
        return sides_item(writer, place);
    case JSON_SIDE_COUNTS:
        return side_counts_item(writer, place);
    case JSON_COUNT:
        return json_whole(*(const uint64_t *)place);
    case JSON_SIZE:
        return json_whole(*(const size_t *)place);
    case JSON_KNOWN:
        return json_whole_signed(*(const int64_t *)place);
    case JSON_NUMBER:
        return json_whole_signed(*(const int *)place);
    case JSON_BOOL:
        return cJSON_CreateBool(*(const bool *)place);
    case JSON_STRING:
        return json_text(*(char *const *)place);
    case JSON_CHARS:
        return json_text(place);
    case JSON_CHOICE:
        return json_text(field->choice(*(const unsigned *)place));
    case JSON_RECORD:
        return record_item(writer, field->record, place);
    }
    return NULL;
}

void json_write_fields(struct json_writer *writer, cJSON *object, const struct json_fields *table,
                       const void *record)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct json_field *const field = &table->fields[i];
        const void *const place = (const char *)record + field->offset;
        if (!is_absent(field, place))
            json_add(writer, object, field->name, field_item(writer, field, place));
    }
}

int json_read_real(const struct json_node *node, bool is_signed, double *number,
                   struct error *error)
{
    const cJSON *const item = node->item;

    /* 1e999 is read as infinity. */
    if (!item || !cJSON_IsNumber(item) || !isfinite(item->valuedouble))
        return json_expected(node, error, "a number");
    if (!is_signed && item->valuedouble < 0)
        return json_expected(node, error, "a number of at least 0");
    *number = item->valuedouble;
    return 0;
}

static int read_sides(const struct json_node *node, double *values, struct error *error)
{
    const struct json_node sender = json_child(node, "sender");
    const struct json_node receiver = json_child(node, "receiver");

    int failed = json_expect_object(node, error);
    if (!failed)
        failed = json_read_real(&sender, false, &values[SIDE_SENDER], error);
    if (!failed)
        failed = json_read_real(&receiver, false, &values[SIDE_RECEIVER], error);
    return failed;
}

static int read_side_counts(const struct json_node *node, uint64_t *counts, struct error *error)
{
    const struct json_node sender = json_child(node, "sender");
    const struct json_node receiver = json_child(node, "receiver");

    int failed = json_expect_object(node, error);
    if (!failed)
        failed = json_read_whole(&sender, UINT64_MAX, &counts[SIDE_SENDER], error);
    if (!failed)
        failed = json_read_whole(&receiver, UINT64_MAX, &counts[SIDE_RECEIVER], error);
    return failed;
}

static int read_chars(const struct json_node *node, size_t bytes, char *chars, struct error *error)
{
    if (!node->item || !cJSON_IsString(node->item))
        return json_expected(node, error, "text");
    const size_t length = strlen(node->item->valuestring);
    if (length >= bytes)
        return json_wrong(node, error, "%zu bytes of text; expected at most %zu", length,
                          bytes - 1);
    memcpy(chars, node->item->valuestring, length + 1);
    text_clean(chars);
    return 0;
}

static int read_choice(const struct json_node *node, const struct json_field *field,
                       unsigned *choice, struct error *error)
{
    const char *const given = cJSON_GetStringValue(node->item); /* NULL: not text */
    char what[160] = "";
    size_t length = 0;

    for (unsigned i = 0; i < field->limit; i++) {
        const char *const name = field->choice(i);
        if (given && strcmp(given, name) == 0) {
            *choice = i;
            return 0;
        }
        if (length < sizeof what)
            length += (size_t)snprintf(what + length, sizeof what - length, "%s\"%s\"",
                                       i > 0 ? " or " : "", name);
    }
    return json_expected(node, error, what);
}

/* Whole numbers of every width: into the widest, with the field's limit or its type's. */
static int read_integer(const struct json_node *node, const struct json_field *field, void *target,
                        struct error *error)
{
    const uint64_t type_limit = field->kind == JSON_COUNT   ? UINT64_MAX
                                : field->kind == JSON_SIZE  ? SIZE_MAX
                                : field->kind == JSON_KNOWN ? INT64_MAX
                                                            : INT_MAX;
    uint64_t number = 0;

    const int failed =
        json_read_whole(node, field->limit ? field->limit : type_limit, &number, error);
    if (failed)
        return failed;
    if (field->kind == JSON_COUNT)
        *(uint64_t *)target = number;
    else if (field->kind == JSON_SIZE)
        *(size_t *)target = (size_t)number;
    else if (field->kind == JSON_KNOWN)
        *(int64_t *)target = (int64_t)number;
    else
        *(int *)target = (int)number;
    return 0;
}

static int read_field(const struct json_node *node, const struct json_field *field, void *target,
                      struct error *error)
{
    switch (field->kind) {
    case JSON_FIGURE:
    case JSON_EXACT:
    case JSON_SIGNED:
        return json_read_real(node, field->kind == JSON_SIGNED, target, error);
    case JSON_SIDES:
        return read_sides(node, target, error);
    case JSON_SIDE_COUNTS:
        return read_side_counts(node, target, error);
    case JSON_COUNT:
    case JSON_SIZE:
    case JSON_KNOWN:
    case JSON_NUMBER:
        return read_integer(node, field, target, error);
    case JSON_BOOL:
        if (!cJSON_IsBool(node->item))
            return json_expected(node, error, "true or false");
        *(bool *)target = cJSON_IsTrue(node->item);
        return 0;
    case JSON_STRING:
        return json_read_string(node, target, error);
    case JSON_CHARS:
        return read_chars(node, field->limit, target, error);
    case JSON_CHOICE:
        return read_choice(node, field, target, error);
    case JSON_RECORD:
        return json_read_fields(node, field->record, target, error);
    }
    return -EINVAL;
}

static void mark_absent(const struct json_field *field, void *target)
{
    if (field->kind == JSON_KNOWN)
        *(int64_t *)target = -1;
    else if (field->kind == JSON_NUMBER)
        *(int *)target = -1;
}

int json_read_fields(const struct json_node *object, const struct json_fields *table, void *record,
                     struct error *error)
{
    int failed = json_expect_object(object, error);

    for (size_t i = 0; i < table->count && !failed; i++) {
        const struct json_field *const field = &table->fields[i];
        const struct json_node node = json_child(object, field->name);
        void *const target = (char *)record + field->offset;
        if (node.item || field->required)
            failed = read_field(&node, field, target, error);
        else
            mark_absent(field, target);
    }
    return failed;
}
