/* The half of memory.h that reads /proc/self/smaps. */
#include "base/error.h"
#include "harness/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Hugetlb pages are missing from Rss, all kinds of huge pages have lines of their own: a line may
 * count towards two figures. */
struct smaps_field {
    const char *name;
    size_t figures[3]; /* offsets into struct memory_pages */
    size_t figure_count;
};

#define KERNEL_PAGE offsetof(struct memory_pages, kernel_page_bytes)
#define RESIDENT    offsetof(struct memory_pages, resident_bytes)
#define HUGE        offsetof(struct memory_pages, huge_bytes)
#define SHARE       offsetof(struct memory_pages, share_bytes)
#define SHARED      offsetof(struct memory_pages, shared_bytes)
#define LOCKED      offsetof(struct memory_pages, locked_bytes)
#define REFERENCED  offsetof(struct memory_pages, referenced_bytes)
#define LAZY_FREE   offsetof(struct memory_pages, lazy_free_bytes)

static const struct smaps_field fields[] = {
    {"KernelPageSize:", {KERNEL_PAGE}, 1},
    {"Rss:", {RESIDENT}, 1},
    {"Pss:", {SHARE}, 1},
    {"AnonHugePages:", {HUGE}, 1},
    {"ShmemPmdMapped:", {HUGE}, 1},
    {"FilePmdMapped:", {HUGE}, 1},
    {"Shared_Clean:", {SHARED}, 1},
    {"Shared_Dirty:", {SHARED}, 1},
    {"Shared_Hugetlb:", {RESIDENT, HUGE, SHARED}, 3},
    {"Private_Hugetlb:", {RESIDENT, HUGE}, 2},
    {"Locked:", {LOCKED}, 1},
    {"Referenced:", {REFERENCED}, 1},
    {"LazyFree:", {LAZY_FREE}, 1},
};

static void add_field(const char *line, struct memory_pages *pages)
{
    static const char flags[] = "VmFlags:";

    if (strncmp(line, flags, sizeof flags - 1) == 0) {
        snprintf(pages->flags, sizeof pages->flags, "%s", line + sizeof flags - 1);
        pages->unreserved = strstr(pages->flags, " nr") != NULL;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const size_t length = strlen(fields[i].name);
        if (strncmp(line, fields[i].name, length) != 0)
            continue;
        const uint64_t bytes = strtoull(line + length, NULL, 10) * 1024;
        for (size_t k = 0; k < fields[i].figure_count; k++)
            *(uint64_t *)((char *)pages + fields[i].figures[k]) += bytes;
        return;
    }
}

/* "7f12a000-7f13a000 rw-p ..." opens a mapping; no other line has a minus behind hexadecimal
 * digits. */
static bool is_mapping(const char *line, uintptr_t *first, uintptr_t *end)
{
    unsigned long range[2];

    if (sscanf(line, "%lx-%lx ", &range[0], &range[1]) != 2)
        return false;
    *first = range[0];
    *end = range[1];
    return true;
}

/* The kernel walks the page tables of each mapping it prints: reading stops behind the right one.
 */
static bool find_mapping(FILE *smaps, uintptr_t wanted, struct memory_pages *pages)
{
    char *line = NULL;
    size_t capacity = 0;
    uintptr_t first;
    uintptr_t end;
    bool inside = false;

    while (getline(&line, &capacity, smaps) >= 0) {
        if (is_mapping(line, &first, &end)) {
            if (inside)
                break;
            inside = wanted >= first && wanted < end;
        } else if (inside) {
            add_field(line, pages);
        }
    }
    free(line);
    return inside;
}

int memory_pages_of(const void *address, struct memory_pages *pages, struct error *error)
{
    *pages = (struct memory_pages){0};
    FILE *const smaps = fopen("/proc/self/smaps", "re");
    if (!smaps)
        return error_system(error, errno, "reading /proc/self/smaps");
    const bool found = find_mapping(smaps, (uintptr_t)address, pages);
    (void)fclose(smaps);
    return found ? 0 : error_system(error, EFAULT, "looking for %p in /proc/self/smaps", address);
}
