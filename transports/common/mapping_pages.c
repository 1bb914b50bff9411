/* The half of mapping.h that asks which pages this kernel has. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "transports/common/mapping_parts.h"

static const uint64_t gigabyte = UINT64_C(1) << 30;

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

int mapping_transparent_bytes(uint64_t *page_bytes, struct error *error)
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
            return mapping_transparent_bytes(page_bytes, error);
        *page_bytes = BASE_PAGE_BYTES;
        return 0;
    case HUGE_THP:
        return mapping_transparent_bytes(page_bytes, error);
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

static const char *const shmem_knob =
    "echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled, or advice=collapse";

/* A mount goes by its own option, not by shmem_enabled. */
const char *mapping_transparent_knob(enum mapping_backing backing)
{
    switch (backing) {
    case MAPPING_FILE:
        return "a file system with huge pages as TMPDIR (tmpfs mounted with huge=advise), or "
               "advice=collapse";
    case MAPPING_POSIX:
        return "mount -o remount,huge=advise /dev/shm, or advice=collapse";
    case MAPPING_ANON:
    case MAPPING_XSI:
    case MAPPING_MEMFD:
        break;
    }
    return shmem_knob;
}

static bool is_refused(const char *setting)
{
    return strstr(setting, "[never]") || strstr(setting, "[deny]");
}

/* Since Linux 6.11 each page size has a setting of its own, which may inherit the common one. */
int mapping_check_transparent(const struct mapping_request *request, enum mapping_advice advice,
                              struct error *error)
{
    char path[96], setting[96];
    uint64_t page_bytes = 0;
    const bool wanted = request->huge == HUGE_THP || advice == ADVICE_HUGEPAGE;
    const bool by_mount = request->backing == MAPPING_FILE || request->backing == MAPPING_POSIX;
    /* Collapsing works whatever the setting is; a file goes by its file system. */
    if (!wanted || advice == ADVICE_COLLAPSE || by_mount)
        return 0;
    const int failure = mapping_transparent_bytes(&page_bytes, error);
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
    return error_unavailable(error, shmem_knob, "transparent huge pages are off for shared memory");
}
