/* A plain file, written with pwrite and read with pread: the oldest way. The file is a queue of slots for
 * each direction, and the notice that one has been filled or given back is the ring's
 * (transports/common/ring.h), whose header is all that lies in shared memory here.
 *
 * The bytes go through the page cache. The file is in a private folder under TMPDIR and has lost its
 * name before anything is measured; on which file system it lies is recorded. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/ring.h"
#include "transports/common/ring_notice.h"
#include "transports/common/ring_sync.h"

enum { FILE_NOTICE, FILE_SLOTS, FILE_OPTION_COUNT };

static const struct option_spec file_options[FILE_OPTION_COUNT] = {
    [FILE_NOTICE] = RING_NOTICE_OPTION,
    [FILE_SLOTS] = RING_SLOTS_OPTION,
};

/* What the loops work on, in registers while they run. Slots are told by where they would lie in the
 * region: the file has the same layout, without the header. */
struct file_ends {
    struct ring_ends ends;
    const unsigned char *origin; /* of the first slot */
    int fd;
};

struct file_state {
    struct file_ends hot; /* first: see LOOP_SET_ON_COPY */
    struct ring_state ring;
    int fd; /* + 1; 0: none */
};

static ALWAYS_INLINE int file_write_slot(const struct file_ends *file, const struct ring_end *end,
                                         const unsigned char *message, size_t bytes)
{
    off_t offset = (off_t)(end->next - file->origin);
    for (;;) {
        const ssize_t moved = pwrite(file->fd, message, bytes, offset);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved > 0) {
            message += moved;
            offset += moved;
            bytes -= (size_t)moved;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

static ALWAYS_INLINE int file_read_slot(const struct file_ends *file, const struct ring_end *end,
                                        unsigned char *message, size_t bytes)
{
    off_t offset = (off_t)(end->next - file->origin);
    for (;;) {
        const ssize_t moved = pread(file->fd, message, bytes, offset);
        if (LIKELY(moved == (ssize_t)bytes))
            return 0;
        if (moved == 0)
            return -EBADMSG; /* shorter than it was made */
        if (moved > 0) {
            message += moved;
            offset += moved;
            bytes -= (size_t)moved;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

#define FILE_LOOPS(sync)                                                                           \
    static ALWAYS_INLINE int file_##sync##_send(void *state, const unsigned char *message,         \
                                                size_t bytes)                                      \
    {                                                                                              \
        struct file_ends *const file = state;                                                      \
        int failure = sync##_wait_free(&file->ends.out);                                           \
        if (LIKELY(!failure))                                                                      \
            failure = file_write_slot(file, &file->ends.out, message, bytes);                      \
        if (UNLIKELY(failure))                                                                     \
            return failure;                                                                        \
        ring_step(&file->ends.out);                                                                \
        return sync##_publish(&file->ends.out);                                                    \
    }                                                                                              \
    static ALWAYS_INLINE int file_##sync##_receive(void *state, unsigned char *message,            \
                                                   size_t bytes)                                   \
    {                                                                                              \
        struct file_ends *const file = state;                                                      \
        int failure = sync##_wait_filled(&file->ends.in);                                          \
        if (LIKELY(!failure))                                                                      \
            failure = file_read_slot(file, &file->ends.in, message, bytes);                        \
        if (UNLIKELY(failure))                                                                     \
            return failure;                                                                        \
        ring_step(&file->ends.in);                                                                 \
        return sync##_give_back(&file->ends.in);                                                   \
    }                                                                                              \
    LOOP_SET_COPYING_ON_COPY(file_##sync##_loops, file_##sync##_send, file_##sync##_receive,       \
                             struct file_ends)

FILE_LOOPS(ring_futex)
FILE_LOOPS(ring_event)
FILE_LOOPS(ring_spin)

static const struct loop_set *file_loops_for(const struct options *options)
{
    static const struct loop_set *const sets[RING_NOTICES] = {
        [RING_NOTICE_FUTEX] = &file_ring_futex_loops,
        [RING_NOTICE_EVENTFD] = &file_ring_event_loops,
        [RING_NOTICE_SPIN] = &file_ring_spin_loops,
    };
    return sets[options->values[FILE_NOTICE]];
}

static bool file_spins(const struct options *options)
{
    return options->values[FILE_NOTICE] == RING_NOTICE_SPIN;
}

static const struct file_system {
    unsigned magic;
    const char *name;
} file_systems[] = {
    {0x01021994, "tmpfs"}, {0xEF53, "ext"},         {0x58465342, "xfs"},   {0x9123683E, "btrfs"},
    {0xF2F52010, "f2fs"},  {0x794C7630, "overlay"}, {0x6969, "nfs"},       {0x2FC12FC1, "zfs"},
    {0x01021997, "9p"},    {0x65735546, "fuse"},    {0x858458F6, "ramfs"},
};

static void record_file_system(struct obtained *obtained, int fd)
{
    struct statfs status;
    char text[28];
    if (fstatfs(fd, &status))
        return;
    snprintf(text, sizeof(text), "type %#x", (unsigned)status.f_type);
    for (size_t index = 0; index < sizeof(file_systems) / sizeof(file_systems[0]); ++index) {
        if (file_systems[index].magic == (unsigned)status.f_type)
            snprintf(text, sizeof(text), "%s", file_systems[index].name);
    }
    obtained_text(obtained, "file_system", text);
}

static int open_nameless(struct channel *channel, int *fd, struct error *error)
{
    struct private_folder folder = {0};
    char path[LEFTOVER_NAME_BYTES + 16];
    *fd = -1;
    int failure = private_folder_create(channel->leftovers, &folder, error);
    if (!failure) {
        snprintf(path, sizeof(path), "%s/file", folder.path);
        *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        failure = *fd < 0 ? error_system(error, errno, "open(%s)", path) : 0;
    }
    private_folder_remove(channel->leftovers, &folder);
    return failure;
}

static int file_create(struct channel *channel, struct error *error)
{
    struct file_state *state = channel->state;
    struct ring_state *ring = &state->ring;
    int fd;
    int failure =
        ring_notice_plan(channel, ring, (enum ring_notice)channel->options.values[FILE_NOTICE],
                         channel->options.values[FILE_SLOTS], error);
    if (!failure)
        failure = ring_notice_create(channel, ring, error);
    if (!failure)
        failure = open_nameless(channel, &fd, error);
    if (failure)
        return failure;
    state->fd = fd + 1;
    record_file_system(&channel->obtained, fd);
    const size_t bytes = ring_notice_slots_bytes(ring);
    obtained_number(&channel->obtained, "file_bytes", (int64_t)bytes);
    const int refused = ftruncate(fd, (off_t)bytes) ? errno : 0;
    if (refused == EFBIG)
        return error_unavailable(error, "ulimit -f (RLIMIT_FSIZE)", "a file of %zu bytes: EFBIG",
                                 bytes);
    return refused ? error_system(error, refused, "ftruncate(%zu)", bytes) : 0;
}

/* Writes every slot once, so that the file has all its pages before anything is timed. */
static int fill_file(int fd, size_t bytes, struct error *error)
{
    static const unsigned char zeros[64 << 10];
    for (size_t at = 0; at < bytes;) {
        const size_t left = bytes - at;
        const ssize_t moved =
            pwrite(fd, zeros, left < sizeof(zeros) ? left : sizeof(zeros), (off_t)at);
        if (moved < 0 && (errno == ENOSPC || errno == EDQUOT))
            return error_unavailable(error, "free space in TMPDIR", "a file of %zu bytes: %s",
                                     bytes, error_name(errno));
        if (moved < 0 && errno != EINTR)
            return error_system(error, errno, "pwrite");
        at += moved > 0 ? (size_t)moved : 0;
    }
    return 0;
}

static int file_attach(struct channel *channel, enum side side, struct error *error)
{
    struct file_state *state = channel->state;
    struct ring_state *ring = &state->ring;
    int failure = ring_attach(channel, ring, side, error);
    if (!failure && side == SIDE_SENDER)
        failure = fill_file(state->fd - 1, ring_notice_slots_bytes(ring), error);
    state->hot = (struct file_ends){
        .ends = ring->ends,
        .origin = ring->region + ring->plan.slots_offset_bytes,
        .fd = state->fd - 1,
    };
    return failure;
}

static void file_destroy(struct channel *channel)
{
    struct file_state *state = channel->state;
    if (state->fd)
        close(state->fd - 1);
    state->fd = 0;
    ring_notice_destroy(channel, &state->ring);
}

const struct transport transport_file = {
    .abi = TRANSPORT_ABI,
    .name = "file",
    .summary = "plain file: pwrite and pread, with a notice",
    .family = FAMILY_SHARED_MEMORY,
    .options = file_options,
    .option_count = FILE_OPTION_COUNT,
    .state_bytes = sizeof(struct file_state),
    .spins = file_spins,
    .create = file_create,
    .attach = file_attach,
    .loops = file_loops_for,
    .destroy = file_destroy,
};
