/* Giving memory back: munmap, or madvise(MADV_DONTNEED), which keeps the mapping. */
#include <errno.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/memory.h"
#include "harness/transport.h"
#include "transports/common/mapped_region.h"

enum { UNMAP_HOW = REGION_OPTION_COUNT, UNMAP_PER, UNMAP_TOUCHED, UNMAP_OPTION_COUNT };
enum { HOW_MUNMAP, HOW_DONTNEED };
enum unmap_per { PER_PAGE, PER_RANGE, PER_HOLE };
enum { TOUCHED_YES, TOUCHED_NO };

static const struct option_spec unmap_options[UNMAP_OPTION_COUNT] = {
    [REGION_KIND] = REGION_OPTION_KIND,
    [REGION_HUGE] = REGION_OPTION_HUGE,
    [REGION_PEER] = REGION_OPTION_PEER,
    [UNMAP_HOW] = {.key = "how",
                   .kind = OPTION_CHOICE,
                   .choices = "munmap|dontneed",
                   .default_value = "munmap",
                   .meaning = "munmap, or madvise(MADV_DONTNEED), which keeps the mapping"},
    [UNMAP_PER] = {.key = "per",
                   .kind = OPTION_CHOICE,
                   .choices = "page|range|hole",
                   .default_value = "page",
                   .meaning = "a call for each page; one for all, a sample is the mean per page; a "
                              "call for every second page, which leaves a mapping each"},
    [UNMAP_TOUCHED] = {.key = "touched",
                       .kind = OPTION_CHOICE,
                       .choices = "yes|no",
                       .default_value = "yes",
                       .meaning = "no: mapped and never used"},
};

struct unmap_state {
    struct mapped_region region; /* first: its hooks are ours */
    bool dontneed;
    bool touched;
    enum unmap_per per;
};

static ALWAYS_INLINE int give_back(const struct unmap_state *state, void *address, size_t bytes)
{
    return (state->dontneed ? madvise(address, bytes, MADV_DONTNEED) : munmap(address, bytes))
               ? -errno
               : 0;
}

static ALWAYS_INLINE int unmap_page(void *opaque, uint64_t index)
{
    const struct unmap_state *const state = opaque;
    return give_back(state, mapped_region_page(&state->region, index),
                     state->region.object.page_bytes);
}

static ALWAYS_INLINE int unmap_hole(void *opaque, uint64_t index)
{
    return unmap_page(opaque, 2 * index);
}

static int unmap_range(void *opaque, uint64_t index)
{
    const struct unmap_state *const state = opaque;
    (void)index;
    return give_back(state, state->region.view.address, state->region.object.bytes);
}

static uint64_t operations_of(const struct unmap_state *state)
{
    const uint64_t pages = mapped_region_pages(&state->region);
    return state->per == PER_HOLE ? (pages + 1) / 2 : pages;
}

static int unmap_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct unmap_state *const state = opaque;
    struct mapped_region *const region = &state->region;
    pass->operations = operations_of(state);
    pass->operation_bytes = region->object.page_bytes;
    const int failure = state->touched ? mapped_region_map(region, error)
                                       : memory_object_map(&region->object, &region->view, error);
    return failure ? failure : mapped_region_begin(region, 0, error);
}

/* What the operation left; an address without a mapping is no error to munmap. */
static int unmap_finish(void *opaque, struct error *error)
{
    struct unmap_state *const state = opaque;
    (void)error;
    memory_object_unmap(&state->region.object, &state->region.view);
    return 0;
}

#define UNMAP_OPERATION(name, function, bulk)                                                      \
    static const struct memory_operation name = {                                                  \
        .prepare = unmap_prepare,                                                                  \
        .operate = (function),                                                                     \
        .finish = unmap_finish,                                                                    \
        .dismiss = mapped_region_dismiss,                                                          \
        .is_bulk = (bulk),                                                                         \
    };
UNMAP_OPERATION(unmap_pages, unmap_page, false)
UNMAP_OPERATION(unmap_holes, unmap_hole, false)
UNMAP_OPERATION(unmap_ranges, unmap_range, true)
MEMORY_LOOPS_WITH_PEER(unmap_page_loops, unmap_pages, mapped_region_attend)
MEMORY_LOOPS_WITH_PEER(unmap_hole_loops, unmap_holes, mapped_region_attend)
MEMORY_LOOPS_WITH_PEER(unmap_range_loops, unmap_ranges, mapped_region_attend)

static const struct memory_loops *unmap_loops(const struct options *options)
{
    static const struct memory_loops *const loops[] = {
        [PER_PAGE] = &unmap_page_loops,
        [PER_RANGE] = &unmap_range_loops,
        [PER_HOLE] = &unmap_hole_loops,
    };
    return loops[options->values[UNMAP_PER]];
}

static int unmap_probe(const struct options *options, size_t bytes, struct error *error)
{
    uint64_t page_bytes = 0;
    int failure = mapped_region_probe(options, bytes, error);
    if (!failure)
        failure = mapping_page_bytes((enum mapping_huge)options->values[REGION_HUGE], ADVICE_NONE,
                                     &page_bytes, error);
    if (!failure && options->values[UNMAP_PER] == PER_HOLE &&
        options->values[UNMAP_HOW] == HOW_MUNMAP)
        failure = mapped_region_check_mappings(bytes / page_bytes / 2, error);
    return failure;
}

static int unmap_create(struct channel *channel, struct error *error)
{
    struct unmap_state *const state = channel->state;
    const uint64_t *const values = channel->options.values;
    state->dontneed = values[UNMAP_HOW] == HOW_DONTNEED;
    state->touched = values[UNMAP_TOUCHED] == TOUCHED_YES;
    state->per = (enum unmap_per)values[UNMAP_PER];
    return mapped_region_create(&state->region, channel, error);
}

/* Is the page given back? mincore knows no page without a mapping. */
static int check_gone(const struct unmap_state *state, uint64_t index, struct error *error)
{
    struct memory_pages pages;
    unsigned char present;
    void *const page = mapped_region_page(&state->region, index);
    const bool is_mapped = !mincore(page, 1, &present);
    if (!state->dontneed)
        return is_mapped ? error_plain(error, "munmap: page %llu is still mapped",
                                       (unsigned long long)index)
                         : 0;
    if (state->region.object.kind == OBJECT_PRIVATE) /* smaps may speak of neighbours as well */
        return mapped_region_is_marked(page, index)
                   ? error_plain(error, "MADV_DONTNEED: page %llu is what it was before",
                                 (unsigned long long)index)
                   : 0;
    const int failure = memory_pages_of(page, &pages, error);
    if (!failure && pages.resident_bytes && state->per != PER_HOLE)
        return error_plain(error, "MADV_DONTNEED: smaps still shows %llu bytes",
                           (unsigned long long)pages.resident_bytes);
    return failure;
}

static int unmap_attach(struct channel *channel, enum side side, struct error *error)
{
    struct unmap_state *const state = channel->state;
    struct mapped_region *const region = &state->region;
    if (side == SIDE_RECEIVER)
        return mapped_region_attach(region, error);
    int failure = mapped_region_map(region, error);
    if (!failure)
        failure = memory_object_check(&region->object, &region->view, &channel->obtained, error);
    for (uint64_t index = 0; !failure && index < operations_of(state); ++index) {
        const int refused =
            state->per == PER_HOLE ? unmap_hole(state, index) : unmap_page(state, index);
        if (refused)
            failure = error_system(error, -refused, state->dontneed ? "MADV_DONTNEED" : "munmap");
    }
    if (!failure)
        failure = check_gone(state, 0, error);
    unmap_finish(state, NULL);
    return failure;
}

static const struct operation_belief *unmap_belief(const struct options *options)
{
    static const struct operation_belief
        thread = {"a thread on another CPU makes giving memory back dearer", "peer=idle",
                  BELIEF_DEARER},
        process = {"another process that reads the same memory makes giving it back dearer",
                   "peer=idle", BELIEF_DEARER},
        huge = {"huge pages are cheaper per byte to give back", "huge=none", BELIEF_CHEAPER},
        advice = {"madvise(MADV_DONTNEED) is cheaper than munmap", "how=munmap", BELIEF_CHEAPER},
        range = {"one munmap of a range is cheaper than one for each page", "per=page",
                 BELIEF_CHEAPER},
        nothing = {"unmapping costs nothing, however much of it was touched", "touched=no",
                   BELIEF_NO_DEARER};
    const uint64_t *const values = options->values;
    if (values[REGION_PEER] != COMPANY_IDLE)
        return values[REGION_PEER] == COMPANY_THREAD ? &thread : &process;
    if (values[REGION_HUGE] != HUGE_NONE)
        return &huge;
    if (values[UNMAP_HOW] == HOW_DONTNEED)
        return &advice;
    if (values[UNMAP_PER] != PER_PAGE)
        return values[UNMAP_PER] == PER_RANGE ? &range : NULL;
    return values[UNMAP_TOUCHED] == TOUCHED_YES ? &nothing : NULL;
}

const struct transport transport_unmap = {
    .abi = TRANSPORT_ABI,
    .name = "unmap",
    .summary = "giving memory back: munmap, MADV_DONTNEED, with others on it or not",
    .family = FAMILY_OPERATION,
    .options = unmap_options,
    .option_count = UNMAP_OPTION_COUNT,
    .state_bytes = sizeof(struct unmap_state),
    .spins = mapped_region_spins,
    .limits = mapped_region_limits,
    .probe = unmap_probe,
    .create = unmap_create,
    .attach = unmap_attach,
    .destroy = mapped_region_destroy,
    .memory_loops = unmap_loops,
    .belief = unmap_belief,
};
