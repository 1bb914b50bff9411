/* Facts about what lies between this process and the hardware: hypervisor, container, quota. */
#include "base/file.h"
#include "base/text.h"
#include "harness/machine_facts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Leaf 1 has a bit that only hypervisors set; leaf 0x40000000 then holds a signature of twelve
 * characters ("KVMKVMKVM", "Microsoft Hv"). */
static void add_hypervisor(struct fact_list *list)
{
    unsigned eax, ebx, ecx, edx;
    char signature[13] = {0};

    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        return;
    if ((ecx & (1U << 31)) == 0) {
        machine_add_text(list, "virtualisation", "hypervisor", "none");
        return;
    }
    __cpuid(0x40000000, eax, ebx, ecx, edx);
    memcpy(signature, &ebx, 4);
    memcpy(signature + 4, &ecx, 4);
    memcpy(signature + 8, &edx, 4);
    machine_add_text(list, "virtualisation", "hypervisor", signature);
    machine_add_text(list, "virtualisation", "hypervisor", "unnamed");
}
#else
static void add_hypervisor(struct fact_list *list)
{
    (void)list;
}
#endif

/* Marks that container managers leave; the file of systemd names its kind. */
static void add_container(struct fact_list *list)
{
    char kind[64];

    if (file_read_line("/run/systemd/container", kind, sizeof kind) == 0)
        machine_add_text(list, "virtualisation", "container", kind);
    if (access("/.dockerenv", F_OK) == 0)
        machine_add_text(list, "virtualisation", "container", "docker");
    if (access("/run/.containerenv", F_OK) == 0)
        machine_add_text(list, "virtualisation", "container", "podman");
    machine_add_text(list, "virtualisation", "container", "no sign of one");
}

/* This process's group in the version 2 hierarchy, as the path behind the mount point; false: there
 * is none, or it lies outside what this container sees. */
static bool read_cgroup_path(char *path, size_t path_bytes)
{
    struct text groups = {0};
    bool found = false;

    if (file_read("/proc/self/cgroup", &groups, NULL) == 0) {
        const char *const all = text_string(&groups);
        const char *at = strncmp(all, "0::/", 4) == 0 ? all : strstr(all, "\n0::/");
        if (at) {
            at = strchr(at, '/');
            const size_t length = strcspn(at, "\n");
            found = length < path_bytes && strncmp(at, "/..", 3) != 0;
            (void)snprintf(path, path_bytes, "%.*s", (int)length, at);
        }
    }
    text_free(&groups);
    return found;
}

/* "200000 100000" is 2 CPUs, "1048576" a number, "max" no limit. */
static double limit_of(const char *text)
{
    char *end;
    const double amount = strtod(text, &end);

    if (end == text)
        return INFINITY;
    const double period = strtod(end, NULL);
    return period > 0 ? amount / period : amount;
}

struct cgroup_file {
    const char *key;
    const char *name;
    bool is_limit; /* else a list, which already holds what the groups above allow */
};

static const struct cgroup_file cgroup_files[] = {
    {"cgroup_cpu_max", "cpu.max", true},
    {"cgroup_memory_max", "memory.max", true},
    {"cgroup_cpuset", "cpuset.cpus.effective", false},
};

/* Reads a control file of the group and of all groups above it. Of a limit the tightest counts,
 * since each of them binds; of a list the nearest. */
static void add_cgroup_file(struct fact_list *list, const char *mount, const char *group,
                            const struct cgroup_file *file)
{
    char path[512];
    char kept[256] = "";
    int above = (int)strlen(group);

    while (above >= 0) {
        char line[256];
        const int length =
            snprintf(path, sizeof path, "%s%.*s/%s", mount, above, group, file->name);
        if (length < (int)sizeof path && file_read_line(path, line, sizeof line) == 0 &&
            (kept[0] == '\0' || (file->is_limit && limit_of(line) < limit_of(kept))))
            (void)snprintf(kept, sizeof kept, "%s", line);
        do
            above--;
        while (above > 0 && group[above] != '/');
    }
    machine_add_text(list, "virtualisation", file->key, kept);
}

static void add_cgroup(struct fact_list *list)
{
    static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    char group[256];

    if (!read_cgroup_path(group, sizeof group))
        return;
    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
        for (size_t k = 0; k < sizeof cgroup_files / sizeof cgroup_files[0]; k++)
            add_cgroup_file(list, mounts[i], group, &cgroup_files[k]);
    }
}

/* The eighth figure of "cpu" in /proc/stat: time that the hypervisor gave to others. */
static void add_steal(struct fact_list *list)
{
    char line[512];
    int64_t ticks;

    if (file_read_line("/proc/stat", line, sizeof line) < 0 ||
        sscanf(line, "cpu %*s %*s %*s %*s %*s %*s %*s %" SCNd64, &ticks) != 1)
        return;
    machine_add_number(list, "virtualisation", "steal_ticks", ticks);
    machine_add_number(list, "virtualisation", "ticks_per_s", sysconf(_SC_CLK_TCK));
}

void machine_add_virtualisation(struct fact_list *list)
{
    add_hypervisor(list);
    add_container(list);
    add_cgroup(list);
    add_steal(list);
}
