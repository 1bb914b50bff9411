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

    if (!machine_is_this(list) || !__get_cpuid(1, &eax, &ebx, &ecx, &edx))
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

    if (file_read_line(machine_path(list, "/run/systemd/container").text, kind, sizeof kind) == 0)
        machine_add_text(list, "virtualisation", "container", kind);
    if (access(machine_path(list, "/.dockerenv").text, F_OK) == 0)
        machine_add_text(list, "virtualisation", "container", "docker");
    if (access(machine_path(list, "/run/.containerenv").text, F_OK) == 0)
        machine_add_text(list, "virtualisation", "container", "podman");
    machine_add_text(list, "virtualisation", "container", "no sign of one");
}

struct cgroup_path {
    char text[256];
};

/* Is a controller in "cpuacct,cpu"? "" is in the empty list alone. */
static bool names_controller(const char *list, const char *controller)
{
    const size_t length = strlen(controller);

    while (strncmp(list, controller, length) != 0 ||
           (list[length] != ',' && list[length] != '\0')) {
        list += strcspn(list, ",");
        if (*list++ == '\0')
            return false;
    }
    return true;
}

/* This process's group, as the path behind the mount point: in the version 2 hierarchy for "", else
 * in that of a version 1 controller. False: there is none, or it lies outside what this container
 * sees. The lines are "4:cpu,cpuacct:/group" and "0::/group". */
static bool read_cgroup_path(const struct fact_list *list, const char *controller,
                             struct cgroup_path *path)
{
    struct text groups = {0};
    char *rest = NULL;
    bool found = false;

    (void)file_read(machine_path(list, "/proc/self/cgroup").text, &groups, NULL);
    for (char *line = groups.data ? strtok_r(groups.data, "\n", &rest) : NULL; line && !found;
         line = strtok_r(NULL, "\n", &rest)) {
        char *const controllers = strchr(line, ':');
        char *const group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group || group[1] != '/' || strncmp(group + 1, "/..", 3) == 0)
            continue;
        *group = '\0';
        found = names_controller(controllers + 1, controller) &&
                snprintf(path->text, sizeof path->text, "%s", group + 1) < (int)sizeof path->text;
    }
    text_free(&groups);
    return found;
}

/* One level up, "" behind the topmost; false: there was none above. */
static bool leave_cgroup(struct cgroup_path *group)
{
    char *const slash = strrchr(group->text, '/');

    if (slash)
        *slash = '\0';
    return slash != NULL;
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
static void add_cgroup_file(struct fact_list *list, const char *mount, struct cgroup_path group,
                            const struct cgroup_file *file)
{
    char kept[256] = "";

    do {
        char path[512];
        char line[256];
        const int length =
            snprintf(path, sizeof path, "%s%s%s/%s", list->root, mount, group.text, file->name);
        if (length < (int)sizeof path && file_read_line(path, line, sizeof line) == 0 &&
            (kept[0] == '\0' || (file->is_limit && limit_of(line) < limit_of(kept))))
            (void)snprintf(kept, sizeof kept, "%s", line);
    } while (leave_cgroup(&group));
    machine_add_text(list, "virtualisation", file->key, kept);
}

/* Version 1 has quota and period in two files; -1 is no quota. The tightest is told. */
static void add_cgroup_v1(struct fact_list *list, const char *mount, struct cgroup_path group)
{
    double kept = INFINITY;
    int64_t kept_quota_us = -1;
    int64_t kept_period_us = 0;

    do {
        char folder[512];
        char path[sizeof folder + 32];
        int64_t quota_us;
        int64_t period_us;
        (void)snprintf(folder, sizeof folder, "%s%s%s", list->root, mount, group.text);
        (void)snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
        if (file_read_number(path, &quota_us) < 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        if (file_read_number(path, &period_us) < 0 || period_us <= 0)
            continue;
        const double limit = quota_us > 0 ? (double)quota_us / (double)period_us : INFINITY;
        if (limit < kept || kept_period_us == 0) {
            kept = limit;
            kept_quota_us = quota_us;
            kept_period_us = period_us;
        }
    } while (leave_cgroup(&group));
    if (kept_period_us > 0) {
        machine_add_number(list, "virtualisation", "cgroup_v1_quota_us", kept_quota_us);
        machine_add_number(list, "virtualisation", "cgroup_v1_period_us", kept_period_us);
    }
}

static void add_cgroup(struct fact_list *list)
{
    static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    static const char *const v1_mounts[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"};
    struct cgroup_path group;

    if (read_cgroup_path(list, "", &group)) {
        for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
            for (size_t k = 0; k < sizeof cgroup_files / sizeof cgroup_files[0]; k++)
                add_cgroup_file(list, mounts[i], group, &cgroup_files[k]);
        }
    }
    if (read_cgroup_path(list, "cpu", &group)) {
        for (size_t i = 0; i < sizeof v1_mounts / sizeof v1_mounts[0]; i++)
            add_cgroup_v1(list, v1_mounts[i], group);
    }
}

/* The eighth figure of "cpu" in /proc/stat: time that the hypervisor gave to others. */
static void add_steal(struct fact_list *list)
{
    char line[512];
    int64_t ticks;

    if (file_read_line(machine_path(list, "/proc/stat").text, line, sizeof line) < 0 ||
        sscanf(line, "cpu %*s %*s %*s %*s %*s %*s %*s %" SCNd64, &ticks) != 1)
        return;
    machine_add_number(list, "virtualisation", "steal_ticks", ticks);
    if (machine_is_this(list))
        machine_add_number(list, "virtualisation", "ticks_per_s", sysconf(_SC_CLK_TCK));
}

void machine_add_virtualisation(struct fact_list *list)
{
    add_hypervisor(list);
    add_container(list);
    add_cgroup(list);
    add_steal(list);
}
