/* The NUMA half of topology.h. */
#include "base/error.h"
#include "harness/topology.h"
#include "harness/topology_files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static int add_nodes(struct topology *topology, struct id_range range)
{
    const size_t added = (size_t)(range.last - range.first + 1);
    struct node *const nodes =
        reallocarray(topology->nodes, topology->node_count + added, sizeof *nodes);

    if (!nodes)
        return -ENOMEM;
    topology->nodes = nodes;
    for (int id = range.first; id <= range.last; id++)
        nodes[topology->node_count++] = (struct node){.id = id};
    return 0;
}

/* Without NUMA there is one node, which has everything. */
static int list_nodes(const char *root, struct topology *topology)
{
    struct text content = topology_file(NODE_FOLDER "/online", root);
    const char *list = text_string(&content);
    struct id_range range;
    int failed = 0;

    while (!failed && ids_next(&list, &range) == 1)
        failed = add_nodes(topology, range);
    if (!failed && topology->node_count == 0)
        failed = add_nodes(topology, (struct id_range){0});
    text_free(&content);
    return failed;
}

static void mark_memory(const char *root, struct topology *topology)
{
    struct text content = topology_file(NODE_FOLDER "/has_memory", root);
    const char *list = text_string(&content);
    struct id_range range;

    for (size_t i = 0; i < topology->node_count; i++)
        topology->nodes[i].has_memory = content.length == 0;
    while (ids_next(&list, &range) == 1) {
        for (size_t i = 0; i < topology->node_count; i++) {
            struct node *const node = &topology->nodes[i];
            node->has_memory |= node->id >= range.first && node->id <= range.last;
        }
    }
    text_free(&content);
}

static void assign_cpus(const char *root, struct topology *topology, int node)
{
    struct text content = topology_file(NODE_FOLDER "/node%d/cpulist", root, node);
    const char *list = text_string(&content);
    struct id_range range;

    while (ids_next(&list, &range) == 1) {
        for (size_t i = 0; i < topology->count; i++) {
            struct cpu *const cpu = &topology->cpus[i];
            if (cpu->id >= range.first && cpu->id <= range.last)
                cpu->node = node;
        }
    }
    text_free(&content);
}

/* "10 21": one number for each online node, in their order. */
static void read_distances(const char *root, const struct topology *topology, size_t row)
{
    struct text content =
        topology_file(NODE_FOLDER "/node%d/distance", root, topology->nodes[row].id);
    const char *text = text_string(&content);

    for (size_t column = 0; column < topology->node_count; column++) {
        char *end;
        const long distance = strtol(text, &end, 10);
        const bool usable = end != text && distance >= 0 && distance <= INT_MAX;
        topology->node_distances[row * topology->node_count + column] = usable ? (int)distance : -1;
        text = end;
    }
    text_free(&content);
}

int topology_read_nodes(const char *root, struct topology *topology, struct error *error)
{
    if (list_nodes(root, topology))
        return error_system(error, ENOMEM, "list of NUMA nodes");
    const size_t count = topology->node_count;
    topology->node_distances = calloc(count * count, sizeof *topology->node_distances);
    if (!topology->node_distances)
        return error_system(error, ENOMEM, "distances of %zu NUMA nodes", count);
    mark_memory(root, topology);
    for (size_t i = 0; i < count; i++) {
        assign_cpus(root, topology, topology->nodes[i].id);
        read_distances(root, topology, i);
    }
    for (size_t i = 0; i < topology->count; i++) {
        for (size_t j = 0; j < count; j++)
            topology->nodes[j].cpu_count += topology->cpus[i].node == topology->nodes[j].id;
    }
    return 0;
}

/* Row or column of a node; node_count: there is none. */
static size_t position(const struct topology *topology, int id)
{
    size_t i = 0;
    while (i < topology->node_count && topology->nodes[i].id != id)
        i++;
    return i;
}

int topology_node_distance(const struct topology *topology, int a, int b)
{
    const size_t count = topology->node_count;
    const size_t row = position(topology, a);
    const size_t column = position(topology, b);

    return row < count && column < count ? topology->node_distances[row * count + column] : -1;
}
