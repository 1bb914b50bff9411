/* Checks of memory: huge pages of both kinds, locking. */
#include "base/units.h"
#include "harness/checkup_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THP "/sys/kernel/mm/transparent_hugepage/"

/* Two rings of 16 MiB, what the default suite asks for, with their heads. */
enum { HUGE_PAGES_NEEDED = 20, HUGE_PAGES_WANTED = 64 };

static void check_thp(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const enabled = machine_text(&machine->machine, "memory", "thp_enabled");
    const char *const defrag = machine_text(&machine->machine, "memory", "thp_defrag");

    if (!enabled)
        return;
    const bool unasked = strcmp(enabled, "always") == 0;
    finding_is(finding, unasked ? CHECKUP_NOTE : CHECKUP_OK, "%s, defrag %s", enabled,
               defrag ? defrag : "not known");
    if (!unasked)
        return;
    finding_means(finding, "Private memory may turn into huge pages behind a run's back: copies "
                           "get faster from one trial to the next.");
    finding_root_writes(finding, "madvise", THP "enabled");
}

static void check_thp_shmem(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const enabled = machine_text(&machine->machine, "memory", "thp_shmem_enabled");

    if (!enabled)
        return;
    const bool is_off = strcmp(enabled, "never") == 0 || strcmp(enabled, "deny") == 0;
    const bool is_asked = strcmp(enabled, "advise") == 0;
    finding_is(finding, is_off ? CHECKUP_BAD : is_asked ? CHECKUP_OK : CHECKUP_NOTE, "%s", enabled);
    if (is_asked)
        return;
    if (is_off)
        finding_means(finding, "mmap:huge=thp is skipped: shared memory gets no huge pages.");
    else
        finding_means(finding, "Shared memory gets huge pages unasked: huge=none is not what it "
                               "says.");
    finding_root_writes(finding, "advise", THP "shmem_enabled");
}

/* The count behind "2M: " in "2M: 64, 1G: 0"; -1: not there. */
static long count_of(const char *counts, const char *size)
{
    const char *const at = counts ? strstr(counts, size) : NULL;

    return at ? strtol(at + strlen(size), NULL, 10) : -1;
}

static void check_huge_pages(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const total = machine_text(&machine->machine, "memory", "huge_pages_total");
    const char *const unused = machine_text(&machine->machine, "memory", "huge_pages_free");
    const long total_count = count_of(total, "2M: ");
    const long unused_count = count_of(unused, "2M: ");

    if (!total || !unused || total_count < 0 || unused_count < 0)
        return;
    finding_is(finding,
               unused_count < HUGE_PAGES_NEEDED  ? CHECKUP_BAD
               : total_count < HUGE_PAGES_WANTED ? CHECKUP_NOTE
                                                 : CHECKUP_OK,
               "in the pool %s; free %s", total, unused);
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding,
                  "mmap:huge=hugetlb is skipped where its rings do not fit into the free "
                  "pages (default suite: %d of 2M).",
                  HUGE_PAGES_NEEDED);
    finding_root_command(finding, "sysctl -w vm.nr_hugepages=%ld",
                         total_count - unused_count + HUGE_PAGES_WANTED);
}

static void check_memlock(const struct examination *machine, struct checkup_finding *finding)
{
    static const int64_t wanted_bytes = 64 << 20;
    int64_t bytes;

    if (machine_text(&machine->machine, "limits", "rlimit_memlock_bytes")) {
        finding_is(finding, CHECKUP_OK, "unlimited");
        return;
    }
    if (!machine_number(&machine->machine, "limits", "rlimit_memlock_bytes", &bytes))
        return;
    const bool is_free = examination_capable(machine, CAPABILITY_IPC_LOCK);
    finding_is(finding, is_free || bytes >= wanted_bytes ? CHECKUP_OK : CHECKUP_NOTE, "%s%s",
               units_bytes((uint64_t)bytes).text, is_free ? ", CAP_IPC_LOCK is not bound" : "");
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding, "mmap:lock=yes is skipped where sender and receiver map more.");
    finding_root_command(finding, "prlimit --memlock=unlimited --pid $$");
}

const struct check checkup_memory_checks[] = {
    {"thp", "memory", CHECKUP_INFORMS, NULL, check_thp},
    {"thp-shmem", "memory", CHECKUP_LIMITS, "thp-shmem", check_thp_shmem},
    {"hugepages", "memory", CHECKUP_LIMITS, "hugepages", check_huge_pages},
    {"memlock", "memory", CHECKUP_LIMITS, NULL, check_memlock},
    {0},
};
