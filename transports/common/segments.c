#include "transports/common/segments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/leftovers.h"

enum { PAGE_BYTES = 4096 };

struct segment_record {
    char name[32]; /* posix; "" : none */
    int id;        /* xsi; -1: none */
    int slot;      /* posix: among the leftovers */
};
struct segment_records {
    int maker_slot; /* xsi: of the sender, among the leftovers; -1: none */
    struct segment_record record[SEGMENTS_MOST];
};

/* --- the steps: 0 or -errno ----------------------------------------------------------------------- */

static int step_create(struct segments *segments, uint64_t index)
{
    struct segment_record *const record = &segments->records->record[index];
    const int seals =
        F_SEAL_SHRINK | F_SEAL_GROW | (segments->seals == SEALS_ALL ? F_SEAL_WRITE : 0);
    int fd;
    if (segments->kind == SEGMENT_XSI) {
        record->id = shmget(IPC_PRIVATE, segments->bytes, IPC_CREAT | IPC_EXCL | 0600);
        return record->id < 0 ? -errno : 0;
    }
    if (segments->kind == SEGMENT_POSIX)
        fd = shm_open(record->name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    else
        fd = memfd_create("ipcbench",
                          MFD_CLOEXEC | (segments->seals != SEALS_NONE ? MFD_ALLOW_SEALING : 0));
    segments->fds[index] = fd;
    if (fd < 0 || ftruncate(fd, (off_t)segments->bytes))
        return -errno;
    return segments->seals != SEALS_NONE && fcntl(fd, F_ADD_SEALS, seals) ? -errno : 0;
}

static size_t room_stride(const struct segments *segments)
{
    const size_t unit = (size_t)SHMLBA;
    return (segments->bytes + unit - 1) / unit * unit + unit;
}

char *segments_place(const struct segments *segments, uint64_t index)
{
    return segments->is_rounded ? segments->room + index * room_stride(segments) : NULL;
}

static int step_attach(struct segments *segments, uint64_t index)
{
    const int flags =
        (segments->is_read_only ? SHM_RDONLY : 0) | (segments->is_rounded ? SHM_RND : 0);
    char *const place = segments_place(segments, index); /* + 100: for SHM_RND to round down */
    /* Shared, some kernels do not map what is sealed against writing, not even to read. */
    const int sharing = segments->seals == SEALS_ALL ? MAP_PRIVATE : MAP_SHARED;
    void *const address =
        segments->kind == SEGMENT_XSI
            ? shmat(segments->records->record[index].id, place ? place + 100 : NULL, flags)
            : mmap(NULL, segments->bytes, PROT_READ | (segments->is_read_only ? 0 : PROT_WRITE),
                   sharing, segments->fds[index], 0);
    if (address == MAP_FAILED)
        return -errno;
    segments->addresses[index] = address;
    return 0;
}

static int step_touch(struct segments *segments, uint64_t index)
{
    _Atomic unsigned char *const start = segments->addresses[index];
    for (size_t at = 0; segments->is_touched && at < segments->bytes; at += PAGE_BYTES) {
        if (segments->is_read_only)
            segments->sink += atomic_load_explicit(start + at, memory_order_relaxed);
        else
            atomic_store_explicit(start + at, 1, memory_order_relaxed);
    }
    return 0;
}

static int step_detach(struct segments *segments, uint64_t index)
{
    void *const address = segments->addresses[index];
    segments->addresses[index] = NULL;
    return (segments->kind == SEGMENT_XSI ? shmdt(address) : munmap(address, segments->bytes))
               ? -errno
               : 0;
}

static int step_destroy(struct segments *segments, uint64_t index)
{
    struct segment_record *const record = &segments->records->record[index];
    if (segments->kind == SEGMENT_XSI) {
        const int id = record->id;
        record->id = -1;
        return shmctl(id, IPC_RMID, NULL) ? -errno : 0;
    }
    const int fd = segments->fds[index];
    segments->fds[index] = -1;
    const int failed = segments->kind == SEGMENT_POSIX && shm_unlink(record->name);
    return close(fd) || failed ? -errno : 0;
}

typedef int step_function(struct segments *segments, uint64_t index);
static step_function *const steps[STEPS] = {step_create, step_attach, step_touch, step_detach,
                                            step_destroy};

int segments_step(struct segments *segments, uint64_t index, int first, int end)
{
    int failure = 0;
    for (int step = first; !failure && step < end; ++step)
        failure = steps[step](segments, index);
    return failure;
}

/* --- around them ---------------------------------------------------------------------------------- */

void segments_name(struct segments *segments, uint64_t index)
{
    struct segment_record *const record = &segments->records->record[index];
    if (segments->kind != SEGMENT_POSIX)
        return;
    const struct unguessable_name name = unguessable_name();
    memcpy(record->name, name.text, sizeof(record->name));
    record->slot = leftovers_announce_name(segments->leftovers, LEFTOVER_SHM_NAME, record->name);
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

int segments_find_room(struct segments *segments, struct error *error)
{
    const size_t unit = (size_t)SHMLBA;
    const size_t bytes = segments->count * room_stride(segments) + unit;
    char *const room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return error_system(error, errno, "mmap of room for %zu bytes", bytes);
    munmap(room, bytes);
    segments->room = room + (unit - (uintptr_t)room % unit) % unit;
    return 0;
}

int segments_create(struct segments *segments, struct error *error)
{
    void *const shared = mmap(NULL, sizeof(*segments->records), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap for the segments' names");
    segments->records = shared;
    segments->records->maker_slot = -1;
    for (size_t index = 0; index < SEGMENTS_MOST; ++index) {
        segments->records->record[index] = (struct segment_record){.id = -1, .slot = -1};
        segments->fds[index] = -1;
    }
    return 0;
}

void segments_announce_maker(struct segments *segments)
{
    if (segments->kind == SEGMENT_XSI)
        segments->records->maker_slot =
            leftovers_announce_id(segments->leftovers, LEFTOVER_XSI_MEMORY_OF, getpid());
}

int segments_first_size(const struct segments *segments, uint64_t *bytes)
{
    struct shmid_ds segment;
    struct stat status;
    const int failed = segments->kind == SEGMENT_XSI
                           ? shmctl(segments->records->record[0].id, IPC_STAT, &segment)
                           : fstat(segments->fds[0], &status);
    if (failed)
        return -errno;
    *bytes = segments->kind == SEGMENT_XSI ? segment.shm_segsz : (uint64_t)status.st_size;
    return 0;
}

bool segments_first_is_named(const struct segments *segments)
{
    const int fd = segments->kind == SEGMENT_POSIX
                       ? shm_open(segments->records->record[0].name, O_RDONLY | O_CLOEXEC, 0)
                       : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void segments_remove(struct segments *segments)
{
    for (uint64_t index = 0; index < segments->count; ++index) {
        if (segments->addresses[index])
            step_detach(segments, index);
        if (segments->fds[index] >= 0)
            close(segments->fds[index]);
        segments->fds[index] = -1;
        remove_segment(segments->leftovers, &segments->records->record[index]);
    }
}

void segments_destroy(struct segments *segments)
{
    if (!segments->records)
        return;
    for (size_t index = 0; index < SEGMENTS_MOST; ++index)
        remove_segment(segments->leftovers, &segments->records->record[index]);
    leftovers_remove(segments->leftovers, segments->records->maker_slot);
    munmap(segments->records, sizeof(*segments->records));
    segments->records = NULL;
}
