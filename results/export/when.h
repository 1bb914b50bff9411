/* When a run took place, for formats that count seconds. */
#ifndef IPCBENCH_RESULTS_EXPORT_WHEN_H
#define IPCBENCH_RESULTS_EXPORT_WHEN_H

#include <stdint.h>

struct error;
struct run;

/* run->started_at ("2026-01-02T03:04:05Z") in seconds since 1970. -EINVAL where it is something
 * else, or before 1970. */
int when_started(const struct run *run, int64_t *seconds, struct error *error);

#endif
