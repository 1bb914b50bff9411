/* The transports that can be named: those built in, and those that plug-ins brought.
 *
 *     --plugin PATH       take_plugin notes the path, whatever order the options come in
 *     registry_load       loads what was noted, each checked once
 *     registry_at, ...    the transports, built-in ones first
 *     registry_free       unloads: no transport of a plug-in may be used afterwards
 *
 * A zeroed struct is the registry of built-in transports. */
#ifndef IPCBENCH_BENCH_REGISTRY_H
#define IPCBENCH_BENCH_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/plugin_load.h"

struct command_option;
struct text;

enum { REGISTRY_PLUGINS_MAX = 16 };

struct registry {
    const char *paths[REGISTRY_PLUGINS_MAX]; /* as typed; the strings are the caller's */
    size_t path_count;
    struct plugin_file plugins[REGISTRY_PLUGINS_MAX];
    size_t plugin_count;
};

/* For the tables of verbs; the member is a struct registry. */
int take_plugin(const char *value, void *member, struct error *error);
#define REGISTRY_PLUGIN_OPTION(offset)                                                             \
    {                                                                                              \
        .name = "plugin", .value = "FILE",                                                         \
        .text = "a transport from a shared object, ./libfoo.so (docs/plugin.md); several times",   \
        .take = take_plugin, .member = (offset)                                                    \
    }

/* Refuses a name that is taken. What was loaded before a failure stays for registry_free. */
int registry_load(struct registry *registry, struct error *error);
void registry_free(struct registry *registry);

size_t registry_count(const struct registry *registry);
const struct transport *registry_at(const struct registry *registry, size_t index);

/* The transport of a name of so many characters, or NULL. */
const struct transport *registry_find(const struct registry *registry, const char *name,
                                      size_t length);

/* The plug-in that a transport came from; NULL: built in. */
const struct run_plugin *registry_origin(const struct registry *registry,
                                         const struct transport *transport);

#endif
