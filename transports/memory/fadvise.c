/* posix_fadvise: what advice on a descriptor does to reading a file that is not in the page cache, or is.
 * The same question about mappings: advise. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/file_cache.h"
#include "transports/common/memory_object.h"

enum {
    FADVISE_ADVICE,
    FADVISE_STATE,
    FADVISE_ORDER,
    FADVISE_HOW,
    FADVISE_BLOCK,
    FADVISE_TIME,
    FADVISE_OPTION_COUNT
};

enum advice { NORMAL, SEQUENTIAL, RANDOM, WILLNEED, DONTNEED, NOREUSE };
enum state { STATE_COLD, STATE_RESIDENT };
enum order { ORDER_SEQUENTIAL, ORDER_RANDOM };
enum how { HOW_READ, HOW_PREAD };
enum timed { TIME_ACCESS, TIME_CALL, TIME_BOTH };

static const struct option_spec fadvise_options[FADVISE_OPTION_COUNT] = {
    [FADVISE_ADVICE] = {.key = "advice",
                        .kind = OPTION_CHOICE,
                        .choices = "normal|sequential|random|willneed|dontneed|noreuse",
                        .default_value = "normal",
                        .meaning = "POSIX_FADV_*, for the whole file, before it is read"},
    [FADVISE_STATE] = {.key = "state",
                       .kind = OPTION_CHOICE,
                       .choices = "cold|resident",
                       .default_value = "cold",
                       .meaning = "before the advice: nothing of the file cached, or all of it"},
    [FADVISE_ORDER] = {.key = "order",
                       .kind = OPTION_CHOICE,
                       .choices = "sequential|random",
                       .default_value = "sequential",
                       .meaning = "in which order the blocks are read"},
    [FADVISE_HOW] = {.key = "how",
                     .kind = OPTION_CHOICE,
                     .choices = "read|pread",
                     .default_value = "pread",
                     .meaning = "the call that reads; read(2) goes on where it was"},
    [FADVISE_BLOCK] = {.key = "block",
                       .kind = OPTION_CHOICE,
                       .choices = "4K|64K|1M",
                       .default_value = "4K",
                       .meaning = "what a call reads: one operation"},
    [FADVISE_TIME] = {.key = "time",
                      .kind = OPTION_CHOICE,
                      .choices = "access|call|both",
                      .default_value = "access",
                      .meaning = "what is timed: each block's reading, the call that advises, or "
                                 "both together (a sample is then the mean per block)"},
};

struct fadvise_state {
    struct memory_object object;
    size_t *order; /* owned */
    unsigned char *block;
    size_t block_bytes;
    int advice; /* POSIX_FADV_* */
    bool cold;
    enum timed timed;
};

static uint64_t block_count(const struct fadvise_state *state)
{
    return state->object.bytes / state->block_bytes;
}

/* --- what is timed ----------------------------------------------------------------------------- */

static ALWAYS_INLINE int outcome(const struct fadvise_state *state, ssize_t got)
{
    return LIKELY(got == (ssize_t)state->block_bytes) ? 0 : got < 0 ? -errno : -EIO;
}

static ALWAYS_INLINE int fadvise_pread(void *opaque, uint64_t index)
{
    const struct fadvise_state *const state = opaque;
    return outcome(state, pread(state->object.fd, state->block, state->block_bytes,
                                (off_t)(state->order[index] * state->block_bytes)));
}

static ALWAYS_INLINE int fadvise_read(void *opaque, uint64_t index)
{
    const struct fadvise_state *const state = opaque;
    (void)index;
    return outcome(state, read(state->object.fd, state->block, state->block_bytes));
}

static int fadvise_call(void *opaque, uint64_t index)
{
    const struct fadvise_state *const state = opaque;
    (void)index;
    return -posix_fadvise(state->object.fd, 0, 0, state->advice);
}

static int read_all(struct fadvise_state *state)
{
    int failure = 0;
    for (uint64_t index = 0; !failure && index < block_count(state); ++index)
        failure = fadvise_pread(state, index);
    return failure;
}

static int fadvise_both(void *opaque, uint64_t index)
{
    const int failure = fadvise_call(opaque, index);
    return failure ? failure : read_all(opaque);
}

/* --- around it --------------------------------------------------------------------------------- */

static int refuse_read(int failure, struct error *error)
{
    return failure ? error_system(error, -failure, "reading a file in TMPDIR") : 0;
}

/* A file just opened, of which nothing is cached, or all. */
static int make_ready(struct fadvise_state *state, struct error *error)
{
    int failure = state->cold ? memory_object_empty(&state->object, NULL, error)
                              : refuse_read(read_all(state), error);
    return failure ? failure : file_cache_reopen(&state->object, error);
}

static int give_advice(struct fadvise_state *state, struct error *error)
{
    const int failure = fadvise_call(state, 0);
    return failure ? error_system(error, -failure, "posix_fadvise(%d)", state->advice) : 0;
}

static int fadvise_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct fadvise_state *const state = opaque;
    const bool at_once = state->timed == TIME_CALL; /* one operation on all of it */
    pass->operations = at_once ? 1 : block_count(state);
    pass->operation_bytes = at_once ? state->object.bytes : state->block_bytes;
    const int failure = make_ready(state, error);
    return failure || state->timed != TIME_ACCESS ? failure : give_advice(state, error);
}

/* What is still on its way from the disk cannot be emptied: after the advice alone, or a pass cut short. */
static int fadvise_finish(void *opaque, struct error *error)
{
    struct fadvise_state *const state = opaque;
    uint64_t bytes;
    if (state->timed == TIME_CALL)
        return refuse_read(read_all(state), error);
    return state->cold ? file_cache_settled(&state->object, &bytes, error) : 0;
}

#define FADVISE_OPERATION(name, function, bulk)                                                    \
    static const struct memory_operation name = {                                                  \
        .prepare = fadvise_prepare,                                                                \
        .operate = (function),                                                                     \
        .finish = fadvise_finish,                                                                  \
        .is_bulk = (bulk),                                                                         \
    };                                                                                             \
    MEMORY_LOOPS(name##_loops, name)
FADVISE_OPERATION(reads, fadvise_read, false)
FADVISE_OPERATION(preads, fadvise_pread, false)
FADVISE_OPERATION(calls, fadvise_call, true)
FADVISE_OPERATION(both, fadvise_both, true)

static const struct memory_loops *fadvise_loops(const struct options *options)
{
    switch ((enum timed)options->values[FADVISE_TIME]) {
    case TIME_CALL:
        return &calls_loops;
    case TIME_BOTH:
        return &both_loops;
    case TIME_ACCESS:
        break;
    }
    return options->values[FADVISE_HOW] == HOW_READ ? &reads_loops : &preads_loops;
}

/* --- set up ------------------------------------------------------------------------------------ */

static size_t block_bytes_of(const struct options *options)
{
    static const size_t bytes[] = {4 << 10, 64 << 10, 1 << 20};
    return bytes[options->values[FADVISE_BLOCK]];
}

/* What can be asked for. */
static int check_options(const struct options *options, size_t bytes, struct error *error)
{
    const uint64_t *const values = options->values;
    if (values[FADVISE_HOW] == HOW_READ &&
        (values[FADVISE_ORDER] != ORDER_SEQUENTIAL || values[FADVISE_TIME] == TIME_BOTH))
        return error_unavailable(error, "how=pread",
                                 "read(2) goes on where it was: order=sequential, time=access");
    if (values[FADVISE_ADVICE] == DONTNEED && values[FADVISE_STATE] == STATE_COLD)
        return error_unavailable(error, "state=resident",
                                 "POSIX_FADV_DONTNEED gives up what is cached, and nothing is");
    if (bytes % block_bytes_of(options))
        return error_unavailable(error, "another size (-s), a smaller block=",
                                 "a file of %zu bytes is not whole blocks of %zu", bytes,
                                 block_bytes_of(options));
    return 0;
}

static int fadvise_create(struct channel *channel, struct error *error)
{
    static const int advices[] = {
        [NORMAL] = POSIX_FADV_NORMAL,     [SEQUENTIAL] = POSIX_FADV_SEQUENTIAL,
        [RANDOM] = POSIX_FADV_RANDOM,     [WILLNEED] = POSIX_FADV_WILLNEED,
        [DONTNEED] = POSIX_FADV_DONTNEED, [NOREUSE] = POSIX_FADV_NOREUSE,
    };
    struct fadvise_state *const state = channel->state;
    const uint64_t *const values = channel->options.values;
    state->object = (struct memory_object){.kind = OBJECT_FILE, .bytes = channel->message_bytes};
    state->advice = advices[values[FADVISE_ADVICE]];
    state->block_bytes = block_bytes_of(&channel->options);
    state->cold = values[FADVISE_STATE] == STATE_COLD;
    state->timed = (enum timed)values[FADVISE_TIME];
    int failure = check_options(&channel->options, channel->message_bytes, error);
    if (!failure)
        failure = memory_object_plan(&state->object, error);
    return failure ? failure : memory_object_create(&state->object, channel->leftovers, error);
}

/* Advice that does nothing here is no figure of that advice. */
static int check_effect(const struct fadvise_state *state, uint64_t before_bytes,
                        uint64_t after_bytes, struct error *error)
{
    if (state->advice == POSIX_FADV_DONTNEED && after_bytes)
        return error_unavailable(error, "TMPDIR on a disk's file system (not tmpfs)",
                                 "POSIX_FADV_DONTNEED: mincore shows %llu of %llu bytes still "
                                 "cached",
                                 (unsigned long long)after_bytes, (unsigned long long)before_bytes);
    if (state->advice == POSIX_FADV_WILLNEED && state->cold && !after_bytes)
        return error_unavailable(error, "/sys/class/bdi/*/read_ahead_kb",
                                 "POSIX_FADV_WILLNEED: mincore shows nothing that was read ahead");
    return 0;
}

/* One pass untimed: what is cached before the advice, after it, and after the first block has been read. */
static int rehearse(struct channel *channel, struct error *error)
{
    struct fadvise_state *const state = channel->state;
    uint64_t before_bytes = 0, after_bytes = 0, first_bytes = 0;
    int failure = make_ready(state, error);
    if (!failure)
        failure = file_cache_resident(&state->object, &before_bytes, error);
    if (!failure)
        failure = give_advice(state, error);
    if (!failure)
        failure = file_cache_settled(&state->object, &after_bytes, error);
    if (!failure)
        failure = check_effect(state, before_bytes, after_bytes, error);
    if (!failure)
        failure = refuse_read(fadvise_pread(state, 0), error);
    if (!failure)
        failure = file_cache_settled(&state->object, &first_bytes, error);
    if (!failure)
        failure = refuse_read(read_all(state), error);
    if (failure)
        return failure;
    obtained_number(&channel->obtained, "before_bytes", (int64_t)before_bytes);
    obtained_number(&channel->obtained, "after_advice_bytes", (int64_t)after_bytes);
    obtained_number(&channel->obtained, "after_first_access_bytes", (int64_t)first_bytes);
    file_cache_obtained(&state->object, &channel->obtained);
    return 0;
}

static int fadvise_attach(struct channel *channel, enum side side, struct error *error)
{
    struct fadvise_state *const state = channel->state;
    const bool shuffled = channel->options.values[FADVISE_ORDER] == ORDER_RANDOM;
    if (side == SIDE_RECEIVER)
        return 0;
    int failure = memory_object_fill(&state->object, error);
    if (failure)
        return failure;
    state->order = file_cache_order(block_count(state), shuffled, error);
    state->block = malloc(state->block_bytes);
    if (!state->order || !state->block)
        return error_system(error, ENOMEM, "room for a block of %zu bytes and the order of all",
                            state->block_bytes);
    memset(state->block, 0, state->block_bytes);
    return rehearse(channel, error);
}

static void fadvise_detach(struct channel *channel, enum side side)
{
    struct fadvise_state *const state = channel->state;
    (void)side;
    free(state->order);
    free(state->block);
}

static void fadvise_destroy(struct channel *channel)
{
    struct fadvise_state *const state = channel->state;
    memory_object_destroy(&state->object);
}

static int fadvise_limits(const struct options *options, struct message_limits *limits,
                          struct error *error)
{
    (void)error;
    *limits = (struct message_limits){.minimum_bytes = block_bytes_of(options),
                                      .maximum_bytes = UINT64_MAX};
    return 0;
}

static const struct operation_belief *fadvise_belief(const struct options *options)
{
    static const struct operation_belief beliefs[] =
        {[SEQUENTIAL] = {"POSIX_FADV_SEQUENTIAL speeds up reading a cold file from its beginning "
                         "to its end",
                         "advice=normal", BELIEF_CHEAPER},
         [RANDOM] = {"POSIX_FADV_RANDOM speeds up random reads of a cold file", "advice=normal",
                     BELIEF_CHEAPER},
         [WILLNEED] = {"POSIX_FADV_WILLNEED speeds up reading a cold file", "advice=normal",
                       BELIEF_CHEAPER},
         [DONTNEED] = {"after POSIX_FADV_DONTNEED a file is read from the disk again",
                       "advice=normal", BELIEF_DEARER},
         [NOREUSE] = {"POSIX_FADV_NOREUSE is free", "advice=normal", BELIEF_NO_DEARER}},
                                         call = {"advice costs nothing to give", "advice=normal",
                                                 BELIEF_NO_DEARER},
                                         larger = {"larger blocks make reading faster", "block=4K",
                                                   BELIEF_CHEAPER};
    const uint64_t *const values = options->values;
    if (values[FADVISE_ADVICE] && values[FADVISE_TIME] == TIME_CALL)
        return &call;
    const bool in_random_order = values[FADVISE_ORDER] == ORDER_RANDOM;
    const bool other_order = (values[FADVISE_ADVICE] == RANDOM && !in_random_order) ||
                             (values[FADVISE_ADVICE] == SEQUENTIAL && in_random_order);
    const bool for_cold = values[FADVISE_ADVICE] == RANDOM ||
                          values[FADVISE_ADVICE] == SEQUENTIAL ||
                          values[FADVISE_ADVICE] == WILLNEED;
    if (other_order || (for_cold && values[FADVISE_STATE] != STATE_COLD))
        return NULL;
    if (values[FADVISE_ADVICE])
        return &beliefs[values[FADVISE_ADVICE]];
    return values[FADVISE_BLOCK] ? &larger : NULL;
}

const struct transport transport_fadvise = {
    .abi = TRANSPORT_ABI,
    .name = "fadvise",
    .summary = "reading a file after posix_fadvise: cold or cached",
    .family = FAMILY_OPERATION,
    .options = fadvise_options,
    .option_count = FADVISE_OPTION_COUNT,
    .state_bytes = sizeof(struct fadvise_state),
    .limits = fadvise_limits,
    .create = fadvise_create,
    .attach = fadvise_attach,
    .detach = fadvise_detach,
    .destroy = fadvise_destroy,
    .memory_loops = fadvise_loops,
    .belief = fadvise_belief,
};
