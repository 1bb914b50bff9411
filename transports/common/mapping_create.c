/* The half of mapping.h that makes a mapping: by what it is backed, on which pages. */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/error.h"
#include "base/units.h"
#include "harness/leftovers.h"
#include "transports/common/mapping_parts.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4U
#endif
#ifndef SHM_HUGETLB
#define SHM_HUGETLB 04000
#endif

/* The same in mmap, memfd_create and shmget: the logarithm of the page size, above the flags. */
enum { HUGE_OF_1G = 30 << 26 };

static int size_flag(const struct mapping_request *request)
{
    return request->huge == HUGE_HUGETLB_1G ? HUGE_OF_1G : 0;
}

static int refuse_hugetlb(const struct mapping_request *request, const char *call, int code,
                          struct error *error)
{
    const unsigned long long pages = request->bytes / request->page_bytes;
    char knob[128];
    if (code == EPERM)
        snprintf(knob, sizeof(knob), "sysctl vm.hugetlb_shm_group=%u, or CAP_IPC_LOCK", getegid());
    else if (request->huge == HUGE_HUGETLB_1G)
        snprintf(knob, sizeof(knob),
                 "echo %llu > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages, or boot "
                 "with hugepagesz=1G hugepages=%llu",
                 pages, pages);
    else
        snprintf(knob, sizeof(knob), "sysctl vm.nr_hugepages=%llu (free pages are needed)", pages);
    return error_unavailable(error, knob, "%s, %llu pages of %llu MiB: %s", call, pages,
                             (unsigned long long)(request->page_bytes >> 20), error_name(code));
}

int mapping_refuse_file(const struct mapping_request *request, const char *call, int code,
                        struct error *error)
{
    if (mapping_is_hugetlb(request) && (code == ENOSPC || code == ENOMEM))
        return refuse_hugetlb(request, call, code, error);
    if (code == ENOSPC || code == EFBIG || code == EDQUOT)
        return error_unavailable(error,
                                 request->backing == MAPPING_FILE
                                     ? "free space in TMPDIR, ulimit -f"
                                     : "ulimit -f (RLIMIT_FSIZE), the size of /dev/shm",
                                 "%s of %zu bytes: %s", call, request->bytes, error_name(code));
    return error_system(error, code, "%s of %zu bytes", call, request->bytes);
}

/* --- where ------------------------------------------------------------------------------------- */

/* Reserves room for an aligned mapping: huge pages need address and file offset to agree. */
static void *aligned_room(const struct mapping_request *request, struct error *error)
{
    const size_t bytes = request->bytes, align_bytes = request->page_bytes;
    char *room = mmap(NULL, bytes + align_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) {
        error_unavailable(error, "ulimit -v, sysctl vm.overcommit_memory", "mmap of %zu bytes: %s",
                          bytes, error_name(errno));
        return NULL;
    }
    const size_t before = (align_bytes - (uintptr_t)room % align_bytes) % align_bytes;
    if (before)
        munmap(room, before);
    if (align_bytes > before)
        munmap(room + before + bytes, align_bytes - before);
    return room + before;
}

static int map_at_room(struct mapping *mapping, int fd, struct error *error)
{
    const struct mapping_request *request = &mapping->request;
    const int source = fd < 0 ? MAP_ANONYMOUS : 0;
    void *room = aligned_room(request, error);
    if (!room)
        return -ENOTSUP;
    void *address =
        mmap(room, request->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | source, fd, 0);
    if (address == MAP_FAILED) {
        const int failure = errno;
        munmap(room, request->bytes);
        if (failure == ENOMEM && mapping_is_hugetlb(request))
            return refuse_hugetlb(request, "mmap", failure, error);
        if (failure == ENOMEM)
            return error_unavailable(error, "free memory, ulimit -v, sysctl vm.overcommit_memory",
                                     "mmap of %zu bytes: ENOMEM", request->bytes);
        return error_system(error, failure, "mmap of %zu bytes", request->bytes);
    }
    mapping->address = address;
    return 0;
}

static int map_hugetlb(struct mapping *mapping, struct error *error)
{
    const struct mapping_request *request = &mapping->request;
    void *address = mmap(NULL, request->bytes, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | size_flag(request), -1, 0);
    if (address == MAP_FAILED)
        return refuse_hugetlb(request, "mmap(MAP_HUGETLB)", errno, error);
    mapping->address = address;
    return 0;
}

/* --- from what --------------------------------------------------------------------------------- */

static int open_file(struct leftovers *leftovers, int *fd, struct error *error)
{
    struct private_folder folder = {0};
    char path[LEFTOVER_NAME_BYTES + 16];
    int failure = private_folder_create(leftovers, &folder, error);
    if (failure)
        return failure;
    snprintf(path, sizeof(path), "%s/ring", folder.path);
    *fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (*fd < 0)
        failure = error_system(error, errno, "open(%s)", path);
    private_folder_remove(leftovers, &folder);
    return failure;
}

/* A file without a name on the first mount with pages of this size that lets us. */
static int open_hugetlbfs(const struct mapping_request *request, int *fd, struct error *error)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    char knob[128], line[4096];
    struct mntent mount;
    int refused = ENOENT;
    *fd = -1;
    while (mounts && *fd < 0 && getmntent_r(mounts, &mount, line, sizeof(line))) {
        const char *const size = hasmntopt(&mount, "pagesize");
        uint64_t bytes = 0;
        char text[32];
        snprintf(text, sizeof(text), "%.*s", size ? (int)strcspn(size + 9, ",") : 0,
                 size ? size + 9 : "");
        if (strcmp(mount.mnt_type, "hugetlbfs") != 0 || units_parse_bytes(text, &bytes, NULL) ||
            bytes != request->page_bytes)
            continue;
        *fd = open(mount.mnt_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        refused = *fd < 0 ? errno : 0;
    }
    if (mounts)
        endmntent(mounts);
    if (*fd >= 0)
        return 0;
    snprintf(knob, sizeof(knob), "mount -t hugetlbfs -o pagesize=%lluM,mode=1777 none DIR",
             (unsigned long long)(request->page_bytes >> 20));
    return error_unavailable(error, knob,
                             refused == ENOENT
                                 ? "no hugetlbfs with pages of %llu MiB is mounted: %s"
                                 : "a file on hugetlbfs, pages of %llu MiB: %s",
                             (unsigned long long)(request->page_bytes >> 20), error_name(refused));
}

static int open_posix(const struct mapping_request *request, struct leftovers *leftovers, int *fd,
                      struct error *error)
{
    if (mapping_is_hugetlb(request))
        return error_unavailable(error, "backing=memfd or xsi",
                                 "shm_open gives no huge TLB pages: /dev/shm is a tmpfs");
    const struct unguessable_name name = unguessable_name();
    const int slot = leftovers_announce_name(leftovers, LEFTOVER_SHM_NAME, name.text);
    *fd = shm_open(name.text, O_CREAT | O_EXCL | O_RDWR, 0600);
    const int refused = errno;
    if (*fd >= 0)
        shm_unlink(name.text);
    leftovers_forget(leftovers, slot);
    return *fd < 0 ? error_system(error, refused, "shm_open") : 0;
}

static int open_memfd(const struct mapping_request *request, int *fd, struct error *error)
{
    const unsigned huge =
        mapping_is_hugetlb(request) ? MFD_HUGETLB | (unsigned)size_flag(request) : 0;
    *fd = memfd_create("ipcbench", MFD_CLOEXEC | huge);
    if (*fd < 0 && huge)
        return refuse_hugetlb(request, "memfd_create(MFD_HUGETLB)", errno, error);
    return *fd < 0 ? error_system(error, errno, "memfd_create") : 0;
}

static int map_descriptor(struct mapping *mapping, struct leftovers *leftovers, struct error *error)
{
    const struct mapping_request *request = &mapping->request;
    int fd = -1;
    int failure = request->backing == MAPPING_POSIX   ? open_posix(request, leftovers, &fd, error)
                  : request->backing == MAPPING_MEMFD ? open_memfd(request, &fd, error)
                  : mapping_is_hugetlb(request)       ? open_hugetlbfs(request, &fd, error)
                                                      : open_file(leftovers, &fd, error);
    if (failure)
        return failure;
    if (ftruncate(fd, (off_t)request->bytes))
        failure = mapping_refuse_file(request, "ftruncate", errno, error);
    else
        failure = map_at_room(mapping, fd, error);
    if (!failure && request->backing == MAPPING_FILE)
        mapping->fd = fd; /* its blocks are still to be allocated */
    else
        close(fd);
    return failure;
}

static int refuse_segment(const struct mapping_request *request, int code, struct error *error)
{
    if (mapping_is_hugetlb(request) && (code == ENOMEM || code == EPERM || code == EINVAL))
        return refuse_hugetlb(request, "shmget(SHM_HUGETLB)", code, error);
    if (code == EINVAL || code == ENOSPC || code == ENOMEM || code == ENOSYS)
        return error_unavailable(error, "sysctl kernel.shmmax, kernel.shmall, kernel.shmmni",
                                 "shmget(%zu bytes): %s", request->bytes, error_name(code));
    return error_system(error, code, "shmget(%zu bytes)", request->bytes);
}

/* Marked for removal as soon as it is attached: the children inherit the attachment. */
static int map_xsi(struct mapping *mapping, struct leftovers *leftovers, struct error *error)
{
    const struct mapping_request *request = &mapping->request;
    const int huge = mapping_is_hugetlb(request) ? SHM_HUGETLB | size_flag(request) : 0;
    const int segment = shmget(IPC_PRIVATE, request->bytes, IPC_CREAT | huge | 0600);
    if (segment < 0)
        return refuse_segment(request, errno, error);
    const int slot = leftovers_announce_id(leftovers, LEFTOVER_XSI_MEMORY, segment);
    void *room = aligned_room(request, error);
    void *address = room ? shmat(segment, room, SHM_REMAP) : (void *)-1;
    const int refused = errno;
    shmctl(segment, IPC_RMID, NULL);
    leftovers_forget(leftovers, slot);
    if (!room)
        return -ENOTSUP;
    if (address == (void *)-1) {
        munmap(room, request->bytes);
        return error_system(error, refused, "shmat(%zu bytes)", request->bytes);
    }
    mapping->address = address;
    return 0;
}

int mapping_create(struct mapping *mapping, const struct mapping_request *request,
                   struct leftovers *leftovers, struct error *error)
{
    *mapping = (struct mapping){.request = *request, .fd = -1};
    switch (request->backing) {
    case MAPPING_ANON:
        return mapping_is_hugetlb(request) ? map_hugetlb(mapping, error)
                                           : map_at_room(mapping, -1, error);
    case MAPPING_XSI:
        return map_xsi(mapping, leftovers, error);
    case MAPPING_FILE:
    case MAPPING_POSIX:
    case MAPPING_MEMFD:
        break;
    }
    return map_descriptor(mapping, leftovers, error);
}
