#include "harness/placement.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* "no two CPUs ... here". */
static const char *const descriptions[PLACEMENT_COUNT] = {
    [PLACEMENT_SAME_CPU] = "are one",
    [PLACEMENT_SMT] = "share a core",
    [PLACEMENT_SAME_CACHE] = "of different cores share a last-level cache",
    [PLACEMENT_CROSS_CACHE] = "of one NUMA node have different last-level caches",
    [PLACEMENT_CROSS_NODE] = "are on different NUMA nodes",
    [PLACEMENT_UNPINNED] = "are allowed",
};

const char *placement_name(enum placement placement)
{
    return placement == PLACEMENT_UNPINNED ? "unpinned" : distance_name((enum distance)placement);
}

bool placement_parse(const char *name, enum placement *placement)
{
    for (int i = 0; i < PLACEMENT_COUNT; i++) {
        if (strcmp(placement_name((enum placement)i), name) == 0) {
            *placement = (enum placement)i;
            return true;
        }
    }
    return false;
}

static int refuse(const struct topology *topology, enum placement placement, struct error *error)
{
    struct text allowed = {0};
    int failed;

    topology_format_allowed(topology, &allowed);
    if (topology_has_distance(topology, (enum distance)placement))
        failed = error_unavailable(error, "a wider affinity mask (taskset) or cpuset",
                                   "no two CPUs that this process may use (%s) %s",
                                   text_string(&allowed), descriptions[placement]);
    else if (topology->offline_count > 0)
        failed = error_unavailable(
            error, "CPUs brought online: echo 1 > /sys/devices/system/cpu/cpuN/online",
            "no two CPUs %s here (%zu are offline)", descriptions[placement],
            topology->offline_count);
    else
        failed = error_unavailable(error, "another placement: ipcbench topology lists those here",
                                   "no two CPUs %s here", descriptions[placement]);
    text_free(&allowed);
    return failed;
}

int placement_choose(const struct topology *topology, enum placement placement,
                     struct cpu_pair *pair, struct error *error)
{
    *pair = (struct cpu_pair){.sender = CPU_ANY, .receiver = CPU_ANY};
    if (placement == PLACEMENT_UNPINNED ||
        topology_choose_pair(topology, (enum distance)placement, pair))
        return 0;
    return refuse(topology, placement, error);
}

/* 0: the kernel does not tell. */
static int count_allowed(void)
{
    cpu_set_t *const set = CPU_ALLOC(CPU_IDS_MAX);
    const size_t set_bytes = CPU_ALLOC_SIZE(CPU_IDS_MAX);
    int count = 0;

    if (set && sched_getaffinity(0, set_bytes, set) == 0)
        count = CPU_COUNT_S(set_bytes, set);
    CPU_FREE(set);
    return count;
}

bool placement_shares_cpu(const struct cpu_pair *cpus)
{
    if (cpus->sender == CPU_ANY || cpus->receiver == CPU_ANY)
        return count_allowed() == 1;
    return cpus->sender == cpus->receiver;
}

int placement_pin(int cpu, struct error *error)
{
    if (cpu == CPU_ANY)
        return 0;
    cpu_set_t *const set = CPU_ALLOC((size_t)cpu + 1);
    const size_t set_bytes = CPU_ALLOC_SIZE((size_t)cpu + 1);
    if (!set)
        return error_system(error, ENOMEM, "CPU_ALLOC");
    CPU_ZERO_S(set_bytes, set);
    CPU_SET_S((size_t)cpu, set_bytes, set);
    const int refused = sched_setaffinity(0, set_bytes, set);
    const int failure = errno;
    CPU_FREE(set);
    return refused ? error_system(error, failure, "sched_setaffinity(CPU %d)", cpu) : 0;
}
