/* Suites: what `ipcbench run` measures when it is not told, as data. */
#ifndef IPCBENCH_BENCH_SUITES_H
#define IPCBENCH_BENCH_SUITES_H

#include <stddef.h>

/* One block of cells: every transport x pattern x size x idle policy. Each field is written as on
 * the command line; "all" stands for every built-in transport with its defaults, at those
 * sizes that it can carry at all. */
struct suite_block {
    const char *transports;
    const char *patterns;
    const char *sizes;
    const char *idles;
};

struct suite {
    const char *name;
    const char *summary;
    size_t trials;
    double timed_seconds;
    double warmup_seconds;
    const char *bursts;               /* of its burst cells */
    const struct suite_block *blocks; /* ends with transports == NULL */
};

extern const struct suite suites[]; /* ends with name == NULL */

const struct suite *suite_find(const char *name); /* NULL: unknown */

#endif
