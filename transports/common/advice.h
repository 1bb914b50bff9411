/* Kinds of advice on a mapping: how each is given, what it is for, what people believe of it, and how it is
 * seen that it was taken. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_ADVICE_H
#define IPCBENCH_TRANSPORTS_COMMON_ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/memory.h"

struct error;
struct memory_object;
struct memory_view;
struct obtained;
struct operation_belief;

/* In the order of the option's choices. */
enum advice {
    ADVISE_NORMAL,
    ADVISE_SEQUENTIAL,
    ADVISE_RANDOM,
    ADVISE_WILLNEED,
    ADVISE_DONTNEED, /* the last that posix_madvise has */
    ADVISE_COLD,
    ADVISE_PAGEOUT,
    ADVISE_FREE,
    ADVISE_REMOVE,
    ADVISE_HUGEPAGE,
    ADVISE_NOHUGEPAGE,
    ADVISE_COLLAPSE,
};

/* What it would be given on. */
struct advice_target {
    bool is_file;
    bool is_private;
    bool is_resident;
    bool posix; /* by posix_madvise */
};

/* Unavailable where it means nothing there, with what it is for. */
int advice_check_target(enum advice advice, const struct advice_target *target,
                        struct error *error);
bool advice_is_about_huge_pages(enum advice advice);

/* "MADV_COLD", "POSIX_MADV_NORMAL". */
const char *advice_name(enum advice advice, bool posix);
/* What makes the kernel accept it. */
const char *advice_knob(enum advice advice);

/* 0 or -errno. */
int advice_give(enum advice advice, bool posix, void *address, size_t bytes);

/* A view at one moment. */
struct advice_sight {
    uint64_t resident_bytes; /* mincore: of a file, in the page cache */
    struct memory_pages pages;
};
struct advice_trace {
    bool posix;                        /* given by posix_madvise */
    struct advice_sight before, after; /* the advice */
    struct advice_sight first, all;    /* when the first page has been touched, and every page */
};

/* Waits until nothing more is on its way from the disk. */
int advice_look(const struct memory_object *object, const struct memory_view *view,
                struct advice_sight *sight, struct error *error);

/* Writes down what was seen, and is unavailable where the advice was not taken. */
int advice_check(enum advice advice, const struct memory_object *object,
                 const struct advice_trace *trace, struct obtained *obtained, struct error *error);

/* Whether an advice speeds up the order that it is for is asked of that order, and of cold memory. `of_call`:
 * the call alone is timed. */
struct advice_case {
    bool of_call, in_random_order, is_cold;
};
const struct operation_belief *advice_belief(enum advice advice, const struct advice_case *given);

#endif
