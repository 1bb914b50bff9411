/* Facts about the processors that take more than reading a file: counts, caches, idle states. */
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "harness/machine_facts.h"
#include "harness/topology.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define CPU_FOLDER "%s/sys/devices/system/cpu/cpu%d/"

enum { CACHES_MAX = 16, IDLE_STATES_MAX = 16, PATH_BYTES = 512 };

/* Flags that decide what clock and which instructions the measurement and memcpy get. */
static const char *const telling_flags[] = {
    "constant_tsc", "nonstop_tsc", "tsc_known_freq", "tsc_reliable", "rdtscp",
    "arat",         "hypervisor",  "erms",           "fsrm",         "avx2",
    "avx512f",      "waitpkg",     "atomics", /* arm64: LSE */
};

/* How many different values does a field of struct cpu have? Told only where `source`, the field it
 * was derived from, is known of every CPU. Both are offsets of an int. */
struct topology_count {
    const char *key;
    size_t field;
    size_t source;
};

#define FIELD(name) offsetof(struct cpu, name)

static const struct topology_count topology_counts[] = {
    {"packages", FIELD(package), FIELD(package)},
    {"cores", FIELD(smt_group), FIELD(core)},
    {"threads", FIELD(id), FIELD(core)},
    {"last_level_caches", FIELD(cache_group), FIELD(cache_group)},
};

static int field_of(const struct cpu *cpu, size_t field)
{
    return *(const int *)((const char *)cpu + field);
}

/* 0: unknown. */
static int64_t count_different(const struct topology *topology, const struct topology_count *count)
{
    int64_t different = 0;

    for (size_t i = 0; i < topology->count; i++) {
        const struct cpu *const cpu = &topology->cpus[i];
        size_t earlier = 0;
        if (field_of(cpu, count->source) < 0)
            return 0;
        while (field_of(&topology->cpus[earlier], count->field) != field_of(cpu, count->field))
            earlier++;
        different += earlier == i;
    }
    return different;
}

static void add_topology(struct fact_list *list, const struct topology *topology)
{
    int64_t allowed = 0;

    for (size_t i = 0; i < topology->count; i++)
        allowed += topology->cpus[i].allowed;
    machine_add_number(list, "cpu", "online_count", (int64_t)topology->count);
    machine_add_number(list, "cpu", "allowed_count", allowed);
    machine_add_number(list, "memory", "numa_nodes", (int64_t)topology->node_count);
    for (size_t i = 0; i < sizeof topology_counts / sizeof topology_counts[0]; i++) {
        const int64_t different = count_different(topology, &topology_counts[i]);
        if (different > 0)
            machine_add_number(list, "cpu", topology_counts[i].key, different);
    }
}

/* Numbered folders below a CPU's own: "cache/index", "cpuidle/state". */
struct cpu_folders {
    const char *root;
    int cpu;
    const char *prefix;
};

/* A line of a file in one of these folders; "" where there is none. */
static void read_cpu_file(const struct cpu_folders *folders, int index, const char *name,
                          struct units_text *line)
{
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, CPU_FOLDER "%s%d/%s", folders->root, folders->cpu,
                   folders->prefix, index, name);
    (void)file_read_line(path, line->text, sizeof line->text);
}

/* The figures of one cache of one CPU: how many CPUs share it is the topology's business. */
static void add_caches(struct fact_list *list, int cpu)
{
    static const char *const keys[] = {"l1d_bytes", "l2_bytes", "l3_bytes", "l4_bytes"};
    const struct cpu_folders caches = {list->root, cpu, "cache/index"};
    struct units_text type, level, size, line;
    uint64_t bytes;

    for (int i = 0; i < CACHES_MAX; i++) {
        read_cpu_file(&caches, i, "type", &type);
        read_cpu_file(&caches, i, "level", &level);
        read_cpu_file(&caches, i, "size", &size);
        read_cpu_file(&caches, i, "coherency_line_size", &line);
        if (strcmp(type.text, "Instruction") == 0 || level.text[0] < '1' || level.text[0] > '4')
            continue;
        if (units_parse_bytes(size.text, &bytes, NULL) == 0)
            machine_add_number(list, "cpu", keys[level.text[0] - '1'], (int64_t)bytes);
        if (units_parse_bytes(line.text, &bytes, NULL) == 0)
            machine_add_number(list, "cpu", "cache_line_bytes", (int64_t)bytes);
    }
}

/* "POLL 0 us, C1 2 us off": each idle state with the time that leaving it takes. */
static void add_idle_states(struct fact_list *list, int cpu)
{
    const struct cpu_folders folders = {list->root, cpu, "cpuidle/state"};
    struct text states = {0};
    struct units_text name, latency_us, disabled;

    for (int i = 0; i < IDLE_STATES_MAX; i++) {
        read_cpu_file(&folders, i, "name", &name);
        read_cpu_file(&folders, i, "latency", &latency_us);
        read_cpu_file(&folders, i, "disable", &disabled);
        if (name.text[0] == '\0')
            break;
        text_append(&states, "%s%s %s us%s", i > 0 ? ", " : "", name.text, latency_us.text,
                    strcmp(disabled.text, "1") == 0 ? " off" : "");
    }
    machine_add_text(list, "cpu", "idle_states", text_string(&states));
    list->failed |= states.failed;
    text_free(&states);
}

static bool has_word(const char *line, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = line; (at = strstr(at, word)); at += length) {
        if ((at == line || strchr(" \t:", at[-1])) && strchr(" \n", at[length]))
            return true;
    }
    return false;
}

/* The telling ones among the first CPU's "flags" (x86) or "Features" (arm64). */
static void add_flags(struct fact_list *list)
{
    struct text telling = {0};
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;
    FILE *const file = fopen(machine_path(list, "/proc/cpuinfo").text, "re");

    while (file && !found && getline(&line, &capacity, file) >= 0)
        found = strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0;
    for (size_t i = 0; found && i < sizeof telling_flags / sizeof telling_flags[0]; i++) {
        if (has_word(line, telling_flags[i]))
            text_append(&telling, "%s ", telling_flags[i]);
    }
    machine_add_text(list, "cpu", "flags", text_string(&telling));
    list->failed |= telling.failed;
    text_free(&telling);
    free(line);
    if (file)
        (void)fclose(file);
}

void machine_add_cpu(struct fact_list *list)
{
    struct topology topology;
    struct utsname names;

    if (machine_is_this(list) && uname(&names) == 0)
        machine_add_text(list, "cpu", "architecture", names.machine);
    add_flags(list);
    if (topology_read(list->root, &topology, NULL) < 0)
        return;
    add_topology(list, &topology);
    add_caches(list, topology.cpus[0].id);
    add_idle_states(list, topology.cpus[0].id);
    topology_free(&topology);
}
