#include "transports/common/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/memory.h"
#include "harness/prefault.h"
#include "harness/transport.h"
#include "transports/common/mapping_parts.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

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

/* Without room on the file system a touch would be a SIGBUS. */
static int allocate_file(const struct mapping *mapping, struct error *error)
{
    const int refused =
        mapping->fd < 0 ? 0 : posix_fallocate(mapping->fd, 0, (off_t)mapping->request.bytes);

    return refused ? mapping_refuse_file(&mapping->request, "posix_fallocate", refused, error) : 0;
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
    const bool hugetlb = mapping_is_hugetlb(&mapping->request);
    if (!use->populate && !hugetlb && use->advice != ADVICE_COLLAPSE)
        return 0;
    const int failure = prefault(mapping->address, mapping->request.bytes);
    if (!failure)
        return 0;
    return error_unavailable(error,
                             hugetlb ? "sysctl vm.nr_hugepages, a hugetlb cgroup's limit"
                             : mapping->request.backing == MAPPING_POSIX
                                 ? "free memory, the size of /dev/shm, a memory cgroup's limit"
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
    uint64_t transparent_bytes = BASE_PAGE_BYTES;
    if (pages->huge_bytes < request->bytes || pages->kernel_page_bytes != BASE_PAGE_BYTES)
        return pages->kernel_page_bytes;
    mapping_transparent_bytes(&transparent_bytes, NULL);
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
    const bool hugetlb = mapping_is_hugetlb(request);
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
    const char *knob =
        hugetlb ? "sysctl vm.nr_hugepages" : mapping_transparent_knob(request->backing);
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
    if (mapping->request.backing == MAPPING_XSI)
        shmdt(mapping->address);
    else
        munmap(mapping->address, mapping->request.bytes);
    if (mapping->fd >= 0)
        close(mapping->fd);
    *mapping = (struct mapping){.fd = -1};
}
