/* The part of topology.h that chooses: which two CPUs stand for a distance. */
#include "harness/topology.h"

#include <limits.h>

/* Which distance makes the better default, best first. */
static const enum distance preferred[] = {
    DISTANCE_SAME_CACHE, DISTANCE_SMT, DISTANCE_CROSS_CACHE, DISTANCE_CROSS_NODE, DISTANCE_SAME_CPU,
};

/* Shortfalls of speed are counted in eighths: cores of one kind differ by a few percent where the
 * processor has favourites among them. */
enum { LAG_STEPS = 8, LAG_ROOM = 64, BURDEN_ROOM = 8, NODE_DISTANCE_MAX = 255 };

static int largest_capacity(const struct topology *topology)
{
    int largest = 0;

    for (size_t i = 0; i < topology->count; i++) {
        const struct cpu *const cpu = &topology->cpus[i];
        if (cpu->allowed && cpu->capacity > largest)
            largest = cpu->capacity;
    }
    return largest;
}

/* How much slower than the fastest allowed core. */
static int lag(const struct cpu *cpu, int largest)
{
    return cpu->capacity >= 0 && largest > 0 ? LAG_STEPS * (largest - cpu->capacity) / largest : 0;
}

/* Of two kinds of core the slower sets the pace, and two of one kind are easier to explain. */
static int pair_lag(int a, int b)
{
    return 2 * (a > b ? a : b) + (a != b);
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

/* How badly a pair stands for its distance: 0 is best. */
static int atypical(const struct topology *topology, const struct cpu *a, const struct cpu *b)
{
    const enum distance distance = topology_distance(a, b);

    if (distance == DISTANCE_CROSS_CACHE)
        return a->package != b->package;
    if (distance != DISTANCE_CROSS_NODE)
        return 0;
    const int apart = topology_node_distance(topology, a->node, b->node);
    return apart < 0                   ? NODE_DISTANCE_MAX
           : apart < NODE_DISTANCE_MAX ? NODE_DISTANCE_MAX - apart
                                       : 0;
}

/* What speaks against a pair, the weightiest first, as one number. */
static int cost(const struct topology *topology, int largest, const struct cpu *a,
                const struct cpu *b)
{
    return (atypical(topology, a, b) * LAG_ROOM + pair_lag(lag(a, largest), lag(b, largest))) *
               BURDEN_ROOM +
           interrupt_burden(topology, a) + interrupt_burden(topology, b);
}

bool topology_choose_pair(const struct topology *topology, enum distance distance,
                          struct cpu_pair *pair)
{
    const int largest = largest_capacity(topology);
    int best_cost = INT_MAX;

    for (size_t i = 0; i < topology->count && best_cost > 0; i++) {
        const struct cpu *const sender = &topology->cpus[i];
        for (size_t j = i; sender->allowed && j < topology->count; j++) {
            const struct cpu *const receiver = &topology->cpus[j];
            if (!receiver->allowed || topology_distance(sender, receiver) != distance)
                continue;
            const int pair_cost = cost(topology, largest, sender, receiver);
            if (pair_cost >= best_cost)
                continue;
            *pair = (struct cpu_pair){.sender = sender->id, .receiver = receiver->id};
            best_cost = pair_cost;
        }
    }
    return best_cost < INT_MAX;
}

bool topology_has_distance(const struct topology *topology, enum distance distance)
{
    for (size_t i = 0; i < topology->count; i++) {
        for (size_t j = i; j < topology->count; j++) {
            if (topology_distance(&topology->cpus[i], &topology->cpus[j]) == distance)
                return true;
        }
    }
    return false;
}

struct cpu_pair topology_default_pair(const struct topology *topology)
{
    struct cpu_pair pair = {.sender = CPU_ANY, .receiver = CPU_ANY};

    for (size_t i = 0; i < sizeof preferred / sizeof preferred[0]; i++) {
        if (topology_choose_pair(topology, preferred[i], &pair))
            break;
    }
    return pair;
}
