/* How much memory this process may still take: what the machine has available, and what its control groups
 * allow, whose limit is enforced by killing. */
#ifndef IPCBENCH_HARNESS_FREE_MEMORY_H
#define IPCBENCH_HARNESS_FREE_MEMORY_H

#include <stdint.h>

#include "harness/cgroup.h"

struct error;

enum { FREE_MEMORY_FILE_BYTES = CGROUP_PATH_BYTES + 32 };

struct free_memory {
    uint64_t bytes; /* UINT64_MAX: not known */
    /* Of the control group that limits it; "": the machine does. */
    char file[FREE_MEMORY_FILE_BYTES];
};

/* The least of MemAvailable and, for the own group and each above it, its limit less what it uses, of
 * which pages of files can be had back: memory.max, memory.current (version 2),
 * memory.limit_in_bytes, memory.usage_in_bytes (version 1). `root` as in cgroup_find. */
void free_memory_read(const char *root, struct free_memory *free_memory);

/* Refuses, as unavailable, to take more than there is, so that touching it can neither bring the machine
 * down nor get the processes killed. `knob`: which of the user's own choices make it less. */
int free_memory_check(const char *root, uint64_t bytes, const char *knob, struct error *error);

#endif
