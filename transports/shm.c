/* Shared memory plus a way to wait: a bounded queue of slots in a POSIX, XSI or memfd segment. With
 * slots=1 and sync=sem it is the textbook pair of semaphores around one buffer. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/prefault.h"
#include "harness/transport.h"
#include "transports/common/ring.h"

enum { SHM_BACKING, SHM_SYNC, SHM_SLOTS, SHM_COPY, SHM_BATCH, SHM_OPTION_COUNT };
enum backing { BACKING_POSIX, BACKING_XSI, BACKING_MEMFD };

static const struct option_spec shm_options[SHM_OPTION_COUNT] = {
    [SHM_BACKING] = {.key = "backing",
                     .kind = OPTION_CHOICE,
                     .choices = "posix|xsi|memfd",
                     .default_value = "posix",
                     .meaning = "shm_open, shmget or memfd_create"},
    [SHM_SYNC] = RING_SYNC_OPTION,
    [SHM_SLOTS] = {.key = "slots",
                   .kind = OPTION_COUNT,
                   .default_value = "default",
                   .minimum = 1,
                   .maximum = 1 << 24,
                   .meaning = "messages the queue holds; default: 256 KiB of them, 2 to 1024"},
    [SHM_COPY] = RING_COPY_OPTION,
    [SHM_BATCH] = RING_BATCH_OPTION,
};

static const size_t page_bytes = 4096;

static const struct loop_set *shm_loops(const struct options *options)
{
    const enum ring_sync sync = (enum ring_sync)options->values[SHM_SYNC];
    const enum ring_copy copy = (enum ring_copy)options->values[SHM_COPY];
    return options->values[SHM_BATCH] > 1 ? ring_batch_loops(sync, copy) : ring_loops(sync, copy);
}

static bool shm_spins(const struct options *options)
{
    return ring_sync_spins((enum ring_sync)options->values[SHM_SYNC]);
}

static int map_descriptor(struct ring_state *state, int fd, const char *what, struct error *error)
{
    const size_t bytes = state->plan.region_bytes;
    const int refused = ftruncate(fd, (off_t)bytes) ? errno : 0;
    if (refused == EFBIG)
        return error_unavailable(error, "ulimit -f (RLIMIT_FSIZE)", "%s of %zu bytes: EFBIG", what,
                                 bytes);
    if (refused)
        return error_system(error, refused, "ftruncate(%s, %zu)", what, bytes);
    void *region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (region == MAP_FAILED && errno == ENOMEM)
        return error_unavailable(error, "free memory, ulimit -v", "mmap(%s, %zu bytes): ENOMEM",
                                 what, bytes);
    if (region == MAP_FAILED)
        return error_system(error, errno, "mmap(%s, %zu bytes)", what, bytes);
    state->region = region;
    return 0;
}

static int map_posix(struct channel *channel, struct ring_state *state, struct error *error)
{
    const struct unguessable_name name = unguessable_name();
    const int slot = leftovers_announce_name(channel->leftovers, LEFTOVER_SHM_NAME, name.text);
    const int fd = shm_open(name.text, O_CREAT | O_EXCL | O_RDWR, 0600);
    int failure = errno;
    if (fd >= 0)
        shm_unlink(name.text);
    leftovers_forget(channel->leftovers, slot);
    if (fd < 0)
        return error_system(error, failure, "shm_open");
    failure = map_descriptor(state, fd, "shm_open", error);
    close(fd);
    return failure;
}

static int map_memfd(struct ring_state *state, struct error *error)
{
    const int fd = memfd_create("ipcbench", MFD_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "memfd_create");
    const int failure = map_descriptor(state, fd, "memfd", error);
    close(fd);
    return failure;
}

/* Marked for removal as soon as it is attached: the children inherit the attachment. */
static int map_xsi(struct channel *channel, struct ring_state *state, struct error *error)
{
    const size_t bytes = state->plan.region_bytes;
    const int segment = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
    if (segment < 0 && (errno == EINVAL || errno == ENOSPC || errno == ENOMEM || errno == ENOSYS))
        return error_unavailable(error, "sysctl kernel.shmmax, kernel.shmall, kernel.shmmni",
                                 "shmget(%zu bytes): %s", bytes, error_name(errno));
    if (segment < 0)
        return error_system(error, errno, "shmget(%zu bytes)", bytes);
    const int slot = leftovers_announce_id(channel->leftovers, LEFTOVER_XSI_MEMORY, segment);
    void *region = shmat(segment, NULL, 0);
    const int failure = errno;
    shmctl(segment, IPC_RMID, NULL);
    leftovers_forget(channel->leftovers, slot);
    if (region == (void *)-1)
        return error_system(error, failure, "shmat(%zu bytes)", bytes);
    state->region = region;
    return 0;
}

static int shm_create(struct channel *channel, struct error *error)
{
    struct ring_state *state = channel->state;
    const uint64_t *values = channel->options.values;
    state->sync = (enum ring_sync)values[SHM_SYNC];
    int failure =
        ring_plan(&state->plan, channel->message_bytes, values[SHM_SLOTS], page_bytes, error);
    if (!failure)
        failure = ring_plan_batch(state, values[SHM_BATCH], page_bytes, error);
    if (!failure)
        failure = ring_check_memory(&state->plan, error);
    if (failure)
        return failure;
    switch ((enum backing)values[SHM_BACKING]) {
    case BACKING_POSIX:
        failure = map_posix(channel, state, error);
        break;
    case BACKING_XSI:
        failure = map_xsi(channel, state, error);
        break;
    case BACKING_MEMFD:
        failure = map_memfd(state, error);
        break;
    }
    return failure ? failure : ring_create(channel, state, error);
}

static int shm_attach(struct channel *channel, enum side side, struct error *error)
{
    struct ring_state *state = channel->state;
    const size_t bytes = state->plan.region_bytes;
    const int failure = prefault(state->region, bytes);
    if (failure)
        return error_unavailable(
            error, "free memory, the size of /dev/shm, a memory cgroup's limit",
            "prefault of %zu bytes of shared memory: %s", bytes, error_name(-failure));
    channel->prefaulted = true;
    channel->region = (struct region){state->region, bytes};
    return ring_attach(channel, state, side, error);
}

static void shm_destroy(struct channel *channel)
{
    struct ring_state *state = channel->state;
    if (state->region && channel->options.values[SHM_BACKING] == BACKING_XSI)
        shmdt(state->region);
    else if (state->region)
        munmap(state->region, state->plan.region_bytes);
    state->region = NULL;
    ring_destroy(channel, state);
}

const struct transport transport_shm = {
    .abi = TRANSPORT_ABI,
    .name = "shm",
    .summary = "shared memory segment plus a way to wait",
    .family = FAMILY_SHARED_MEMORY,
    .options = shm_options,
    .option_count = SHM_OPTION_COUNT,
    .state_bytes = sizeof(struct ring_state),
    .spins = shm_spins,
    .create = shm_create,
    .attach = shm_attach,
    .loops = shm_loops,
    .destroy = shm_destroy,
};
