#include "harness/transport.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static struct obtained_fact *obtained_next(struct obtained *obtained, const char *key)
{
    for (size_t index = 0; index < obtained->count; ++index) {
        if (!strncmp(obtained->facts[index].key, key, sizeof(obtained->facts[index].key) - 1))
            return &obtained->facts[index];
    }
    if (obtained->count == OBTAINED_MAX)
        return NULL;
    struct obtained_fact *fact = &obtained->facts[obtained->count++];
    *fact = (struct obtained_fact){0};
    snprintf(fact->key, sizeof(fact->key), "%s", key);
    return fact;
}

void obtained_number(struct obtained *obtained, const char *key, int64_t number)
{
    struct obtained_fact *fact = obtained_next(obtained, key);
    if (fact) {
        fact->number = number;
        fact->is_number = true;
    }
}

void obtained_text(struct obtained *obtained, const char *key, const char *text)
{
    struct obtained_fact *fact = obtained_next(obtained, key);
    if (fact) {
        fact->is_number = false;
        snprintf(fact->text, sizeof(fact->text), "%s", text);
    }
}

/* What has messages but moves none (null) is not stamped on arrival. */
static bool takes(const struct transport *transport, enum pattern pattern)
{
    if (!pattern_has_messages(pattern))
        return transport->memory_loops;
    if (pattern_walks(pattern))
        return transport->loops && transport->family == FAMILY_SHARED_MEMORY;
    return transport->loops && (transport->family != FAMILY_NONE || pattern == PATTERN_PINGPONG ||
                                pattern == PATTERN_STREAM);
}

int transport_takes(const struct transport *transport, enum pattern pattern, struct error *error)
{
    char known[80] = "";
    if (takes(transport, pattern))
        return 0;
    for (size_t index = 0; index < PATTERN_COUNT; ++index) {
        const size_t length = strlen(known);
        if (takes(transport, (enum pattern)index))
            snprintf(known + length, sizeof(known) - length, "%s%s", length ? ", " : "",
                     pattern_name((enum pattern)index));
    }
    return error_plain(error, "%s cannot be measured by the pattern %s, but by %s", transport->name,
                       pattern_name(pattern), known);
}
