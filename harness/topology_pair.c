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

void topology_format_allowed(const struct topology *topology, struct text *out)
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

    topology_format_allowed(topology, &allowed);
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
