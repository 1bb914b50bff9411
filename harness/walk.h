/* Walks: one message is the working set, and what is timed is finding the way through it. The sender
 * writes a chain into it, in which every element says where the next one lies, in seeded random order
 * and in a single cycle; the receiver follows it, so that no load can begin before the last has ended,
 * and neither the order of execution nor a prefetcher hides what one costs.
 *
 *     pagewalk    one element in each 4 KiB, at a random line of it: as many translations as the
 *                 working set has base pages, and one cache line in 64 of it. What grows is first of
 *                 all the cost of translation; at equal offsets the lines would crowd into a few sets of
 *                 the cache, and fake it.
 *     linewalk    one element in each 64 bytes: what random access costs a program, translation and
 *                 cache misses together.
 *
 * The chain holds offsets within the message, not addresses, so that the two may see it at different
 * ones. A sample is the mean over WALK_BATCH accesses: reading the clock then costs under 1 % even where an
 * access is a hit in the first-level cache. */
#ifndef IPCBENCH_HARNESS_WALK_H
#define IPCBENCH_HARNESS_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "harness/pattern.h"

struct loop_run;

enum { WALK_BATCH = 2048, WALK_PAGE_BYTES = 4096, WALK_LINE_BYTES = 64 };

/* The message that is walked, in one process. */
struct walk {
    enum pattern pattern;
    uint64_t seed;
    size_t bytes;
    unsigned char *message; /* receiver, while it has it */
};

/* How many elements the chain has. */
uint64_t walk_elements(const struct walk *walk);

/* Where the chain begins. */
uint64_t walk_first(const struct walk *walk);

/* Writes the chain. */
void walk_lay(const struct walk *walk, unsigned char *message);

/* Reads every element in the order of addresses: how many of them are not as they were laid. */
uint64_t walk_check(const struct walk *walk, const unsigned char *message);

/* The receiver's timed loop: until the deadline or until run->samples is full, at least one batch. */
void walk_run(struct loop_run *run);

#endif
