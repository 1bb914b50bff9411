/* Setting up and tearing down a segment of shared memory: XSI, POSIX and memfd, step by step or all of
 * them. A pass has several segments, so that each step has one to work on.
 *
 * Names and ids are kept where the parent sees them: what a sender that died has left is removed by
 * `destroy`, and by the guard (harness/leftovers.h) where the parent dies as well. Of XSI segments the
 * process that makes them is announced, once: nothing but the steps is timed. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/memory_object.h"

enum {
    SEGMENT_KIND,
    SEGMENT_WHAT,
    SEGMENT_ACCESS,
    SEGMENT_ADDRESS,
    SEGMENT_SEALS,
    SEGMENT_TOUCHED,
    SEGMENT_OPTION_COUNT
};
enum kind { KIND_POSIX, KIND_XSI, KIND_MEMFD };
enum what { WHAT_ALL, WHAT_CREATE, WHAT_ATTACH, WHAT_DETACH, WHAT_DESTROY };
enum seals { SEALS_NONE, SEALS_SIZE, SEALS_ALL };

enum { SEGMENTS_MOST = 16, PAGE_BYTES = 4096 };
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

/* Shared with the parent. */
struct segment_record {
    char name[32]; /* posix; "" : none */
    int id;        /* xsi; -1: none */
    int slot;      /* posix: among the leftovers */
};
struct segment_records {
    int maker_slot; /* xsi: of the sender, among the leftovers; -1: none */
    struct segment_record record[SEGMENTS_MOST];
};

struct segment_state {
    enum kind kind;
    enum what what;
    enum seals seals;
    bool is_read_only, is_rounded, is_touched;
    size_t bytes;
    uint64_t count; /* in a pass */
    struct segment_records *records;
    struct leftovers *leftovers;
    /* sender */
    int fds[SEGMENTS_MOST];         /* -1: none */
    void *addresses[SEGMENTS_MOST]; /* NULL: none */
    char *room;                     /* free addresses, for SHM_RND */
    uint64_t sink;
};

/* --- the steps: 0 or -errno ----------------------------------------------------------------------- */

static int step_create(struct segment_state *state, uint64_t index)
{
    struct segment_record *const record = &state->records->record[index];
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | (state->seals == SEALS_ALL ? F_SEAL_WRITE : 0);
    int fd;
    if (state->kind == KIND_XSI) {
        record->id = shmget(IPC_PRIVATE, state->bytes, IPC_CREAT | IPC_EXCL | 0600);
        return record->id < 0 ? -errno : 0;
    }
    if (state->kind == KIND_POSIX)
        fd = shm_open(record->name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    else
        fd = memfd_create("ipcbench",
                          MFD_CLOEXEC | (state->seals != SEALS_NONE ? MFD_ALLOW_SEALING : 0));
    state->fds[index] = fd;
    if (fd < 0 || ftruncate(fd, (off_t)state->bytes))
        return -errno;
    return state->seals != SEALS_NONE && fcntl(fd, F_ADD_SEALS, seals) ? -errno : 0;
}

static size_t room_stride(const struct segment_state *state)
{
    const size_t unit = (size_t)SHMLBA;
    return (state->bytes + unit - 1) / unit * unit + unit;
}

/* An odd address for SHM_RND; what comes of it is the one that it is rounded down to. */
static char *place_of(const struct segment_state *state, uint64_t index)
{
    return state->is_rounded ? state->room + index * room_stride(state) : NULL;
}

static int step_attach(struct segment_state *state, uint64_t index)
{
    const int flags = (state->is_read_only ? SHM_RDONLY : 0) | (state->is_rounded ? SHM_RND : 0);
    char *const place = place_of(state, index);
    void *const address =
        state->kind == KIND_XSI
            ? shmat(state->records->record[index].id, place ? place + 100 : NULL, flags)
            : mmap(NULL, state->bytes, PROT_READ | (state->is_read_only ? 0 : PROT_WRITE),
                   MAP_SHARED, state->fds[index], 0);
    if (address == MAP_FAILED)
        return -errno;
    state->addresses[index] = address;
    return 0;
}

static int step_touch(struct segment_state *state, uint64_t index)
{
    _Atomic unsigned char *const start = state->addresses[index];
    for (size_t at = 0; state->is_touched && at < state->bytes; at += PAGE_BYTES) {
        if (state->is_read_only)
            state->sink += atomic_load_explicit(start + at, memory_order_relaxed);
        else
            atomic_store_explicit(start + at, 1, memory_order_relaxed);
    }
    return 0;
}

static int step_detach(struct segment_state *state, uint64_t index)
{
    void *const address = state->addresses[index];
    state->addresses[index] = NULL;
    return (state->kind == KIND_XSI ? shmdt(address) : munmap(address, state->bytes)) ? -errno : 0;
}

static int step_destroy(struct segment_state *state, uint64_t index)
{
    struct segment_record *const record = &state->records->record[index];
    if (state->kind == KIND_XSI) {
        const int id = record->id;
        record->id = -1;
        return shmctl(id, IPC_RMID, NULL) ? -errno : 0;
    }
    const int fd = state->fds[index];
    state->fds[index] = -1;
    const int failed = state->kind == KIND_POSIX && shm_unlink(record->name);
    return close(fd) || failed ? -errno : 0;
}

enum { STEP_CREATE, STEP_ATTACH, STEP_TOUCH, STEP_DETACH, STEP_DESTROY, STEPS };
typedef int step_function(struct segment_state *state, uint64_t index);
static step_function *const steps[STEPS] = {step_create, step_attach, step_touch, step_detach,
                                            step_destroy};

/* Of each `what`, those that are timed. */
static const struct {
    int first, end;
} timed[] = {
    [WHAT_ALL] = {STEP_CREATE, STEPS},         [WHAT_CREATE] = {STEP_CREATE, STEP_ATTACH},
    [WHAT_ATTACH] = {STEP_ATTACH, STEP_TOUCH}, [WHAT_DETACH] = {STEP_DETACH, STEP_DESTROY},
    [WHAT_DESTROY] = {STEP_DESTROY, STEPS},
};

static int do_steps(struct segment_state *state, uint64_t index, int first, int end)
{
    int failure = 0;
    for (int step = first; !failure && step < end; ++step)
        failure = steps[step](state, index);
    return failure;
}

static int segment_operate(void *opaque, uint64_t index)
{
    struct segment_state *const state = opaque;
    return do_steps(state, index, timed[state->what].first, timed[state->what].end);
}

/* --- around them ---------------------------------------------------------------------------------- */

static void name_segment(struct segment_state *state, struct segment_record *record)
{
    if (state->kind != KIND_POSIX)
        return;
    const struct unguessable_name name = unguessable_name();
    memcpy(record->name, name.text, sizeof(record->name));
    record->slot = leftovers_announce_name(state->leftovers, LEFTOVER_SHM_NAME, record->name);
}

/* Removes what is there, in whichever process. */
static void remove_segment(struct leftovers *leftovers, struct segment_record *record)
{
    if (record->name[0])
        shm_unlink(record->name);
    if (record->id >= 0)
        shmctl(record->id, IPC_RMID, NULL);
    leftovers_forget(leftovers, record->slot);
    *record = (struct segment_record){.id = -1, .slot = -1};
}

/* Where all segments have their place; free again at once, and nothing else is mapped before they are. */
static int find_room(struct segment_state *state, struct error *error)
{
    const size_t unit = (size_t)SHMLBA;
    const size_t bytes = state->count * room_stride(state) + unit;
    char *const room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return error_system(error, errno, "mmap of room for %zu bytes", bytes);
    munmap(room, bytes);
    state->room = room + (unit - (uintptr_t)room % unit) % unit;
    return 0;
}

static int refuse_step(const struct segment_state *state, int code, struct error *error)
{
    static const char *const knobs[] = {
        [KIND_POSIX] = "free memory, a larger /dev/shm",
        [KIND_XSI] = "sysctl kernel.shmmax, kernel.shmall, kernel.shmmni",
        [KIND_MEMFD] = "free memory",
    };
    return error_unavailable(error, knobs[state->kind], "setting up a segment of %zu bytes: %s",
                             state->bytes, error_name(code));
}

static int segment_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct segment_state *const state = opaque;
    pass->operations = state->count;
    pass->operation_bytes = state->bytes;
    const int failure = state->is_rounded ? find_room(state, error) : 0;
    if (failure)
        return failure;
    for (uint64_t index = 0; index < state->count; ++index) {
        name_segment(state, &state->records->record[index]);
        const int refused = do_steps(state, index, STEP_CREATE, timed[state->what].first);
        if (refused)
            return refuse_step(state, -refused, error);
    }
    return 0;
}

static int segment_finish(void *opaque, struct error *error)
{
    struct segment_state *const state = opaque;
    (void)error;
    for (uint64_t index = 0; index < state->count; ++index) {
        if (state->addresses[index])
            step_detach(state, index);
        if (state->fds[index] >= 0)
            close(state->fds[index]);
        state->fds[index] = -1;
        remove_segment(state->leftovers, &state->records->record[index]);
    }
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
    if (values[SEGMENT_ADDRESS] && values[SEGMENT_KIND] != KIND_XSI)
        return error_unavailable(error, "kind=xsi", "address=rnd: SHM_RND is shmat's");
    if (values[SEGMENT_SEALS] && values[SEGMENT_KIND] != KIND_MEMFD)
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
    state->kind = (enum kind)values[SEGMENT_KIND];
    state->what = (enum what)values[SEGMENT_WHAT];
    state->seals = (enum seals)values[SEGMENT_SEALS];
    state->is_read_only = values[SEGMENT_ACCESS] != 0;
    state->is_rounded = values[SEGMENT_ADDRESS] != 0;
    state->is_touched = values[SEGMENT_TOUCHED] != 0;
    state->bytes = channel->message_bytes;
    state->count = enough < 1 ? 1 : enough > SEGMENTS_MOST ? SEGMENTS_MOST : enough;
    state->leftovers = channel->leftovers;
    void *const shared = mmap(NULL, sizeof(*state->records), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap for the segments' names");
    state->records = shared;
    state->records->maker_slot = -1;
    for (size_t index = 0; index < SEGMENTS_MOST; ++index) {
        state->records->record[index] = (struct segment_record){.id = -1, .slot = -1};
        state->fds[index] = -1;
    }
    return 0;
}

static int size_of(const struct segment_state *state, uint64_t *bytes)
{
    struct shmid_ds segment;
    struct stat status;
    const int failed = state->kind == KIND_XSI
                           ? shmctl(state->records->record[0].id, IPC_STAT, &segment)
                           : fstat(state->fds[0], &status);
    if (failed)
        return -errno;
    *bytes = state->kind == KIND_XSI ? segment.shm_segsz : (uint64_t)status.st_size;
    return 0;
}

/* Of segment 0, attached: size, protection, place and seals are what was asked for. */
static int check_attached(const struct segment_state *state, struct obtained *obtained,
                          struct error *error)
{
    uint64_t bytes = 0;
    void *const address = state->addresses[0];
    const int failure = size_of(state, &bytes);
    if (failure || bytes != state->bytes)
        return error_plain(error, "the segment has %llu bytes instead of %zu",
                           (unsigned long long)bytes, state->bytes);
    obtained_number(obtained, "segment_bytes", (int64_t)bytes);
    /* The kernel writes for us, where it can. */
    const bool writable = getrandom(address, 1, 0) == 1;
    obtained_text(obtained, "mapped", writable ? "rw" : "rdonly");
    if (writable == state->is_read_only)
        return error_plain(error, "the segment is %s", writable ? "writable" : "read-only");
    if (state->is_rounded && address != place_of(state, 0))
        return error_plain(error, "SHM_RND gave %p instead of %p", address,
                           (void *)place_of(state, 0));
    if (state->seals == SEALS_NONE)
        return 0;
    obtained_number(obtained, "seal_flags", fcntl(state->fds[0], F_GET_SEALS));
    const bool resized = !ftruncate(state->fds[0], (off_t)(2 * state->bytes));
    void *const written = mmap(NULL, state->bytes, PROT_WRITE, MAP_SHARED, state->fds[0], 0);
    if (written != MAP_FAILED)
        munmap(written, state->bytes);
    return resized || (state->seals == SEALS_ALL && written != MAP_FAILED)
               ? error_plain(error, "a sealed memfd could be resized or mapped writable")
               : 0;
}

static int segment_attach(struct channel *channel, enum side side, struct error *error)
{
    struct segment_state *const state = channel->state;
    if (side == SIDE_RECEIVER)
        return 0;
    if (state->kind == KIND_XSI)
        state->records->maker_slot =
            leftovers_announce_id(state->leftovers, LEFTOVER_XSI_MEMORY_OF, getpid());
    name_segment(state, &state->records->record[0]);
    int failure = state->is_rounded ? find_room(state, error) : 0;
    int refused = failure ? 0 : do_steps(state, 0, STEP_CREATE, STEP_DETACH);
    if (refused)
        failure = refuse_step(state, -refused, error);
    if (!failure)
        failure = check_attached(state, &channel->obtained, error);
    refused = failure ? 0 : do_steps(state, 0, STEP_DETACH, STEPS);
    if (refused)
        failure =
            error_system(error, -refused, "tearing down a segment of %zu bytes", state->bytes);
    if (!failure && state->kind == KIND_POSIX &&
        shm_open(state->records->record[0].name, O_RDONLY | O_CLOEXEC, 0) >= 0)
        failure = error_plain(error, "shm_unlink left the name");
    segment_finish(state, NULL);
    return failure;
}

static void segment_destroy(struct channel *channel)
{
    struct segment_state *const state = channel->state;
    if (!state->records)
        return;
    for (size_t index = 0; index < SEGMENTS_MOST; ++index)
        remove_segment(channel->leftovers, &state->records->record[index]);
    leftovers_remove(channel->leftovers, state->records->maker_slot);
    munmap(state->records, sizeof(*state->records));
    state->records = NULL;
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
    return values[SEGMENT_KIND] == KIND_MEMFD ? &unnamed
           : values[SEGMENT_KIND] == KIND_XSI ? &old
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
