#include "harness/transport.h"

#include <stdio.h>
#include <string.h>

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
