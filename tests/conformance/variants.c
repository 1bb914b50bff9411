/* Ways to run a transport, found by walking its option table. */
#include "conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/transport.h"

enum { VARIANTS_MOST = 1024 };

/* Numbers worth trying besides the default, where the table allows them. */
static const uint64_t some_bytes = 64 << 10;
static const uint64_t some_count = 16;

struct variant_list {
    struct variant *variants;
    size_t count;
};

/* The next variant's place; the last one again when there are too many. */
static char *next(struct variant_list *list)
{
    return list->variants[list->count < VARIANTS_MOST - 1 ? list->count++ : list->count].options;
}

/* A choice as it would be typed: "stride:N" becomes "stride:16". */
static const char *typed_choice(const struct option_spec *spec, size_t index, char *choice)
{
    if (!options_choice_text(spec, index, choice))
        return NULL;
    const size_t length = strlen(choice);
    if (length > 2 && !strcmp(choice + length - 2, ":N"))
        snprintf(choice + length - 1, OPTION_TEXT_BYTES - length, "%" PRIu64, some_count);
    return choice;
}

static void add_choices(struct variant_list *list, const struct option_spec *spec)
{
    char choice[OPTION_TEXT_BYTES];
    for (size_t index = 0; typed_choice(spec, index, choice); ++index) {
        if (!strcmp(choice, spec->default_value))
            continue;
        snprintf(next(list), sizeof(struct variant), "%s=%s", spec->key, choice);
    }
}

static void add_numbers(struct variant_list *list, const struct option_spec *spec)
{
    const uint64_t some = spec->kind == OPTION_BYTES ? some_bytes : some_count;
    char minimum[OPTION_TEXT_BYTES];
    snprintf(minimum, sizeof(minimum), "%" PRIu64, spec->minimum);
    if (strcmp(minimum, spec->default_value) != 0)
        snprintf(next(list), sizeof(struct variant), "%s=%s", spec->key, minimum);
    if (some > spec->minimum && (!spec->maximum || some <= spec->maximum))
        snprintf(next(list), sizeof(struct variant), "%s=%" PRIu64, spec->key, some);
}

/* Every value of one with every value of the other, where neither is the default. */
static void add_pairs(struct variant_list *list, const struct option_spec *one,
                      const struct option_spec *other)
{
    char first[OPTION_TEXT_BYTES], second[OPTION_TEXT_BYTES];
    for (size_t i = 0; typed_choice(one, i, first); ++i) {
        for (size_t k = 0; typed_choice(other, k, second); ++k) {
            if (!strcmp(first, one->default_value) || !strcmp(second, other->default_value))
                continue;
            snprintf(next(list), sizeof(struct variant), "%s=%s,%s=%s", one->key, first, other->key,
                     second);
        }
    }
}

static bool are(const struct option_spec *one, const struct option_spec *other, const char *first,
                const char *second)
{
    return (!strcmp(one->key, first) && !strcmp(other->key, second)) ||
           (!strcmp(one->key, second) && !strcmp(other->key, first));
}

/* Those that decide which loops run: the one does nothing without the other. */
static bool choose_loops(const struct option_spec *one, const struct option_spec *other)
{
    return are(one, other, "sync", "copy") || are(one, other, "copy", "order") ||
           are(one, other, "kind", "timed");
}

/* Pairs of choices: those that choose the loops, or all the others. */
static void add_matching_pairs(struct variant_list *list, const struct transport *transport,
                               bool of_loops)
{
    for (size_t i = 0; i < transport->option_count; ++i) {
        for (size_t k = i + 1; k < transport->option_count; ++k) {
            const struct option_spec *const one = &transport->options[i];
            const struct option_spec *const other = &transport->options[k];
            if (one->choices && other->choices && choose_loops(one, other) == of_loops)
                add_pairs(list, one, other);
        }
    }
}

/* Of transports with the option `number`: each choice of `axis` with some. */
static void add_numbered(struct variant_list *list, const struct transport *transport,
                         const char *axis, const char *number)
{
    char choice[OPTION_TEXT_BYTES];
    bool batches = false;
    for (size_t index = 0; index < transport->option_count; ++index)
        batches = batches || !strcmp(transport->options[index].key, number);
    for (size_t index = 0; batches && index < transport->option_count; ++index) {
        const struct option_spec *const spec = &transport->options[index];
        if (strcmp(spec->key, axis) != 0)
            continue;
        for (size_t at = 0; options_choice_text(spec, at, choice); ++at) {
            if (strcmp(choice, spec->default_value) != 0)
                snprintf(next(list), sizeof(struct variant), "%s=%s,%s=%" PRIu64, spec->key, choice,
                         number, some_count);
        }
    }
}

struct variant *variants_of(const struct transport *transport, bool pairs, size_t *count)
{
    struct variant_list list = {.variants = calloc(VARIANTS_MOST, sizeof(struct variant))};
    *count = 0;
    if (!list.variants)
        return NULL;
    list.count = 1; /* calloc has written "" */
    for (size_t index = 0; index < transport->option_count; ++index) {
        const struct option_spec *const spec = &transport->options[index];
        (spec->kind == OPTION_CHOICE ? add_choices : add_numbers)(&list, spec);
    }
    add_matching_pairs(&list, transport, true);
    add_numbered(&list, transport, "sync", "batch");
    add_numbered(&list, transport, "wait", "batch");
    add_numbered(&list, transport, "kind", "semaphores");
    if (pairs)
        add_matching_pairs(&list, transport, false);
    *count = list.count;
    return list.variants;
}

bool variant_is_of_batches(const struct variant *variant)
{
    return strstr(variant->options, ",batch=") != NULL;
}

bool variant_is_about(const struct variant *variant, const char *key)
{
    const size_t length = strlen(key);
    return !strncmp(variant->options, key, length) && variant->options[length] == '=' &&
           !strchr(variant->options, ',');
}
