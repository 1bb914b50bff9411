#include "bench/lists.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/registry.h"
#include "harness/trial.h"

static const uint64_t size_most_bytes = UINT64_C(1) << 40;
static const uint64_t region_most_bytes = UINT64_C(64) << 30;

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

static bool begins_with_digit(const char *text)
{
    return text[0] >= '0' && text[0] <= '9';
}

bool list_next_placement(struct list *list, struct item *item)
{
    if (!list_next(list, item))
        return false;
    struct item receiver;
    if (begins_with_digit(item->text) && list->rest[0] == ',' &&
        begins_with_digit(list->rest + 1) && list_next(list, &receiver)) {
        const size_t length = strlen(item->text);
        snprintf(item->text + length, sizeof(item->text) - length, ",%s", receiver.text);
    }
    return true;
}

static int refuse_name(const struct registry *registry, const char *name, struct error *error)
{
    struct text known = {0};
    for (size_t index = 0; index < registry_count(registry); ++index)
        text_append(&known, "%s%s", index ? ", " : "", registry_at(registry, index)->name);
    error_plain(error, "no transport '%s': %s", name, text_string(&known));
    text_free(&known);
    return -error->code;
}

int parse_transport(const char *text, const struct registry *registry,
                    struct trial_request *request, struct error *error)
{
    const size_t length = strcspn(text, ":");
    const struct transport *const known = registry_find(registry, text, length);
    if (known) {
        request->transport = known;
        const int failure =
            options_parse(known->options, known->option_count,
                          text[length] ? text + length + 1 : NULL, &request->options, error);
        if (failure)
            error_prefix(error, "%s: ", known->name);
        return failure;
    }
    if (length == 3 && !strncmp(text, "all", length))
        return error_plain(error, "'%s': all takes no options; name the transports", text);
    struct item name;
    snprintf(name.text, sizeof(name.text), "%.*s", (int)(length < ITEM_BYTES ? length : ITEM_BYTES),
             text);
    return refuse_name(registry, name.text, error);
}

int parse_message_bytes(const char *text, size_t *bytes, struct error *error)
{
    uint64_t value;
    const int failure = units_parse_bytes(text, &value, error);
    if (failure)
        return failure;
    if (value > size_most_bytes)
        return error_plain(error, "size '%s': 0 bytes to 64 MiB (pagewalk and linewalk: to 1 TiB)",
                           text);
    *bytes = (size_t)value;
    return 0;
}

int parse_region_bytes(const char *text, size_t *bytes, struct error *error)
{
    uint64_t value;
    const int failure = units_parse_bytes(text, &value, error);
    if (failure)
        return failure;
    if (value > region_most_bytes)
        return error_plain(error, "size '%s': a region of at most 64 GiB", text);
    *bytes = (size_t)value;
    return 0;
}

int parse_rate(const char *text, double *per_s, struct error *error)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};
    const double least = 1, most = 1e9;
    char *end = NULL;
    /* Neither signs nor blanks nor hexadecimal numbers, which strtod would take. */
    const size_t digits = strspn(text, "0123456789.");
    const double number = digits ? strtod(text, &end) : 0;
    for (size_t index = 0; end == text + digits && index < sizeof(units) / sizeof(units[0]);
         ++index) {
        *per_s = number * units[index].factor;
        if (!strcmp(end, units[index].suffix) && *per_s >= least && *per_s <= most)
            return 0;
    }
    return error_plain(error, "rate '%s': messages per second, 1 to 1G (k, M, G: powers of 1000)",
                       text);
}

int parse_burst(const char *text, uint64_t *messages, struct error *error)
{
    const uint64_t most = 1000000;
    if (!units_parse_count(text, messages, error) && *messages >= 1 && *messages <= most)
        return 0;
    return error_plain(error, "burst '%s': messages at once, 1 to 1000000", text);
}
