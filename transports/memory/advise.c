/* madvise and posix_madvise: what advice on a mapping costs, and what touching the memory costs after it. The
 * same question about descriptors: fadvise. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/advice.h"
#include "transports/common/file_cache.h"
#include "transports/common/memory_object.h"

enum {
    ADVISE_ADVICE,
    ADVISE_KIND,
    ADVISE_STATE,
    ADVISE_ORDER,
    ADVISE_CALL,
    ADVISE_TIME,
    ADVISE_OPTION_COUNT
};

enum kind { KIND_FILE, KIND_PRIVATE, KIND_MEMFD };
enum state { STATE_COLD, STATE_RESIDENT };
enum order { ORDER_SEQUENTIAL, ORDER_RANDOM };
enum timed { TIME_ACCESS, TIME_CALL, TIME_BOTH };

static const struct option_spec advise_options[ADVISE_OPTION_COUNT] = {
    [ADVISE_ADVICE] = {.key = "advice",
                       .kind = OPTION_CHOICE,
                       .choices = "normal|sequential|random|willneed|dontneed|cold|pageout|free|"
                                  "remove|hugepage|nohugepage|collapse",
                       .default_value = "normal",
                       .meaning = "MADV_*, for the whole mapping, before it is touched"},
    [ADVISE_KIND] = {.key = "kind",
                     .kind = OPTION_CHOICE,
                     .choices = "file|private|memfd",
                     .default_value = "file",
                     .meaning = "a file in TMPDIR (its pages are read), private anonymous memory "
                                "or a memfd (their pages are written)"},
    [ADVISE_STATE] = {.key = "state",
                      .kind = OPTION_CHOICE,
                      .choices = "cold|resident",
                      .default_value = "cold",
                      .meaning = "before the advice: nothing of it in memory, or all, and mapped"},
    [ADVISE_ORDER] = {.key = "order",
                      .kind = OPTION_CHOICE,
                      .choices = "sequential|random",
                      .default_value = "sequential",
                      .meaning = "in which order the pages are touched"},
    [ADVISE_CALL] = {.key = "call",
                     .kind = OPTION_CHOICE,
                     .choices = "madvise|posix-madvise",
                     .default_value = "madvise",
                     .meaning = "posix_madvise has normal to dontneed"},
    [ADVISE_TIME] = {.key = "time",
                     .kind = OPTION_CHOICE,
                     .choices = "access|call|both",
                     .default_value = "access",
                     .meaning = "what is timed: each page's touch, the call that advises, or both "
                                "together (a sample is then the mean per page)"},
};

struct advise_state {
    struct memory_object object;
    struct memory_view view;
    size_t *order; /* owned */
    enum advice advice;
    bool posix;
    bool cold;
    enum timed timed;
    uint64_t sink;
};

static uint64_t page_count(const struct advise_state *state)
{
    return state->object.bytes / state->object.page_bytes;
}

/* --- what is timed ----------------------------------------------------------------------------- */

static ALWAYS_INLINE _Atomic unsigned char *page_at(const struct advise_state *state,
                                                    uint64_t index)
{
    return (_Atomic unsigned char *)state->view.address +
           state->order[index] * state->object.page_bytes;
}

static ALWAYS_INLINE int advise_read(void *opaque, uint64_t index)
{
    struct advise_state *const state = opaque;
    state->sink += atomic_load_explicit(page_at(state, index), memory_order_relaxed);
    return 0;
}

static ALWAYS_INLINE int advise_write(void *opaque, uint64_t index)
{
    const struct advise_state *const state = opaque;
    atomic_store_explicit(page_at(state, index), 1, memory_order_relaxed);
    return 0;
}

static int advise_call(void *opaque, uint64_t index)
{
    const struct advise_state *const state = opaque;
    (void)index;
    return advice_give(state->advice, state->posix, state->view.address, state->object.bytes);
}

static void touch_all(struct advise_state *state)
{
    const bool reads = state->object.kind == OBJECT_FILE;
    for (uint64_t index = 0; index < page_count(state); ++index)
        (void)(reads ? advise_read(state, index) : advise_write(state, index));
}

static int advise_both(void *opaque, uint64_t index)
{
    const int failure = advise_call(opaque, index);
    if (!failure)
        touch_all(opaque);
    return failure;
}

/* --- around it --------------------------------------------------------------------------------- */

/* A new mapping, of a file just opened: nothing of it in memory, or everything touched. */
static int make_ready(struct advise_state *state, struct error *error)
{
    int failure = 0;
    if (state->object.kind == OBJECT_FILE) {
        failure = state->cold ? memory_object_empty(&state->object, NULL, error) : 0;
        if (!failure)
            failure = file_cache_reopen(&state->object, error);
    }
    if (!failure)
        failure = memory_object_map(&state->object, &state->view, error);
    if (!failure && !state->cold)
        touch_all(state);
    return failure;
}

static int advise_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct advise_state *const state = opaque;
    const bool at_once = state->timed == TIME_CALL; /* one operation on all of it */
    pass->operations = at_once ? 1 : page_count(state);
    pass->operation_bytes = at_once ? state->object.bytes : state->object.page_bytes;
    int failure = make_ready(state, error);
    if (!failure && state->timed == TIME_ACCESS) {
        failure = advise_call(state, 0);
        if (failure)
            failure = error_system(error, -failure, "%s", advice_name(state->advice, state->posix));
    }
    return failure;
}

/* Fresh memory for the next pass. What is still on its way from the disk cannot be emptied: after the
 * advice alone, or a pass cut short. */
static int advise_finish(void *opaque, struct error *error)
{
    struct advise_state *const state = opaque;
    uint64_t bytes;
    int failure = 0;
    if (!state->view.address)
        return 0;
    if (state->object.kind == OBJECT_FILE && state->timed == TIME_CALL)
        touch_all(state);
    else if (state->object.kind == OBJECT_FILE && state->cold)
        failure = file_cache_settled(&state->object, &bytes, error);
    else if (state->object.kind == OBJECT_MEMFD)
        failure = memory_object_empty(&state->object, &state->view, error);
    memory_object_unmap(&state->object, &state->view);
    return failure;
}

#define ADVISE_OPERATION(name, function, bulk)                                                     \
    static const struct memory_operation name = {                                                  \
        .prepare = advise_prepare,                                                                 \
        .operate = (function),                                                                     \
        .finish = advise_finish,                                                                   \
        .is_bulk = (bulk),                                                                         \
    };                                                                                             \
    MEMORY_LOOPS(name##_loops, name)
ADVISE_OPERATION(reads, advise_read, false)
ADVISE_OPERATION(writes, advise_write, false)
ADVISE_OPERATION(calls, advise_call, true)
ADVISE_OPERATION(both, advise_both, true)

static const struct memory_loops *advise_loops(const struct options *options)
{
    switch ((enum timed)options->values[ADVISE_TIME]) {
    case TIME_CALL:
        return &calls_loops;
    case TIME_BOTH:
        return &both_loops;
    case TIME_ACCESS:
        break;
    }
    return options->values[ADVISE_KIND] == KIND_FILE ? &reads_loops : &writes_loops;
}

/* --- set up ------------------------------------------------------------------------------------ */

/* A huge page of anonymous memory or of a memfd needs its alignment; and apart from its neighbours smaps
 * speaks of it alone. */
static int plan(struct memory_object *object, const struct options *options, size_t bytes,
                struct error *error)
{
    static const enum object_kind kinds[] = {
        [KIND_FILE] = OBJECT_FILE, [KIND_PRIVATE] = OBJECT_PRIVATE, [KIND_MEMFD] = OBJECT_MEMFD};
    *object = (struct memory_object){.kind = kinds[options->values[ADVISE_KIND]], .bytes = bytes};
    const bool needs_huge = advice_is_about_huge_pages((enum advice)options->values[ADVISE_ADVICE]);
    int failure = memory_object_plan(object, error);
    if (failure || object->kind == OBJECT_FILE)
        return failure;
    failure =
        mapping_page_bytes(HUGE_THP, ADVICE_NONE, &object->align_bytes, needs_huge ? error : NULL);
    if (failure && needs_huge)
        return failure;
    if (failure)
        object->align_bytes = object->page_bytes;
    if (needs_huge && bytes % object->align_bytes)
        return error_unavailable(error, "another size (-s)",
                                 "%zu bytes are not whole huge pages of %llu", bytes,
                                 (unsigned long long)object->align_bytes);
    return 0;
}

static int check_options(const struct options *options, struct error *error)
{
    const uint64_t *const values = options->values;
    const struct advice_target target = {
        .is_file = values[ADVISE_KIND] == KIND_FILE,
        .is_private = values[ADVISE_KIND] == KIND_PRIVATE,
        .is_resident = values[ADVISE_STATE] == STATE_RESIDENT,
        .posix = values[ADVISE_CALL] != 0,
    };
    return advice_check_target((enum advice)values[ADVISE_ADVICE], &target, error);
}

static int advise_create(struct channel *channel, struct error *error)
{
    struct advise_state *const state = channel->state;
    const uint64_t *const values = channel->options.values;
    state->advice = (enum advice)values[ADVISE_ADVICE];
    state->posix = values[ADVISE_CALL] != 0;
    state->cold = values[ADVISE_STATE] == STATE_COLD;
    state->timed = (enum timed)values[ADVISE_TIME];
    int failure = check_options(&channel->options, error);
    if (!failure)
        failure = plan(&state->object, &channel->options, channel->message_bytes, error);
    return failure ? failure : memory_object_create(&state->object, channel->leftovers, error);
}

/* One pass untimed: what the advice does, step by step, is checked and written down. */
static int rehearse(struct channel *channel, struct error *error)
{
    struct advise_state *const state = channel->state;
    struct advice_trace trace = {.posix = state->posix};
    int failure = make_ready(state, error);
    if (!failure)
        failure = advice_look(&state->object, &state->view, &trace.before, error);
    if (!failure) {
        const int refused = advise_call(state, 0);
        failure = refused ? error_unavailable(error, advice_knob(state->advice), "%s: %s",
                                              advice_name(state->advice, state->posix),
                                              error_name(-refused))
                          : 0;
    }
    if (!failure)
        failure = advice_look(&state->object, &state->view, &trace.after, error);
    if (!failure) {
        (void)(state->object.kind == OBJECT_FILE ? advise_read(state, 0) : advise_write(state, 0));
        failure = advice_look(&state->object, &state->view, &trace.first, error);
    }
    if (!failure) {
        touch_all(state);
        failure = advice_look(&state->object, &state->view, &trace.all, error);
    }
    if (!failure)
        failure = advice_check(state->advice, &state->object, &trace, &channel->obtained, error);
    const int stuck = advise_finish(state, failure ? NULL : error);
    return failure ? failure : stuck;
}

static int advise_attach(struct channel *channel, enum side side, struct error *error)
{
    struct advise_state *const state = channel->state;
    const bool shuffled = channel->options.values[ADVISE_ORDER] == ORDER_RANDOM;
    if (side == SIDE_RECEIVER)
        return 0;
    const int failure = memory_object_fill(&state->object, error);
    if (failure)
        return failure;
    state->order = file_cache_order(page_count(state), shuffled, error);
    return state->order ? rehearse(channel, error) : -ENOMEM;
}

static void advise_detach(struct channel *channel, enum side side)
{
    struct advise_state *const state = channel->state;
    (void)side;
    free(state->order);
}

static void advise_destroy(struct channel *channel)
{
    struct advise_state *const state = channel->state;
    memory_object_destroy(&state->object);
}

static int advise_limits(const struct options *options, struct message_limits *limits,
                         struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 4096, .maximum_bytes = UINT64_MAX};
    return 0;
}

static const struct operation_belief *advise_belief(const struct options *options)
{
    const struct advice_case given = {
        .of_call = options->values[ADVISE_TIME] == TIME_CALL,
        .in_random_order = options->values[ADVISE_ORDER] == ORDER_RANDOM,
        .is_cold = options->values[ADVISE_STATE] == STATE_COLD,
    };
    return advice_belief((enum advice)options->values[ADVISE_ADVICE], &given);
}

const struct transport transport_advise = {
    .abi = TRANSPORT_ABI,
    .name = "advise",
    .summary = "touching memory after madvise: cold or resident, files and memory",
    .family = FAMILY_OPERATION,
    .options = advise_options,
    .option_count = ADVISE_OPTION_COUNT,
    .state_bytes = sizeof(struct advise_state),
    .limits = advise_limits,
    .create = advise_create,
    .attach = advise_attach,
    .detach = advise_detach,
    .destroy = advise_destroy,
    .memory_loops = advise_loops,
    .belief = advise_belief,
};
