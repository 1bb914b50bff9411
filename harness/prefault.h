/* Bringing pages in before they are needed, so that the timed loop has no page faults. */
#ifndef IPCBENCH_HARNESS_PREFAULT_H
#define IPCBENCH_HARNESS_PREFAULT_H

#include <stdbool.h>
#include <stddef.h>

/* Makes [address, address + bytes) present and writable in this process; address is page-aligned.
 * By MADV_POPULATE_WRITE, which reports what a plain touch would answer with SIGBUS (no huge page,
 * no space on the file system); before Linux 5.14 by touching. Contents are kept. 0 or -errno. */
int prefault(void *address, size_t bytes);

/* The same for code and constants of the program and its libraries: a fork does not hand on their page
 * tables, and a way through the loop that is seldom taken would have its page fault there. What cannot be
 * brought in, or by a kernel before Linux 5.14, is left as it is. */
void prefault_program(void);

/* Is what has been brought in all that a loop touches? Not under a sanitizer, whose own memory about
 * it comes on first touch. */
bool prefault_is_complete(void);

#endif
