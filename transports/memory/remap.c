/* Changing where memory is mapped: growing in place and moving with mremap, replacing with MAP_FIXED; and
 * copying, which moving is held against. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/free_memory.h"
#include "harness/loops_memory.h"
#include "harness/memory.h"
#include "harness/transport.h"
#include "transports/common/mapped_region.h"

enum { REMAP_WHAT = REGION_OPTION_COUNT, REMAP_PER, REMAP_OPTION_COUNT };
enum what { WHAT_MOVE, WHAT_COPY, WHAT_GROW, WHAT_REPLACE };
enum { PER_PAGE, PER_RANGE };

static const struct option_spec remap_options[REMAP_OPTION_COUNT] = {
    [REGION_KIND] = REGION_OPTION_KIND,
    [REGION_HUGE] = REGION_OPTION_HUGE,
    [REGION_PEER] = REGION_OPTION_PEER,
    [REMAP_WHAT] = {.key = "what",
                    .kind = OPTION_CHOICE,
                    .choices = "move|copy|grow|replace",
                    .default_value = "move",
                    .meaning =
                        "mremap of touched pages to another address; memcpy to touched pages "
                        "instead; mremap by one page more; mmap(MAP_FIXED) over touched "
                        "pages"},
    [REMAP_PER] = {.key = "per",
                   .kind = OPTION_CHOICE,
                   .choices = "page|range",
                   .default_value = "page",
                   .meaning = "a call for each page, or for all: a sample is the mean per page"},
};

struct remap_state {
    struct mapped_region region; /* first: its hooks are ours */
    char *target;                /* move: room for it; copy: memory; NULL: none */
    enum what what;
    bool whole;
};

/* --- what is timed: pages from `index` on, by number --------------------------------------------- */

static ALWAYS_INLINE int result_of(const void *address)
{
    return address == MAP_FAILED ? -errno : 0;
}

static ALWAYS_INLINE int move(struct remap_state *state, uint64_t index, size_t bytes)
{
    return result_of(mremap(mapped_region_page(&state->region, index), bytes, bytes,
                            MREMAP_MAYMOVE | MREMAP_FIXED,
                            state->target + index * state->region.object.page_bytes));
}

static ALWAYS_INLINE int copy(struct remap_state *state, uint64_t index, size_t bytes)
{
    memcpy(state->target + index * state->region.object.page_bytes,
           mapped_region_page(&state->region, index), bytes);
    return 0;
}

/* The mapping ends behind page `index`: that is what it grows from. */
static ALWAYS_INLINE int grow(struct remap_state *state, uint64_t index, size_t bytes)
{
    const size_t old_bytes = (index + 1) * state->region.object.page_bytes;
    return result_of(mremap(state->region.view.address, old_bytes, old_bytes + bytes, 0));
}

static ALWAYS_INLINE int replace(struct remap_state *state, uint64_t index, size_t bytes)
{
    const struct memory_object *const object = &state->region.object;
    const bool shared = object->kind == OBJECT_MEMFD;
    const int huge =
        memory_object_is_hugetlb(object) ? MAP_HUGETLB | memory_object_size_flag(object) : 0;
    const int flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | huge);
    return result_of(mmap(mapped_region_page(&state->region, index), bytes, PROT_READ | PROT_WRITE,
                          flags, object->fd, shared ? (off_t)(index * object->page_bytes) : 0));
}

#define REMAP_BOTH(name)                                                                           \
    static int name##_page(void *opaque, uint64_t index)                                           \
    {                                                                                              \
        struct remap_state *const state = opaque;                                                  \
        return name(state, index, state->region.object.page_bytes);                                \
    }                                                                                              \
    static int name##_range(void *opaque, uint64_t index)                                          \
    {                                                                                              \
        struct remap_state *const state = opaque;                                                  \
        const size_t bytes = state->region.object.bytes;                                           \
        (void)index;                                                                               \
        return name(state, 0,                                                                      \
                    bytes - (state->what == WHAT_GROW ? state->region.object.page_bytes : 0));     \
    }
REMAP_BOTH(move)
REMAP_BOTH(copy)
REMAP_BOTH(grow)
REMAP_BOTH(replace)

/* --- around it ----------------------------------------------------------------------------------- */

/* Room that nothing else gets, where pages are to be moved to; for copying, touched memory. */
static int make_target(struct remap_state *state, struct error *error)
{
    const struct memory_object *const object = &state->region.object;
    const int protection = state->what == WHAT_COPY ? PROT_READ | PROT_WRITE : PROT_NONE;
    const size_t room_bytes = object->bytes + object->page_bytes;
    char *const room = mmap(NULL, room_bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return error_system(error, errno, "mmap of room for %zu bytes", room_bytes);
    const size_t before =
        (object->page_bytes - (uintptr_t)room % object->page_bytes) % object->page_bytes;
    if (before)
        munmap(room, before);
    munmap(room + before + object->bytes, object->page_bytes - before);
    state->target = room + before;
    if (state->what == WHAT_COPY)
        memset(state->target, 1, object->bytes);
    return 0;
}

static int remap_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct remap_state *const state = opaque;
    struct mapped_region *const region = &state->region;
    const uint64_t pages = mapped_region_pages(region);
    pass->operations = state->what == WHAT_GROW ? pages - 1 : pages;
    pass->operation_bytes = region->object.page_bytes;
    int failure = mapped_region_map(region, error);
    if (!failure && (state->what == WHAT_MOVE || state->what == WHAT_COPY))
        failure = make_target(state, error);
    if (!failure)
        failure = mapped_region_begin(region, 0, error);
    if (!failure && state->what == WHAT_GROW) /* last: nothing else gets mapped there */
        munmap(mapped_region_page(region, 1), region->object.bytes - region->object.page_bytes);
    return failure;
}

static int remap_finish(void *opaque, struct error *error)
{
    struct remap_state *const state = opaque;
    (void)error;
    memory_object_unmap(&state->region.object, &state->region.view);
    if (state->target)
        munmap(state->target, state->region.object.bytes);
    state->target = NULL;
    return 0;
}

#define REMAP_OPERATION(name, function, bulk)                                                      \
    static const struct memory_operation name = {                                                  \
        .prepare = remap_prepare,                                                                  \
        .operate = (function),                                                                     \
        .finish = remap_finish,                                                                    \
        .dismiss = mapped_region_dismiss,                                                          \
        .is_bulk = (bulk),                                                                         \
    };                                                                                             \
    MEMORY_LOOPS_WITH_PEER(name##_loops, name, mapped_region_attend)
REMAP_OPERATION(move_pages_one, move_page, false)
REMAP_OPERATION(move_pages_all, move_range, true)
REMAP_OPERATION(copy_pages_one, copy_page, false)
REMAP_OPERATION(copy_pages_all, copy_range, true)
REMAP_OPERATION(grow_pages_one, grow_page, false)
REMAP_OPERATION(grow_pages_all, grow_range, true)
REMAP_OPERATION(replace_pages_one, replace_page, false)
REMAP_OPERATION(replace_pages_all, replace_range, true)

static const struct memory_loops *remap_loops(const struct options *options)
{
    static const struct memory_loops *const loops[][2] = {
        [WHAT_MOVE] = {&move_pages_one_loops, &move_pages_all_loops},
        [WHAT_COPY] = {&copy_pages_one_loops, &copy_pages_all_loops},
        [WHAT_GROW] = {&grow_pages_one_loops, &grow_pages_all_loops},
        [WHAT_REPLACE] = {&replace_pages_one_loops, &replace_pages_all_loops},
    };
    return loops[options->values[REMAP_WHAT]][options->values[REMAP_PER]];
}

/* --- set up -------------------------------------------------------------------------------------- */

static int remap_probe(const struct options *options, size_t bytes, struct error *error)
{
    const uint64_t huge = options->values[REGION_HUGE];
    uint64_t page_bytes = 0;
    int failure = mapped_region_probe(options, bytes, error);
    if (!failure && options->values[REMAP_WHAT] == WHAT_COPY) /* the target is touched as well */
        failure = free_memory_check(
            "", huge == HUGE_HUGETLB || huge == HUGE_HUGETLB_1G ? bytes : 2 * bytes,
            "a smaller size, what=move", error);
    if (failure || options->values[REMAP_WHAT] != WHAT_GROW)
        return failure;
    if (huge == HUGE_HUGETLB || huge == HUGE_HUGETLB_1G)
        return error_unavailable(error, "huge=none, huge=thp",
                                 "mremap cannot grow mappings of huge TLB pages");
    failure = mapping_page_bytes((enum mapping_huge)huge, ADVICE_NONE, &page_bytes, error);
    return failure || bytes >= 2 * page_bytes
               ? failure
               : error_unavailable(error, "another size (-s)", "growing needs two pages at least");
}

static int remap_create(struct channel *channel, struct error *error)
{
    struct remap_state *const state = channel->state;
    state->what = (enum what)channel->options.values[REMAP_WHAT];
    state->whole = channel->options.values[REMAP_PER] == PER_RANGE;
    return mapped_region_create(&state->region, channel, error);
}

/* The last page: is it where it should be, with what should be in it? */
static int check_outcome(const struct remap_state *state, struct error *error)
{
    const struct mapped_region *const region = &state->region;
    const uint64_t last = mapped_region_pages(region) - 1;
    struct memory_pages pages;
    unsigned char present;
    void *const page = mapped_region_page(region, last);
    if (state->what == WHAT_GROW)
        return mincore(page, 1, &present)
                   ? error_plain(error, "mremap: the mapping has not grown to its last page")
                   : 0;
    if (state->what != WHAT_REPLACE)
        return mapped_region_is_marked(state->target + last * region->object.page_bytes, last)
                   ? 0
                   : error_plain(error, "the last page is not what was there before");
    if (region->object.kind == OBJECT_PRIVATE) /* smaps may speak of neighbours as well */
        return mapped_region_is_marked(page, last)
                   ? error_plain(error, "mmap(MAP_FIXED): the last page is what it was before")
                   : 0;
    const int failure = memory_pages_of(page, &pages, error);
    return failure || !pages.resident_bytes
               ? failure
               : error_plain(error, "mmap(MAP_FIXED): smaps still shows %llu bytes in it",
                             (unsigned long long)pages.resident_bytes);
}

static int rehearse(struct channel *channel, struct error *error)
{
    struct remap_state *const state = channel->state;
    struct mapped_region *const region = &state->region;
    const struct memory_operation *const once[] = {
        [WHAT_MOVE] = state->whole ? &move_pages_all : &move_pages_one,
        [WHAT_COPY] = state->whole ? &copy_pages_all : &copy_pages_one,
        [WHAT_GROW] = state->whole ? &grow_pages_all : &grow_pages_one,
        [WHAT_REPLACE] = state->whole ? &replace_pages_all : &replace_pages_one,
    };
    const struct memory_operation *const operation = once[state->what];
    const enum company_kind company = region->company.kind;
    struct memory_pass pass;
    region->company.kind = COMPANY_IDLE; /* the peer is not there yet */
    int failure = remap_prepare(state, &pass, error);
    region->company.kind = company;
    for (uint64_t index = 0; !failure && index < (state->whole ? 1 : pass.operations); ++index) {
        const int refused = operation->operate(state, index);
        if (refused)
            failure = error_unavailable(error, "a kernel that can, huge=none, what=copy",
                                        "remapping page %llu: %s", (unsigned long long)index,
                                        error_name(-refused));
    }
    return failure ? failure : check_outcome(state, error);
}

static int remap_attach(struct channel *channel, enum side side, struct error *error)
{
    struct remap_state *const state = channel->state;
    struct mapped_region *const region = &state->region;
    if (side == SIDE_RECEIVER)
        return mapped_region_attach(region, error);
    int failure = mapped_region_map(region, error);
    if (!failure)
        failure = memory_object_check(&region->object, &region->view, &channel->obtained, error);
    memory_object_unmap(&region->object, &region->view);
    if (!failure)
        failure = rehearse(channel, error);
    remap_finish(state, NULL);
    return failure;
}

static const struct operation_belief *remap_belief(const struct options *options)
{
    static const struct operation_belief
        thread = {"a thread on another CPU makes remapping memory dearer", "peer=idle",
                  BELIEF_DEARER},
        process = {"another process that reads the same memory makes remapping it dearer",
                   "peer=idle", BELIEF_DEARER},
        range = {"remapping a range at once is cheaper than page by page", "per=page",
                 BELIEF_CHEAPER},
        moving = {"moving memory by mremap is cheaper than copying it", "what=copy",
                  BELIEF_CHEAPER};
    const uint64_t *const values = options->values;
    if (values[REMAP_WHAT] == WHAT_COPY)
        return NULL;
    if (values[REGION_PEER] != COMPANY_IDLE)
        return values[REGION_PEER] == COMPANY_THREAD ? &thread : &process;
    if (values[REMAP_WHAT] == WHAT_MOVE)
        return &moving;
    return values[REMAP_PER] == PER_RANGE ? &range : NULL;
}

const struct transport transport_remap = {
    .abi = TRANSPORT_ABI,
    .name = "remap",
    .summary = "mremap growth and move, MAP_FIXED, with others on it or not",
    .family = FAMILY_OPERATION,
    .options = remap_options,
    .option_count = REMAP_OPTION_COUNT,
    .state_bytes = sizeof(struct remap_state),
    .spins = mapped_region_spins,
    .limits = mapped_region_limits,
    .probe = remap_probe,
    .create = remap_create,
    .attach = remap_attach,
    .destroy = mapped_region_destroy,
    .memory_loops = remap_loops,
    .belief = remap_belief,
};
