/* The size of what stands behind a mapping: ftruncate to more and the first touch of what came of it, or
 * ftruncate to less, which takes the pages away from everybody who has them mapped.
 *
 * The first page always stays: it is what company reads, on pain of SIGBUS. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/memory.h"
#include "harness/transport.h"
#include "transports/common/company.h"
#include "transports/common/memory_object.h"

enum { GROW_KIND, GROW_HUGE, GROW_PEER, GROW_WHAT, GROW_PER, GROW_OPTION_COUNT };
enum { KIND_MEMFD, KIND_FILE };
enum { PEER_IDLE, PEER_MAPPED, PEER_PROCESS, PEER_THREAD };
enum { WHAT_GROW, WHAT_SHRINK };
enum { PER_PAGE, PER_RANGE };

static const struct option_spec grow_options[GROW_OPTION_COUNT] = {
    [GROW_KIND] = {.key = "kind",
                   .kind = OPTION_CHOICE,
                   .choices = "memfd|file",
                   .default_value = "memfd",
                   .meaning = "a memfd, or a file in TMPDIR"},
    [GROW_HUGE] = {.key = "huge",
                   .kind = OPTION_CHOICE,
                   .choices = "none|hugetlb|hugetlb-1g",
                   .default_value = "none",
                   .meaning = "pages asked for; an operation is about one page of that size"},
    [GROW_PEER] = {.key = "peer",
                   .kind = OPTION_CHOICE,
                   .choices = "idle|mapped|process|thread",
                   .default_value = "idle",
                   .meaning =
                       "without a mapping; with one of all, asleep, and what=shrink takes pages "
                       "that it has touched; and reads the page that stays; a thread of the "
                       "measuring process reads that"},
    [GROW_WHAT] = {.key = "what",
                   .kind = OPTION_CHOICE,
                   .choices = "grow|shrink",
                   .default_value = "grow",
                   .meaning = "ftruncate by a page more and its first touch, or by a page less"},
    [GROW_PER] = {.key = "per",
                  .kind = OPTION_CHOICE,
                  .choices = "page|range",
                  .default_value = "page",
                  .meaning = "a call for each page, or for all: a sample is the mean per page"},
};

struct grow_state {
    struct memory_object object;
    struct memory_view view;
    struct company company;
    bool peer_maps;
    bool shrinks;
};

static ALWAYS_INLINE void touch_page(const struct grow_state *state, uint64_t index)
{
    atomic_store_explicit((_Atomic unsigned char *)state->view.address +
                              index * state->object.page_bytes,
                          1, memory_order_relaxed);
}

static uint64_t pages_of(const struct grow_state *state)
{
    return state->object.bytes / state->object.page_bytes;
}

static void touch_all(const struct grow_state *state)
{
    for (uint64_t index = 0; index < pages_of(state); ++index)
        touch_page(state, index);
}

static ALWAYS_INLINE int resize(const struct grow_state *state, uint64_t pages)
{
    return ftruncate(state->object.fd, (off_t)(pages * state->object.page_bytes)) ? -errno : 0;
}

/* --- what is timed ------------------------------------------------------------------------------- */

static ALWAYS_INLINE int grow_page(void *opaque, uint64_t index)
{
    const struct grow_state *const state = opaque;
    const int failure = resize(state, index + 2);
    if (!failure)
        touch_page(state, index + 1);
    return failure;
}

static int grow_range(void *opaque, uint64_t index)
{
    const struct grow_state *const state = opaque;
    (void)index;
    const int failure = resize(state, pages_of(state));
    if (!failure)
        touch_all(state);
    return failure;
}

static ALWAYS_INLINE int shrink_page(void *opaque, uint64_t index)
{
    const struct grow_state *const state = opaque;
    return resize(state, pages_of(state) - 1 - index);
}

static int shrink_range(void *opaque, uint64_t index)
{
    (void)index;
    return resize(opaque, 1);
}

/* --- around it ----------------------------------------------------------------------------------- */

static int grow_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct grow_state *const state = opaque;
    const struct company_pages stays = {state->view.address, 1, 1};
    pass->operations = pages_of(state) - 1;
    pass->operation_bytes = state->object.page_bytes;
    const int refused = resize(state, state->shrinks ? pages_of(state) : 1);
    if (refused)
        return error_system(error, -refused, "ftruncate");
    if (state->shrinks)
        touch_all(state);
    if (state->peer_maps && state->shrinks)
        turns_peer_does(&state->company.turns);
    return company_begin(&state->company, &stays, error);
}

static void grow_dismiss(void *opaque)
{
    struct grow_state *const state = opaque;
    company_end(&state->company);
}

/* Every page gets into its page tables again when it is told to; what lies between is the peer's choice. */
static void grow_attend(struct loop_run *run)
{
    struct grow_state *const state = run->state;
    struct turns *const turns = &state->company.turns;
    const _Atomic unsigned char *const stays = state->view.address;
    while (state->peer_maps && state->company.kind == COMPANY_IDLE && turns_await(turns)) {
        touch_all(state);
        turns_give_back(turns);
    }
    while (state->company.kind == COMPANY_PROCESS && !turns_are_over(turns)) {
        if (turns_is_mine(turns)) {
            touch_all(state);
            turns_give_back(turns);
        }
        run->sink += atomic_load_explicit(stays, memory_order_relaxed);
    }
}

#define GROW_OPERATION(name, function, bulk)                                                       \
    static const struct memory_operation name = {                                                  \
        .prepare = grow_prepare,                                                                   \
        .operate = (function),                                                                     \
        .dismiss = grow_dismiss,                                                                   \
        .is_bulk = (bulk),                                                                         \
    };                                                                                             \
    MEMORY_LOOPS_WITH_PEER(name##_loops, name, grow_attend)
GROW_OPERATION(grow_pages, grow_page, false)
GROW_OPERATION(grow_ranges, grow_range, true)
GROW_OPERATION(shrink_pages, shrink_page, false)
GROW_OPERATION(shrink_ranges, shrink_range, true)

static const struct memory_loops *grow_loops(const struct options *options)
{
    static const struct memory_loops *const loops[][2] = {
        [WHAT_GROW] = {&grow_pages_loops, &grow_ranges_loops},
        [WHAT_SHRINK] = {&shrink_pages_loops, &shrink_ranges_loops},
    };
    return loops[options->values[GROW_WHAT]][options->values[GROW_PER]];
}

/* --- set up -------------------------------------------------------------------------------------- */

static struct memory_object grow_object(const struct options *options, size_t bytes)
{
    static const enum mapping_huge huge[] = {HUGE_NONE, HUGE_HUGETLB, HUGE_HUGETLB_1G};
    return (struct memory_object){
        .kind = options->values[GROW_KIND] == KIND_FILE ? OBJECT_FILE : OBJECT_MEMFD,
        .huge = huge[options->values[GROW_HUGE]],
        .bytes = bytes,
    };
}

static int grow_probe(const struct options *options, size_t bytes, struct error *error)
{
    struct memory_object object = grow_object(options, bytes);
    const int failure = memory_object_plan(&object, error);
    return failure || bytes >= 2 * object.page_bytes
               ? failure
               : error_unavailable(error, "a larger size (-s)",
                                   "two pages at least are needed: the first one stays");
}

static int grow_create(struct channel *channel, struct error *error)
{
    static const enum company_kind kinds[] = {COMPANY_IDLE, COMPANY_IDLE, COMPANY_PROCESS,
                                              COMPANY_THREAD};
    struct grow_state *const state = channel->state;
    const uint64_t peer = channel->options.values[GROW_PEER];
    state->object = grow_object(&channel->options, channel->message_bytes);
    state->peer_maps = peer == PEER_MAPPED || peer == PEER_PROCESS;
    state->shrinks = channel->options.values[GROW_WHAT] == WHAT_SHRINK;
    int failure = memory_object_plan(&state->object, error);
    if (!failure)
        failure = memory_object_create(&state->object, channel->leftovers, error);
    if (!failure)
        failure = company_create(&state->company, kinds[peer], error);
    if (!failure && peer == PEER_MAPPED)
        failure = turns_create(&state->company.turns, error);
    return failure;
}

/* Once each way: what a touched mapping has got, and that nothing of it is left behind the end. */
static int rehearse(struct channel *channel, struct error *error)
{
    struct grow_state *const state = channel->state;
    struct memory_pages pages;
    int refused = resize(state, 1);
    for (uint64_t index = 0; !refused && index + 1 < pages_of(state); ++index)
        refused = grow_page(state, index);
    if (refused)
        return error_system(error, -refused, "ftruncate");
    touch_page(state, 0);
    int failure = memory_object_check(&state->object, &state->view, &channel->obtained, error);
    if (failure)
        return failure;
    refused = shrink_range(state, 0);
    if (refused)
        return error_system(error, -refused, "ftruncate");
    failure = memory_pages_of(state->view.address, &pages, error);
    obtained_number(&channel->obtained, "left_bytes", (int64_t)pages.resident_bytes);
    return failure || pages.resident_bytes == state->object.page_bytes
               ? failure
               : error_plain(error, "ftruncate to one page: smaps still shows %llu bytes mapped",
                             (unsigned long long)pages.resident_bytes);
}

static int grow_attach(struct channel *channel, enum side side, struct error *error)
{
    struct grow_state *const state = channel->state;
    int failure = 0;
    if (side == SIDE_RECEIVER)
        company_introduce(&state->company);
    else
        failure = memory_object_fill(&state->object, error);
    if (!failure && (side == SIDE_SENDER || state->peer_maps))
        failure = memory_object_map(&state->object, &state->view, error);
    return failure || side == SIDE_RECEIVER ? failure : rehearse(channel, error);
}

static void grow_destroy(struct channel *channel)
{
    struct grow_state *const state = channel->state;
    memory_object_destroy(&state->object);
    company_destroy(&state->company);
}

static bool grow_spins(const struct options *options)
{
    return options->values[GROW_PEER] >= PEER_PROCESS;
}

static int grow_limits(const struct options *options, struct message_limits *limits,
                       struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 2 * 4096, .maximum_bytes = UINT64_MAX};
    return 0;
}

static const struct operation_belief *grow_belief(const struct options *options)
{
    static const struct operation_belief
        mapped[] =
            {[WHAT_GROW] = {"a file is dearer to grow while another process has it mapped",
                            "peer=idle", BELIEF_DEARER},
             [WHAT_SHRINK] = {"a file is dearer to shrink while another process has it mapped",
                              "peer=idle", BELIEF_DEARER}},
        thread = {"a thread on another CPU makes resizing dearer", "peer=idle", BELIEF_DEARER},
        huge = {"huge pages make growing and shrinking cheaper per byte", "huge=none",
                BELIEF_CHEAPER},
        range = {"one ftruncate for all is cheaper than one for each page", "per=page",
                 BELIEF_CHEAPER},
        file = {"a file is dearer to grow and to shrink than a memfd", "kind=memfd", BELIEF_DEARER};
    const uint64_t *const values = options->values;
    if (values[GROW_PEER] != PEER_IDLE)
        return values[GROW_PEER] == PEER_THREAD ? &thread : &mapped[values[GROW_WHAT]];
    if (values[GROW_HUGE])
        return &huge;
    if (values[GROW_PER] == PER_RANGE)
        return &range;
    return values[GROW_KIND] == KIND_FILE ? &file : NULL;
}

const struct transport transport_grow = {
    .abi = TRANSPORT_ABI,
    .name = "grow",
    .summary = "ftruncate growth then touch, and shrinking under others' mappings",
    .family = FAMILY_OPERATION,
    .options = grow_options,
    .option_count = GROW_OPTION_COUNT,
    .state_bytes = sizeof(struct grow_state),
    .spins = grow_spins,
    .limits = grow_limits,
    .probe = grow_probe,
    .create = grow_create,
    .attach = grow_attach,
    .destroy = grow_destroy,
    .memory_loops = grow_loops,
    .belief = grow_belief,
};
