/* The half of topology.h that looks at two CPUs at a time. */
#include "base/error.h"
#include "base/text.h"
#include "harness/topology.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static const char *const distance_names[] = {
    [DISTANCE_SAME_CPU] = "same-cpu",     [DISTANCE_SMT] = "smt",
    [DISTANCE_SAME_CACHE] = "same-cache", [DISTANCE_CROSS_CACHE] = "cross-cache",
    [DISTANCE_CROSS_NODE] = "cross-node",
};

/* Which distance makes the better default: lower is better. */
static const int distance_ranks[] = {
    [DISTANCE_SAME_CACHE] = 0, [DISTANCE_SMT] = 1,      [DISTANCE_CROSS_CACHE] = 2,
    [DISTANCE_CROSS_NODE] = 3, [DISTANCE_SAME_CPU] = 4,
};

const char *distance_name(enum distance distance)
{
    return distance_names[distance];
}

enum distance topology_distance(const struct cpu *a, const struct cpu *b)
{
    if (a->id == b->id)
        return DISTANCE_SAME_CPU;
    if (a->smt_group == b->smt_group)
        return DISTANCE_SMT;
    if (a->node != b->node)
        return DISTANCE_CROSS_NODE;
    if (a->cache_group >= 0 && a->cache_group == b->cache_group)
        return DISTANCE_SAME_CACHE;
    return DISTANCE_CROSS_CACHE;
}

/* How much of CPU 0's interrupts a CPU gets to feel: all, its sibling's share, none. CPUs ascend by
 * id, so CPU 0 is the first or offline. */
static int interrupt_burden(const struct topology *topology, const struct cpu *cpu)
{
    const struct cpu *const first = &topology->cpus[0];

    if (first->id != 0)
        return 0;
    return cpu == first ? 2 : cpu->smt_group == first->smt_group ? 1 : 0;
}

struct cpu_pair topology_default_pair(const struct topology *topology)
{
    struct cpu_pair best = {.sender = -1, .receiver = -1};
    int best_cost = INT_MAX;

    for (size_t i = 0; i < topology->count; i++) {
        const struct cpu *const sender = &topology->cpus[i];
        const int sender_burden = interrupt_burden(topology, sender);
        for (size_t j = i; sender->allowed && j < topology->count; j++) {
            const struct cpu *const receiver = &topology->cpus[j];
            if (!receiver->allowed)
                continue;
            const int cost = 8 * distance_ranks[topology_distance(sender, receiver)] +
                             sender_burden + interrupt_burden(topology, receiver);
            if (cost >= best_cost)
                continue;
            best = (struct cpu_pair){.sender = sender->id, .receiver = receiver->id};
            best_cost = cost;
            if (cost == 0)
                return best;
        }
    }
    return best;
}

/* Appends the allowed CPUs as the kernel writes lists: "0-3,8". */
static void format_allowed(const struct topology *topology, struct text *out)
{
    const struct cpu *const cpus = topology->cpus;
    const char *separator = "";

    for (size_t i = 0; i < topology->count; i++) {
        if (!cpus[i].allowed)
            continue;
        size_t last = i;
        while (last + 1 < topology->count && cpus[last + 1].allowed &&
               cpus[last + 1].id == cpus[last].id + 1)
            last++;
        text_append(out, "%s%d", separator, cpus[i].id);
        if (last > i)
            text_append(out, "-%d", cpus[last].id);
        separator = ",";
        i = last;
    }
}

/* "CPU 9 is not online; this process may use 0-3,8". */
static int refuse_cpu(const struct topology *topology, int id, const char *why, struct error *error)
{
    struct text allowed = {0};

    format_allowed(topology, &allowed);
    const int failed =
        error_plain(error, "CPU %d %s; this process may use %s", id, why, text_string(&allowed));
    text_free(&allowed);
    return failed;
}

static int check_cpu(const struct topology *topology, int id, struct error *error)
{
    const struct cpu *const cpu = topology_cpu(topology, id);

    if (!cpu)
        return refuse_cpu(topology, id, "is not online", error);
    return cpu->allowed ? 0 : refuse_cpu(topology, id, "is not allowed here", error);
}

/* Digits alone: strtol would take signs and blanks. */
static const char *parse_cpu(const char *text, int *id)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return NULL;
    const long number = strtol(text, &end, 10);
    if (number > INT_MAX)
        return NULL;
    *id = (int)number;
    return end;
}

int topology_parse_pair(const struct topology *topology, const char *text, struct cpu_pair *pair,
                        struct error *error)
{
    struct cpu_pair parsed;
    const char *rest = parse_cpu(text, &parsed.sender);

    if (rest && *rest == ',')
        rest = parse_cpu(rest + 1, &parsed.receiver);
    else
        rest = NULL;
    if (!rest || *rest != '\0')
        return error_plain(error, "'%s': write the sender's CPU, a comma, the receiver's: 2,3",
                           text);
    int failed = check_cpu(topology, parsed.sender, error);
    if (!failed)
        failed = check_cpu(topology, parsed.receiver, error);
    if (!failed)
        *pair = parsed;
    return failed;
}
