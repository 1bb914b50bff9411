#include "transports/common/memory_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/free_memory.h"
#include "harness/leftovers.h"

bool memory_object_is_hugetlb(const struct memory_object *object)
{
    return object->huge == HUGE_HUGETLB || object->huge == HUGE_HUGETLB_1G;
}

int memory_object_size_flag(const struct memory_object *object)
{
    const int shift = 26;
    return (__builtin_ctzll(object->page_bytes) & 63) << shift;
}

/* --- can it be? -------------------------------------------------------------------------------- */

static int check_private_transparent(struct error *error)
{
    char setting[96];
    file_read_line("/sys/kernel/mm/transparent_hugepage/enabled", setting, sizeof(setting));
    if (!strstr(setting, "[never]"))
        return 0;
    return error_unavailable(error, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                             "transparent huge pages are off");
}

static int check_shared_transparent(struct error *error)
{
    const struct mapping_request shared = {.backing = MAPPING_ANON, .huge = HUGE_THP};
    const int failure = mapping_check_transparent(&shared, ADVICE_NONE, NULL);
    return failure ? error_unavailable(
                         error, "echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled",
                         "transparent huge pages are off for shared memory")
                   : 0;
}

/* Without a reservation the first touch of a page that is not there would be a SIGBUS. */
static int check_hugetlb(const struct memory_object *object, struct error *error)
{
    char folder[80], path[112], knob[64];
    int64_t free_pages = 0, reserved_pages = 0;
    const uint64_t pages = object->bytes / object->page_bytes;
    snprintf(folder, sizeof(folder), "/sys/kernel/mm/hugepages/hugepages-%llukB",
             (unsigned long long)(object->page_bytes >> 10));
    snprintf(path, sizeof(path), "%s/free_hugepages", folder);
    file_read_number(path, &free_pages);
    snprintf(path, sizeof(path), "%s/resv_hugepages", folder);
    file_read_number(path, &reserved_pages);
    if (free_pages >= reserved_pages && (uint64_t)(free_pages - reserved_pages) >= pages)
        return 0;
    if (object->huge == HUGE_HUGETLB_1G)
        snprintf(knob, sizeof(knob), "boot with hugepagesz=1G hugepages=%llu",
                 (unsigned long long)pages);
    else
        snprintf(knob, sizeof(knob), "sysctl vm.nr_hugepages=%llu", (unsigned long long)pages);
    return error_unavailable(error, knob, "%llu huge pages of %llu MiB are needed, %lld are free",
                             (unsigned long long)pages,
                             (unsigned long long)(object->page_bytes >> 20),
                             (long long)(free_pages - reserved_pages));
}

static int check_pages(const struct memory_object *object, struct error *error)
{
    if (object->kind == OBJECT_FILE && object->huge != HUGE_NONE)
        return error_unavailable(error, "kind=anon, kind=memfd",
                                 "huge pages of an ordinary file are not asked for here");
    if (object->kind == OBJECT_FILE && object->noreserve)
        return error_unavailable(error, "noreserve=no",
                                 "for the pages of a shared file nothing is reserved anyway");
    if (memory_object_is_hugetlb(object))
        return check_hugetlb(object, error);
    if (object->huge != HUGE_THP)
        return 0;
    return object->kind == OBJECT_PRIVATE ? check_private_transparent(error)
                                          : check_shared_transparent(error);
}

int memory_object_plan(struct memory_object *object, struct error *error)
{
    object->fd = object->segment = -1;
    int failure = mapping_page_bytes(object->huge, ADVICE_NONE, &object->page_bytes, error);
    if (!failure && (!object->bytes || object->bytes % object->page_bytes))
        failure = error_unavailable(error, "another size (-s)",
                                    "a region of %zu bytes: whole pages of %llu bytes are needed",
                                    object->bytes, (unsigned long long)object->page_bytes);
    if (!failure && !memory_object_is_hugetlb(object))
        failure = free_memory_check("", object->bytes, "a smaller size", error);
    return failure ? failure : check_pages(object, error);
}

/* --- the object -------------------------------------------------------------------------------- */

static int refuse_space(const char *what, size_t bytes, int code, struct error *error)
{
    if (code == ENOMEM || code == ENOSPC || code == EINVAL)
        return error_unavailable(error,
                                 "free memory or huge pages, sysctl kernel.shmmax, kernel.shmall",
                                 "%s of %zu bytes: %s", what, bytes, error_name(code));
    if (code == EFBIG)
        return error_unavailable(error, "ulimit -f (RLIMIT_FSIZE)", "%s of %zu bytes: EFBIG", what,
                                 bytes);
    if (code == EPERM)
        return error_unavailable(error, "sysctl vm.hugetlb_shm_group, CAP_IPC_LOCK",
                                 "%s of %zu bytes: %s", what, bytes, error_name(code));
    return error_system(error, code, "%s of %zu bytes", what, bytes);
}

static int create_anonymous(struct memory_object *object, struct error *error)
{
    const int flags =
        MAP_SHARED | MAP_ANONYMOUS | (object->noreserve ? MAP_NORESERVE : 0) |
        (memory_object_is_hugetlb(object) ? MAP_HUGETLB | memory_object_size_flag(object) : 0);
    void *const address = mmap(NULL, object->bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (address == MAP_FAILED)
        return refuse_space("mmap", object->bytes, errno, error);
    object->kept = address;
    return 0;
}

static int create_memfd(struct memory_object *object, struct error *error)
{
    const unsigned huge = memory_object_is_hugetlb(object)
                              ? MFD_HUGETLB | (unsigned)memory_object_size_flag(object)
                              : 0;
    object->fd = memfd_create("ipcbench", MFD_CLOEXEC | huge);
    if (object->fd < 0)
        return refuse_space("memfd_create", object->bytes, errno, error);
    if (ftruncate(object->fd, (off_t)object->bytes))
        return refuse_space("ftruncate", object->bytes, errno, error);
    return 0;
}

/* Marked for removal as soon as it is attached; on Linux it can still be attached to by its number. */
static int create_segment(struct memory_object *object, struct leftovers *leftovers,
                          struct error *error)
{
    const int flags =
        IPC_CREAT | 0600 | (object->noreserve ? SHM_NORESERVE : 0) |
        (memory_object_is_hugetlb(object) ? SHM_HUGETLB | memory_object_size_flag(object) : 0);
    object->segment = shmget(IPC_PRIVATE, object->bytes, flags);
    if (object->segment < 0)
        return refuse_space("shmget", object->bytes, errno, error);
    const int slot = leftovers_announce_id(leftovers, LEFTOVER_XSI_MEMORY, object->segment);
    void *const address = shmat(object->segment, NULL, 0);
    const int failure = errno;
    shmctl(object->segment, IPC_RMID, NULL);
    leftovers_forget(leftovers, slot);
    if (address == (void *)-1)
        return error_system(error, failure, "shmat of %zu bytes", object->bytes);
    object->kept = address;
    return 0;
}

static int create_file(struct memory_object *object, struct leftovers *leftovers,
                       struct error *error)
{
    struct private_folder folder = {0};
    char path[LEFTOVER_NAME_BYTES + 16];
    const int failure = private_folder_create(leftovers, &folder, error);
    if (failure)
        return failure;
    snprintf(path, sizeof(path), "%s/region", folder.path);
    object->fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    const int code = errno;
    private_folder_remove(leftovers, &folder);
    return object->fd < 0 ? error_system(error, code, "open of a file in TMPDIR") : 0;
}

int memory_object_create(struct memory_object *object, struct leftovers *leftovers,
                         struct error *error)
{
    object->created = true;
    switch (object->kind) {
    case OBJECT_ANON:
        return object->separate ? 0 : create_anonymous(object, error);
    case OBJECT_MEMFD:
        return create_memfd(object, error);
    case OBJECT_XSI:
        return create_segment(object, leftovers, error);
    case OBJECT_FILE:
        return create_file(object, leftovers, error);
    case OBJECT_PRIVATE:
        break;
    }
    return 0;
}

void memory_object_destroy(struct memory_object *object)
{
    if (!object->created)
        return;
    if (object->kept && object->kind == OBJECT_XSI)
        shmdt(object->kept);
    else if (object->kept)
        munmap(object->kept, object->bytes);
    if (object->fd >= 0)
        close(object->fd);
    object->kept = NULL;
    object->fd = object->segment = -1;
    object->created = false;
}

/* --- a file's content -------------------------------------------------------------------------- */

static int check_space(const struct memory_object *object, struct error *error)
{
    struct statvfs system;
    if (fstatvfs(object->fd, &system))
        return error_system(error, errno, "fstatvfs of TMPDIR");
    const unsigned long long free_bytes = (unsigned long long)system.f_bavail * system.f_frsize;
    const unsigned long long kept_bytes = free_bytes / 10; /* never the last of a disk */
    if (free_bytes - kept_bytes >= object->bytes)
        return 0;
    return error_unavailable(
        error, "TMPDIR on a file system with more room, a smaller size (-s)",
        "a file of %zu bytes: %llu are free in TMPDIR, a tenth of which is left", object->bytes,
        free_bytes);
}

int memory_object_fill(const struct memory_object *object, struct error *error)
{
    unsigned char block[1 << 16];
    if (object->kind != OBJECT_FILE)
        return 0;
    int failure = check_space(object, error);
    memset(block, 0xa5, sizeof(block));
    for (size_t at = 0; !failure && at < object->bytes;) {
        const size_t left = object->bytes - at;
        const ssize_t written =
            pwrite(object->fd, block, left < sizeof(block) ? left : sizeof(block), (off_t)at);
        if (written > 0)
            at += (size_t)written;
        else if (errno != EINTR)
            failure =
                errno == ENOSPC || errno == EFBIG || errno == EDQUOT
                    ? error_unavailable(error, "free space in TMPDIR, ulimit -f",
                                        "a file of %zu bytes: %s", object->bytes, error_name(errno))
                    : error_system(error, errno, "write to a file in TMPDIR");
    }
    if (!failure && fdatasync(object->fd))
        failure = error_system(error, errno, "fdatasync of a file in TMPDIR");
    return failure;
}
