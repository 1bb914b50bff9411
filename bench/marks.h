/* The signs behind a row that say what to think of its figures. */
#ifndef IPCBENCH_BENCH_MARKS_H
#define IPCBENCH_BENCH_MARKS_H

#include <stdbool.h>

struct run_cell;

enum mark {
    MARK_NOISY,
    MARK_CLOCK,
    MARK_BIMODAL,
    MARK_DRIFTING,
    MARK_UNSETTLED,
    MARK_FAULTS,
    MARK_INVALID,
    MARK_FAILED,
    MARK_OVERSUBSCRIBED,
};
enum { MARK_COUNT = 9 };

char mark_sign(enum mark mark);
const char *mark_meaning(enum mark mark);
bool mark_applies(const struct run_cell *cell, enum mark mark);

#endif
