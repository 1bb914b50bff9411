#include "harness/crew.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "harness/trial.h"

struct crew crew_of_pairs(size_t pairs)
{
    return (struct crew){.lanes = pairs, .senders = pairs, .receivers = pairs};
}

struct crew crew_of_channel(size_t senders, size_t receivers)
{
    return (struct crew){
        .lanes = senders > receivers ? senders : receivers,
        .senders = senders,
        .receivers = receivers,
        .shares_channel = true,
    };
}

size_t crew_lanes(const struct crew *crew)
{
    return crew->lanes ? crew->lanes : 1;
}

size_t crew_members(const struct crew *crew)
{
    return crew->lanes ? crew->senders + crew->receivers : SIDE_COUNT;
}

bool crew_has(const struct crew *crew, size_t lane, enum side side)
{
    return !crew->lanes || lane < (side == SIDE_SENDER ? crew->senders : crew->receivers);
}

const char *crew_member_name(const struct crew *crew, size_t lane, enum side side, char *name)
{
    const char *const plain = side == SIDE_SENDER ? "sender" : "receiver";
    if (!crew->lanes)
        snprintf(name, CREW_NAME_BYTES, "%s", plain);
    else if (crew->shares_channel)
        snprintf(name, CREW_NAME_BYTES, "%s %zu", plain, lane + 1);
    else
        snprintf(name, CREW_NAME_BYTES, "pair %zu: %s", lane + 1, plain);
    return name;
}

struct trial_request crew_lane_request(const struct trial_request *request, size_t lane)
{
    struct trial_request own = *request;
    if (request->crew.lanes) {
        own.cpus = request->crew.places[lane].cpus;
        own.sender_node = request->crew.places[lane].sender_node;
        own.receiver_node = request->crew.places[lane].receiver_node;
    }
    return own;
}

/* CPUs still to be had: of cores that no lane uses, and any that no lane uses. The rest of the
 * machine is there, but not allowed. */
struct unused {
    struct topology cores;
    struct topology cpus;
};

static int unused_open(struct unused *unused, const struct topology *topology, struct error *error)
{
    const size_t bytes = topology->count * sizeof(*topology->cpus);
    *unused = (struct unused){*topology, *topology};
    unused->cores.cpus = malloc(bytes);
    unused->cpus.cpus = malloc(bytes);
    if (!unused->cores.cpus || !unused->cpus.cpus)
        return error_system(error, ENOMEM, "places of several pairs");
    memcpy(unused->cores.cpus, topology->cpus, bytes);
    memcpy(unused->cpus.cpus, topology->cpus, bytes);
    return 0;
}

static void unused_close(struct unused *unused)
{
    free(unused->cores.cpus);
    free(unused->cpus.cpus);
}

static void unused_take(struct unused *unused, int id)
{
    const struct cpu *const taken = topology_cpu(&unused->cpus, id);
    if (!taken)
        return;
    for (size_t index = 0; index < unused->cpus.count; ++index) {
        if (unused->cores.cpus[index].smt_group == taken->smt_group)
            unused->cores.cpus[index].allowed = false;
        if (unused->cpus.cpus[index].id == id)
            unused->cpus.cpus[index].allowed = false;
    }
}

/* The first that is so far from `peer`; CPU 0's core, which takes most interrupts, as the last. */
static int choose_beside(const struct topology *topology, enum distance distance, int peer)
{
    const struct cpu *const other = topology_cpu(topology, peer);
    int chosen = CPU_ANY;
    for (size_t index = 0; other && index < topology->count; ++index) {
        const struct cpu *const cpu = &topology->cpus[index];
        if (!cpu->allowed || topology_distance(cpu, other) != distance)
            continue;
        if (cpu->smt_group != 0)
            return cpu->id;
        if (chosen == CPU_ANY)
            chosen = cpu->id;
    }
    return chosen;
}

/* CPUs of their own for the processes of a lane; false where there are not enough left. */
static bool choose(const struct crew *crew, size_t lane, enum distance distance,
                   const struct topology *topology, struct cpu_pair *pair)
{
    const struct cpu_pair *const first = &crew->places[0].cpus;
    *pair = (struct cpu_pair){CPU_ANY, CPU_ANY};
    if (!crew_has(crew, lane, SIDE_RECEIVER)) {
        pair->sender = choose_beside(topology, distance, first->receiver);
        return pair->sender != CPU_ANY;
    }
    if (!crew_has(crew, lane, SIDE_SENDER)) {
        pair->receiver = choose_beside(topology, distance, first->sender);
        return pair->receiver != CPU_ANY;
    }
    /* One channel on one CPU means that CPU for all. */
    return !(crew->shares_channel && distance == DISTANCE_SAME_CPU) &&
           topology_choose_pair(topology, distance, pair);
}

static void share(const struct crew *crew, size_t lane, size_t with, struct crew_lane *places)
{
    struct cpu_pair pair = places[with].cpus;
    if (!crew_has(crew, lane, SIDE_SENDER))
        pair.sender = CPU_ANY;
    if (!crew_has(crew, lane, SIDE_RECEIVER))
        pair.receiver = CPU_ANY;
    if (pair.sender == CPU_ANY && crew_has(crew, lane, SIDE_SENDER))
        pair.sender = places[0].cpus.sender;
    if (pair.receiver == CPU_ANY && crew_has(crew, lane, SIDE_RECEIVER))
        pair.receiver = places[0].cpus.receiver;
    places[lane].cpus = pair;
}

static size_t count_allowed(const struct topology *topology)
{
    size_t count = 0;
    for (size_t index = 0; index < topology->count; ++index)
        count += topology->cpus[index].allowed;
    return count;
}

static void place_pinned(struct crew *crew, struct unused *unused, struct crew_lane *places)
{
    const enum distance distance =
        topology_distance(topology_cpu(&unused->cpus, places[0].cpus.sender),
                          topology_cpu(&unused->cpus, places[0].cpus.receiver));
    size_t own = 1; /* lanes with CPUs of their own */
    for (size_t lane = 1; lane < crew->lanes; ++lane) {
        unused_take(unused, places[lane - 1].cpus.sender);
        unused_take(unused, places[lane - 1].cpus.receiver);
        if (!crew->oversubscribed &&
            (choose(crew, lane, distance, &unused->cores, &places[lane].cpus) ||
             choose(crew, lane, distance, &unused->cpus, &places[lane].cpus))) {
            ++own;
            continue;
        }
        crew->oversubscribed = true;
        share(crew, lane, lane % own, places);
    }
}

int crew_place(struct crew *crew, const struct topology *topology, const struct cpu_pair *first,
               struct crew_lane *places, struct error *error)
{
    struct unused unused;
    crew->places = places;
    for (size_t lane = 0; lane < crew->lanes; ++lane)
        places[lane] = (struct crew_lane){{CPU_ANY, CPU_ANY}, -1, -1};
    if (first->sender == CPU_ANY) {
        crew->oversubscribed = crew_members(crew) > count_allowed(topology);
        return 0;
    }
    places[0].cpus = *first;
    const int failure = unused_open(&unused, topology, error);
    if (!failure)
        place_pinned(crew, &unused, places);
    unused_close(&unused);
    for (size_t lane = 0; lane < crew->lanes; ++lane) {
        const struct cpu *const sender = topology_cpu(topology, places[lane].cpus.sender);
        const struct cpu *const receiver = topology_cpu(topology, places[lane].cpus.receiver);
        places[lane].sender_node = sender ? sender->node : -1;
        places[lane].receiver_node = receiver ? receiver->node : -1;
    }
    return failure;
}

double crew_fairness(const double *values, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t index = 0; index < count; ++index) {
        sum += values[index];
        squares += values[index] * values[index];
    }
    return squares > 0 ? sum * sum / ((double)count * squares) : 0;
}
