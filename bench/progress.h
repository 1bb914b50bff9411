/* The progress line on standard error: only on a terminal, only between trials. */
#ifndef IPCBENCH_BENCH_PROGRESS_H
#define IPCBENCH_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool shown;
    size_t total;
    size_t done;
    uint64_t started_ns;
};

void progress_start(struct progress *progress, size_t total);

/* Draws the line for the trial that is about to start. */
void progress_show(const struct progress *progress, const char *cell_id);
void progress_extend(struct progress *progress, size_t trials);
void progress_advance(struct progress *progress);

/* Wipes the line. */
void progress_end(const struct progress *progress);

#endif
