#include "bench/registry.h"

#include <string.h>

#include "base/error.h"
#include "harness/transport.h"
#include "transports/builtin.h"

int take_plugin(const char *value, void *member, struct error *error)
{
    struct registry *const registry = member;
    if (registry->path_count == REGISTRY_PLUGINS_MAX)
        return error_plain(error, "%s: at most %d plug-ins", value, REGISTRY_PLUGINS_MAX);
    registry->paths[registry->path_count++] = value;
    return 0;
}

static int check_name(const struct registry *registry, const struct plugin_file *plugin,
                      struct error *error)
{
    const char *const name = plugin->transport->name;
    const struct transport *const taken = registry_find(registry, name, strlen(name));
    if (!taken)
        return 0;
    const struct run_plugin *const origin = registry_origin(registry, taken);
    return error_plain(error, "%s: the name '%s' is taken by %s", plugin->identity.path, name,
                       origin ? origin->path : "a built-in transport");
}

int registry_load(struct registry *registry, struct error *error)
{
    int failure = 0;
    for (size_t index = registry->plugin_count; !failure && index < registry->path_count; ++index) {
        struct plugin_file *const plugin = &registry->plugins[index];
        failure = plugin_load(registry->paths[index], plugin, error);
        if (!failure)
            failure = check_name(registry, plugin, error);
        if (failure)
            plugin_unload(plugin);
        else
            ++registry->plugin_count;
    }
    if (failure)
        error_prefix(error, "--plugin: ");
    return failure;
}

void registry_free(struct registry *registry)
{
    while (registry->plugin_count > 0)
        plugin_unload(&registry->plugins[--registry->plugin_count]);
    registry->path_count = 0;
}

size_t registry_count(const struct registry *registry)
{
    return transports_builtin_count + registry->plugin_count;
}

const struct transport *registry_at(const struct registry *registry, size_t index)
{
    return index < transports_builtin_count
               ? transports_builtin[index]
               : registry->plugins[index - transports_builtin_count].transport;
}

const struct transport *registry_find(const struct registry *registry, const char *name,
                                      size_t length)
{
    for (size_t index = 0; index < registry_count(registry); ++index) {
        const struct transport *const known = registry_at(registry, index);
        if (strlen(known->name) == length && !strncmp(known->name, name, length))
            return known;
    }
    return NULL;
}

const struct run_plugin *registry_origin(const struct registry *registry,
                                         const struct transport *transport)
{
    for (size_t index = 0; index < registry->plugin_count; ++index) {
        if (registry->plugins[index].transport == transport)
            return &registry->plugins[index].identity;
    }
    return NULL;
}
