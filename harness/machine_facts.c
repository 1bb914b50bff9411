/* Facts about kernel and memory that take more than reading a file. */
#include "harness/machine_facts.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

#define VULNERABILITIES "%s/sys/devices/system/cpu/vulnerabilities"
#define HUGE_PAGES      "%s/sys/kernel/mm/hugepages"

/* Boot options that change what is measured. A list of what may be told, not of what is hidden:
 * command lines hold secrets. */
static const char *const telling_boot_options[] = {
    "isolcpus",
    "nohz_full",
    "rcu_nocbs",
    "mitigations",
    "nosmt",
    "idle",
    "intel_idle.max_cstate",
    "processor.max_cstate",
    "cpuidle.off",
    "transparent_hugepage",
    "hugepages",
    "hugepagesz",
    "default_hugepagesz",
    "preempt",
    "clocksource",
    "tsc",
};

static void add_owned_text(struct fact_list *list, const char *group, const char *key,
                           struct text *text)
{
    machine_add_text(list, group, key, text_string(text));
    list->failed |= text->failed;
    text_free(text);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* "meltdown: Not affected; spectre_v2: Mitigation: Retpolines; ..." */
static void add_mitigations(struct fact_list *list)
{
    struct text joined = {0};
    struct dirent **entries;
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, VULNERABILITIES, list->root);
    const int count = scandir(path, &entries, is_visible, alphasort);
    for (int i = 0; i < count; i++) {
        char state[512];
        (void)snprintf(path, sizeof path, VULNERABILITIES "/%s", list->root, entries[i]->d_name);
        if (file_read_line(path, state, sizeof state) == 0)
            text_append(&joined, "%s%s: %s", joined.length > 0 ? "; " : "", entries[i]->d_name,
                        state);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    add_owned_text(list, "kernel", "mitigations", &joined);
}

/* The kernel takes '-' and '_' in option names as the same. */
static bool is_named(const char *token, size_t length, const char *name)
{
    if (length != strlen(name))
        return false;
    for (size_t i = 0; i < length; i++) {
        if ((token[i] == '-' ? '_' : token[i]) != name[i])
            return false;
    }
    return true;
}

static bool is_telling(const char *token)
{
    const size_t length = strcspn(token, "=");

    for (size_t i = 0; i < sizeof telling_boot_options / sizeof telling_boot_options[0]; i++) {
        if (is_named(token, length, telling_boot_options[i]))
            return true;
    }
    return false;
}

/* What follows "--" is for the first process, not for the kernel. */
static void add_boot_options(struct fact_list *list)
{
    struct text line = {0};
    struct text told = {0};
    char *rest;

    if (file_read(machine_path(list, "/proc/cmdline").text, &line, NULL) == 0 && line.data) {
        for (char *token = strtok_r(line.data, " \n", &rest); token && strcmp(token, "--") != 0;
             token = strtok_r(NULL, " \n", &rest)) {
            if (is_telling(token))
                text_append(&told, "%s ", token);
        }
        if (told.length == 0)
            text_append(&told, "none");
    }
    text_free(&line);
    add_owned_text(list, "kernel", "boot_options", &told);
}

/* What the kernel says of itself also without /proc. Where debugfs is closed its version tells
 * which preemption was compiled in, if not which was chosen. */
static void add_names(struct fact_list *list)
{
    static const char *const models[] = {"PREEMPT_RT", "PREEMPT_DYNAMIC", "PREEMPT_LAZY",
                                         "PREEMPT"};
    struct utsname names;

    if (!machine_is_this(list) || uname(&names) < 0)
        return;
    machine_add_text(list, "kernel", "release", names.release);
    machine_add_text(list, "kernel", "version", names.version);
    machine_add_text(list, "kernel", "hostname", names.nodename);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (strstr(names.version, models[i])) {
            machine_add_text(list, "kernel", "preempt_model", models[i]);
            return;
        }
    }
}

void machine_add_kernel(struct fact_list *list)
{
    add_mitigations(list);
    add_boot_options(list);
    add_names(list);
}

/* "2M: 64, 1G: 0": one count of every huge page size. */
static void add_huge_pages(struct fact_list *list, const char *key, const char *file)
{
    struct text counts = {0};
    struct dirent **entries;
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, HUGE_PAGES, list->root);
    const int count = scandir(path, &entries, is_visible, versionsort);
    for (int i = 0; i < count; i++) {
        uint64_t kilobytes;
        int64_t pages;
        (void)snprintf(path, sizeof path, HUGE_PAGES "/%s/%s", list->root, entries[i]->d_name,
                       file);
        if (sscanf(entries[i]->d_name, "hugepages-%" SCNu64 "kB", &kilobytes) == 1 &&
            kilobytes <= INT64_MAX / 1024 && file_read_number(path, &pages) == 0)
            text_append(&counts, "%s%s: %" PRId64, counts.length > 0 ? ", " : "",
                        units_bytes_exact(kilobytes * 1024).text, pages);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    add_owned_text(list, "memory", key, &counts);
}

/* The soft limits, as /proc/self/limits names them: a file can be read below any root. */
struct resource_limit {
    const char *key;
    const char *name;
};

static const struct resource_limit resource_limits[] = {
    {"rlimit_nofile", "Max open files "},
    {"rlimit_memlock_bytes", "Max locked memory "},
    {"rlimit_msgqueue_bytes", "Max msgqueue size "},
    {"rlimit_nproc", "Max processes "},
    {"rlimit_rtprio", "Max realtime priority "},
};

static void add_resource_limits(struct fact_list *list)
{
    struct text limits = {0};

    (void)file_read(machine_path(list, "/proc/self/limits").text, &limits, NULL);
    for (size_t i = 0; i < sizeof resource_limits / sizeof resource_limits[0]; i++) {
        const struct resource_limit *const limit = &resource_limits[i];
        const char *const line = strstr(text_string(&limits), limit->name);
        int64_t soft;
        if (!line)
            continue;
        if (sscanf(line + strlen(limit->name), "%" SCNd64, &soft) == 1)
            machine_add_number(list, "limits", limit->key, soft);
        else
            machine_add_text(list, "limits", limit->key, "unlimited");
    }
    text_free(&limits);
}

void machine_add_memory(struct fact_list *list)
{
    if (machine_is_this(list))
        machine_add_number(list, "memory", "page_bytes", sysconf(_SC_PAGESIZE));
    add_huge_pages(list, "huge_pages_total", "nr_hugepages");
    add_huge_pages(list, "huge_pages_free", "free_hugepages");
    add_huge_pages(list, "huge_pages_overcommit", "nr_overcommit_hugepages");
    add_resource_limits(list);
}
