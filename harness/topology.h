/* Which CPUs this process may use and how far apart they are, from sysfs.
 *
 * All paths are taken below a root folder ("" for the machine itself), so that recorded or made
 * trees of other machines can be read. */
#ifndef IPCBENCH_HARNESS_TOPOLOGY_H
#define IPCBENCH_HARNESS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct text;

/* CONFIG_NR_CPUS is at most 8192; a larger number in a list is no CPU but damage. */
enum { CPU_IDS_MAX = 8192 };

struct cpu {
    int id;
    bool allowed;    /* in this process's affinity mask */
    int package;     /* physical_package_id; -1: unknown */
    int core;        /* core_id within the package; -1: unknown */
    int smt_group;   /* smallest CPU id among thread_siblings; its own where they are unknown */
    int cache_group; /* smallest CPU id sharing the last-level cache; -1: unknown */
    int cache_level; /* of that cache; 0: unknown */
    int node;        /* NUMA node; 0 where there is no NUMA */
    int capacity;    /* cpu_capacity: 1024 is the fastest kind of core; -1: all are alike */
};

/* A NUMA node; one without CPUs is memory alone (CXL, persistent or graphics memory). */
struct node {
    int id;
    bool has_memory;
    size_t cpu_count; /* online ones */
};

struct topology {
    size_t count; /* online CPUs, ascending by id */
    struct cpu *cpus;
    size_t offline_count; /* present, but not online */
    size_t node_count;    /* online NUMA nodes, ascending by id; at least 1 */
    struct node *nodes;
    int *node_distances; /* node_count rows of node_count; see topology_node_distance */
};

/* How far apart two CPUs are: the placement classes of a pair. */
enum distance {
    DISTANCE_SAME_CPU,
    DISTANCE_SMT,         /* two threads of one core */
    DISTANCE_SAME_CACHE,  /* two cores under one last-level cache */
    DISTANCE_CROSS_CACHE, /* one node, different last-level caches, or none known */
    DISTANCE_CROSS_NODE,
};

enum { CPU_ANY = -1 }; /* in a pair: not pinned, or no such CPU */

struct cpu_pair {
    int sender;
    int receiver;
};

static inline bool cpu_pair_equal(const struct cpu_pair *a, const struct cpu_pair *b)
{
    return a->sender == b->sender && a->receiver == b->receiver;
}

/* Online CPUs with their groups. The allowed set is this process's own where `root` is "", else
 * Cpus_allowed_list of <root>/proc/self/status, all where there is none. Missing files make a field
 * unknown, not an error. Free with topology_free. */
int topology_read(const char *root, struct topology *topology, struct error *error);
void topology_free(struct topology *topology);

/* Is a number in a kernel list ("0-3,8")? */
bool topology_list_has(const char *list, int id);

const struct cpu *topology_cpu(const struct topology *topology, int id); /* NULL: not online */

/* The firmware's word for how much slower node b's memory is from node a's CPUs: 10 at home, 20 for
 * twice the way. -1: unknown. Ids of nodes. */
int topology_node_distance(const struct topology *topology, int a, int b);

enum distance topology_distance(const struct cpu *a, const struct cpu *b);
const char *distance_name(enum distance distance); /* "same-cpu", "smt", "same-cache", ... */

/* The pair of allowed CPUs at this distance that represents it best: for cross-node the nodes
 * farthest apart, for cross-cache two of one package; then the fastest cores, both of one kind;
 * then CPUs other than 0 and its siblings, which take most interrupts; then the smallest ids. The
 * same in every run. False where no two allowed CPUs are that far apart. */
bool topology_choose_pair(const struct topology *topology, enum distance distance,
                          struct cpu_pair *pair);

/* Whether two online CPUs are that far apart, allowed or not. */
bool topology_has_distance(const struct topology *topology, enum distance distance);

/* The default pair: two allowed CPUs on different cores that share a last-level cache; failing that
 * SMT siblings, then the nearest other pair, then one CPU twice. Chosen as above. {-1, -1} where no
 * CPU is allowed. */
struct cpu_pair topology_default_pair(const struct topology *topology);

/* "2,3" -> {2, 3}. CPUs that are not online or not allowed give a line that lists those that are.
 */
int topology_parse_pair(const struct topology *topology, const char *text, struct cpu_pair *pair,
                        struct error *error);

/* Appends the allowed CPUs as the kernel writes lists: "0-3,8". */
void topology_format_allowed(const struct topology *topology, struct text *out);

#endif
