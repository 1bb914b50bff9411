#include "bench/lists.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "harness/transport.h"
#include "transports/builtin.h"

static const uint64_t message_most_bytes = 64 << 20;

struct list list_of(const char *text)
{
    return (struct list){text};
}

bool list_next(struct list *list, struct item *item)
{
    list->rest += strspn(list->rest, ",");
    const size_t length = strcspn(list->rest, ",");
    if (!length)
        return false;
    snprintf(item->text, sizeof(item->text), "%.*s",
             (int)(length < ITEM_BYTES ? length : ITEM_BYTES), list->rest);
    list->rest += length;
    return true;
}

/* Does the text begin with an option rather than a transport? */
static bool begins_with_option(const char *text)
{
    const size_t length = strcspn(text, ",:=");
    return text[length] == '=';
}

bool list_next_transport(struct list *list, struct item *item)
{
    if (!list_next(list, item))
        return false;
    while (list->rest[0] == ',' && begins_with_option(list->rest + 1)) {
        struct item option;
        if (!list_next(list, &option))
            break;
        const size_t length = strlen(item->text);
        snprintf(item->text + length, sizeof(item->text) - length, "%s%s",
                 strchr(item->text, ':') ? "," : ":", option.text);
    }
    return true;
}

static int refuse_name(const char *name, struct error *error)
{
    struct text known = {0};
    for (size_t index = 0; index < transports_builtin_count; ++index)
        text_append(&known, "%s%s", index ? ", " : "", transports_builtin[index]->name);
    error_plain(error, "no transport '%s': %s", name, text_string(&known));
    text_free(&known);
    return -error->code;
}

int parse_transport(const char *text, const struct transport **transport, struct options *options,
                    struct error *error)
{
    const size_t length = strcspn(text, ":");
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        const struct transport *known = transports_builtin[index];
        if (strlen(known->name) != length || strncmp(known->name, text, length) != 0)
            continue;
        *transport = known;
        const int failure = options_parse(known->options, known->option_count,
                                          text[length] ? text + length + 1 : NULL, options, error);
        if (failure)
            error_prefix(error, "%s: ", known->name);
        return failure;
    }
    if (length == 3 && !strncmp(text, "all", length))
        return error_plain(error, "'%s': all takes no options; name the transports", text);
    struct item name;
    snprintf(name.text, sizeof(name.text), "%.*s", (int)(length < ITEM_BYTES ? length : ITEM_BYTES),
             text);
    return refuse_name(name.text, error);
}

int parse_message_bytes(const char *text, size_t *bytes, struct error *error)
{
    uint64_t value;
    const int failure = units_parse_bytes(text, &value, error);
    if (failure)
        return failure;
    if (value < 1 || value > message_most_bytes)
        return error_plain(error, "size '%s': 1 byte to 64 MiB", text);
    *bytes = (size_t)value;
    return 0;
}
