/* The plug-in that a cell's transport came from, as `plugin` in the cell. */
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>

#define IN_PLUGIN(member) .offset = offsetof(struct run_plugin, member)
static const struct json_field plugin_array[] = {
    {"path", JSON_STRING, true, IN_PLUGIN(path)},
    {"build_id", JSON_CHARS, false, IN_PLUGIN(build_id),
     .limit = sizeof(((struct run_plugin *)0)->build_id)},
    {"crc32", JSON_CHARS, true, IN_PLUGIN(crc32), .limit = sizeof(((struct run_plugin *)0)->crc32)},
    {"file_bytes", JSON_COUNT, true, IN_PLUGIN(file_bytes)},
};
static const struct json_fields plugin_fields = FIELDS(plugin_array);

void json_write_plugin(struct json_writer *writer, cJSON *cell_item,
                       const struct run_plugin *plugin)
{
    if (!plugin)
        return;
    cJSON *const item = json_add(writer, cell_item, "plugin", cJSON_CreateObject());
    json_write_fields(writer, item, &plugin_fields, plugin);
}

int json_read_plugin(const struct json_node *cell_node, struct run_plugin **plugin,
                     struct error *error)
{
    const struct json_node node = json_child(cell_node, "plugin");

    if (!node.item)
        return 0;
    *plugin = calloc(1, sizeof **plugin);
    if (!*plugin)
        return error_system(error, ENOMEM, "reading a plug-in");
    return json_read_fields(&node, &plugin_fields, *plugin, error);
}
