/* What operations on memory are done to: private memory, or an object that both processes can map, made
 * to order, mapped and unmapped as often as an operation needs, and checked for what it really is.
 *
 *     memory_object_plan      parent, probe and create   sizes; refuses what cannot be
 *     memory_object_create    parent, create             the object; no page of it is touched
 *     memory_object_fill      sender, attach             a file's content, space checked first
 *     memory_object_map       either, attach or prepare  a view of it, fresh page tables
 *     memory_object_check     sender, attach             what a touched view has got, into `obtained`
 *     memory_object_empty     sender, finish or prepare  gives its pages back, or empties a file's cache
 *     memory_object_unmap     whoever mapped it
 *     memory_object_destroy   parent
 *
 * Pages given back by memory_object_empty are gone for all views: the next touch is a first touch again. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_MEMORY_OBJECT_H
#define IPCBENCH_TRANSPORTS_COMMON_MEMORY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transports/common/mapping.h"

struct error;
struct leftovers;
struct obtained;

enum object_kind {
    OBJECT_PRIVATE, /* anonymous, of the process alone */
    OBJECT_ANON,    /* anonymous and shared */
    OBJECT_MEMFD,
    OBJECT_XSI,  /* shmget */
    OBJECT_FILE, /* in TMPDIR, unlinked at once; mapped shared */
};

struct memory_object {
    /* set by whoever makes it */
    enum object_kind kind;
    enum mapping_huge huge; /* not for files */
    size_t bytes;           /* whole pages */
    bool noreserve;         /* MAP_NORESERVE, SHM_NORESERVE; not for files */
    uint64_t
        align_bytes; /* views begin at a multiple of it and lie apart from other mappings; 0: anywhere */
    bool separate; /* anon: each view is an object of its own, which its process alone sees */
    /* set by plan and create */
    bool created;
    uint64_t page_bytes;
    int fd;      /* memfd, file; else -1 */
    int segment; /* xsi; else -1 */
    void *
        kept; /* anon unless separate, xsi: what keeps it alive, mapped in the parent and never touched there */
};

/* A view, in one process. */
struct memory_view {
    void *address; /* NULL: none */
    int flags; /* for map: added to mmap's, such as MAP_POPULATE. Not for xsi, nor for anon unless
                      `separate`, where there is no call that takes them */
};

bool memory_object_is_hugetlb(const struct memory_object *object);
/* log2 of the page size, where MAP_HUGETLB, MFD_HUGETLB and SHM_HUGETLB want it. */
int memory_object_size_flag(const struct memory_object *object);

/* The size of its pages; unavailable where kind, huge pages, size and reservation do not go together or
 * there is too little memory. Leaves nothing behind. */
int memory_object_plan(struct memory_object *object, struct error *error);
int memory_object_create(struct memory_object *object, struct leftovers *leftovers,
                         struct error *error);
void memory_object_destroy(struct memory_object *object);

int memory_object_fill(const struct memory_object *object, struct error *error);

int memory_object_map(const struct memory_object *object, struct memory_view *view,
                      struct error *error);
void memory_object_unmap(const struct memory_object *object, struct memory_view *view);

/* Of a view on all of which pages are present: mincore and smaps against what was asked for. */
int memory_object_check(const struct memory_object *object, const struct memory_view *view,
                        struct obtained *obtained, struct error *error);

/* Of private memory nothing: it goes with its view. A file's cache is written back first, and its being
 * empty checked with mincore: unavailable on file systems that are nothing but cache. */
int memory_object_empty(const struct memory_object *object, const struct memory_view *view,
                        struct error *error);

/* What makes the kernel give huge pages for memory of its kind. */
const char *memory_object_huge_knob(const struct memory_object *object);

/* Bytes of the view that mincore calls resident: of private memory, mapped; else in the page cache. */
int memory_view_resident(const struct memory_object *object, const struct memory_view *view,
                         uint64_t *bytes, struct error *error);

#endif
