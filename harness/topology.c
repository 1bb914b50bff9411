#include "harness/topology.h"
#include "base/error.h"
#include "base/file.h"
#include "harness/topology_files.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHES_MAX = 16 };

static int add_cpus(struct topology *topology, struct id_range range)
{
    const size_t added = (size_t)(range.last - range.first + 1);
    struct cpu *const cpus =
        realloc(topology->cpus, (topology->count + added) * sizeof *topology->cpus);

    if (!cpus)
        return -ENOMEM;
    topology->cpus = cpus;
    for (int id = range.first; id <= range.last; id++)
        cpus[topology->count++] = (struct cpu){.id = id, .allowed = true};
    return 0;
}

static int read_online(const char *root, struct topology *topology, struct error *error)
{
    struct text content = topology_file(CPU_FOLDER "/online", root);
    const char *list = text_string(&content);
    struct id_range range;
    int taken;
    int failed = 0;

    while ((taken = ids_next(&list, &range)) == 1 && !failed)
        failed = add_cpus(topology, range);
    if (failed)
        error_system(error, ENOMEM, "list of CPUs");
    else if (taken < 0)
        failed = error_plain(error, CPU_FOLDER "/online: '%.60s' is not a list of CPUs", root,
                             text_string(&content));
    text_free(&content);
    return failed;
}

/* Marks the CPUs of this process's affinity mask. The kernel masks it with what is online, so one
 * that sysfs did not list (no sysfs, or a container's edited copy) is online all the same. */
static int read_affinity(struct topology *topology, struct error *error)
{
    cpu_set_t *const set = CPU_ALLOC(CPU_IDS_MAX);
    const size_t set_bytes = CPU_ALLOC_SIZE(CPU_IDS_MAX);
    int failed = 0;

    if (!set)
        return error_system(error, ENOMEM, "affinity mask");
    CPU_ZERO_S(set_bytes, set);
    if (sched_getaffinity(0, set_bytes, set) < 0)
        failed = error_system(error, errno, "sched_getaffinity");
    for (size_t i = 0; !failed && i < topology->count; i++) {
        struct cpu *const cpu = &topology->cpus[i];
        cpu->allowed = CPU_ISSET_S((size_t)cpu->id, set_bytes, set);
        CPU_CLR_S((size_t)cpu->id, set_bytes, set);
    }
    for (int id = 0; !failed && id < CPU_IDS_MAX; id++) {
        if (CPU_ISSET_S((size_t)id, set_bytes, set) &&
            add_cpus(topology, (struct id_range){.first = id, .last = id}) < 0)
            failed = error_system(error, ENOMEM, "list of CPUs");
    }
    CPU_FREE(set);
    return failed;
}

/* The allowed set of a recorded machine. */
static int read_recorded_affinity(const char *root, struct topology *topology, struct error *error)
{
    static const char key[] = "\nCpus_allowed_list:";
    struct text content = topology_file("%s/proc/self/status", root);
    const char *const line = strstr(text_string(&content), key);
    int taken = 0;

    if (line) {
        struct text own = {0};
        struct id_range range;
        const char *const value = line + strlen(key);
        text_append_bytes(&own, value, strcspn(value, "\n"));
        for (size_t i = 0; i < topology->count; i++)
            topology->cpus[i].allowed = false;
        const char *list = text_string(&own);
        while ((taken = ids_next(&list, &range)) == 1) {
            for (size_t i = 0; i < topology->count; i++) {
                struct cpu *const cpu = &topology->cpus[i];
                cpu->allowed |= cpu->id >= range.first && cpu->id <= range.last;
            }
        }
        text_free(&own);
    }
    text_free(&content);
    return taken < 0 ? error_plain(
                           error, "%s/proc/self/status: Cpus_allowed_list is no list of CPUs", root)
                     : 0;
}

/* The last-level cache is the one of the highest level that holds data; its number among the index
 * folders differs between machines. */
static void read_cache(const char *root, struct cpu *cpu)
{
    cpu->cache_group = -1;
    for (int i = 0; i < CACHES_MAX; i++) {
        char type[32];
        char path[512];
        (void)snprintf(path, sizeof path, CPU_FOLDER "/cpu%d/cache/index%d/type", root, cpu->id, i);
        if (file_read_line(path, type, sizeof type) == 0 && strcmp(type, "Instruction") == 0)
            continue;
        const int level =
            take_number(topology_file(CPU_FOLDER "/cpu%d/cache/index%d/level", root, cpu->id, i));
        if (level <= cpu->cache_level)
            continue;
        cpu->cache_level = level;
        cpu->cache_group = take_smallest(
            topology_file(CPU_FOLDER "/cpu%d/cache/index%d/shared_cpu_list", root, cpu->id, i));
    }
}

static void read_groups(const char *root, struct cpu *cpu)
{
    const int id = cpu->id;

    cpu->package =
        take_number(topology_file(CPU_FOLDER "/cpu%d/topology/physical_package_id", root, id));
    cpu->core = take_number(topology_file(CPU_FOLDER "/cpu%d/topology/core_id", root, id));
    cpu->smt_group =
        take_smallest(topology_file(CPU_FOLDER "/cpu%d/topology/thread_siblings_list", root, id));
    if (cpu->smt_group < 0)
        cpu->smt_group = id;
    cpu->capacity = take_number(topology_file(CPU_FOLDER "/cpu%d/cpu_capacity", root, id));
    read_cache(root, cpu);
}

static int compare_cpus(const void *a, const void *b)
{
    const struct cpu *const first = a;
    const struct cpu *const second = b;
    return (first->id > second->id) - (first->id < second->id);
}

static int read_cpus(const char *root, struct topology *topology, struct error *error)
{
    int failed = read_online(root, topology, error);
    if (!failed)
        failed = root[0] == '\0' ? read_affinity(topology, error)
                                 : read_recorded_affinity(root, topology, error);
    if (!failed && topology->count == 0)
        failed = error_plain(error, CPU_FOLDER "/online lists no CPU", root);
    if (failed)
        return failed;
    qsort(topology->cpus, topology->count, sizeof *topology->cpus, compare_cpus);
    for (size_t i = 0; i < topology->count; i++)
        read_groups(root, &topology->cpus[i]);
    const int present = take_count(topology_file(CPU_FOLDER "/present", root));
    topology->offline_count =
        present > (int)topology->count ? (size_t)present - topology->count : 0;
    return 0;
}

int topology_read(const char *root, struct topology *topology, struct error *error)
{
    *topology = (struct topology){0};
    int failed = read_cpus(root, topology, error);
    if (!failed)
        failed = topology_read_nodes(root, topology, error);
    if (failed)
        topology_free(topology);
    return failed;
}

void topology_free(struct topology *topology)
{
    free(topology->cpus);
    free(topology->nodes);
    free(topology->node_distances);
    *topology = (struct topology){0};
}

const struct cpu *topology_cpu(const struct topology *topology, int id)
{
    for (size_t i = 0; i < topology->count; i++) {
        if (topology->cpus[i].id == id)
            return &topology->cpus[i];
    }
    return NULL;
}

bool topology_list_has(const char *list, int id)
{
    struct id_range range;

    while (ids_next(&list, &range) == 1) {
        if (id >= range.first && id <= range.last)
            return true;
    }
    return false;
}
