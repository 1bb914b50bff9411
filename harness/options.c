#include "harness/options.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *options_choice_text(const struct option_spec *spec, size_t index, char *buffer)
{
    const char *choice = spec->choices;

    if (!choice)
        return NULL;
    for (; index > 0; index--) {
        choice = strchr(choice, '|');
        if (!choice)
            return NULL;
        choice++;
    }
    (void)snprintf(buffer, OPTION_TEXT_BYTES, "%.*s", (int)strcspn(choice, "|"), choice);
    return buffer;
}

static bool default_is_open(const struct option_spec *spec)
{
    return spec->kind != OPTION_CHOICE && strcmp(spec->default_value, "default") == 0;
}

/* The length of "stride:" in "stride:N"; 0 of a choice that takes no number. */
static size_t number_starts(const char *choice)
{
    const size_t length = strlen(choice);
    return length > 2 && strcmp(choice + length - 2, ":N") == 0 ? length - 1 : 0;
}

static int parse_choice_number(const struct option_spec *spec, const char *text, uint64_t *number,
                               struct error *error)
{
    struct error ignored = {0};
    if (units_parse_count(text, number, &ignored) == 0 && *number >= spec->minimum &&
        *number <= spec->maximum)
        return 0;
    return error_plain(error, "%s=%s with N='%s': must be from %" PRIu64 " to %" PRIu64, spec->key,
                       spec->choices, text, spec->minimum, spec->maximum);
}

static int parse_choice(const struct option_spec *spec, const char *text, uint64_t *value,
                        struct error *error)
{
    char choice[OPTION_TEXT_BYTES];

    for (size_t i = 0; options_choice_text(spec, i, choice); i++) {
        if (number_starts(choice) == 0 && strcmp(choice, text) == 0) {
            *value = i;
            return 0;
        }
        const size_t length = number_starts(choice);
        uint64_t number = 0;
        if (length == 0 || strncmp(choice, text, length) != 0)
            continue;
        const int failed = parse_choice_number(spec, text + length, &number, error);
        *value = i | number << OPTION_CHOICE_BITS;
        return failed;
    }
    return error_plain(error, "%s=%s: must be one of %s", spec->key, text, spec->choices);
}

/* The number `value` of this option as it would be typed. */
static void number_text(const struct option_spec *spec, uint64_t value, char *buffer)
{
    if (spec->kind == OPTION_BYTES)
        (void)snprintf(buffer, OPTION_TEXT_BYTES, "%s", units_bytes_exact(value).text);
    else
        (void)snprintf(buffer, OPTION_TEXT_BYTES, "%" PRIu64, value);
}

static int number_out_of_range(const struct option_spec *spec, const char *text,
                               struct error *error)
{
    char lowest[OPTION_TEXT_BYTES];
    char highest[OPTION_TEXT_BYTES];
    const char *const alternative = default_is_open(spec) ? " or default" : "";

    number_text(spec, spec->minimum, lowest);
    if (spec->maximum == 0)
        return error_plain(error, "%s=%s: must be at least %s%s", spec->key, text, lowest,
                           alternative);
    number_text(spec, spec->maximum, highest);
    return error_plain(error, "%s=%s: must be from %s to %s%s", spec->key, text, lowest, highest,
                       alternative);
}

static int parse_number(const struct option_spec *spec, const char *text, uint64_t *value,
                        struct error *error)
{
    /* Without a place for "default" in the table, 0 would reach a transport that never expects it:
     * the word then counts as any other out of range. */
    if (strcmp(text, "default") == 0) {
        *value = 0;
        return default_is_open(spec) ? 0 : number_out_of_range(spec, text, error);
    }
    const int failed = spec->kind == OPTION_BYTES ? units_parse_bytes(text, value, error)
                                                  : units_parse_count(text, value, error);
    if (failed) {
        error_prefix(error, "%s: ", spec->key);
        return failed;
    }
    if (*value < spec->minimum || (spec->maximum != 0 && *value > spec->maximum))
        return number_out_of_range(spec, text, error);
    return 0;
}

static int parse_value(const struct option_spec *spec, const char *text, uint64_t *value,
                       struct error *error)
{
    return spec->kind == OPTION_CHOICE ? parse_choice(spec, text, value, error)
                                       : parse_number(spec, text, value, error);
}

static int unknown_key(const struct options *options, const char *key, struct error *error)
{
    struct text known = {0};

    for (size_t i = 0; i < options->count; i++)
        text_append(&known, "%s%s", i > 0 ? ", " : "", options->specs[i].key);
    const int failed =
        options->count == 0
            ? error_plain(error, "unknown option '%s': there are none here", key)
            : error_plain(error, "unknown option '%s': there are %s", key, text_string(&known));
    text_free(&known);
    return failed;
}

/* One "key=value" of `length` bytes; `given` marks the options seen so far. */
static int parse_element(struct options *options, const char *element, size_t length, bool *given,
                         struct error *error)
{
    char key[OPTION_TEXT_BYTES];
    char value[OPTION_TEXT_BYTES];
    const char *const equals = memchr(element, '=', length);

    if (!equals)
        return error_plain(error, "'%.*s': options are written key=value, with commas between",
                           (int)length, element);
    const size_t key_bytes = (size_t)(equals - element);
    const size_t value_bytes = length - key_bytes - 1;
    if (key_bytes >= sizeof key || value_bytes >= sizeof value)
        return error_plain(error, "'%.*s...': too long", 60, element);
    (void)snprintf(key, sizeof key, "%.*s", (int)key_bytes, element);
    (void)snprintf(value, sizeof value, "%.*s", (int)value_bytes, equals + 1);

    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->specs[i].key, key) != 0)
            continue;
        if (given[i])
            return error_plain(error, "option '%s' is given twice", key);
        given[i] = true;
        return parse_value(&options->specs[i], value, &options->values[i], error);
    }
    return unknown_key(options, key, error);
}

static int set_defaults(struct options *options, struct error *error)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct option_spec *const spec = &options->specs[i];
        const int failed = parse_value(spec, spec->default_value, &options->values[i], error);
        if (failed) {
            error_prefix(error, "default in the option table: ");
            return failed;
        }
    }
    return 0;
}

int options_parse(const struct option_spec *specs, size_t count, const char *text,
                  struct options *options, struct error *error)
{
    bool given[OPTIONS_MAX] = {false};

    if (count > OPTIONS_MAX)
        return error_plain(error, "%zu options in a table, there can be %d", count, OPTIONS_MAX);
    *options = (struct options){.specs = specs, .count = count};
    int failed = set_defaults(options, error);
    if (failed || !text || text[0] == '\0')
        return failed;

    for (const char *element = text;; element++) {
        const size_t length = strcspn(element, ",");
        failed = parse_element(options, element, length, given, error);
        element += length;
        if (failed || *element == '\0')
            return failed;
    }
}

static const char *choice_value_text(const struct option_spec *spec, uint64_t value, char *buffer)
{
    const char *const choice = options_choice_text(spec, options_choice(value), buffer);
    const size_t length = choice ? number_starts(choice) : 0;
    if (length > 0)
        (void)snprintf(buffer + length, OPTION_TEXT_BYTES - length, "%" PRIu64,
                       options_choice_number(value));
    return choice;
}

const char *options_value_text(const struct options *options, size_t index, char *buffer)
{
    const struct option_spec *const spec = &options->specs[index];
    const uint64_t value = options->values[index];

    if (spec->kind == OPTION_CHOICE)
        return choice_value_text(spec, value, buffer);
    if (value == 0 && default_is_open(spec))
        (void)snprintf(buffer, OPTION_TEXT_BYTES, "default");
    else
        number_text(spec, value, buffer);
    return buffer;
}

void options_format(const struct options *options, struct text *out)
{
    const char *separator = "";
    char value[OPTION_TEXT_BYTES];

    for (size_t i = 0; i < options->count; i++) {
        const struct option_spec *const spec = &options->specs[i];
        uint64_t standard = 0;
        if (parse_value(spec, spec->default_value, &standard, NULL) == 0 &&
            standard == options->values[i])
            continue;
        text_append(out, "%s%s=%s", separator, spec->key, options_value_text(options, i, value));
        separator = ",";
    }
}
