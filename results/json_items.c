/* Single JSON values: valid text, numbers without silly digits, and nodes that know their path. */
#include "results/json_parts.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cJSON *json_add(struct json_writer *writer, cJSON *object, const char *name, cJSON *item)
{
    if (item && cJSON_AddItemToObjectCS(object, name, item))
        return item;
    cJSON_Delete(item);
    writer->failed = true;
    return NULL;
}

cJSON *json_add_copy(struct json_writer *writer, cJSON *object, const char *name, cJSON *item)
{
    cJSON *const key = json_text(name);

    if (key && item && cJSON_AddItemToObject(object, key->valuestring, item)) {
        cJSON_Delete(key);
        return item;
    }
    cJSON_Delete(key);
    cJSON_Delete(item);
    writer->failed = true;
    return NULL;
}

void json_append(struct json_writer *writer, cJSON *array, cJSON *item)
{
    if (item && cJSON_AddItemToArray(array, item))
        return;
    cJSON_Delete(item);
    writer->failed = true;
}

size_t json_utf8_bytes(const char *text)
{
    const unsigned char *const bytes = (const unsigned char *)text;
    const unsigned char first = bytes[0];

    if (first == 0)
        return 0;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    unsigned point = first & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3f);
    }
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < smallest[length] || point > 0x10ffff || surrogate ? 0 : length;
}

/* '?' rather than U+FFFD: the length stays, so that what fitted a fixed array fits it again. */
static void replace_stray_bytes(char *text)
{
    while (*text) {
        const size_t bytes = json_utf8_bytes(text);
        if (bytes == 0)
            *text++ = '?';
        else
            text += bytes;
    }
}

cJSON *json_text(const char *text)
{
    cJSON *const item = cJSON_CreateString(text ? text : "");

    if (item)
        replace_stray_bytes(item->valuestring);
    return item;
}

cJSON *json_whole(uint64_t number)
{
    char text[JSON_COUNT_DIGITS_MAX + 1];

    snprintf(text, sizeof text, "%" PRIu64, number);
    return number <= (uint64_t)JSON_WHOLE_MAX ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
}

cJSON *json_whole_signed(int64_t number)
{
    char text[JSON_COUNT_DIGITS_MAX + 2];

    snprintf(text, sizeof text, "%" PRId64, number);
    return number <= JSON_WHOLE_MAX && number >= -JSON_WHOLE_MAX ? cJSON_CreateRaw(text)
                                                                 : cJSON_CreateString(text);
}

/* `digits` significant ones, but never fewer than stand before the decimal point. JSON knows
 * neither infinity nor NaN; callers leave them out, and this is the last line of defence. */
cJSON *json_real(double number, int digits)
{
    const double fixed_from = pow(10, digits) - 0.5;
    char text[48];

    if (!isfinite(number))
        number = 0;
    if (fabs(number) >= fixed_from && fabs(number) < (double)JSON_WHOLE_MAX)
        snprintf(text, sizeof text, "%.0f", number);
    else
        snprintf(text, sizeof text, "%.*g", digits, number);
    return cJSON_CreateRaw(text);
}

struct json_node json_child(const struct json_node *object, const char *name)
{
    return (struct json_node){
        .parent = object,
        .item = cJSON_GetObjectItemCaseSensitive(object->item, name),
        .name = name,
    };
}

struct json_node json_element(const struct json_node *array, const cJSON *item, size_t index)
{
    return (struct json_node){.parent = array, .item = item, .index = index};
}

static void append_path(const struct json_node *node, struct text *path)
{
    if (!node->parent)
        return;
    append_path(node->parent, path);
    if (!node->name)
        text_append(path, "[%zu]", node->index);
    else
        text_append(path, "%s%s", path->length > 0 ? "." : "", node->name);
}

int json_wrong(const struct json_node *node, struct error *error, const char *format, ...)
{
    struct text path = {0};
    char message[ERROR_MESSAGE_BYTES];
    va_list arguments;

    append_path(node, &path);
    const int length = snprintf(message, sizeof message,
                                "%.160s: ", path.length > 0 ? text_string(&path) : "the document");
    text_free(&path);
    va_start(arguments, format);
    (void)vsnprintf(message + length, sizeof message - (size_t)length, format, arguments);
    va_end(arguments);
    text_clean(message);
    replace_stray_bytes(message);
    return error_plain(error, "%s", message);
}

static const char *kind_of(const cJSON *item)
{
    switch (item->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
        return "true or false";
    case cJSON_NULL:
        return "null";
    case cJSON_Number:
        return "a number";
    case cJSON_String:
        return "text";
    case cJSON_Array:
        return "a list";
    default:
        return "an object";
    }
}

int json_expected(const struct json_node *node, struct error *error, const char *what)
{
    if (!node->item)
        return json_wrong(node, error, "missing; expected %s", what);
    if (cJSON_IsNumber(node->item))
        return json_wrong(node, error, "expected %s, found %.15g", what, node->item->valuedouble);
    if (cJSON_IsString(node->item))
        return json_wrong(node, error, "expected %s, found \"%.40s\"", what,
                          node->item->valuestring);
    return json_wrong(node, error, "expected %s, found %s", what, kind_of(node->item));
}

int json_charge(const struct json_node *node, uint64_t bytes, struct error *error)
{
    const struct json_node *root = node;

    while (root->parent)
        root = root->parent;
    if (!root->budget)
        return 0;
    if (bytes > root->budget->bytes_left)
        return json_wrong(node, error, "all up to here would take over %llu MiB of memory",
                          (unsigned long long)(JSON_BYTES_MOST >> 20));
    root->budget->bytes_left -= bytes;
    return 0;
}

int json_expect_object(const struct json_node *node, struct error *error)
{
    return cJSON_IsObject(node->item) ? 0 : json_expected(node, error, "an object");
}

int json_expect_array(const struct json_node *node, size_t limit, struct error *error)
{
    if (!cJSON_IsArray(node->item))
        return json_expected(node, error, "a list");
    if ((size_t)cJSON_GetArraySize(node->item) > limit)
        return json_wrong(node, error, "%d elements; expected at most %zu",
                          cJSON_GetArraySize(node->item), limit);
    return 0;
}

/* Only the form that json_whole writes, so that reading and writing again changes nothing. */
static bool whole_of_digits(const char *digits, uint64_t *number)
{
    if (digits[0] == '\0' || strlen(digits) > JSON_COUNT_DIGITS_MAX ||
        strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    *number = strtoull(digits, NULL, 10);
    return errno == 0 && *number > (uint64_t)JSON_WHOLE_MAX && digits[0] != '0';
}

int json_read_whole(const struct json_node *node, uint64_t limit, uint64_t *number,
                    struct error *error)
{
    const cJSON *const item = node->item;
    char what[64];

    if (cJSON_IsNumber(item) && item->valuedouble >= 0 &&
        item->valuedouble <= (double)JSON_WHOLE_MAX &&
        item->valuedouble == floor(item->valuedouble)) {
        *number = (uint64_t)item->valuedouble;
        if (*number <= limit)
            return 0;
    } else if (cJSON_IsString(item) && whole_of_digits(item->valuestring, number) &&
               *number <= limit) {
        return 0;
    }
    snprintf(what, sizeof what, "a whole number from 0 to %" PRIu64 "%s", limit,
             limit > (uint64_t)JSON_WHOLE_MAX ? " (beyond 2^53 as text)" : "");
    return json_expected(node, error, what);
}

int json_read_exact_string(const struct json_node *node, char **text, struct error *error)
{
    if (!cJSON_IsString(node->item))
        return json_expected(node, error, "text");
    char *const copy = strdup(node->item->valuestring);
    if (!copy)
        return error_system(error, ENOMEM, "reading %s", node->name ? node->name : "a list");
    free(*text);
    *text = copy;
    return 0;
}

int json_read_string(const struct json_node *node, char **text, struct error *error)
{
    const int failed = json_read_exact_string(node, text, error);
    if (!failed)
        text_clean(*text);
    return failed;
}

cJSON *json_fact_item(const struct json_fact *fact)
{
    return fact->is_number ? json_whole_signed(fact->number) : json_text(fact->text);
}

int json_read_fact(const struct json_node *node, struct json_fact *fact, struct error *error)
{
    const cJSON *const item = node->item;
    char again[JSON_COUNT_DIGITS_MAX + 2];

    *fact = (struct json_fact){.is_number = cJSON_IsNumber(item)};
    if (fact->is_number) {
        if (fabs(item->valuedouble) > (double)JSON_WHOLE_MAX ||
            item->valuedouble != floor(item->valuedouble))
            return json_expected(node, error, "a whole number within 2^53, or text");
        fact->number = (int64_t)item->valuedouble;
        return 0;
    }
    if (!cJSON_IsString(item))
        return json_expected(node, error, "text or a whole number");
    text_clean(item->valuestring);
    fact->text = item->valuestring;
    fact->number = strtoll(fact->text, NULL, 10);
    snprintf(again, sizeof again, "%" PRId64, fact->number);
    fact->is_number = (fact->number > JSON_WHOLE_MAX || fact->number < -JSON_WHOLE_MAX) &&
                      strcmp(again, fact->text) == 0;
    return 0;
}
