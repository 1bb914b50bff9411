/* Which CPUs this process may use and how far apart they are, from sysfs.
 *
 * All paths are taken below a root folder ("" for the machine itself), so that recorded or made
 * trees of other machines can be read. */
#ifndef IPCBENCH_HARNESS_TOPOLOGY_H
#define IPCBENCH_HARNESS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

struct error;

struct cpu {
    int id;
    bool allowed;    /* in this process's affinity mask */
    int package;     /* physical_package_id; -1: unknown */
    int core;        /* core_id within the package; -1: unknown */
    int smt_group;   /* smallest CPU id among thread_siblings; its own where they are unknown */
    int cache_group; /* smallest CPU id sharing the last-level cache; -1: unknown */
    int node;        /* NUMA node; 0 where there is no NUMA */
};

struct topology {
    size_t count; /* online CPUs, ascending by id */
    struct cpu *cpus;
    size_t node_count; /* online NUMA nodes, those without CPUs too; at least 1 */
};

/* How far apart two CPUs are: the placement classes of a pair. */
enum distance {
    DISTANCE_SAME_CPU,
    DISTANCE_SMT,         /* two threads of one core */
    DISTANCE_SAME_CACHE,  /* two cores under one last-level cache */
    DISTANCE_CROSS_CACHE, /* one node, different last-level caches, or none known */
    DISTANCE_CROSS_NODE,
};

struct cpu_pair {
    int sender;
    int receiver;
};

/* Online CPUs with their groups; the allowed set is this process's own where `root` is "", else
 * all. Missing files make a field unknown, not an error. Free with topology_free. */
int topology_read(const char *root, struct topology *topology, struct error *error);
void topology_free(struct topology *topology);

const struct cpu *topology_cpu(const struct topology *topology, int id); /* NULL: not online */

enum distance topology_distance(const struct cpu *a, const struct cpu *b);
const char *distance_name(enum distance distance); /* "same-cpu", "smt", "same-cache", ... */

/* The default pair: two allowed CPUs on different cores that share a last-level cache; failing that
 * SMT siblings, then the nearest other pair, then one CPU twice. Among pairs equally far apart CPU
 * 0 and its core are avoided: it takes most interrupts. {-1, -1} where no CPU is allowed. */
struct cpu_pair topology_default_pair(const struct topology *topology);

/* "2,3" -> {2, 3}. CPUs that are not online or not allowed give a line that lists those that are.
 */
int topology_parse_pair(const struct topology *topology, const char *text, struct cpu_pair *pair,
                        struct error *error);

#endif
