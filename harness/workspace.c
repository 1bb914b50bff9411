#include "harness/workspace.h"

#include <errno.h>
#include <sys/mman.h>

#include "harness/disturbance.h"
#include "harness/pair.h"

static const double fastest_round_trip_seconds = 20e-9;

static void *map_shared(size_t bytes, const char *what, struct error *error)
{
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address != MAP_FAILED)
        return address;
    error_system(error, errno, "mmap of %zu bytes for %s", bytes, what);
    return NULL;
}

static void unmap(void *address, size_t bytes)
{
    if (address)
        munmap(address, bytes);
}

static void unmap_lanes(struct workspace *workspace)
{
    const size_t lanes = workspace->lanes;
    unmap(workspace->crew, sizeof(struct crew_shared));
    unmap(workspace->shared, lanes * sizeof(struct pair_shared));
    unmap(workspace->samples, lanes * workspace->sample_capacity * sizeof(uint32_t));
    unmap(workspace->interval_counts, lanes * workspace->interval_capacity * sizeof(uint32_t));
    workspace->crew = NULL;
    workspace->shared = NULL;
    workspace->samples = NULL;
    workspace->interval_counts = NULL;
    workspace->lanes = 0;
}

static int map_lanes(struct workspace *workspace, size_t lanes, struct error *error)
{
    workspace->lanes = lanes;
    workspace->crew = map_shared(sizeof(struct crew_shared), "the control block", error);
    workspace->shared = map_shared(lanes * sizeof(struct pair_shared), "reports", error);
    workspace->samples =
        map_shared(lanes * workspace->sample_capacity * sizeof(uint32_t), "samples", error);
    workspace->interval_counts = map_shared(lanes * workspace->interval_capacity * sizeof(uint32_t),
                                            "interval counts", error);
    if (workspace->crew && workspace->shared && workspace->samples && workspace->interval_counts)
        return 0;
    unmap_lanes(workspace);
    return -ENOMEM;
}

size_t workspace_samples_most(double timed_seconds)
{
    const double samples = timed_seconds / fastest_round_trip_seconds + 4096;
    const double most = 1 << 30;
    return (size_t)(samples < most ? samples : most);
}

int workspace_open(struct workspace *workspace, double timed_seconds, struct error *error)
{
    *workspace = (struct workspace){
        .leftovers = {.guard = -1, .lifeline = -1},
        .sample_capacity = workspace_samples_most(timed_seconds),
        .interval_capacity = (size_t)(timed_seconds / INTERVAL_SECONDS) + 2,
    };
    int failure = leftovers_open(&workspace->leftovers, error);
    if (failure)
        return failure;
    workspace->disturbances = disturbance_open("");
    failure = map_lanes(workspace, 1, error);
    if (failure)
        workspace_close(workspace);
    return failure;
}

static void unmap_stamps(struct workspace *workspace)
{
    unmap(workspace->intended_ticks, workspace->stamp_lanes * (1 + STAMP_KINDS) *
                                         workspace->stamp_capacity * sizeof(uint64_t));
    workspace->intended_ticks = NULL;
    workspace->stamp_capacity = 0;
    workspace->stamp_lanes = 0;
}

static int reserve_stamps(struct workspace *workspace, size_t lanes, size_t count,
                          struct error *error)
{
    if (!count || (count <= workspace->stamp_capacity && lanes <= workspace->stamp_lanes))
        return 0;
    unmap_stamps(workspace);
    const size_t page_stamps = 4096 / sizeof(uint64_t); /* each array on pages of its own */
    const size_t capacity = (count + page_stamps - 1) / page_stamps * page_stamps;
    workspace->intended_ticks =
        map_shared(lanes * (1 + STAMP_KINDS) * capacity * sizeof(uint64_t), "stamps", error);
    if (!workspace->intended_ticks)
        return -ENOMEM;
    for (size_t kind = 0; kind < STAMP_KINDS; ++kind)
        workspace->stamps[kind] = workspace->intended_ticks + (1 + kind) * lanes * capacity;
    workspace->stamp_capacity = capacity;
    workspace->stamp_lanes = lanes;
    return 0;
}

int workspace_reserve(struct workspace *workspace, size_t lanes, size_t stamps, struct error *error)
{
    if (lanes > workspace->lanes) {
        unmap_lanes(workspace);
        const int failure = map_lanes(workspace, lanes, error);
        if (failure)
            return failure;
    }
    return reserve_stamps(workspace, lanes, stamps, error);
}

struct workspace workspace_of_lane(const struct workspace *workspace, size_t lane)
{
    struct workspace own = *workspace;
    own.shared += lane;
    own.samples += lane * own.sample_capacity;
    own.interval_counts += lane * own.interval_capacity;
    if (!own.intended_ticks)
        return own;
    own.intended_ticks += lane * own.stamp_capacity;
    for (size_t kind = 0; kind < STAMP_KINDS; ++kind)
        own.stamps[kind] += lane * own.stamp_capacity;
    return own;
}

void workspace_close(struct workspace *workspace)
{
    unmap_stamps(workspace);
    unmap_lanes(workspace);
    disturbance_close(workspace->disturbances);
    leftovers_close(&workspace->leftovers);
    *workspace = (struct workspace){.leftovers = {.guard = -1, .lifeline = -1}};
}
