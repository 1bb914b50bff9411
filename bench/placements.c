#include "bench/placements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/config.h"
#include "bench/lists.h"

static int node_of(const struct topology *topology, int id)
{
    const struct cpu *cpu = topology_cpu(topology, id);
    return cpu ? cpu->node : -1;
}

static bool same_place(const struct placement_choice *a, const struct placement_choice *b)
{
    return a->placement == b->placement && cpu_pair_equal(&a->cpus, &b->cpus);
}

static int add(struct placements *placements, const struct topology *topology,
               struct placement_choice choice, struct error *error)
{
    for (size_t index = 0; index < placements->count; ++index) {
        if (same_place(&placements->items[index], &choice))
            return 0;
    }
    struct placement_choice *items =
        reallocarray(placements->items, placements->count + 1, sizeof(*items));
    if (!items)
        return error_system(error, ENOMEM, "placements");
    placements->items = items;
    choice.sender_node = node_of(topology, choice.cpus.sender);
    choice.receiver_node = node_of(topology, choice.cpus.receiver);
    items[placements->count++] = choice;
    return 0;
}

static int add_pair(struct placements *placements, const struct topology *topology,
                    struct cpu_pair cpus, bool typed, struct error *error)
{
    const struct cpu *sender = topology_cpu(topology, cpus.sender);
    const struct cpu *receiver = topology_cpu(topology, cpus.receiver);
    if (!sender || !receiver)
        return error_plain(error, "no CPU found that this process may use");
    const struct placement_choice choice = {
        .placement = (enum placement)topology_distance(sender, receiver),
        .cpus = cpus,
        .typed = typed,
    };
    return add(placements, topology, choice, error);
}

static int add_typed_pair(struct placements *placements, const struct topology *topology,
                          const char *text, struct error *error)
{
    struct cpu_pair cpus;
    const int failure = topology_parse_pair(topology, text, &cpus, error);
    return failure ? failure : add_pair(placements, topology, cpus, true, error);
}

static int add_class(struct placements *placements, const struct topology *topology,
                     enum placement placement, struct error *error)
{
    struct placement_choice choice = {.placement = placement};
    (void)placement_choose(topology, placement, &choice.cpus, &choice.objection);
    return add(placements, topology, choice, error);
}

static int add_all(struct placements *placements, const struct topology *topology,
                   struct error *error)
{
    int failure = 0;
    for (int index = 0; !failure && index < PLACEMENT_COUNT; ++index) {
        struct cpu_pair cpus;
        if (!placement_choose(topology, (enum placement)index, &cpus, NULL))
            failure = add_class(placements, topology, (enum placement)index, error);
    }
    return failure;
}

static int add_item(struct placements *placements, const struct topology *topology,
                    const char *text, struct error *error)
{
    enum placement placement;
    if (!strcmp(text, "all"))
        return add_all(placements, topology, error);
    if (placement_parse(text, &placement))
        return add_class(placements, topology, placement, error);
    if (text[0] >= '0' && text[0] <= '9')
        return add_typed_pair(placements, topology, text, error);
    return error_plain(error,
                       "'%s': same-cpu, smt, same-cache, cross-cache, cross-node, unpinned, all, "
                       "or two CPUs such as 2,3",
                       text);
}

/* Classes name cells, so that runs of two machines can be compared; CPUs are added to those typed as
 * two CPUs where another pair of their class is measured too. */
static void name_cpus(struct placements *placements)
{
    for (size_t index = 0; index < placements->count; ++index) {
        struct placement_choice *choice = &placements->items[index];
        for (size_t other = 0; choice->typed && other < placements->count; ++other)
            choice->names_cpus |=
                other != index && placements->items[other].placement == choice->placement;
    }
}

int placements_make(struct placements *placements, const struct config *config,
                    const struct topology *topology, struct error *error)
{
    int failure = 0;
    *placements = (struct placements){0};
    if (config->cpus) {
        failure = add_typed_pair(placements, topology, config->cpus, error);
        if (failure)
            error_prefix(error, "--cpus: ");
        return failure;
    }
    struct list list = list_of(text_string(&config->placements));
    for (struct item item; !failure && list_next_placement(&list, &item);)
        failure = add_item(placements, topology, item.text, error);
    if (failure)
        error_prefix(error, "--placement: ");
    if (!failure && !placements->count)
        failure = add_pair(placements, topology, topology_default_pair(topology), false, error);
    name_cpus(placements);
    return failure;
}

void placements_free(struct placements *placements)
{
    free(placements->items);
    *placements = (struct placements){0};
}

struct cpu_pair placements_bounds_pair(const struct placements *placements,
                                       const struct topology *topology)
{
    struct cpu_pair first = {CPU_ANY, CPU_ANY};
    for (size_t index = 0; index < placements->count; ++index) {
        const struct cpu_pair *cpus = &placements->items[index].cpus;
        if (cpus->sender != cpus->receiver)
            return *cpus;
        if (first.sender == CPU_ANY)
            first = *cpus;
    }
    return first.sender == CPU_ANY ? topology_default_pair(topology) : first;
}

void placements_check_memory(struct placements *placements, const struct memory_policy *memory)
{
    char text[MEMORY_POLICY_TEXT_BYTES];
    if (memory->kind != MEMORY_SENDER && memory->kind != MEMORY_RECEIVER)
        return;
    for (size_t index = 0; index < placements->count; ++index) {
        struct placement_choice *choice = &placements->items[index];
        if (choice->placement == PLACEMENT_UNPINNED)
            error_unavailable(&choice->objection, "--mem local, interleave or a NUMA node",
                              "memory=%s: an unpinned process has no node",
                              memory_policy_text(memory, text));
    }
}

void placement_format(const struct placement_choice *choice, struct text *out)
{
    text_append(out, "%s", placement_name(choice->placement));
    if (choice->names_cpus)
        text_append(out, ":%d,%d", choice->cpus.sender, choice->cpus.receiver);
}

void placement_describe(const char *placement, const struct cpu_pair *cpus, struct text *out)
{
    if (cpus->sender == CPU_ANY)
        text_append(out, "%s", placement);
    else if (cpus->sender == cpus->receiver)
        text_append(out, "CPU %d (%s)", cpus->sender, placement);
    else
        text_append(out, "CPUs %d and %d (%s)", cpus->sender, cpus->receiver, placement);
}
