/* First touch: what a page costs when it is used for the first time, by kind of memory and by the way it
 * is brought in. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/memory_object.h"
#include "transports/common/turns.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22 /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MAP_UNINITIALIZED
#define MAP_UNINITIALIZED 0x4000000
#endif

enum {
    TOUCH_KIND,
    TOUCH_HOW,
    TOUCH_HUGE,
    TOUCH_NORESERVE,
    TOUCH_BY,
    TOUCH_PEER,
    TOUCH_UNINITIALIZED,
    TOUCH_OPTION_COUNT
};

enum kind { KIND_PRIVATE, KIND_ANON, KIND_MEMFD, KIND_XSI, KIND_FILE_COLD, KIND_FILE_WARM };
enum how {
    HOW_TOUCH,
    HOW_READ,
    HOW_POPULATE,
    HOW_POPULATE_READ,
    HOW_POPULATE_WRITE,
    HOW_MLOCK,
    HOW_MAP_LOCKED,
};

static const struct option_spec touch_options[TOUCH_OPTION_COUNT] = {
    [TOUCH_KIND] = {.key = "kind",
                    .kind = OPTION_CHOICE,
                    .choices = "private|anon|memfd|xsi|file-cold|file-warm",
                    .default_value = "anon",
                    .meaning = "private or shared anonymous, memfd, shmget, or a file in TMPDIR"},
    [TOUCH_HOW] = {.key = "how",
                   .kind = OPTION_CHOICE,
                   .choices = "touch|read|populate|populate-read|populate-write|mlock|map-locked",
                   .default_value = "touch",
                   .meaning = "a byte written or read per page; MAP_POPULATE, MADV_POPULATE_*, "
                              "mlock, MAP_LOCKED: whole region, a sample is the mean per page"},
    [TOUCH_HUGE] = {.key = "huge",
                    .kind = OPTION_CHOICE,
                    .choices = "none|hugetlb|hugetlb-1g|thp",
                    .default_value = "none",
                    .meaning = "pages asked for; an operation is about one page of that size"},
    [TOUCH_NORESERVE] = {.key = "noreserve",
                         .kind = OPTION_CHOICE,
                         .choices = "no|yes",
                         .default_value = "no",
                         .meaning = "MAP_NORESERVE, SHM_NORESERVE"},
    [TOUCH_BY] = {.key = "by",
                  .kind = OPTION_CHOICE,
                  .choices = "one|second",
                  .default_value = "one",
                  .meaning = "second: the peer has touched every page, and keeps its mapping"},
    [TOUCH_PEER] = {.key = "peer",
                    .kind = OPTION_CHOICE,
                    .choices = "idle|active",
                    .default_value = "idle",
                    .meaning =
                        "with by=second: asleep, or reading all of its mapping all the time"},
    [TOUCH_UNINITIALIZED] = {.key = "uninitialized",
                             .kind = OPTION_CHOICE,
                             .choices = "no|yes",
                             .default_value = "no",
                             .meaning = "MAP_UNINITIALIZED: pages need not be zeroed"},
};

struct touch_state {
    struct memory_object object;
    struct memory_view view;
    struct turns turns; /* peer=active */
    enum how how;
    bool cold;
    bool second;
    uint64_t sink;
};

/* --- what is timed ----------------------------------------------------------------------------- */

static ALWAYS_INLINE _Atomic unsigned char *touch_address(const struct touch_state *state,
                                                          uint64_t index)
{
    return (_Atomic unsigned char *)state->view.address + index * state->object.page_bytes;
}

static ALWAYS_INLINE int touch_by_write(void *opaque, uint64_t index)
{
    struct touch_state *const state = opaque;
    atomic_store_explicit(touch_address(state, index), 1, memory_order_relaxed);
    return 0;
}

static ALWAYS_INLINE int touch_by_read(void *opaque, uint64_t index)
{
    struct touch_state *const state = opaque;
    state->sink += atomic_load_explicit(touch_address(state, index), memory_order_relaxed);
    return 0;
}

static int touch_by_mapping(void *opaque, uint64_t index)
{
    struct touch_state *const state = opaque;
    (void)index;
    return memory_object_map(&state->object, &state->view, NULL);
}

static int touch_by_call(void *opaque, uint64_t index)
{
    struct touch_state *const state = opaque;
    void *const address = state->view.address;
    const size_t bytes = state->object.bytes;
    (void)index;
    const int failed = state->how == HOW_MLOCK ? mlock(address, bytes)
                       : state->how == HOW_POPULATE_READ
                           ? madvise(address, bytes, MADV_POPULATE_READ)
                           : madvise(address, bytes, MADV_POPULATE_WRITE);
    return failed ? -errno : 0;
}

/* --- around it --------------------------------------------------------------------------------- */

static bool maps_itself(enum how how)
{
    return how == HOW_POPULATE || how == HOW_MAP_LOCKED;
}

static int touch_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct touch_state *const state = opaque;
    pass->operations = state->object.bytes / state->object.page_bytes;
    pass->operation_bytes = state->object.page_bytes;
    const int failure = state->cold ? memory_object_empty(&state->object, NULL, error) : 0;
    if (failure || maps_itself(state->how))
        return failure;
    return memory_object_map(&state->object, &state->view, error);
}

/* Fresh pages for the next pass; not those that the peer has touched, nor a file's. */
static int touch_finish(void *opaque, struct error *error)
{
    struct touch_state *const state = opaque;
    const bool is_file = state->object.kind == OBJECT_FILE;
    const int failure = state->view.address && !state->second && !is_file
                            ? memory_object_empty(&state->object, &state->view, error)
                            : 0;
    memory_object_unmap(&state->object, &state->view);
    return failure;
}

static void touch_dismiss(void *opaque)
{
    const struct touch_state *const state = opaque;
    if (state->turns.word)
        turns_dismiss(&state->turns);
}

static void touch_attend(struct loop_run *run)
{
    struct touch_state *const state = run->state;
    while (state->turns.word && !turns_are_over(&state->turns)) {
        for (size_t at = 0; at < state->object.bytes; at += state->object.page_bytes)
            run->sink += atomic_load_explicit((_Atomic unsigned char *)state->view.address + at,
                                              memory_order_relaxed);
    }
}

#define TOUCH_OPERATION(name, function, bulk)                                                      \
    static const struct memory_operation name = {                                                  \
        .prepare = touch_prepare,                                                                  \
        .operate = (function),                                                                     \
        .finish = touch_finish,                                                                    \
        .dismiss = touch_dismiss,                                                                  \
        .is_bulk = (bulk),                                                                         \
    };
TOUCH_OPERATION(touch_writes, touch_by_write, false)
TOUCH_OPERATION(touch_reads, touch_by_read, false)
TOUCH_OPERATION(touch_maps, touch_by_mapping, true)
TOUCH_OPERATION(touch_calls, touch_by_call, true)
MEMORY_LOOPS_WITH_PEER(touch_write_loops, touch_writes, touch_attend)
MEMORY_LOOPS_WITH_PEER(touch_read_loops, touch_reads, touch_attend)
MEMORY_LOOPS_WITH_PEER(touch_map_loops, touch_maps, touch_attend)
MEMORY_LOOPS_WITH_PEER(touch_call_loops, touch_calls, touch_attend)

static const struct memory_loops *touch_loops(const struct options *options)
{
    static const struct memory_loops *const loops[] = {
        [HOW_TOUCH] = &touch_write_loops,         [HOW_READ] = &touch_read_loops,
        [HOW_POPULATE] = &touch_map_loops,        [HOW_POPULATE_READ] = &touch_call_loops,
        [HOW_POPULATE_WRITE] = &touch_call_loops, [HOW_MLOCK] = &touch_call_loops,
        [HOW_MAP_LOCKED] = &touch_map_loops,
    };
    return loops[options->values[TOUCH_HOW]];
}

/* --- set up ------------------------------------------------------------------------------------ */

static struct memory_object touch_object(const struct options *options, size_t bytes)
{
    static const enum object_kind kinds[] = {
        [KIND_PRIVATE] = OBJECT_PRIVATE, [KIND_ANON] = OBJECT_ANON,
        [KIND_MEMFD] = OBJECT_MEMFD,     [KIND_XSI] = OBJECT_XSI,
        [KIND_FILE_COLD] = OBJECT_FILE,  [KIND_FILE_WARM] = OBJECT_FILE,
    };
    const uint64_t *const values = options->values;
    return (struct memory_object){
        .kind = kinds[values[TOUCH_KIND]],
        .huge = (enum mapping_huge)values[TOUCH_HUGE],
        .bytes = bytes,
        .noreserve = values[TOUCH_NORESERVE] != 0,
        .separate = values[TOUCH_BY] == 0,
    };
}

/* All that was freed just before comes back as zeros: this kernel ignores the flag. */
static int check_uninitialized(struct error *error)
{
    enum { BYTES = 4 << 20 };
    for (int attempt = 0; attempt < 2; ++attempt) {
        unsigned char *const pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_UNINITIALIZED, -1, 0);
        if (pages == MAP_FAILED)
            return error_unavailable(error, "uninitialized=no", "mmap(MAP_UNINITIALIZED): %s",
                                     error_name(errno));
        bool zeroed = true;
        for (size_t at = 0; at < BYTES; ++at) {
            zeroed = zeroed && !pages[at];
            pages[at] = 0xa5;
        }
        munmap(pages, BYTES);
        if (!zeroed)
            return 0;
    }
    return error_unavailable(
        error, "a kernel without MMU, CONFIG_MMAP_ALLOW_UNINITIALIZED=y",
        "MAP_UNINITIALIZED is ignored by this kernel: %d bytes that were freed "
        "just before came back as zeros",
        (int)BYTES);
}

/* Combinations that the interfaces do not have, with what has them. */
static int check_combination(const struct options *options, struct error *error)
{
    const uint64_t *const values = options->values;
    const enum kind kind = (enum kind)values[TOUCH_KIND];
    const enum how how = (enum how)values[TOUCH_HOW];
    const bool second = values[TOUCH_BY] != 0, thp = values[TOUCH_HUGE] == HUGE_THP;
    if (second && (kind == KIND_PRIVATE || kind == KIND_FILE_COLD))
        return error_unavailable(error, "kind=anon, kind=file-warm, by=one", "by=second: %s",
                                 kind == KIND_PRIVATE ? "private pages are no other process's"
                                                      : "what another has touched is not cold");
    if (values[TOUCH_PEER] && !second)
        return error_unavailable(error, "by=second",
                                 "peer=active: with by=one each page is fresh, and the peer would "
                                 "take the first touch away");
    if (maps_itself(how) && (kind == KIND_XSI || (second && kind == KIND_ANON)))
        return error_unavailable(error, "how=populate-write, how=mlock",
                                 "%s takes no MAP_POPULATE or MAP_LOCKED",
                                 kind == KIND_XSI ? "shmat" : "mapping anonymous memory again");
    if (second && kind == KIND_ANON && values[TOUCH_HUGE] != HUGE_NONE && !thp)
        return error_unavailable(error, "kind=memfd",
                                 "anonymous huge TLB pages cannot be mapped again (mremap)");
    if (maps_itself(how) && thp)
        return error_unavailable(error, "how=populate-write",
                                 "MAP_POPULATE and MAP_LOCKED bring the pages in before madvise "
                                 "can ask for huge ones");
    if (kind == KIND_PRIVATE && thp && (how == HOW_READ || how == HOW_POPULATE_READ))
        return error_unavailable(error, "how=touch",
                                 "reading private memory maps the one page of zeros, which smaps "
                                 "does not tell the size of");
    if (values[TOUCH_UNINITIALIZED] && kind != KIND_PRIVATE)
        return error_unavailable(error, "kind=private", "MAP_UNINITIALIZED is for private memory");
    return values[TOUCH_UNINITIALIZED] ? check_uninitialized(error) : 0;
}

static int touch_probe(const struct options *options, size_t bytes, struct error *error)
{
    struct memory_object object = touch_object(options, bytes);
    const int failure = check_combination(options, error);
    return failure ? failure : memory_object_plan(&object, error);
}

static int touch_create(struct channel *channel, struct error *error)
{
    struct touch_state *const state = channel->state;
    const uint64_t *const values = channel->options.values;
    state->object = touch_object(&channel->options, channel->message_bytes);
    state->how = (enum how)values[TOUCH_HOW];
    state->second = values[TOUCH_BY] != 0;
    state->cold = values[TOUCH_KIND] == KIND_FILE_COLD;
    state->view.flags = (state->how == HOW_POPULATE ? MAP_POPULATE : 0) |
                        (state->how == HOW_MAP_LOCKED ? MAP_LOCKED : 0) |
                        (values[TOUCH_UNINITIALIZED] ? MAP_UNINITIALIZED : 0);
    int failure = memory_object_plan(&state->object, error);
    if (!failure)
        failure = memory_object_create(&state->object, channel->leftovers, error);
    if (!failure && values[TOUCH_PEER])
        failure = turns_create(&state->turns, error);
    return failure;
}

/* One pass untimed: what it gets is checked, and what cannot be done here is found out. */
static int rehearse(struct channel *channel, struct error *error)
{
    struct touch_state *const state = channel->state;
    const bool bulk = state->how != HOW_TOUCH && state->how != HOW_READ;
    struct memory_pass pass = {0};
    int failure = touch_prepare(state, &pass, error);
    if (!failure && maps_itself(state->how)) {
        failure = memory_object_map(&state->object, &state->view, error);
    } else if (!failure && bulk) {
        const int refused = touch_by_call(state, 0);
        if (refused)
            failure = error_unavailable(
                error,
                state->how == HOW_MLOCK ? "ulimit -l (RLIMIT_MEMLOCK)" : "a kernel from 5.14 on",
                "%s of %zu bytes: %s", state->how == HOW_MLOCK ? "mlock" : "madvise(MADV_POPULATE)",
                state->object.bytes, error_name(-refused));
    }
    for (uint64_t index = 0; !failure && !bulk && index < pass.operations; ++index)
        failure =
            state->how == HOW_TOUCH ? touch_by_write(state, index) : touch_by_read(state, index);
    if (!failure)
        failure = memory_object_check(&state->object, &state->view, &channel->obtained, error);
    const int stuck = touch_finish(state, failure ? NULL : error);
    return failure ? failure : stuck;
}

/* The peer's mapping stays, with every page in it. */
static int touch_as_first(struct touch_state *state, struct error *error)
{
    state->view.flags = 0;
    const int failure = memory_object_map(&state->object, &state->view, error);
    for (uint64_t index = 0; !failure && index < state->object.bytes / state->object.page_bytes;
         ++index)
        (void)touch_by_write(state, index);
    return failure;
}

static int touch_attach(struct channel *channel, enum side side, struct error *error)
{
    struct touch_state *const state = channel->state;
    if (side == SIDE_RECEIVER)
        return state->second ? touch_as_first(state, error) : 0;
    const int failure = memory_object_fill(&state->object, error);
    return failure ? failure : rehearse(channel, error);
}

static void touch_destroy(struct channel *channel)
{
    struct touch_state *const state = channel->state;
    memory_object_destroy(&state->object);
    turns_destroy(&state->turns);
}

static bool touch_spins(const struct options *options)
{
    return options->values[TOUCH_PEER] != 0;
}

static int touch_limits(const struct options *options, struct message_limits *limits,
                        struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 4096, .maximum_bytes = UINT64_MAX};
    return 0;
}

/* Of several options that differ, that which changes most. */
static const struct operation_belief *touch_belief(const struct options *options)
{
    static const struct operation_belief
        huge = {"huge pages make the first touch cheaper per byte", "huge=none", BELIEF_CHEAPER},
        second = {"what another process has touched costs nothing to map", "by=one",
                  BELIEF_CHEAPER},
        ahead = {"memory is cheaper to bring in beforehand than by page faults", "how=touch",
                 BELIEF_CHEAPER},
        unreserved = {"MAP_NORESERVE makes memory cheaper to get", "noreserve=no", BELIEF_CHEAPER},
        shared = {"shared memory costs no more to set up than private memory", "kind=private",
                  BELIEF_NO_DEARER},
        cold = {"a mapped file is read page by page as it is touched", "kind=file-warm",
                BELIEF_DEARER};
    const uint64_t *const values = options->values;
    if (values[TOUCH_HUGE] != HUGE_NONE)
        return &huge;
    if (values[TOUCH_BY])
        return &second;
    if (values[TOUCH_HOW] != HOW_TOUCH && values[TOUCH_HOW] != HOW_READ)
        return &ahead;
    if (values[TOUCH_NORESERVE])
        return &unreserved;
    if (values[TOUCH_KIND] == KIND_FILE_COLD)
        return &cold;
    return values[TOUCH_KIND] == KIND_PRIVATE || values[TOUCH_KIND] == KIND_FILE_WARM ? NULL
                                                                                      : &shared;
}

const struct transport transport_touch = {
    .abi = TRANSPORT_ABI,
    .name = "touch",
    .summary = "first touch of a page: page faults, populating, locking",
    .family = FAMILY_OPERATION,
    .options = touch_options,
    .option_count = TOUCH_OPTION_COUNT,
    .state_bytes = sizeof(struct touch_state),
    .spins = touch_spins,
    .limits = touch_limits,
    .probe = touch_probe,
    .create = touch_create,
    .attach = touch_attach,
    .destroy = touch_destroy,
    .memory_loops = touch_loops,
    .belief = touch_belief,
};
