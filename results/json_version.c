/* The versions of the result file. A document of an older one is changed, step by step, into the
 * newest before it is read, so that only these steps know how files used to look.
 *
 * A new version N takes RUN_SCHEMA to N and, at the end of the table, the step from N - 1. Members
 * that are merely added need none: readers take their absence for what it is. */
#include "results/json_parts.h"

#include <string.h>

#define SCHEMA_NAME "ipcbench-result/"

/* Changes a document of one version into one of the next. A failure names the place. */
typedef int version_upgrade(cJSON *document, struct error *error);

/* upgrades[i] leads from version i + 1 to i + 2; NULL: from the newest no step leads on. */
static version_upgrade *const upgrades[] = {
    NULL, /* 1 */
};
enum { NEWEST = sizeof upgrades / sizeof upgrades[0] };

/* Digits alone, without a leading 0; 0: it is something else. More digits than there will ever be
 * versions are a version all the same, one that nobody knows. */
static unsigned version_of(const char *digits)
{
    const size_t length = strlen(digits);
    unsigned version = 0;

    if (length == 0 || digits[0] == '0' || strspn(digits, "0123456789") != length)
        return 0;
    for (size_t i = 0; i < length && version <= NEWEST; i++)
        version = version * 10 + (unsigned)(digits[i] - '0');
    return version;
}

int json_upgrade(cJSON *document, struct error *error)
{
    const struct json_node root = {.item = document};
    const struct json_node schema = json_child(&root, "schema");

    int failed = json_expect_object(&root, error);
    if (failed)
        return failed;
    const char *const name = cJSON_GetStringValue(schema.item); /* NULL: not text */
    if (!name || strncmp(name, SCHEMA_NAME, strlen(SCHEMA_NAME)) != 0)
        return json_expected(&schema, error, "\"" RUN_SCHEMA "\"");
    const unsigned version = version_of(name + strlen(SCHEMA_NAME));
    if (version == 0)
        return json_expected(&schema, error, "\"" RUN_SCHEMA "\"");
    if (version > NEWEST)
        return json_wrong(&schema, error, "%.60s: this ipcbench reads up to %d", name, NEWEST);
    for (unsigned v = version; v < NEWEST && !failed; v++)
        failed = upgrades[v - 1](document, error);
    return failed;
}
