#include "results/topology_json.h"

#include <errno.h>
#include <stdlib.h>

#include "results/json_parts.h"

/* More CPUs than any heat map has room for. */
enum { CPUS_MOST = 1024 };

void topology_matrix_free(struct topology_matrix *matrix)
{
    free(matrix->cpus);
    free(matrix->round_trip_ns);
    free(matrix->taken_at);
    free(matrix->machine);
    *matrix = (struct topology_matrix){0};
}

bool topology_is_document(const cJSON *document)
{
    return cJSON_IsObject(document) && !cJSON_HasObjectItem(document, "schema") &&
           cJSON_HasObjectItem(document, "placements");
}

static int by_id(const void *left, const void *right)
{
    const struct cpu *const a = left, *const b = right;
    return (a->id > b->id) - (a->id < b->id);
}

static int read_cpus(const struct json_node *root, struct topology_matrix *matrix,
                     struct error *error)
{
    const struct json_node node = json_child(root, "cpus");
    const cJSON *item = NULL;

    int failed = json_expect_array(&node, CPUS_MOST, error);
    if (failed)
        return failed;
    matrix->cpus = calloc((size_t)cJSON_GetArraySize(node.item) + 1, sizeof(*matrix->cpus));
    if (!matrix->cpus)
        return error_system(error, ENOMEM, "reading CPUs");
    cJSON_ArrayForEach(item, node.item)
    {
        const struct json_node element = json_element(&node, item, matrix->count);
        struct cpu *const cpu = &matrix->cpus[matrix->count++];
        *cpu = (struct cpu){.package = -1, .core = -1, .cache_group = -1, .capacity = -1};
        failed = json_expect_object(&element, error);
        if (!failed)
            failed = json_read_fields(&element, &topology_cpu_fields, cpu, error);
        if (failed)
            return failed;
    }
    qsort(matrix->cpus, matrix->count, sizeof(*matrix->cpus), by_id);
    return 0;
}

/* The row or column that a member's name means: a CPU's id. */
static int find_row(const struct topology_matrix *matrix, const struct json_node *member,
                    size_t *row, struct error *error)
{
    char *end;
    const long id = strtol(member->name, &end, 10);
    const struct cpu key = {.id = id >= 0 && id < CPU_IDS_MAX && !*end ? (int)id : -1};
    const struct cpu *const found =
        bsearch(&key, matrix->cpus, matrix->count, sizeof(*matrix->cpus), by_id);

    if (!found)
        return json_wrong(member, error, "no such CPU in cpus");
    *row = (size_t)(found - matrix->cpus);
    return 0;
}

static struct json_node member_of(const struct json_node *object, const cJSON *item)
{
    return (struct json_node){.parent = object, .item = item, .name = item->string};
}

static int read_row(const struct json_node *line, struct topology_matrix *matrix,
                    struct error *error)
{
    const cJSON *item = NULL;
    size_t row = 0, column = 0;

    int failed = find_row(matrix, line, &row, error);
    if (!failed)
        failed = json_expect_object(line, error);
    if (failed)
        return failed;
    cJSON_ArrayForEach(item, line->item)
    {
        const struct json_node value = member_of(line, item);
        failed = find_row(matrix, &value, &column, error);
        if (!failed)
            failed = json_read_real(&value, false,
                                    &matrix->round_trip_ns[row * matrix->count + column], error);
        if (failed)
            return failed;
    }
    return 0;
}

static int read_matrix(const struct json_node *root, struct topology_matrix *matrix,
                       struct error *error)
{
    const struct json_node node = json_child(root, "cache_line_round_trip_ns");
    const cJSON *item = NULL;

    if (!node.item)
        return 0;
    int failed = json_expect_object(&node, error);
    if (failed)
        return failed;
    matrix->round_trip_ns = calloc(matrix->count * matrix->count + 1, sizeof(double));
    if (!matrix->round_trip_ns)
        return error_system(error, ENOMEM, "reading the matrix");
    cJSON_ArrayForEach(item, node.item)
    {
        const struct json_node line = member_of(&node, item);
        failed = read_row(&line, matrix, error);
        if (failed)
            return failed;
    }
    return 0;
}

int topology_read_document(const cJSON *document, struct topology_matrix *matrix,
                           struct error *error)
{
    const struct json_node root = {.item = document};
    const struct json_node taken_at = json_child(&root, "taken_at");
    const struct json_node machine = json_child(&root, "machine");
    const struct json_node rounds = json_child(&root, "cache_line_rounds");
    uint64_t round_count = 0;

    *matrix = (struct topology_matrix){0};
    int failed = read_cpus(&root, matrix, error);
    if (!failed)
        failed = read_matrix(&root, matrix, error);
    if (!failed && rounds.item)
        failed = json_read_whole(&rounds, UINT32_MAX, &round_count, error);
    if (!failed && taken_at.item)
        failed = json_read_string(&taken_at, &matrix->taken_at, error);
    if (!failed && machine.item)
        failed = json_read_string(&machine, &matrix->machine, error);
    matrix->rounds = round_count;
    return failed;
}
