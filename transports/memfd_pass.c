/* A memory file for each message, passed as a descriptor: the sender writes the message into a memfd,
 * seals it, so that the receiver need not fear that it changes or shrinks under its hands, and sends
 * the descriptor over a Unix socket (SCM_RIGHTS); the receiver checks the seals, maps it and reads.
 * Nothing is copied; pages are made, mapped and taken down instead.
 *
 * With pool=yes the sender keeps its files and their mappings and passes each again once the receiver
 * has given it back. Then they are sealed against new writable mappings alone.
 *
 * How many may be under way is bounded by an eventfd that counts the free ones: what lies in a socket
 * would otherwise fill the memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/free_memory.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/backpressure.h"
#include "transports/common/descriptors.h"
#include "transports/common/ring.h"
#include "transports/common/ring_sync.h"

enum { MEMFD_POOL, MEMFD_SLOTS, MEMFD_OPTION_COUNT };
enum pool { POOL_NO, POOL_YES };

static const struct option_spec memfd_options[MEMFD_OPTION_COUNT] = {
    [MEMFD_POOL] = {.key = "pool",
                    .kind = OPTION_CHOICE,
                    .choices = "no|yes",
                    .default_value = "no",
                    .meaning = "a new memfd for each message, or a pool used in turn"},
    [MEMFD_SLOTS] = {.key = "slots",
                     .kind = OPTION_COUNT,
                     .default_value = "default",
                     .minimum = 1,
                     .maximum = 4096,
                     .meaning = "memfds under way at most; default: 16 MiB of them, 2 to 8"},
};

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum {
    SEALS_SIZE = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
    SEALS_ALL = SEALS_SIZE | F_SEAL_WRITE,
    SEALS_POOL = SEALS_SIZE | F_SEAL_FUTURE_WRITE,
};

/* One memory file of a sender. */
struct memory_file {
    unsigned char *address;
    int fd;
};

struct memfd_state {
    struct descriptors descriptors;
    size_t mapped_bytes; /* of a message */
    unsigned flags;      /* for memfd_create */
    int free_out;        /* eventfds that count what this side may send, and what the peer may */
    int free_in;
    struct memory_file fresh; /* between reserve and commit */
    struct memory_file *pool; /* NULL: none */
    size_t slots;
    size_t next;
    int events[SIDE_COUNT]; /* by sending side; + 1, 0: none */
};

static int memory_file_make(const struct memfd_state *state, int seals, struct memory_file *file)
{
    const size_t bytes = state->mapped_bytes;
    file->fd = memfd_create("ipcbench", state->flags);
    if (UNLIKELY(file->fd < 0))
        return -errno;
    int failure = ftruncate(file->fd, (off_t)bytes) ? -errno : 0;
    if (LIKELY(!failure)) {
        void *const address =
            mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file->fd, 0);
        failure = address == MAP_FAILED ? -errno : 0;
        file->address = address;
    }
    if (!failure && seals && fcntl(file->fd, F_ADD_SEALS, seals)) {
        failure = -errno;
        munmap(file->address, bytes);
    }
    if (UNLIKELY(failure))
        close(file->fd);
    return failure;
}

/* The kernel bounds how many descriptors of a user are under way, and does not tell when there is room
 * again. */
static ALWAYS_INLINE int memfd_put(const struct memfd_state *channel, int fd)
{
    char byte = 0;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        unsigned char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}}; /* its padding, too, goes to the kernel */
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    const struct msghdr message = {.msg_iov = &data,
                                   .msg_iovlen = 1,
                                   .msg_control = &control,
                                   .msg_controllen = sizeof(control.bytes)};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    while (UNLIKELY(sendmsg(channel->descriptors.out.fd, &message, MSG_NOSIGNAL) != 1)) {
        if (errno == ETOOMANYREFS)
            backpressure_pause();
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int memfd_take(const struct memfd_state *channel, int *fd)
{
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        unsigned char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control};
    ssize_t moved;
    do {
        message.msg_controllen = sizeof(control.bytes);
        moved = recvmsg(channel->descriptors.in.fd, &message, MSG_CMSG_CLOEXEC);
    } while (UNLIKELY(moved < 0 && errno == EINTR));
    if (UNLIKELY(moved <= 0))
        return moved ? -errno : -EPIPE;
    if (UNLIKELY(message.msg_flags & MSG_CTRUNC || message.msg_controllen < CMSG_LEN(sizeof(int)) ||
                 control.header.cmsg_type != SCM_RIGHTS))
        return -EMFILE; /* no room for the descriptor here */
    memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
    return 0;
}

/* What could shrink would end a reader with SIGBUS, what is too short as well. */
static ALWAYS_INLINE int memfd_map(const struct memfd_state *channel, int fd, int seals,
                                   unsigned char **message)
{
    /* What is sealed against writing some kernels (6.6 and before, and some of 6.12) do not let anybody map
     * shared, not even to read; its pages are the same in a private mapping. */
    const int sharing = seals & F_SEAL_WRITE ? MAP_PRIVATE : MAP_SHARED;
    const int has = fcntl(fd, F_GET_SEALS);
    struct stat status;
    if (UNLIKELY(has < 0 || (has & seals) != seals || fstat(fd, &status) ||
                 status.st_size < (off_t)channel->mapped_bytes))
        return -EBADMSG;
    void *const address =
        mmap(NULL, channel->mapped_bytes, PROT_READ, sharing | MAP_POPULATE, fd, 0);
    if (UNLIKELY(address == MAP_FAILED))
        return -errno;
    *message = address;
    return 0;
}

static ALWAYS_INLINE int memfd_acquire(const struct memfd_state *channel, int seals,
                                       unsigned char **message)
{
    int fd = -1;
    int failure = memfd_take(channel, &fd);
    if (UNLIKELY(failure))
        return failure;
    failure = memfd_map(channel, fd, seals, message);
    close(fd);
    return failure;
}

static ALWAYS_INLINE int memfd_release(void *state, unsigned char *message, size_t bytes)
{
    const struct memfd_state *const channel = state;
    (void)bytes;
    if (UNLIKELY(munmap(message, channel->mapped_bytes)))
        return -errno;
    return ring_event_up(channel->free_in);
}

static ALWAYS_INLINE int fresh_reserve(void *state, unsigned char *own, size_t bytes,
                                       unsigned char **slot)
{
    struct memfd_state *const channel = state;
    (void)own, (void)bytes;
    int failure = ring_event_down(channel->free_out);
    if (LIKELY(!failure))
        failure = memory_file_make(channel, 0, &channel->fresh);
    *slot = channel->fresh.address;
    return failure;
}

/* The seal against writing is refused while a writable mapping is left. */
static ALWAYS_INLINE int fresh_commit(void *state, unsigned char *slot, size_t bytes)
{
    struct memfd_state *const channel = state;
    const int fd = channel->fresh.fd;
    (void)bytes;
    int failure =
        munmap(slot, channel->mapped_bytes) || fcntl(fd, F_ADD_SEALS, SEALS_ALL) ? -errno : 0;
    if (LIKELY(!failure))
        failure = memfd_put(channel, fd);
    close(fd);
    return failure;
}

static ALWAYS_INLINE int fresh_acquire(void *state, unsigned char *own, size_t bytes,
                                       unsigned char **message)
{
    (void)own, (void)bytes;
    return memfd_acquire(state, SEALS_ALL, message);
}

static ALWAYS_INLINE int pool_reserve(void *state, unsigned char *own, size_t bytes,
                                      unsigned char **slot)
{
    struct memfd_state *const channel = state;
    (void)own, (void)bytes;
    *slot = channel->pool[channel->next].address;
    return ring_event_down(channel->free_out);
}

static ALWAYS_INLINE int pool_commit(void *state, unsigned char *slot, size_t bytes)
{
    struct memfd_state *const channel = state;
    const int fd = channel->pool[channel->next].fd;
    (void)slot, (void)bytes;
    channel->next = channel->next + 1 == channel->slots ? 0 : channel->next + 1;
    return memfd_put(channel, fd);
}

static ALWAYS_INLINE int pool_acquire(void *state, unsigned char *own, size_t bytes,
                                      unsigned char **message)
{
    (void)own, (void)bytes;
    return memfd_acquire(state, SEALS_SIZE, message);
}

static const struct exchange fresh_exchange = {
    .reserve = fresh_reserve,
    .commit = fresh_commit,
    .acquire = fresh_acquire,
    .release = memfd_release,
};
static const struct exchange pool_exchange = {
    .reserve = pool_reserve,
    .commit = pool_commit,
    .acquire = pool_acquire,
    .release = memfd_release,
};
LOOP_SET(fresh_loops, fresh_exchange)
LOOP_SET(pool_loops, pool_exchange)

static const struct loop_set *memfd_loops_for(const struct options *options)
{
    return options->values[MEMFD_POOL] == POOL_YES ? &pool_loops : &fresh_loops;
}

static size_t default_slots(size_t mapped_bytes)
{
    enum { LEAST = 2, MOST = 8 };
    const size_t fit = ((size_t)16 << 20) / mapped_bytes;
    return fit < LEAST ? LEAST : fit > MOST ? MOST : fit;
}

/* One made beforehand says what all of them lack. */
static int try_one(struct memfd_state *state, struct error *error)
{
    struct memory_file file;
    state->flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL;
    int failure = memory_file_make(state, SEALS_SIZE, &file);
    if (failure == -EINVAL) { /* a kernel that does not know the last flag */
        state->flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        failure = memory_file_make(state, SEALS_SIZE, &file);
    }
    if (!failure) {
        munmap(file.address, state->mapped_bytes);
        close(file.fd);
        return 0;
    }
    const char *knob = failure == -EFBIG    ? "ulimit -f (RLIMIT_FSIZE)"
                       : failure == -EMFILE ? "ulimit -n (RLIMIT_NOFILE)"
                       : failure == -ENOMEM ? "free memory, ulimit -v"
                       : failure == -ENOSYS ? "Linux 3.17"
                                            : NULL;
    return knob ? error_unavailable(error, knob, "a memfd of %zu bytes: %s", state->mapped_bytes,
                                    error_name(-failure))
                : error_system(error, -failure, "a memfd of %zu bytes", state->mapped_bytes);
}

static int make_channel(struct memfd_state *state, struct error *error)
{
    int ends[SIDE_COUNT];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return error_system(error, errno, "socketpair");
    for (int side = 0; side < SIDE_COUNT; ++side) {
        state->descriptors.ends[side][DIRECTION_IN] = ends[side];
        state->descriptors.ends[side][DIRECTION_OUT] = ends[side];
    }
    for (int side = 0; side < SIDE_COUNT; ++side) {
        const int fd = eventfd((unsigned)state->slots, EFD_SEMAPHORE | EFD_CLOEXEC);
        if (fd < 0)
            return error_system(error, errno, "eventfd");
        state->events[side] = fd + 1;
    }
    return 0;
}

static int memfd_create_channel(struct channel *channel, struct error *error)
{
    struct memfd_state *state = channel->state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const uint64_t slots = channel->options.values[MEMFD_SLOTS];
    descriptors_init(&state->descriptors);
    state->mapped_bytes = (channel->message_bytes + page - 1) / page * page;
    state->slots = slots ? (size_t)slots : default_slots(state->mapped_bytes);
    obtained_number(&channel->obtained, "slots", (int64_t)state->slots);
    obtained_number(&channel->obtained, "memfd_bytes", (int64_t)state->mapped_bytes);
    int failure = free_memory_check("", SIDE_COUNT * state->slots * state->mapped_bytes,
                                    "slots=, a smaller size", error);
    if (!failure)
        failure = try_one(state, error);
    return failure ? failure : make_channel(state, error);
}

static int make_pool(struct memfd_state *state, struct error *error)
{
    state->pool = calloc(state->slots, sizeof(*state->pool));
    if (!state->pool)
        return error_system(error, ENOMEM, "pool of %zu memfds", state->slots);
    int failure = 0;
    for (size_t index = 0; !failure && index < state->slots; ++index) {
        failure = memory_file_make(state, SEALS_POOL, &state->pool[index]);
        if (failure == -EINVAL) /* before Linux 5.1 */
            failure = memory_file_make(state, SEALS_SIZE, &state->pool[index]);
    }
    return failure
               ? error_unavailable(error, "slots=, ulimit -n, free memory",
                                   "a pool of %zu memfds: %s", state->slots, error_name(-failure))
               : 0;
}

static int memfd_attach(struct channel *channel, enum side side, struct error *error)
{
    struct memfd_state *state = channel->state;
    state->free_out = state->events[side] - 1;
    state->free_in = state->events[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER] - 1;
    const int failure = descriptors_attach(channel, &state->descriptors, side, WAIT_BLOCK, error);
    if (failure || channel->options.values[MEMFD_POOL] != POOL_YES)
        return failure;
    return make_pool(state, error);
}

static void memfd_detach(struct channel *channel, enum side side)
{
    struct memfd_state *state = channel->state;
    (void)side;
    for (size_t index = 0; state->pool && index < state->slots; ++index) {
        munmap(state->pool[index].address, state->mapped_bytes);
        close(state->pool[index].fd);
    }
    free(state->pool);
    state->pool = NULL;
}

static void memfd_destroy(struct channel *channel)
{
    struct memfd_state *state = channel->state;
    descriptors_close(&state->descriptors);
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (state->events[side])
            close(state->events[side] - 1);
        state->events[side] = 0;
    }
}

const struct transport transport_memfd_pass = {
    .abi = TRANSPORT_ABI,
    .name = "memfd-pass",
    .summary = "sealed memfd passed over a Unix socket (SCM_RIGHTS)",
    .family = FAMILY_SHARED_MEMORY,
    .options = memfd_options,
    .option_count = MEMFD_OPTION_COUNT,
    .state_bytes = sizeof(struct memfd_state),
    .create = memfd_create_channel,
    .attach = memfd_attach,
    .loops = memfd_loops_for,
    .detach = memfd_detach,
    .destroy = memfd_destroy,
};
