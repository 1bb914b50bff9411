/* Facts that stand in a file as they are: one table. */
#include "base/file.h"
#include "harness/machine_facts.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum source_form {
    TEXT,
    NUMBER, /* in full as text where it is none or over 63 bits */
    BYTES,  /* a number, followed by "kB" where it counts those */
    CHOSEN, /* the word in brackets: "always [madvise] never" */
};

struct fact_source {
    const char *group;
    const char *key;
    enum source_form form;
    const char *path;
    const char *label; /* of the line "label : value"; NULL: the first line is the value */
};

#define CPU      "/sys/devices/system/cpu/"
#define HALTPOLL "/sys/module/haltpoll/parameters/guest_halt_poll_"
#define THP      "/sys/kernel/mm/transparent_hugepage/"
#define KERNEL   "/proc/sys/kernel/"
#define FS       "/proc/sys/fs/"
#define NET      "/proc/sys/net/"
#define VM       "/proc/sys/vm/"
#define CLOCKS   "/sys/devices/system/clocksource/clocksource0/"

static const struct fact_source sources[] = {
    {"cpu", "model", TEXT, "/proc/cpuinfo", "model name"},
    {"cpu", "vendor", TEXT, "/proc/cpuinfo", "vendor_id"},
    {"cpu", "implementer", TEXT, "/proc/cpuinfo", "CPU implementer"}, /* arm64, in place of names */
    {"cpu", "variant", TEXT, "/proc/cpuinfo", "CPU variant"},
    {"cpu", "part", TEXT, "/proc/cpuinfo", "CPU part"},
    {"cpu", "revision", TEXT, "/proc/cpuinfo", "CPU revision"},
    {"cpu", "microcode", TEXT, "/proc/cpuinfo", "microcode"},
    {"cpu", "online_list", TEXT, CPU "online", NULL},
    {"cpu", "allowed_list", TEXT, "/proc/self/status", "Cpus_allowed_list"},
    {"cpu", "isolated_list", TEXT, CPU "isolated", NULL},
    {"cpu", "nohz_full_list", TEXT, CPU "nohz_full", NULL},
    {"cpu", "smt_control", TEXT, CPU "smt/control", NULL},
    {"cpu", "smt_active", NUMBER, CPU "smt/active", NULL},
    {"cpu", "frequency_driver", TEXT, CPU "cpu0/cpufreq/scaling_driver", NULL},
    {"cpu", "frequency_governor", TEXT, CPU "cpu0/cpufreq/scaling_governor", NULL},
    {"cpu", "frequency_minimum_khz", NUMBER, CPU "cpu0/cpufreq/scaling_min_freq", NULL},
    {"cpu", "frequency_maximum_khz", NUMBER, CPU "cpu0/cpufreq/scaling_max_freq", NULL},
    {"cpu", "energy_preference", TEXT, CPU "cpu0/cpufreq/energy_performance_preference", NULL},
    {"cpu", "boost", NUMBER, CPU "cpufreq/boost", NULL},
    {"cpu", "no_turbo", NUMBER, CPU "intel_pstate/no_turbo", NULL},
    {"cpu", "idle_driver", TEXT, CPU "cpuidle/current_driver", NULL},
    {"cpu", "idle_governor", TEXT, CPU "cpuidle/current_governor", NULL},
    {"cpu", "idle_governor", TEXT, CPU "cpuidle/current_governor_ro", NULL},
    {"cpu", "haltpoll_ns", NUMBER, HALTPOLL "ns", NULL},
    {"cpu", "haltpoll_grow", NUMBER, HALTPOLL "grow", NULL},
    {"cpu", "haltpoll_grow_start_ns", NUMBER, HALTPOLL "grow_start", NULL},
    {"cpu", "haltpoll_shrink", NUMBER, HALTPOLL "shrink", NULL},
    {"cpu", "haltpoll_allow_shrink", TEXT, HALTPOLL "allow_shrink", NULL},
    {"cpu", "kvm_host_halt_poll_ns", NUMBER, "/sys/module/kvm/parameters/halt_poll_ns", NULL},

    {"kernel", "preempt_model", CHOSEN, "/sys/kernel/debug/sched/preempt", NULL},
    {"kernel", "clocksource", TEXT, CLOCKS "current_clocksource", NULL},
    {"kernel", "clocksources_available", TEXT, CLOCKS "available_clocksource", NULL},
    {"kernel", "numa_balancing", NUMBER, KERNEL "numa_balancing", NULL},
    {"kernel", "sched_autogroup", NUMBER, KERNEL "sched_autogroup_enabled", NULL},
    {"kernel", "sched_rt_runtime_us", NUMBER, KERNEL "sched_rt_runtime_us", NULL},
    {"kernel", "randomize_va_space", NUMBER, KERNEL "randomize_va_space", NULL},
    {"kernel", "perf_event_paranoid", NUMBER, KERNEL "perf_event_paranoid", NULL},
    {"kernel", "io_uring_disabled", NUMBER, KERNEL "io_uring_disabled", NULL},
    {"kernel", "ptrace_scope", NUMBER, KERNEL "yama/ptrace_scope", NULL},

    {"memory", "total_bytes", BYTES, "/proc/meminfo", "MemTotal"},
    {"memory", "available_bytes", BYTES, "/proc/meminfo", "MemAvailable"},
    {"memory", "swap_total_bytes", BYTES, "/proc/meminfo", "SwapTotal"},
    {"memory", "swap_free_bytes", BYTES, "/proc/meminfo", "SwapFree"},
    {"memory", "swappiness", NUMBER, VM "swappiness", NULL},
    {"memory", "overcommit_memory", NUMBER, VM "overcommit_memory", NULL},
    {"memory", "thp_enabled", CHOSEN, THP "enabled", NULL},
    {"memory", "thp_shmem_enabled", CHOSEN, THP "shmem_enabled", NULL},
    {"memory", "thp_defrag", CHOSEN, THP "defrag", NULL},
    {"memory", "huge_page_default_bytes", BYTES, "/proc/meminfo", "Hugepagesize"},
    {"memory", "hugetlb_shm_group", NUMBER, VM "hugetlb_shm_group", NULL},
    {"memory", "nodes_allowed_list", TEXT, "/proc/self/status", "Mems_allowed_list"},

    {"limits", "msgmax_bytes", NUMBER, KERNEL "msgmax", NULL},
    {"limits", "msgmnb_bytes", NUMBER, KERNEL "msgmnb", NULL},
    {"limits", "msgmni", NUMBER, KERNEL "msgmni", NULL},
    {"limits", "sem", TEXT, KERNEL "sem", NULL},
    {"limits", "shmmax_bytes", NUMBER, KERNEL "shmmax", NULL},
    {"limits", "shmall_pages", NUMBER, KERNEL "shmall", NULL},
    {"limits", "shmmni", NUMBER, KERNEL "shmmni", NULL},
    {"limits", "mqueue_msg_max", NUMBER, FS "mqueue/msg_max", NULL},
    {"limits", "mqueue_msg_default", NUMBER, FS "mqueue/msg_default", NULL},
    {"limits", "mqueue_msgsize_max_bytes", NUMBER, FS "mqueue/msgsize_max", NULL},
    {"limits", "mqueue_msgsize_default_bytes", NUMBER, FS "mqueue/msgsize_default", NULL},
    {"limits", "mqueue_queues_max", NUMBER, FS "mqueue/queues_max", NULL},
    {"limits", "pipe_max_size_bytes", NUMBER, FS "pipe-max-size", NULL},
    {"limits", "pipe_user_soft_pages", NUMBER, FS "pipe-user-pages-soft", NULL},
    {"limits", "pipe_user_hard_pages", NUMBER, FS "pipe-user-pages-hard", NULL},
    {"limits", "rmem_default_bytes", NUMBER, NET "core/rmem_default", NULL},
    {"limits", "rmem_max_bytes", NUMBER, NET "core/rmem_max", NULL},
    {"limits", "wmem_default_bytes", NUMBER, NET "core/wmem_default", NULL},
    {"limits", "wmem_max_bytes", NUMBER, NET "core/wmem_max", NULL},
    {"limits", "unix_max_dgram_qlen", NUMBER, NET "unix/max_dgram_qlen", NULL},
    {"limits", "tcp_rmem_bytes", TEXT, NET "ipv4/tcp_rmem", NULL},
    {"limits", "tcp_wmem_bytes", TEXT, NET "ipv4/tcp_wmem", NULL},
    {"limits", "tcp_congestion_control", TEXT, NET "ipv4/tcp_congestion_control", NULL},

    {"virtualisation", "hypervisor", TEXT, "/sys/hypervisor/type", NULL},
    {"virtualisation", "hypervisor", TEXT, "/proc/device-tree/hypervisor/compatible", NULL},
    {"virtualisation", "product_vendor", TEXT, "/sys/class/dmi/id/sys_vendor", NULL},
    {"virtualisation", "product", TEXT, "/sys/class/dmi/id/product_name", NULL},

    {"user", "capabilities", TEXT, "/proc/self/status", "CapEff"},
};

/* What stands behind "label :" on its line; NULL: not this line. */
static char *labelled_value(char *line, const char *label)
{
    const size_t length = strlen(label);

    if (strncmp(line, label, length) != 0)
        return NULL;
    char *const colon = line + length + strspn(line + length, " \t");
    return *colon == ':' ? colon + 1 : NULL;
}

/* The first line or the labelled one, by lines: /proc/cpuinfo of a large machine is long. The
 * caller frees *line, which holds the value returned. NULL: not there. */
static char *read_value(const struct fact_list *list, const struct fact_source *source, char **line)
{
    size_t capacity = 0;
    char *value = NULL;
    FILE *const file = fopen(machine_path(list, source->path).text, "re");

    *line = NULL;
    if (!file)
        return NULL;
    while (!value && getline(line, &capacity, file) >= 0) {
        value = source->label ? labelled_value(*line, source->label) : *line;
        if (!source->label)
            break;
    }
    (void)fclose(file);
    return value;
}

static void add_number(struct fact_list *list, const struct fact_source *source, const char *value)
{
    char *end;

    errno = 0;
    const long long number = strtoll(value, &end, 10);
    const char *const unit = end + strspn(end, " \t\n");
    const bool kilobytes = source->form == BYTES && strncmp(unit, "kB", 2) == 0;
    if (end == value || errno == ERANGE || (*unit != '\0' && !kilobytes) ||
        (kilobytes && number > INT64_MAX / 1024))
        machine_add_text(list, source->group, source->key, value);
    else
        machine_add_number(list, source->group, source->key, kilobytes ? number * 1024 : number);
}

void machine_add_sources(struct fact_list *list)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        const struct fact_source *const source = &sources[i];
        char *line;
        char *const value = read_value(list, source, &line);
        if (value && source->form == TEXT)
            machine_add_text(list, source->group, source->key, value);
        else if (value && source->form == CHOSEN)
            machine_add_text(list, source->group, source->key, file_chosen(value));
        else if (value)
            add_number(list, source, value);
        free(line);
    }
}
