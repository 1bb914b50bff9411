/* A shared mapping made to order, and the proof that it is what was ordered.
 *
 * Made in the parent before fork and left untouched, so that the children decide which node its
 * pages lie on; advised, prefaulted, locked and checked in each child. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_MAPPING_H
#define IPCBENCH_TRANSPORTS_COMMON_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct leftovers;
struct obtained;

enum mapping_backing {
    MAPPING_ANON,
    MAPPING_FILE,  /* in TMPDIR, or on a hugetlbfs where there is one for the pages asked for */
    MAPPING_POSIX, /* shm_open: on the tmpfs at /dev/shm */
    MAPPING_XSI,
    MAPPING_MEMFD,
};
enum mapping_huge { HUGE_NONE, HUGE_HUGETLB, HUGE_HUGETLB_1G, HUGE_THP };
#define MAPPING_HUGE_CHOICES "none|hugetlb|hugetlb-1g|thp"

#define MAPPING_ADVICE_CHOICES                                                                     \
    "none|normal|sequential|random|willneed|hugepage|nohugepage|populate-write|collapse"
enum mapping_advice {
    ADVICE_NONE,
    ADVICE_NORMAL,
    ADVICE_SEQUENTIAL,
    ADVICE_RANDOM,
    ADVICE_WILLNEED,
    ADVICE_HUGEPAGE,
    ADVICE_NOHUGEPAGE,
    ADVICE_POPULATE_WRITE,
    ADVICE_COLLAPSE,
};

struct mapping_request {
    size_t bytes; /* a multiple of page_bytes */
    uint64_t page_bytes;
    enum mapping_backing backing;
    enum mapping_huge huge;
};

struct mapping {
    struct mapping_request request;
    void *address; /* NULL: none */
    int fd;        /* of the file, where there is an address; -1: none */
};

struct mapping_use {
    enum mapping_advice advice;
    bool lock;
    bool populate;
};

/* What the mapping must be a multiple of: the page size that `huge` asks for on this machine, or the
 * size of a transparent huge page where the advice is about those. Unavailable where there is none. */
int mapping_page_bytes(enum mapping_huge huge, enum mapping_advice advice, uint64_t *page_bytes,
                       struct error *error);

/* Where huge pages are asked for by advice: whether the kernel hands out any for such shared memory;
 * unavailable where it never does. */
int mapping_check_transparent(const struct mapping_request *request, enum mapping_advice advice,
                              struct error *error);

/* Maps without touching. Huge TLB pages are reserved by this very call: too few of them is
 * unavailable here and never a SIGBUS later. */
int mapping_create(struct mapping *mapping, const struct mapping_request *request,
                   struct leftovers *leftovers, struct error *error);

/* In a child: allocates a file's blocks, which on tmpfs are its memory and lie where the policy of
 * whoever allocates them says; advice, prefault, lock; then reads smaps back into `obtained` (page_bytes,
 * huge_bytes, locked_bytes) and is unavailable where the pages are not of the size asked for. */
int mapping_attach(const struct mapping *mapping, const struct mapping_use *use,
                   struct obtained *obtained, struct error *error);

void mapping_destroy(struct mapping *mapping);

#endif
