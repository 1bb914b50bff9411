/* The half of memory_object.h that maps, checks and empties. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/memory.h"
#include "harness/transport.h"
#include "transports/common/memory_object.h"

/* A second mapping of the same anonymous object: of old size 0, mremap makes one. */
static void *map_again(const struct memory_object *object)
{
    return mremap(object->kept, 0, object->bytes, MREMAP_MAYMOVE);
}

static void *map_new(const struct memory_object *object, void *place, int flags)
{
    flags |= object->noreserve ? MAP_NORESERVE : 0;
    flags |= place ? MAP_FIXED : 0;
    if (object->fd >= 0)
        return mmap(place, object->bytes, PROT_READ | PROT_WRITE, flags | MAP_SHARED, object->fd,
                    0);
    flags |= MAP_ANONYMOUS |
             (memory_object_is_hugetlb(object) ? MAP_HUGETLB | memory_object_size_flag(object) : 0);
    flags |= object->kind == OBJECT_PRIVATE ? MAP_PRIVATE : MAP_SHARED;
    return mmap(place, object->bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
}

/* Transparent huge pages need an address that is a multiple of theirs. What is left over at the edges is
 * given back, so that the mapping does not merge with a neighbour and smaps speaks of it alone. */
static void *aligned_place(const struct memory_object *object)
{
    const size_t align_bytes = object->align_bytes ? object->align_bytes : object->page_bytes;
    const size_t room_bytes = object->bytes + 2 * align_bytes;
    char *const room = mmap(NULL, room_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return MAP_FAILED;
    const size_t before = align_bytes - (uintptr_t)room % align_bytes;
    munmap(room, before);
    munmap(room + before + object->bytes, room_bytes - before - object->bytes);
    return room + before;
}

static void *map_aligned(const struct memory_object *object, int flags)
{
    void *const place = aligned_place(object);
    if (place == MAP_FAILED)
        return place;
    void *address;
    if (object->kind == OBJECT_XSI)
        address = shmat(object->segment, place, SHM_REMAP);
    else if (object->kind == OBJECT_ANON && object->kept)
        address = mremap(object->kept, 0, object->bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place);
    else
        address = map_new(object, place, flags);
    if (address == MAP_FAILED) {
        const int code = errno;
        munmap(place, object->bytes);
        errno = code;
    } else if (object->huge == HUGE_THP && madvise(address, object->bytes, MADV_HUGEPAGE)) {
        const int code = errno;
        munmap(address, object->bytes);
        errno = code;
        return MAP_FAILED;
    }
    return address;
}

int memory_object_map(const struct memory_object *object, struct memory_view *view,
                      struct error *error)
{
    void *address;
    if (object->huge == HUGE_THP || object->align_bytes)
        address = map_aligned(object, view->flags);
    else if (object->kind == OBJECT_XSI)
        address = shmat(object->segment, NULL, 0);
    else if (object->kind == OBJECT_ANON && object->kept)
        address = map_again(object);
    else
        address = map_new(object, NULL, view->flags);
    if (address != MAP_FAILED) {
        view->address = address;
        return 0;
    }
    const int code = errno;
    if ((view->flags & MAP_LOCKED) && (code == EAGAIN || code == EPERM))
        return error_unavailable(error, "ulimit -l (RLIMIT_MEMLOCK)",
                                 "mmap(MAP_LOCKED, %zu bytes): %s", object->bytes,
                                 error_name(code));
    if (code == ENOMEM)
        return error_unavailable(error,
                                 memory_object_is_hugetlb(object)
                                     ? "sysctl vm.nr_hugepages"
                                     : "free memory, sysctl vm.overcommit_memory, "
                                       "ulimit -v",
                                 "mapping %zu bytes: ENOMEM", object->bytes);
    return error_system(error, code, "mapping %zu bytes", object->bytes);
}

void memory_object_unmap(const struct memory_object *object, struct memory_view *view)
{
    if (!view->address)
        return;
    if (object->kind == OBJECT_XSI)
        shmdt(view->address);
    else
        munmap(view->address, object->bytes);
    view->address = NULL;
}

int memory_view_resident(const struct memory_object *object, const struct memory_view *view,
                         uint64_t *bytes, struct error *error)
{
    const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    const size_t pages = object->bytes / page_bytes;
    unsigned char *const present = malloc(pages);
    *bytes = 0;
    if (!present)
        return error_system(error, ENOMEM, "mincore of %zu pages", pages);
    const int failure = mincore(view->address, object->bytes, present)
                            ? error_system(error, errno, "mincore of %zu bytes", object->bytes)
                            : 0;
    for (size_t page = 0; !failure && page < pages; ++page)
        *bytes += present[page] & 1 ? page_bytes : 0;
    free(present);
    return failure;
}

const char *memory_object_huge_knob(const struct memory_object *object)
{
    if (memory_object_is_hugetlb(object))
        return "sysctl vm.nr_hugepages";
    return object->kind == OBJECT_PRIVATE
               ? "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled, free huge pages"
               : "echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled, free huge pages";
}

int memory_object_check(const struct memory_object *object, const struct memory_view *view,
                        struct obtained *obtained, struct error *error)
{
    struct memory_pages pages;
    uint64_t resident_bytes = 0;
    int failure = memory_pages_of(view->address, &pages, error);
    if (!failure)
        failure = memory_view_resident(object, view, &resident_bytes, error);
    if (failure)
        return failure;
    const bool huge = pages.huge_bytes >= object->bytes;
    const uint64_t base_bytes = pages.kernel_page_bytes;
    const bool transparent = huge && base_bytes < object->page_bytes;
    obtained_number(obtained, "page_bytes",
                    (int64_t)(transparent ? object->page_bytes : base_bytes));
    obtained_number(obtained, "huge_bytes", (int64_t)pages.huge_bytes);
    obtained_number(obtained, "resident_bytes", (int64_t)resident_bytes);
    obtained_text(obtained, "reserved", pages.unreserved ? "no" : "yes");
    if (resident_bytes < object->bytes)
        return error_unavailable(error, "free memory, a memory cgroup's limit",
                                 "mincore shows %llu of %zu bytes resident",
                                 (unsigned long long)resident_bytes, object->bytes);
    if (object->huge != HUGE_NONE && !huge)
        return error_unavailable(error, memory_object_huge_knob(object),
                                 "huge pages: smaps shows %llu of %zu bytes mapped by them",
                                 (unsigned long long)pages.huge_bytes, object->bytes);
    if (object->noreserve && !pages.unreserved)
        return error_unavailable(error, "sysctl vm.overcommit_memory=0",
                                 "MAP_NORESERVE: smaps shows that memory was reserved (no nr in "
                                 "VmFlags)");
    return 0;
}

/* Locked pages are neither removed nor dropped. */
static int empty_file(const struct memory_object *object, struct error *error)
{
    struct memory_view view = {0};
    uint64_t resident_bytes = 0;
    if (fdatasync(object->fd))
        return error_system(error, errno, "fdatasync of a file in TMPDIR");
    const int code = posix_fadvise(object->fd, 0, 0, POSIX_FADV_DONTNEED);
    if (code)
        return error_system(error, code, "posix_fadvise(POSIX_FADV_DONTNEED)");
    int failure = memory_object_map(object, &view, error);
    if (!failure)
        failure = memory_view_resident(object, &view, &resident_bytes, error);
    memory_object_unmap(object, &view);
    if (!failure && resident_bytes)
        return error_unavailable(error, "TMPDIR on a disk's file system (not tmpfs)",
                                 "the file's cache cannot be emptied: mincore shows %llu of %zu "
                                 "bytes still in it",
                                 (unsigned long long)resident_bytes, object->bytes);
    return failure;
}

int memory_object_empty(const struct memory_object *object, const struct memory_view *view,
                        struct error *error)
{
    if (object->kind == OBJECT_PRIVATE)
        return 0;
    if (object->kind == OBJECT_FILE)
        return empty_file(object, error);
    /* Not munlock(3), which does nothing under the address sanitizer. */
    syscall(SYS_munlock, view->address, object->bytes);
    if (!madvise(view->address, object->bytes, MADV_REMOVE))
        return 0;
    return error_system(error, errno, "madvise(MADV_REMOVE) of %zu bytes", object->bytes);
}
