/* Setting up and tearing down a segment of shared memory: XSI, POSIX and memfd, step by step or all of
 * them. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/memory_object.h"
#include "transports/common/segments.h"

enum {
    SEGMENT_KIND,
    SEGMENT_WHAT,
    SEGMENT_ACCESS,
    SEGMENT_ADDRESS,
    SEGMENT_SEALS,
    SEGMENT_TOUCHED,
    SEGMENT_OPTION_COUNT
};
enum what { WHAT_ALL, WHAT_CREATE, WHAT_ATTACH, WHAT_DETACH, WHAT_DESTROY };

enum { PAGE_BYTES = 4096 };
static const size_t pass_bytes_enough = 64 << 20;

static const struct option_spec segment_options[SEGMENT_OPTION_COUNT] = {
    [SEGMENT_KIND] = {.key = "kind",
                      .kind = OPTION_CHOICE,
                      .choices = "posix|xsi|memfd",
                      .default_value = "posix",
                      .meaning = "shm_open, shmget or memfd_create"},
    [SEGMENT_WHAT] = {.key = "what",
                      .kind = OPTION_CHOICE,
                      .choices = "all|create|attach|detach|destroy",
                      .default_value = "all",
                      .meaning = "one step: made and given its size, mapped (shmat), unmapped "
                                 "(shmdt), removed (unlink and close, IPC_RMID); or all"},
    [SEGMENT_ACCESS] = {.key = "access",
                        .kind = OPTION_CHOICE,
                        .choices = "rw|rdonly",
                        .default_value = "rw",
                        .meaning = "rdonly: PROT_READ, SHM_RDONLY"},
    [SEGMENT_ADDRESS] = {.key = "address",
                         .kind = OPTION_CHOICE,
                         .choices = "any|rnd",
                         .default_value = "any",
                         .meaning = "xsi: the kernel's choice, or ours, rounded down to SHMLBA "
                                    "(SHM_RND)"},
    [SEGMENT_SEALS] = {.key = "seals",
                       .kind = OPTION_CHOICE,
                       .choices = "none|size|all",
                       .default_value = "none",
                       .meaning = "memfd: F_SEAL_SHRINK and F_SEAL_GROW; and F_SEAL_WRITE"},
    [SEGMENT_TOUCHED] = {.key = "touched",
                         .kind = OPTION_CHOICE,
                         .choices = "no|yes",
                         .default_value = "no",
                         .meaning = "a byte of each page is used while it is mapped"},
};

struct segment_state {
    struct segments segments;
    enum what what;
};

/* Of each `what`, those that are timed. */
static const struct {
    int first, end;
} timed[] = {
    [WHAT_ALL] = {STEP_CREATE, STEPS},         [WHAT_CREATE] = {STEP_CREATE, STEP_ATTACH},
    [WHAT_ATTACH] = {STEP_ATTACH, STEP_TOUCH}, [WHAT_DETACH] = {STEP_DETACH, STEP_DESTROY},
    [WHAT_DESTROY] = {STEP_DESTROY, STEPS},
};

static int segment_operate(void *opaque, uint64_t index)
{
    struct segment_state *const state = opaque;
    return segments_step(&state->segments, index, timed[state->what].first, timed[state->what].end);
}

/* --- around it ------------------------------------------------------------------------------------ */

static int refuse_step(const struct segments *segments, int code, struct error *error)
{
    static const char *const knobs[] = {
        [SEGMENT_POSIX] = "free memory, a larger /dev/shm",
        [SEGMENT_XSI] = "sysctl kernel.shmmax, kernel.shmall, kernel.shmmni",
        [SEGMENT_MEMFD] = "free memory",
    };
    return error_unavailable(error, knobs[segments->kind], "setting up a segment of %zu bytes: %s",
                             segments->bytes, error_name(code));
}

static int segment_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct segment_state *const state = opaque;
    struct segments *const segments = &state->segments;
    pass->operations = segments->count;
    pass->operation_bytes = segments->bytes;
    const int failure = segments->is_rounded ? segments_find_room(segments, error) : 0;
    if (failure)
        return failure;
    for (uint64_t index = 0; index < segments->count; ++index) {
        segments_name(segments, index);
        const int refused = segments_step(segments, index, STEP_CREATE, timed[state->what].first);
        if (refused)
            return refuse_step(segments, -refused, error);
    }
    return 0;
}

static int segment_finish(void *opaque, struct error *error)
{
    struct segment_state *const state = opaque;
    (void)error;
    segments_remove(&state->segments);
    return 0;
}

static const struct memory_operation segment_operation = {
    .prepare = segment_prepare,
    .operate = segment_operate,
    .finish = segment_finish,
};
MEMORY_LOOPS(segment_loop_set, segment_operation)

static const struct memory_loops *segment_loops(const struct options *options)
{
    (void)options;
    return &segment_loop_set;
}

/* --- set up --------------------------------------------------------------------------------------- */

static int check_combination(const uint64_t *values, struct error *error)
{
    if (values[SEGMENT_ADDRESS] && values[SEGMENT_KIND] != SEGMENT_XSI)
        return error_unavailable(error, "kind=xsi", "address=rnd: SHM_RND is shmat's");
    if (values[SEGMENT_SEALS] && values[SEGMENT_KIND] != SEGMENT_MEMFD)
        return error_unavailable(error, "kind=memfd", "only a memfd can be sealed");
    if (values[SEGMENT_SEALS] == SEALS_ALL && !values[SEGMENT_ACCESS])
        return error_unavailable(error, "access=rdonly, seals=size",
                                 "seals=all: what is sealed against writing cannot be mapped "
                                 "writable");
    if (values[SEGMENT_TOUCHED] &&
        (values[SEGMENT_WHAT] == WHAT_CREATE || values[SEGMENT_WHAT] == WHAT_ATTACH))
        return error_unavailable(error, "what=all, what=detach, what=destroy",
                                 "touched=yes: pages are touched after this step");
    return 0;
}

static int segment_probe(const struct options *options, size_t bytes, struct error *error)
{
    struct memory_object object = {.kind = OBJECT_MEMFD, .bytes = bytes};
    const int failure = check_combination(options->values, error);
    return failure ? failure : memory_object_plan(&object, error);
}

static int segment_create(struct channel *channel, struct error *error)
{
    struct segment_state *const state = channel->state;
    const uint64_t *const values = channel->options.values;
    const uint64_t enough = pass_bytes_enough / channel->message_bytes;
    const int refused = check_combination(values, error);
    if (refused)
        return refused;
    state->what = (enum what)values[SEGMENT_WHAT];
    state->segments = (struct segments){
        .kind = (enum segment_kind)values[SEGMENT_KIND],
        .seals = (enum segment_seals)values[SEGMENT_SEALS],
        .is_read_only = values[SEGMENT_ACCESS] != 0,
        .is_rounded = values[SEGMENT_ADDRESS] != 0,
        .is_touched = values[SEGMENT_TOUCHED] != 0,
        .bytes = channel->message_bytes,
        .count = enough < 1               ? 1
                 : enough > SEGMENTS_MOST ? SEGMENTS_MOST
                                          : enough,
        .leftovers = channel->leftovers,
    };
    return segments_create(&state->segments, error);
}

/* Of segment 0, attached: size, protection, place and seals are what was asked for. */
static int check_attached(const struct segments *segments, struct obtained *obtained,
                          struct error *error)
{
    uint64_t bytes = 0;
    void *const address = segments->addresses[0];
    const int failure = segments_first_size(segments, &bytes);
    if (failure || bytes != segments->bytes)
        return error_plain(error, "the segment has %llu bytes instead of %zu",
                           (unsigned long long)bytes, segments->bytes);
    obtained_number(obtained, "segment_bytes", (int64_t)bytes);
    /* The kernel writes for us, where it can. */
    const bool writable = getrandom(address, 1, 0) == 1;
    obtained_text(obtained, "mapped", writable ? "rw" : "rdonly");
    if (writable == segments->is_read_only)
        return error_plain(error, "the segment is %s", writable ? "writable" : "read-only");
    if (segments->is_rounded && address != segments_place(segments, 0))
        return error_plain(error, "SHM_RND gave %p instead of %p", address,
                           (void *)segments_place(segments, 0));
    if (segments->seals == SEALS_NONE)
        return 0;
    const int fd = segments->fds[0];
    obtained_number(obtained, "seal_flags", fcntl(fd, F_GET_SEALS));
    const bool resized = !ftruncate(fd, (off_t)(2 * segments->bytes));
    void *const written = mmap(NULL, segments->bytes, PROT_WRITE, MAP_SHARED, fd, 0);
    if (written != MAP_FAILED)
        munmap(written, segments->bytes);
    return resized || (segments->seals == SEALS_ALL && written != MAP_FAILED)
               ? error_plain(error, "a sealed memfd could be resized or mapped writable")
               : 0;
}

static int segment_attach(struct channel *channel, enum side side, struct error *error)
{
    struct segments *const segments = &((struct segment_state *)channel->state)->segments;
    if (side == SIDE_RECEIVER)
        return 0;
    segments_announce_maker(segments);
    segments_name(segments, 0);
    int failure = segments->is_rounded ? segments_find_room(segments, error) : 0;
    int refused = failure ? 0 : segments_step(segments, 0, STEP_CREATE, STEP_DETACH);
    if (refused)
        failure = refuse_step(segments, -refused, error);
    if (!failure)
        failure = check_attached(segments, &channel->obtained, error);
    refused = failure ? 0 : segments_step(segments, 0, STEP_DETACH, STEPS);
    if (refused)
        failure =
            error_system(error, -refused, "tearing down a segment of %zu bytes", segments->bytes);
    if (!failure && segments_first_is_named(segments))
        failure = error_plain(error, "shm_unlink left the name");
    segments_remove(segments);
    return failure;
}

static void segment_destroy(struct channel *channel)
{
    struct segment_state *const state = channel->state;
    segments_destroy(&state->segments);
}

static int segment_limits(const struct options *options, struct message_limits *limits,
                          struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = PAGE_BYTES, .maximum_bytes = UINT64_MAX};
    return 0;
}

static const struct operation_belief *segment_belief(const struct options *options)
{
    static const struct operation_belief
        read_only = {"a segment that is only read is cheaper to attach", "access=rw",
                     BELIEF_CHEAPER},
        sealed = {"sealing a memfd costs next to nothing", "seals=none", BELIEF_NO_DEARER},
        touched = {"a segment costs the same to set up and tear down whether it is used or not",
                   "touched=no", BELIEF_NO_DEARER},
        rounded = {"an address of one's own choice makes attaching cheaper", "address=any",
                   BELIEF_CHEAPER},
        unnamed = {"a memfd is set up faster than a named segment", "kind=posix", BELIEF_CHEAPER},
        old = {"XSI segments are dearer to set up than POSIX ones", "kind=posix", BELIEF_DEARER};
    const uint64_t *const values = options->values;
    if (values[SEGMENT_SEALS])
        return &sealed;
    if (values[SEGMENT_TOUCHED])
        return &touched;
    if (values[SEGMENT_ADDRESS])
        return &rounded;
    if (values[SEGMENT_ACCESS])
        return &read_only;
    if (values[SEGMENT_WHAT] != WHAT_ALL && values[SEGMENT_WHAT] != WHAT_CREATE)
        return NULL; /* of setting up */
    return values[SEGMENT_KIND] == SEGMENT_MEMFD ? &unnamed
           : values[SEGMENT_KIND] == SEGMENT_XSI ? &old
                                                 : NULL;
}

const struct transport transport_segment = {
    .abi = TRANSPORT_ABI,
    .name = "segment",
    .summary = "setting up and tearing down shared memory: XSI, POSIX, memfd",
    .family = FAMILY_OPERATION,
    .options = segment_options,
    .option_count = SEGMENT_OPTION_COUNT,
    .state_bytes = sizeof(struct segment_state),
    .limits = segment_limits,
    .probe = segment_probe,
    .create = segment_create,
    .attach = segment_attach,
    .destroy = segment_destroy,
    .memory_loops = segment_loops,
    .belief = segment_belief,
};
