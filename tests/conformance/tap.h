/* Test Anything Protocol on stdout. The counters lie in shared memory: a forked child goes on with
 * the numbers while its parent waits for it. */
#ifndef IPCBENCH_TESTS_CONFORMANCE_TAP_H
#define IPCBENCH_TESTS_CONFORMANCE_TAP_H

#include "base/text.h"

int tap_start(void); /* 0 or -errno */

/* One test: passed where no problem was noted. Frees `problems`. */
void tap_report(struct text *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void tap_skip(const char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the plan; returns the exit status. */
int tap_end(void);

#endif
