/* The statements about who is the fastest; shared by results/statements*.c alone. */
#ifndef IPCBENCH_RESULTS_STATEMENTS_PARTS_H
#define IPCBENCH_RESULTS_STATEMENTS_PARTS_H

#include "harness/pattern.h"
#include "results/findings_parts.h"

struct run;

/* What one pattern is asked for. */
struct question {
    enum pattern pattern;
    const char *best; /* "has the shortest round trip" */
    const char *is;
    const char *as_good;   /* "is 3.1 times [2.5, 3.8] ...", and of whom */
    const char *topics[4]; /* small, large, and the same among those that sleep */
};
/* One statement to be made. */
struct task {
    const struct run *run;
    const struct question *question;
    const struct run_cell *like; /* one of the setting that it is about */
    bool large;
    bool sleeping; /* only those that do not spin */
    const struct run_cell **room;
    struct findings *findings;
};

/* Of a ranking whose first `group` cells share the first place. */
void statement_write_ranking(const struct task *task, const struct ranking *ranking, size_t group,
                             struct text *out);

#endif
