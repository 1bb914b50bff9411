/* Made sysfs trees of machines that are not at hand, for the tests of topology and placement and,
 * through make_sysfs.c, of the command line. Written in the kernel's own formats below a root. */
#ifndef IPCBENCH_TESTS_SYSFS_FIXTURE_H
#define IPCBENCH_TESTS_SYSFS_FIXTURE_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SYSFS_SYSTEM "sys/devices/system/"

enum { SYSFS_PATH_BYTES = 256, SYSFS_LIST_BYTES = 64 };

/* Creates root/<name> with the given line, folders included. Ends the program where it cannot. */
__attribute__((format(printf, 3, 4))) static inline void sysfs_put(const char *root,
                                                                   const char *line,
                                                                   const char *name_format, ...)
{
    char path[SYSFS_PATH_BYTES];
    va_list arguments;

    const int prefix = snprintf(path, sizeof path, "%s/", root);
    va_start(arguments, name_format);
    (void)vsnprintf(path + prefix, sizeof path - (size_t)prefix, name_format, arguments);
    va_end(arguments);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            exit((perror(path), 2));
        *slash = '/';
    }
    FILE *const file = fopen(path, "w");
    if (!file || fprintf(file, "%s\n", line) < 0 || fclose(file) != 0)
        exit((perror(path), 2));
}

/* Puts a line into a file of every CPU of a list such as "0-3,8". */
static inline void sysfs_put_each(const char *root, const char *cpus, const char *file,
                                  const char *line)
{
    for (const char *at = cpus; *at; at += *at == ',') {
        char *end;
        const long first = strtol(at, &end, 10);
        const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        for (long cpu = first; cpu <= last; cpu++)
            sysfs_put(root, line, SYSFS_SYSTEM "cpu/cpu%ld/%s", cpu, file);
        at = end;
    }
}

static inline void sysfs_cache(const char *root, const char *cpus, int index, const char *level)
{
    char file[SYSFS_LIST_BYTES];

    (void)snprintf(file, sizeof file, "cache/index%d/level", index);
    sysfs_put_each(root, cpus, file, level);
    (void)snprintf(file, sizeof file, "cache/index%d/type", index);
    sysfs_put_each(root, cpus, file, level[0] == '1' ? "Data" : "Unified");
    (void)snprintf(file, sizeof file, "cache/index%d/shared_cpu_list", index);
    sysfs_put_each(root, cpus, file, cpus);
}

/* Cores first .. last of a package with a thread each, or two where stride is not 0: `stride` lies
 * between the numbers of siblings. Each core has a level 2 cache of its own; level 1 has an
 * instruction cache that must not be taken for the last level. */
static inline void sysfs_cores(const char *root, int package, int first, int last, int stride)
{
    for (int cpu = first; cpu <= last; cpu++) {
        char threads[SYSFS_LIST_BYTES], number[16];
        (void)snprintf(threads, sizeof threads, stride ? "%d,%d" : "%d", cpu, cpu + stride);
        (void)snprintf(number, sizeof number, "%d", package);
        sysfs_put_each(root, threads, "topology/physical_package_id", number);
        (void)snprintf(number, sizeof number, "%d", cpu - first);
        sysfs_put_each(root, threads, "topology/core_id", number);
        sysfs_put_each(root, threads, "topology/thread_siblings_list", threads);
        sysfs_cache(root, threads, 0, "1");
        sysfs_cache(root, threads, 1, "2");
        sysfs_put_each(root, threads, "cache/index4/level", "4");
        sysfs_put_each(root, threads, "cache/index4/type", "Instruction");
        sysfs_put_each(root, threads, "cache/index4/shared_cpu_list", "0");
    }
}

static inline void sysfs_cpus(const char *root, const char *online, const char *present)
{
    sysfs_put(root, online, SYSFS_SYSTEM "cpu/online");
    sysfs_put(root, present, SYSFS_SYSTEM "cpu/present");
}

static inline void sysfs_node(const char *root, int node, const char *cpus, const char *distances)
{
    sysfs_put(root, cpus, SYSFS_SYSTEM "node/node%d/cpulist", node);
    sysfs_put(root, distances, SYSFS_SYSTEM "node/node%d/distance", node);
}

static inline void sysfs_nodes(const char *root, const char *online, const char *has_memory)
{
    sysfs_put(root, online, SYSFS_SYSTEM "node/online");
    sysfs_put(root, has_memory, SYSFS_SYSTEM "node/has_memory");
}

/* The affinity mask that a cpuset or taskset leaves, as the kernel shows it. */
static inline void sysfs_allow(const char *root, const char *cpus)
{
    char status[SYSFS_PATH_BYTES];

    (void)snprintf(status, sizeof status,
                   "Name:\tipcbench\nCpus_allowed:\tffff\nCpus_allowed_list:\t%s\n"
                   "Mems_allowed_list:\t0",
                   cpus);
    sysfs_put(root, status, "proc/self/status");
}

/* Two Intel sockets of 16 cores with two threads; socket is node is level 3 cache. */
static inline void sysfs_make_server(const char *root)
{
    sysfs_cpus(root, "0-63", "0-63");
    sysfs_cores(root, 0, 0, 15, 32);
    sysfs_cores(root, 1, 16, 31, 32);
    sysfs_cache(root, "0-15,32-47", 3, "3");
    sysfs_cache(root, "16-31,48-63", 3, "3");
    sysfs_nodes(root, "0-1", "0-1");
    sysfs_node(root, 0, "0-15,32-47", "10 21");
    sysfs_node(root, 1, "16-31,48-63", "21 10");
}

/* Two AMD sockets, each one node of two core complexes with a level 3 cache of their own. */
static inline void sysfs_make_amd(const char *root)
{
    sysfs_cpus(root, "0-15", "0-15");
    sysfs_cores(root, 0, 0, 7, 0);
    sysfs_cores(root, 1, 8, 15, 0);
    sysfs_cache(root, "0-3", 3, "3");
    sysfs_cache(root, "4-7", 3, "3");
    sysfs_cache(root, "8-11", 3, "3");
    sysfs_cache(root, "12-15", 3, "3");
    sysfs_nodes(root, "0-1", "0-1");
    sysfs_node(root, 0, "0-7", "10 32");
    sysfs_node(root, 1, "8-15", "32 10");
}

/* The same with NUMA switched off in the firmware: one node over both sockets. */
static inline void sysfs_make_amd_one_node(const char *root)
{
    sysfs_make_amd(root);
    sysfs_nodes(root, "0", "0");
    sysfs_node(root, 0, "0-15", "10");
}

/* Four slow cores, three fast ones, one faster still; a cache per cluster, none for all. */
static inline void sysfs_make_big_little(const char *root)
{
    sysfs_cpus(root, "0-7", "0-7");
    for (int cpu = 0; cpu < 8; cpu++) {
        char own[8];
        (void)snprintf(own, sizeof own, "%d", cpu);
        sysfs_put_each(root, own, "topology/physical_package_id", "0");
        sysfs_put_each(root, own, "topology/core_id", own);
        sysfs_put_each(root, own, "topology/thread_siblings_list", own);
    }
    sysfs_put_each(root, "0-3", "cpu_capacity", "290");
    sysfs_put_each(root, "4-6", "cpu_capacity", "870");
    sysfs_put_each(root, "7", "cpu_capacity", "1024");
    sysfs_cache(root, "0-3", 2, "2");
    sysfs_cache(root, "4-7", 2, "2");
}

static inline void sysfs_make_one(const char *root)
{
    sysfs_cpus(root, "0", "0");
    sysfs_cores(root, 0, 0, 0, 0);
}

/* Four cores with two threads; all second threads are off, and CPU 1. */
static inline void sysfs_make_offline(const char *root)
{
    sysfs_cpus(root, "0,2-3", "0-7");
    for (int cpu = 0; cpu < 4; cpu++)
        sysfs_cores(root, 0, cpu, cpu, 0);
    sysfs_cache(root, "0,2-3", 3, "3");
}

/* The server in a container with three CPUs: CPU 0, its sibling and one of the other socket. */
static inline void sysfs_make_cpuset(const char *root)
{
    sysfs_make_server(root);
    sysfs_allow(root, "0,17,32");
}

/* Two sockets and, on node 2, memory without CPUs (CXL); node 3 has CPUs without memory. */
static inline void sysfs_make_memory_only(const char *root)
{
    sysfs_cpus(root, "0-5", "0-5");
    sysfs_cores(root, 0, 0, 1, 0);
    sysfs_cores(root, 1, 2, 3, 0);
    sysfs_cores(root, 2, 4, 5, 0);
    sysfs_cache(root, "0-1", 3, "3");
    sysfs_cache(root, "2-3", 3, "3");
    sysfs_cache(root, "4-5", 3, "3");
    sysfs_nodes(root, "0-3", "0-2");
    sysfs_node(root, 0, "0-1", "10 21 14 31");
    sysfs_node(root, 1, "2-3", "21 10 24 21");
    sysfs_node(root, 2, "", "14 24 10 34");
    sysfs_node(root, 3, "4-5", "31 21 34 10");
}

static const struct sysfs_machine {
    const char *name;
    void (*make)(const char *root);
} sysfs_machines[] = {
    {"server", sysfs_make_server},
    {"amd", sysfs_make_amd},
    {"amd-one-node", sysfs_make_amd_one_node},
    {"big-little", sysfs_make_big_little},
    {"one", sysfs_make_one},
    {"offline", sysfs_make_offline},
    {"cpuset", sysfs_make_cpuset},
    {"memory-only", sysfs_make_memory_only},
};
enum { SYSFS_MACHINES = sizeof sysfs_machines / sizeof sysfs_machines[0] };

#endif
