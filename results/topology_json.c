#include "results/topology_json.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "harness/cpu_matrix.h"
#include "results/json_parts.h"

/* The name of a row or column: objects, since an array could not leave anything out. */
struct key {
    char text[16];
};

static struct key key_of(int id)
{
    struct key key;
    snprintf(key.text, sizeof key.text, "%d", id);
    return key;
}

#define IN_CPU(member) .offset = offsetof(struct cpu, member)
static const struct json_field cpu_array[] = {
    {"id", JSON_NUMBER, true, IN_CPU(id)},
    {"allowed", JSON_BOOL, true, IN_CPU(allowed)},
    {"package", JSON_NUMBER, false, IN_CPU(package)},
    {"core", JSON_NUMBER, false, IN_CPU(core)},
    {"smt_group", JSON_NUMBER, true, IN_CPU(smt_group)},
    {"cache_group", JSON_NUMBER, false, IN_CPU(cache_group)},
    {"node", JSON_NUMBER, true, IN_CPU(node)},
    {"capacity", JSON_NUMBER, false, IN_CPU(capacity)},
};
const struct json_fields topology_cpu_fields = FIELDS(cpu_array);

#define IN_NODE(member) .offset = offsetof(struct node, member)
static const struct json_field node_array[] = {
    {"id", JSON_NUMBER, true, IN_NODE(id)},
    {"has_memory", JSON_BOOL, true, IN_NODE(has_memory)},
    {"cpu_count", JSON_SIZE, true, IN_NODE(cpu_count)},
};
static const struct json_fields node_fields = FIELDS(node_array);

static cJSON *write_cpus(struct json_writer *writer, const struct topology *topology)
{
    cJSON *const array = cJSON_CreateArray();

    for (size_t i = 0; i < topology->count; i++) {
        const struct cpu *const cpu = &topology->cpus[i];
        cJSON *const item = cJSON_CreateObject();
        json_write_fields(writer, item, &topology_cpu_fields, cpu);
        if (cpu->cache_level > 0)
            json_add(writer, item, "cache_level", json_whole_signed(cpu->cache_level));
        json_append(writer, array, item);
    }
    return array;
}

static cJSON *write_distances(struct json_writer *writer, const struct topology *topology, int from)
{
    cJSON *const item = cJSON_CreateObject();

    for (size_t i = 0; i < topology->node_count; i++) {
        const int to = topology->nodes[i].id;
        const int distance = topology_node_distance(topology, from, to);
        if (distance >= 0)
            json_add_copy(writer, item, key_of(to).text, json_whole_signed(distance));
    }
    return item;
}

static cJSON *write_nodes(struct json_writer *writer, const struct topology *topology)
{
    cJSON *const array = cJSON_CreateArray();

    for (size_t i = 0; i < topology->node_count; i++) {
        const struct node *const node = &topology->nodes[i];
        cJSON *const item = cJSON_CreateObject();
        json_write_fields(writer, item, &node_fields, node);
        json_add(writer, item, "distances", write_distances(writer, topology, node->id));
        json_append(writer, array, item);
    }
    return array;
}

static cJSON *write_classes(struct json_writer *writer, const struct topology_report *report)
{
    cJSON *const array = cJSON_CreateArray();

    for (int i = 0; i < PLACEMENT_COUNT; i++) {
        const struct topology_class *const class = &report->classes[i];
        cJSON *const item = cJSON_CreateObject();
        json_add(writer, item, "name", json_text(placement_name(class->placement)));
        if (class->cpus.sender != CPU_ANY)
            json_add(writer, item, "cpus", json_write_pair(writer, &class->cpus));
        if (class->is_default)
            json_add(writer, item, "default", cJSON_CreateTrue());
        if (class->objection.code)
            json_add(writer, item, "reason", json_text(class->objection.message));
        if (class->objection.knob[0])
            json_add(writer, item, "knob", json_text(class->objection.knob));
        json_append(writer, array, item);
    }
    return array;
}

static cJSON *write_row(struct json_writer *writer, const struct cpu_matrix *matrix, size_t row)
{
    enum { DIGITS = 6 };
    cJSON *const item = cJSON_CreateObject();

    for (size_t column = 0; column < matrix->count; column++) {
        const double round_trip_ns = cpu_matrix_at(matrix, row, column);
        if (round_trip_ns > 0)
            json_add_copy(writer, item, key_of(matrix->cpus[column]).text,
                          json_real(round_trip_ns, DIGITS));
    }
    return item;
}

static cJSON *write_matrix(struct json_writer *writer, const struct cpu_matrix *matrix)
{
    cJSON *const item = cJSON_CreateObject();

    for (size_t row = 0; row < matrix->count; row++)
        json_add_copy(writer, item, key_of(matrix->cpus[row]).text, write_row(writer, matrix, row));
    return item;
}

int topology_write_json(const struct topology_report *report, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = cJSON_CreateObject();

    json_add(&writer, document, "cpus", write_cpus(&writer, report->topology));
    json_add(&writer, document, "offline_count", json_whole(report->topology->offline_count));
    json_add(&writer, document, "nodes", write_nodes(&writer, report->topology));
    json_add(&writer, document, "placements", write_classes(&writer, report));
    if (report->matrix) {
        json_add(&writer, document, "cache_line_rounds", json_whole(report->matrix->rounds));
        json_add(&writer, document, "cache_line_round_trip_ns",
                 write_matrix(&writer, report->matrix));
    }
    if (report->taken_at)
        json_add(&writer, document, "taken_at", json_text(report->taken_at));
    if (report->machine)
        json_add(&writer, document, "machine", json_text(report->machine));
    char *const printed = writer.failed ? NULL : cJSON_Print(document);
    cJSON_Delete(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    return printed && !out->failed ? 0 : error_system(error, ENOMEM, "topology as JSON");
}
