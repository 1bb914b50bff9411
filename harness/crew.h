/* Several senders and receivers in one trial: pairs side by side, each over a channel of its own, or
 * many over one channel.
 *
 * A crew has lanes. Of independent pairs, a lane is a sender, a receiver and their channel. Where one
 * channel is shared, lane i has a sender if there are more than i of them, and likewise a receiver.
 * All lanes start at the same tick and have the same deadline and window, so that each is measured
 * under the load of all. */
#ifndef IPCBENCH_HARNESS_CREW_H
#define IPCBENCH_HARNESS_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/topology.h"
#include "harness/transport.h"

struct error;
struct trial_request;
struct trial_result;

enum { CREW_LANES_MAX = 64 };

/* Where a lane's processes run; CPU_ANY: not pinned, or no such process. */
struct crew_lane {
    struct cpu_pair cpus;
    int sender_node; /* of these CPUs; -1: none */
    int receiver_node;
};

/* All zero: one ordinary pair. */
struct crew {
    size_t lanes;
    size_t senders; /* of independent pairs as many as lanes, like receivers */
    size_t receivers;
    bool shares_channel;
    bool oversubscribed;            /* some of its processes must share a CPU */
    const struct crew_lane *places; /* by lane; owned by whoever made the request */
};

struct crew crew_of_pairs(size_t pairs);
struct crew crew_of_channel(size_t senders, size_t receivers);

size_t crew_lanes(const struct crew *crew);   /* 1 of an ordinary pair */
size_t crew_members(const struct crew *crew); /* processes */
bool crew_has(const struct crew *crew, size_t lane, enum side side);
/* "pair 2" of pairs, "receiver 2" of one channel; 1-based, as people count. */
enum { CREW_NAME_BYTES = 32 };
const char *crew_member_name(const struct crew *crew, size_t lane, enum side side, char *name);

/* The request as one lane sees it: with the lane's CPUs and nodes. */
struct trial_request crew_lane_request(const struct trial_request *request, size_t lane);

/* Gives every lane its place, into `places` with room for all, and says in crew->oversubscribed
 * whether the CPUs suffice. Lane 0 gets `first`; the others CPUs as far apart from each other, not
 * used yet and of cores not used yet as long as there are any; then they share those of the first
 * lanes in turn. Of one channel, processes beyond the pairs go where they are as far from lane 0's
 * other end. Unpinned: nobody has a place. Fails on exhausted memory alone. */
int crew_place(struct crew *crew, const struct topology *topology, const struct cpu_pair *first,
               struct crew_lane *places, struct error *error);

/* Jain's index of fairness: (sum x)^2 / (n * sum x^2). 1: all alike; 1/n: one has all. 0 where there
 * is nothing. (R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination for
 * Resource Allocation in Shared Computer Systems, DEC-TR-301, 1984.) */
double crew_fairness(const double *values, size_t count);

/* What each lane did in a trial. */
struct crew_figures {
    size_t lane_count;                 /* pairs, or receivers of one channel */
    uint64_t messages[CREW_LANES_MAX]; /* in the timed loop, or the window */
    double rate_per_s[CREW_LANES_MAX]; /* over the trial's elapsed_ns */
    double p50_ns[CREW_LANES_MAX];     /* latency patterns; else 0 */
    double fairness;                   /* of the rates */
    size_t sender_count;               /* of one channel; else 0 */
    double sent_per_s[CREW_LANES_MAX];
    double sender_fairness;
};

/* Adds a lane's result to that of the whole trial, which begins zeroed: rates, counts and costs add
 * up, histograms merge, what is a verdict holds if it holds for one. The cold start, what was
 * obtained and the probes stay those of lane 0. Fails on exhausted memory alone. */
int crew_absorb(struct trial_result *whole, const struct trial_request *request, size_t lane,
                struct trial_result *part, struct error *error);

/* After the last lane, with elapsed_ns as that of all: rates over it, so that lanes that take turns do
 * not add up to more than there was; windows over what was added up; fairness. */
void crew_conclude(struct trial_result *whole, const struct trial_request *request);

#endif
