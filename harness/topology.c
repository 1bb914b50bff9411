#include "harness/topology.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPU_FOLDER  "%s/sys/devices/system/cpu"
#define NODE_FOLDER "%s/sys/devices/system/node"

/* CONFIG_NR_CPUS is at most 8192; a larger number in a list is no CPU but damage. */
enum { CPU_IDS_MAX = 8192, CACHES_MAX = 16, PATH_BYTES = 512 };

struct id_range {
    int first;
    int last;
};

/* Takes the next range off a kernel list ("0-3,8,10-11"). 1: one was taken, 0: the list is at its
 * end, -EINVAL: not such a list. */
static int next_range(const char **list, struct id_range *range)
{
    char *end;

    *list += strspn(*list, " \n");
    if (**list == '\0')
        return 0;
    const long first = strtol(*list, &end, 10);
    if (end == *list)
        return -EINVAL;
    long last = first;
    if (*end == '-') {
        const char *const digits = end + 1;
        last = strtol(digits, &end, 10);
        if (end == digits)
            return -EINVAL;
    }
    if (first < 0 || last < first || last >= CPU_IDS_MAX || !strchr(", \n", *end))
        return -EINVAL;
    *list = *end == ',' ? end + 1 : end;
    *range = (struct id_range){.first = (int)first, .last = (int)last};
    return 1;
}

/* Reads a whole file named by a format: lists of a large machine have no fixed length. Empty where
 * the file cannot be read. The caller frees the text. */
__attribute__((format(printf, 1, 2))) static struct text read_text(const char *format, ...)
{
    struct text content = {0};
    char path[PATH_BYTES];
    va_list arguments;

    va_start(arguments, format);
    const int length = vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    if (length > 0 && length < PATH_BYTES)
        (void)file_read(path, &content, NULL);
    return content;
}

/* A whole number from a file's content; -1: there is none. */
static int take_number(struct text content)
{
    char *end;
    const char *const text = text_string(&content);
    const long number = strtol(text, &end, 10);
    const bool usable = end != text && number >= 0 && number <= INT_MAX;

    text_free(&content);
    return usable ? (int)number : -1;
}

/* The smallest number in a list from a file's content; -1: no list there. */
static int take_smallest(struct text content)
{
    const char *list = text_string(&content);
    struct id_range range;
    int smallest = -1;

    while (next_range(&list, &range) == 1) {
        if (smallest < 0 || range.first < smallest)
            smallest = range.first;
    }
    text_free(&content);
    return smallest;
}

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
    struct text content = read_text(CPU_FOLDER "/online", root);
    const char *list = text_string(&content);
    struct id_range range;
    int taken;
    int failed = 0;

    while ((taken = next_range(&list, &range)) == 1 && !failed)
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
static int read_allowed(struct topology *topology, struct error *error)
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

/* The last-level cache is the one of the highest level that holds data; its number among the index
 * folders differs between machines. */
static int read_cache_group(const char *root, int id)
{
    int highest = 0;
    int group = -1;

    for (int i = 0; i < CACHES_MAX; i++) {
        char type[32];
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof path, CPU_FOLDER "/cpu%d/cache/index%d/type", root, id, i);
        if (file_read_line(path, type, sizeof type) == 0 && strcmp(type, "Instruction") == 0)
            continue;
        const int level =
            take_number(read_text(CPU_FOLDER "/cpu%d/cache/index%d/level", root, id, i));
        if (level <= highest)
            continue;
        highest = level;
        group = take_smallest(
            read_text(CPU_FOLDER "/cpu%d/cache/index%d/shared_cpu_list", root, id, i));
    }
    return group;
}

static void read_groups(const char *root, struct cpu *cpu)
{
    const int id = cpu->id;

    cpu->package =
        take_number(read_text(CPU_FOLDER "/cpu%d/topology/physical_package_id", root, id));
    cpu->core = take_number(read_text(CPU_FOLDER "/cpu%d/topology/core_id", root, id));
    cpu->smt_group =
        take_smallest(read_text(CPU_FOLDER "/cpu%d/topology/thread_siblings_list", root, id));
    if (cpu->smt_group < 0)
        cpu->smt_group = id;
    cpu->cache_group = read_cache_group(root, id);
}

static void read_node(const char *root, int node, struct topology *topology)
{
    struct text content = read_text(NODE_FOLDER "/node%d/cpulist", root, node);
    const char *list = text_string(&content);
    struct id_range range;

    while (next_range(&list, &range) == 1) {
        for (size_t i = 0; i < topology->count; i++) {
            struct cpu *const cpu = &topology->cpus[i];
            if (cpu->id >= range.first && cpu->id <= range.last)
                cpu->node = node;
        }
    }
    text_free(&content);
}

static void read_nodes(const char *root, struct topology *topology)
{
    struct text content = read_text(NODE_FOLDER "/online", root);
    const char *list = text_string(&content);
    struct id_range range;

    while (next_range(&list, &range) == 1) {
        for (int node = range.first; node <= range.last; node++, topology->node_count++)
            read_node(root, node, topology);
    }
    text_free(&content);
    if (topology->node_count == 0)
        topology->node_count = 1;
}

static int compare_cpus(const void *a, const void *b)
{
    const struct cpu *const first = a;
    const struct cpu *const second = b;
    return (first->id > second->id) - (first->id < second->id);
}

int topology_read(const char *root, struct topology *topology, struct error *error)
{
    *topology = (struct topology){0};
    int failed = read_online(root, topology, error);
    if (!failed && root[0] == '\0')
        failed = read_allowed(topology, error);
    if (!failed && topology->count == 0)
        failed = error_plain(error, CPU_FOLDER "/online lists no CPU", root);
    if (failed) {
        topology_free(topology);
        return failed;
    }
    qsort(topology->cpus, topology->count, sizeof *topology->cpus, compare_cpus);
    for (size_t i = 0; i < topology->count; i++)
        read_groups(root, &topology->cpus[i]);
    read_nodes(root, topology);
    return 0;
}

void topology_free(struct topology *topology)
{
    free(topology->cpus);
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
