/* Interrupt counts of two CPUs, from the text of /proc/interrupts. */
#ifndef IPCBENCH_HARNESS_INTERRUPTS_H
#define IPCBENCH_HARNESS_INTERRUPTS_H

#include <stdint.h>

#include "harness/topology.h"
#include "harness/transport.h"

/* Since boot, modulo 2^32: the kernel's counters have 32 bits. -1: the CPU is not in the text. */
struct interrupts {
    int64_t total;
    int64_t timer;
    int64_t device; /* numbered ones that are no timer */
};

/* Goes over the text once, however many CPUs and lines it has, and cuts it into lines. */
void interrupts_count(char *text, const struct cpu_pair *cpus, struct interrupts sides[SIDE_COUNT]);

#endif
