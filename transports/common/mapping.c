#include "transports/common/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/leftovers.h"
#include "harness/memory.h"
#include "harness/prefault.h"
#include "harness/transport.h"

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif
#define MAP_HUGE_OF_1G (30 << MAP_HUGE_SHIFT)
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

static const uint64_t gigabyte = UINT64_C(1) << 30;
static const uint64_t base_page_bytes = 4096;

/* Indexed by enum mapping_advice. */
static const struct {
    const char *name;
    int advice;
} advices[] = {
    [ADVICE_NONE] = {"none", 0},
    [ADVICE_NORMAL] = {"MADV_NORMAL", MADV_NORMAL},
    [ADVICE_SEQUENTIAL] = {"MADV_SEQUENTIAL", MADV_SEQUENTIAL},
    [ADVICE_RANDOM] = {"MADV_RANDOM", MADV_RANDOM},
    [ADVICE_WILLNEED] = {"MADV_WILLNEED", MADV_WILLNEED},
    [ADVICE_HUGEPAGE] = {"MADV_HUGEPAGE", MADV_HUGEPAGE},
    [ADVICE_NOHUGEPAGE] = {"MADV_NOHUGEPAGE", MADV_NOHUGEPAGE},
    [ADVICE_POPULATE_WRITE] = {"MADV_POPULATE_WRITE", MADV_POPULATE_WRITE},
    [ADVICE_COLLAPSE] = {"MADV_COLLAPSE", MADV_COLLAPSE},
};

/* Hugepagesize of /proc/meminfo; 0 where this kernel has no huge TLB pages. */
static uint64_t default_huge_page_bytes(void)
{
    FILE *meminfo = fopen("/proc/meminfo", "re");
    char line[128];
    unsigned long long kilobytes = 0;
    while (meminfo && fgets(line, sizeof(line), meminfo)) {
        if (sscanf(line, "Hugepagesize: %llu kB", &kilobytes) == 1)
            break;
    }
    if (meminfo)
        fclose(meminfo);
    return kilobytes * 1024;
}

static int transparent_page_bytes(uint64_t *page_bytes, struct error *error)
{
    int64_t bytes;
    if (file_read_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &bytes))
        return error_unavailable(error, "a kernel with CONFIG_TRANSPARENT_HUGEPAGE",
                                 "this kernel has no transparent huge pages");
    *page_bytes = (uint64_t)bytes;
    return 0;
}

int mapping_page_bytes(enum mapping_huge huge, enum mapping_advice advice, uint64_t *page_bytes,
                       struct error *error)
{
    switch (huge) {
    case HUGE_NONE:
        if (advice == ADVICE_HUGEPAGE || advice == ADVICE_COLLAPSE)
            return transparent_page_bytes(page_bytes, error);
        *page_bytes = base_page_bytes;
        return 0;
    case HUGE_THP:
        return transparent_page_bytes(page_bytes, error);
    case HUGE_HUGETLB_1G:
        *page_bytes = gigabyte;
        return 0;
    case HUGE_HUGETLB:
        break;
    }
    *page_bytes = default_huge_page_bytes();
    if (*page_bytes)
        return 0;
    return error_unavailable(error, "a kernel with CONFIG_HUGETLBFS",
                             "this kernel has no huge TLB pages");
}

static const char *const anon_knob =
    "echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled, or advice=collapse";
static const char *const file_knob =
    "a file system with huge pages as TMPDIR (tmpfs mounted with huge=advise), or advice=collapse";

static bool is_refused(const char *setting)
{
    return strstr(setting, "[never]") || strstr(setting, "[deny]");
}

/* Since Linux 6.11 each page size has a setting of its own, which may inherit the common one. */
int mapping_check_transparent(struct error *error)
{
    char path[96], setting[96];
    uint64_t page_bytes = 0;
    const int failure = transparent_page_bytes(&page_bytes, error);
    if (failure)
        return failure;
    snprintf(path, sizeof(path),
             "/sys/kernel/mm/transparent_hugepage/hugepages-%llukB/shmem_enabled",
             (unsigned long long)(page_bytes >> 10));
    if (file_read_line(path, setting, sizeof(setting)) || strstr(setting, "[inherit]"))
        file_read_line("/sys/kernel/mm/transparent_hugepage/shmem_enabled", setting,
                       sizeof(setting)); /* "" where it cannot be read: smaps will tell */
    if (!is_refused(setting))
        return 0;
    return error_unavailable(error, anon_knob, "transparent huge pages are off for shared memory");
}

static int map_hugetlb(struct mapping *mapping, struct error *error)
{
    const struct mapping_request *request = &mapping->request;
    const int size_flag = request->huge == HUGE_HUGETLB_1G ? MAP_HUGE_OF_1G : 0;
    if (request->backing == MAPPING_FILE)
        return error_unavailable(error, "backing=anon", "huge TLB pages need backing=anon");
    void *address = mmap(NULL, request->bytes, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | size_flag, -1, 0);
    if (address == MAP_FAILED) {
        char knob[128];
        const uint64_t pages = request->bytes / request->page_bytes;
        if (request->huge == HUGE_HUGETLB_1G)
            snprintf(knob, sizeof(knob), "boot with hugepagesz=1G hugepages=%llu",
                     (unsigned long long)pages);
        else
            snprintf(knob, sizeof(knob), "sysctl vm.nr_hugepages=%llu (free pages are needed)",
                     (unsigned long long)pages);
        return error_unavailable(
            error, knob, "mmap(MAP_HUGETLB, %llu pages of %llu MiB): %s", (unsigned long long)pages,
            (unsigned long long)(request->page_bytes >> 20), error_name(errno));
    }
    mapping->address = address;
    return 0;
}

/* Reserves room for an aligned mapping: huge pages need address and file offset to agree. */
static void *aligned_room(size_t bytes, uint64_t align_bytes)
{
    char *room = mmap(NULL, bytes + align_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
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
    void *room = aligned_room(request->bytes, request->page_bytes);
    if (!room)
        return error_unavailable(error, "ulimit -v, sysctl vm.overcommit_memory",
                                 "mmap of %zu bytes: %s", request->bytes, error_name(errno));
    void *address =
        mmap(room, request->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | source, fd, 0);
    if (address == MAP_FAILED) {
        const int failure = errno;
        munmap(room, request->bytes);
        if (failure == ENOMEM)
            return error_unavailable(error, "free memory, sysctl vm.overcommit_memory",
                                     "mmap of %zu bytes: ENOMEM", request->bytes);
        return error_system(error, failure, "mmap of %zu bytes", request->bytes);
    }
    mapping->address = address;
    return 0;
}

static int refuse_file(const struct mapping *mapping, const char *call, int code,
                       struct error *error)
{
    const size_t bytes = mapping->request.bytes;

    if (code == ENOSPC || code == EFBIG || code == EDQUOT)
        return error_unavailable(error, "free space in TMPDIR, ulimit -f",
                                 "a file of %zu bytes: %s", bytes, error_name(code));
    return error_system(error, code, "%s(%zu) of a file in TMPDIR", call, bytes);
}

static int map_file(struct mapping *mapping, struct leftovers *leftovers, struct error *error)
{
    struct private_folder folder = {0};
    char path[LEFTOVER_NAME_BYTES + 16];
    int failure = private_folder_create(leftovers, &folder, error);
    if (failure)
        return failure;
    snprintf(path, sizeof(path), "%s/ring", folder.path);
    mapping->fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (mapping->fd < 0)
        failure = error_system(error, errno, "open(%s)", path);
    private_folder_remove(leftovers, &folder);
    if (failure)
        return failure;
    if (ftruncate(mapping->fd, (off_t)mapping->request.bytes))
        failure = refuse_file(mapping, "ftruncate", errno, error);
    else
        failure = map_at_room(mapping, mapping->fd, error);
    if (failure) {
        close(mapping->fd);
        mapping->fd = -1;
    }
    return failure;
}

/* Without room on the file system a touch would be a SIGBUS. */
static int allocate_file(const struct mapping *mapping, struct error *error)
{
    const int refused =
        mapping->fd < 0 ? 0 : posix_fallocate(mapping->fd, 0, (off_t)mapping->request.bytes);

    return refused ? refuse_file(mapping, "posix_fallocate", refused, error) : 0;
}

int mapping_create(struct mapping *mapping, const struct mapping_request *request,
                   struct leftovers *leftovers, struct error *error)
{
    *mapping = (struct mapping){.request = *request, .fd = -1};
    if (request->huge == HUGE_HUGETLB || request->huge == HUGE_HUGETLB_1G)
        return map_hugetlb(mapping, error);
    return request->backing == MAPPING_FILE ? map_file(mapping, leftovers, error)
                                            : map_at_room(mapping, -1, error);
}

static int advise(const struct mapping *mapping, enum mapping_advice advice, struct error *error)
{
    if (!madvise(mapping->address, mapping->request.bytes, advices[advice].advice))
        return 0;
    const int failure = errno;
    const char *knob =
        advice == ADVICE_COLLAPSE || advice == ADVICE_HUGEPAGE
            ? "a kernel with transparent huge pages for shared memory, free huge pages"
            : "a newer kernel";
    return error_unavailable(error, knob, "madvise(%s): %s", advices[advice].name,
                             error_name(failure));
}

/* Huge TLB pages are always prefaulted: a plain touch without one would be a SIGBUS. */
static int populate(const struct mapping *mapping, const struct mapping_use *use,
                    struct error *error)
{
    const bool hugetlb =
        mapping->request.huge == HUGE_HUGETLB || mapping->request.huge == HUGE_HUGETLB_1G;
    if (!use->populate && !hugetlb && use->advice != ADVICE_COLLAPSE)
        return 0;
    const int failure = prefault(mapping->address, mapping->request.bytes);
    if (!failure)
        return 0;
    return error_unavailable(error,
                             hugetlb ? "sysctl vm.nr_hugepages, a hugetlb cgroup's limit"
                                     : "free memory, a memory cgroup's limit",
                             "prefault of %zu bytes: %s", mapping->request.bytes,
                             error_name(-failure));
}

static int lock(const struct mapping *mapping, struct error *error)
{
    if (!mlock(mapping->address, mapping->request.bytes))
        return 0;
    return error_unavailable(error, "ulimit -l (RLIMIT_MEMLOCK)", "mlock of %zu bytes: %s",
                             mapping->request.bytes, error_name(errno));
}

/* Smaps says how many bytes huge pages map, and the size of those of huge TLB mappings; transparent
 * ones are as large as a page-table's whole range. */
static uint64_t page_bytes_obtained(const struct mapping_request *request,
                                    const struct memory_pages *pages)
{
    uint64_t transparent_bytes = base_page_bytes;
    if (pages->huge_bytes < request->bytes || pages->kernel_page_bytes != base_page_bytes)
        return pages->kernel_page_bytes;
    transparent_page_bytes(&transparent_bytes, NULL);
    return transparent_bytes;
}

/* What was asked for against what smaps shows. */
static int check_pages(const struct mapping *mapping, const struct mapping_use *use,
                       struct obtained *obtained, struct error *error)
{
    const struct mapping_request *request = &mapping->request;
    struct memory_pages pages;
    const int failure = memory_pages_of(mapping->address, &pages, error);
    if (failure)
        return failure;
    const bool locked = pages.locked_bytes && pages.locked_bytes >= pages.share_bytes;
    const bool hugetlb = request->huge == HUGE_HUGETLB || request->huge == HUGE_HUGETLB_1G;
    obtained_number(obtained, "page_bytes", (int64_t)page_bytes_obtained(request, &pages));
    obtained_number(obtained, "huge_bytes", (int64_t)pages.huge_bytes);
    obtained_text(obtained, "locked", locked ? "yes" : "no");
    if (use->lock && !locked && !hugetlb) /* those stay in memory anyway */
        return error_unavailable(
            error, "ulimit -l (RLIMIT_MEMLOCK)", "mlock: smaps shows %llu of %llu bytes locked",
            (unsigned long long)pages.locked_bytes, (unsigned long long)pages.share_bytes);
    const bool wanted = request->huge != HUGE_NONE || use->advice == ADVICE_HUGEPAGE ||
                        use->advice == ADVICE_COLLAPSE;
    if (!wanted || pages.huge_bytes >= request->bytes)
        return 0;
    const char *knob = hugetlb                            ? "sysctl vm.nr_hugepages"
                       : request->backing == MAPPING_FILE ? file_knob
                                                          : anon_knob;
    return error_unavailable(error, knob,
                             "huge pages: smaps shows %llu of %zu bytes mapped by them",
                             (unsigned long long)pages.huge_bytes, request->bytes);
}

int mapping_attach(const struct mapping *mapping, const struct mapping_use *use,
                   struct obtained *obtained, struct error *error)
{
    const bool late = use->advice == ADVICE_COLLAPSE || use->advice == ADVICE_POPULATE_WRITE;
    int failure = allocate_file(mapping, error);
    if (!failure && mapping->request.huge == HUGE_THP)
        failure = advise(mapping, ADVICE_HUGEPAGE, error);
    if (!failure && use->advice != ADVICE_NONE && !late)
        failure = advise(mapping, use->advice, error);
    if (!failure)
        failure = populate(mapping, use, error);
    if (!failure && late)
        failure = advise(mapping, use->advice, error);
    if (!failure && use->lock)
        failure = lock(mapping, error);
    return failure ? failure : check_pages(mapping, use, obtained, error);
}

void mapping_destroy(struct mapping *mapping)
{
    if (!mapping->address)
        return;
    munmap(mapping->address, mapping->request.bytes);
    if (mapping->fd >= 0)
        close(mapping->fd);
    *mapping = (struct mapping){.fd = -1};
}
