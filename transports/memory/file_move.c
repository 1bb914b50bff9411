/* A file's content from one process to the other: the sender writes all of it, block by block, the receiver
 * reads it. Timed is either how long it takes until the receiver has seen the last byte, or until the file
 * is on the disk. Both write and read every byte, whichever way. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/file_cache.h"
#include "transports/common/file_mover.h"
#include "transports/common/memory_object.h"
#include "transports/common/turns.h"

enum { MOVE_HOW, MOVE_MAPPING, MOVE_STATE, MOVE_BLOCK, MOVE_SYNC, MOVE_UNTIL, MOVE_OPTION_COUNT };

static const struct option_spec move_options[MOVE_OPTION_COUNT] = {
    [MOVE_HOW] = {.key = "how",
                  .kind = OPTION_CHOICE,
                  .choices = "mmap|read|pread|direct|copy-file-range",
                  .default_value = "read",
                  .meaning = "both map it; write(2) and read(2); pwrite and pread; these with "
                             "O_DIRECT; copied from another file and pread"},
    [MOVE_MAPPING] = {.key = "mapping",
                      .kind = OPTION_CHOICE,
                      .choices = "new|kept",
                      .default_value = "new",
                      .meaning = "with how=mmap: made each time, page faults and all, or once and "
                                 "touched beforehand"},
    [MOVE_STATE] = {.key = "state",
                    .kind = OPTION_CHOICE,
                    .choices = "clean|dirty",
                    .default_value = "clean",
                    .meaning = "the file's pages in memory before each pass: written back, or as "
                               "the pass before has left them"},
    [MOVE_BLOCK] = {.key = "block",
                    .kind = OPTION_CHOICE,
                    .choices = "4K|64K|1M",
                    .default_value = "64K",
                    .meaning = "what a call moves: one operation; a sample is the mean per block"},
    [MOVE_SYNC] = {.key = "sync",
                   .kind = OPTION_CHOICE,
                   .choices = "none|msync-async|msync-sync|msync-invalidate|fsync|fdatasync|"
                              "sync-file-range",
                   .default_value = "none",
                   .meaning = "called for all of the file when it has been written"},
    [MOVE_UNTIL] = {.key = "until",
                    .kind = OPTION_CHOICE,
                    .choices = "visible|durable",
                    .default_value = "visible",
                    .meaning = "what is timed: until the receiver has read and checked everything "
                               "(sync included), or until sync has returned"},
};

struct move_state {
    struct file_mover mover;
    struct turns turns;
    bool keeps;
    bool cleans;
    bool durable;
};

/* --- what is timed ----------------------------------------------------------------------------- */

static int move_until_visible(void *opaque, uint64_t index)
{
    struct move_state *const state = opaque;
    (void)index;
    const int failure = file_mover_write(&state->mover);
    if (!failure)
        turns_peer_does(&state->turns);
    return failure;
}

static int move_until_durable(void *opaque, uint64_t index)
{
    struct move_state *const state = opaque;
    (void)index;
    return file_mover_write(&state->mover);
}

/* --- around it --------------------------------------------------------------------------------- */

static void unmap_unless_kept(struct move_state *state)
{
    if (!state->keeps)
        memory_object_unmap(&state->mover.file, &state->mover.view);
}

static int move_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct move_state *const state = opaque;
    pass->operations = state->mover.file.bytes / state->mover.block_bytes;
    pass->operation_bytes = state->mover.block_bytes;
    ++state->mover.report->pass;
    state->mover.report->over = false;
    if (state->cleans && fdatasync(state->mover.file.fd))
        return error_system(error, errno, "fdatasync of a file in TMPDIR");
    const int failure =
        state->mover.how == MOVE_BY_COPY ? file_mover_fill_source(&state->mover) : 0;
    return failure ? error_system(error, -failure, "writing the file to be copied") : 0;
}

static int tell_wrong(const struct file_move_report *report, const char *who, struct error *error)
{
    if (report->failure == -EBADMSG)
        return error_plain(error, "%s read something else than was written, from byte %llu on", who,
                           (unsigned long long)report->wrong_at);
    return report->failure ? error_system(error, -report->failure, "%s: reading at byte %llu", who,
                                          (unsigned long long)report->wrong_at)
                           : 0;
}

/* The receiver has checked the content of every pass, be that timed or not; and unmaps before the next. */
static int move_finish(void *opaque, struct error *error)
{
    struct move_state *const state = opaque;
    unmap_unless_kept(state);
    if (state->mover.failed_call)
        return error_system(error, state->mover.failed_code, "%s of a file of %zu bytes",
                            state->mover.failed_call, state->mover.file.bytes);
    if (state->durable)
        turns_peer_does(&state->turns);
    state->mover.report->over = true;
    turns_peer_does(&state->turns);
    return tell_wrong(state->mover.report, "the receiver", error);
}

static void move_dismiss(void *opaque)
{
    const struct move_state *const state = opaque;
    turns_dismiss(&state->turns);
}

static void move_attend(struct loop_run *run)
{
    struct move_state *const state = run->state;
    while (turns_await(&state->turns)) {
        if (state->mover.report->over)
            unmap_unless_kept(state);
        else
            state->mover.report->failure = file_mover_read(&state->mover);
        turns_give_back(&state->turns);
    }
}

static const struct memory_operation visible = {
    .prepare = move_prepare,
    .operate = move_until_visible,
    .finish = move_finish,
    .dismiss = move_dismiss,
    .is_bulk = true,
};
static const struct memory_operation durable = {
    .prepare = move_prepare,
    .operate = move_until_durable,
    .finish = move_finish,
    .dismiss = move_dismiss,
    .is_bulk = true,
};
MEMORY_LOOPS_WITH_PEER(visible_loops, visible, move_attend)
MEMORY_LOOPS_WITH_PEER(durable_loops, durable, move_attend)

static const struct memory_loops *move_loops(const struct options *options)
{
    return options->values[MOVE_UNTIL] ? &durable_loops : &visible_loops;
}

/* --- set up ------------------------------------------------------------------------------------ */

static size_t block_bytes_of(const struct options *options)
{
    static const size_t bytes[] = {4 << 10, 64 << 10, 1 << 20};
    return bytes[options->values[MOVE_BLOCK]];
}

/* What can be asked for. */
static int check_options(const struct options *options, size_t bytes, struct error *error)
{
    const uint64_t *const values = options->values;
    const enum file_move_sync sync = (enum file_move_sync)values[MOVE_SYNC];
    const bool is_mapped = values[MOVE_HOW] == MOVE_BY_MMAP;
    if (values[MOVE_MAPPING] && !is_mapped)
        return error_unavailable(error, "how=mmap", "mapping=kept: there is no mapping to keep");
    if (values[MOVE_STATE] && (values[MOVE_UNTIL] || values[MOVE_HOW] == MOVE_BY_DIRECT))
        return error_unavailable(error, "state=clean", "state=dirty: %s leaves nothing dirty",
                                 values[MOVE_UNTIL] ? "until=durable" : "O_DIRECT");
    if (!is_mapped && sync >= MOVE_SYNC_MSYNC_ASYNC && sync <= MOVE_SYNC_MSYNC_INVALIDATE)
        return error_unavailable(error, "how=mmap, sync=fdatasync", "msync is for mappings");
    if (values[MOVE_UNTIL] && sync != MOVE_SYNC_MSYNC_SYNC && sync != MOVE_SYNC_FSYNC &&
        sync != MOVE_SYNC_FDATASYNC)
        return error_unavailable(
            error, is_mapped ? "sync=msync-sync, sync=fdatasync" : "sync=fdatasync, sync=fsync",
            "until=durable: %s",
            sync == MOVE_SYNC_NONE    ? "nothing is called that makes the file durable"
            : sync == MOVE_SYNC_RANGE ? "sync_file_range empties no disk's own cache"
                                      : "MS_ASYNC and MS_INVALIDATE write nothing to the disk");
    if (bytes % block_bytes_of(options))
        return error_unavailable(error, "another size (-s), a smaller block=",
                                 "a file of %zu bytes is not whole blocks of %zu", bytes,
                                 block_bytes_of(options));
    return 0;
}

static int move_create(struct channel *channel, struct error *error)
{
    struct move_state *const state = channel->state;
    const uint64_t *const values = channel->options.values;
    const struct memory_object file = {.kind = OBJECT_FILE, .bytes = channel->message_bytes};
    state->mover.file = state->mover.source = file;
    state->mover.how = (enum file_move_how)values[MOVE_HOW];
    state->mover.sync = (enum file_move_sync)values[MOVE_SYNC];
    state->keeps = values[MOVE_MAPPING] != 0;
    state->durable = values[MOVE_UNTIL] != 0;
    state->cleans = !values[MOVE_STATE] && !state->durable; /* which leaves it clean */
    state->mover.block_bytes = block_bytes_of(&channel->options);
    state->mover.report = mmap(NULL, sizeof(*state->mover.report), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (state->mover.report == MAP_FAILED) {
        state->mover.report = NULL;
        return error_system(error, errno, "mmap for a report");
    }
    int failure = check_options(&channel->options, channel->message_bytes, error);
    if (!failure)
        failure = turns_create(&state->turns, error);
    if (!failure)
        failure = memory_object_plan(&state->mover.file, error);
    if (!failure)
        failure = memory_object_create(&state->mover.file, channel->leftovers, error);
    if (!failure && state->mover.how == MOVE_BY_COPY)
        failure = memory_object_plan(&state->mover.source, error);
    if (!failure && state->mover.how == MOVE_BY_COPY)
        failure = memory_object_create(&state->mover.source, channel->leftovers, error);
    return failure;
}

/* Pages that were written to the disk can be dropped without being written; nothing may be left. */
static int drop_written(const struct move_state *state, struct error *error)
{
    uint64_t bytes = 0;
    const int code = posix_fadvise(state->mover.file.fd, 0, 0, POSIX_FADV_DONTNEED);
    if (code)
        return error_system(error, code, "posix_fadvise(POSIX_FADV_DONTNEED)");
    const int failure = file_cache_resident(&state->mover.file, &bytes, error);
    if (failure || !bytes)
        return failure;
    return error_unavailable(error, "TMPDIR on a disk's file system (not tmpfs)",
                             "until=durable: %llu of %zu bytes cannot be dropped from memory after "
                             "sync: they are nowhere else",
                             (unsigned long long)bytes, state->mover.file.bytes);
}

static int check_write(const struct move_state *state, int failure, struct error *error)
{
    if (!failure)
        return 0;
    if (failure == -EINVAL || failure == -EOPNOTSUPP || failure == -EXDEV || failure == -ENOSYS)
        return error_unavailable(error, "TMPDIR on another file system", "%s: %s",
                                 state->mover.failed_call, error_name(-failure));
    return error_system(error, -failure, "%s of a file of %zu bytes", state->mover.failed_call,
                        state->mover.file.bytes);
}

/* O_DIRECT that goes by the cache leaves nothing there. */
static int check_direct(const struct move_state *state, uint64_t cached_bytes, struct error *error)
{
    if (state->mover.how != MOVE_BY_DIRECT || !cached_bytes)
        return 0;
    return error_unavailable(
        error, "TMPDIR on a disk's file system (not tmpfs)",
        "O_DIRECT is taken, but %llu bytes are in the page cache after writing",
        (unsigned long long)cached_bytes);
}

/* One pass untimed, read back by the sender itself: what is durable, from the disk. */
static int rehearse(struct channel *channel, struct error *error)
{
    struct move_state *const state = channel->state;
    struct memory_pass pass;
    uint64_t cached_bytes = 0;
    int failure = state->mover.how == MOVE_BY_DIRECT
                      ? memory_object_empty(&state->mover.file, NULL, error)
                      : 0;
    if (!failure)
        failure = move_prepare(state, &pass, error);
    if (!failure)
        failure = check_write(state, file_mover_write(&state->mover), error);
    memory_object_unmap(&state->mover.file, &state->mover.view);
    if (!failure)
        failure = file_cache_resident(&state->mover.file, &cached_bytes, error);
    if (!failure)
        failure = check_direct(state, cached_bytes, error);
    if (!failure && state->durable)
        failure = drop_written(state, error);
    if (failure)
        return failure;
    state->mover.report->failure = file_mover_read(&state->mover);
    memory_object_unmap(&state->mover.file, &state->mover.view);
    obtained_number(&channel->obtained, "cached_bytes", (int64_t)cached_bytes);
    obtained_text(&channel->obtained, "read_back_from",
                  state->durable || state->mover.how == MOVE_BY_DIRECT ? "disk" : "page cache");
    file_cache_obtained(&state->mover.file, &channel->obtained);
    return tell_wrong(state->mover.report, "the sender", error);
}

/* A kept mapping has every page in it, written to by the sender, read by the receiver. */
static int keep_mapping(struct move_state *state, enum side side, struct error *error)
{
    if (!state->keeps)
        return 0;
    const int failure = memory_object_map(&state->mover.file, &state->mover.view, error);
    if (failure)
        return failure;
    (void)(side == SIDE_SENDER ? file_mover_write(&state->mover) : file_mover_read(&state->mover));
    return 0;
}

static int move_attach(struct channel *channel, enum side side, struct error *error)
{
    struct move_state *const state = channel->state;
    int failure = 0;
    if (side == SIDE_SENDER) {
        failure = memory_object_fill(&state->mover.file, error);
        if (!failure && state->mover.how == MOVE_BY_COPY)
            failure = memory_object_fill(&state->mover.source, error);
    }
    if (!failure)
        failure = file_mover_open(&state->mover, error);
    if (!failure && side == SIDE_SENDER)
        failure = rehearse(channel, error);
    return failure ? failure : keep_mapping(state, side, error);
}

static void move_detach(struct channel *channel, enum side side)
{
    struct move_state *const state = channel->state;
    (void)side;
    free(state->mover.block);
}

static void move_destroy(struct channel *channel)
{
    struct move_state *const state = channel->state;
    memory_object_destroy(&state->mover.file);
    memory_object_destroy(&state->mover.source);
    turns_destroy(&state->turns);
    if (state->mover.report)
        munmap(state->mover.report, sizeof(*state->mover.report));
    state->mover.report = NULL;
}

static int move_limits(const struct options *options, struct message_limits *limits,
                       struct error *error)
{
    (void)error;
    *limits = (struct message_limits){.minimum_bytes = block_bytes_of(options),
                                      .maximum_bytes = UINT64_MAX};
    return 0;
}

static const struct operation_belief *move_belief(const struct options *options)
{
    static const struct operation_belief
        by_sync[] =
            {
                [MOVE_SYNC_MSYNC_ASYNC] = {"msync(MS_ASYNC) costs nothing", "sync=none",
                                           BELIEF_NO_DEARER},
                [MOVE_SYNC_MSYNC_SYNC] = {"msync(MS_SYNC) costs more than fdatasync",
                                          "sync=fdatasync", BELIEF_DEARER},
                [MOVE_SYNC_MSYNC_INVALIDATE] = {"msync(MS_INVALIDATE) costs nothing", "sync=none",
                                                BELIEF_NO_DEARER},
                [MOVE_SYNC_FSYNC] = {"fsync costs more than fdatasync", "sync=fdatasync",
                                     BELIEF_DEARER},
                [MOVE_SYNC_FDATASYNC] = {"fdatasync makes the reader wait for the disk",
                                         "sync=none", BELIEF_DEARER},
                [MOVE_SYNC_RANGE] = {"sync_file_range is a cheaper fdatasync", "sync=fdatasync",
                                     BELIEF_CHEAPER},
            },
        by_how[] =
            {
                [MOVE_BY_MMAP] = {"a file's content is passed on more cheaply through a mapping",
                                  "how=read", BELIEF_CHEAPER},
                [MOVE_BY_PREAD] = {"pread and pwrite cost as much as read and write", "how=read",
                                   BELIEF_NO_DEARER},
                [MOVE_BY_DIRECT] = {"O_DIRECT is faster", "how=pread", BELIEF_CHEAPER},
                [MOVE_BY_COPY] = {"copy_file_range beats writing the bytes oneself", "how=pread",
                                  BELIEF_CHEAPER},
            },
        dirty = {"it does not matter to writing whether what is overwritten is on the disk yet",
                 "state=clean", BELIEF_NO_DEARER},
        kept = {"a mapped file is fast once it is mapped: the page faults are what costs",
                "mapping=new", BELIEF_CHEAPER};
    const uint64_t *const values = options->values;
    if (values[MOVE_SYNC] && !(values[MOVE_UNTIL] && values[MOVE_SYNC] == MOVE_SYNC_FDATASYNC))
        return &by_sync[values[MOVE_SYNC]];
    if (values[MOVE_STATE])
        return &dirty;
    if (values[MOVE_MAPPING])
        return &kept;
    return values[MOVE_HOW] == MOVE_BY_READ ? NULL : &by_how[values[MOVE_HOW]];
}

const struct transport transport_file_move = {
    .abi = TRANSPORT_ABI,
    .name = "file-move",
    .summary = "a file's content to another process: until seen, or durable",
    .family = FAMILY_OPERATION,
    .options = move_options,
    .option_count = MOVE_OPTION_COUNT,
    .state_bytes = sizeof(struct move_state),
    .limits = move_limits,
    .create = move_create,
    .attach = move_attach,
    .detach = move_detach,
    .destroy = move_destroy,
    .memory_loops = move_loops,
    .belief = move_belief,
};
