/* What `ipcbench ab` was asked for, and the command lines of its two sides. */
#ifndef IPCBENCH_BENCH_AB_REQUEST_H
#define IPCBENCH_BENCH_AB_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "bench/compare_request.h"
#include "bench/plan.h"
#include "bench/registry.h"
#include "bench/split.h"

struct command_words;
struct error;

enum { AB_SIDES = 2 };
extern const char *const ab_labels[AB_SIDES]; /* "A", "B" */

/* How long a trial is measured and warmed up where nothing else was asked for: many short pairs say more
 * than few long ones. */
#define AB_SECONDS        "0.05"
#define AB_WARMUP_SECONDS "0.02"

struct ab_request {
    struct compare_request compare;
    struct split own[AB_SIDES]; /* --a and --b */
    const char *output;         /* beginning of the result files' names, or NULL */
    bool retest;
    bool dry_run;
};

int take_split(const char *value, void *member, struct error *error);

/* One side, known before anything is measured. */
struct ab_plan {
    const char *program;
    char **options; /* of ipcbench run: what both have, then its own; owned, the strings are not */
    size_t option_count;
    struct plan plan;
    struct registry registry; /* whose transports the plan names */
};

struct ab_plans {
    struct ab_plan sides[AB_SIDES];
    uint64_t seed; /* the same for both */
    size_t trials;
    size_t figures; /* that decide */
    bool by_place;  /* the sides' cells have different ids */
};

/* Whatever is returned, ab_plans_free afterwards. */
int ab_plans_make(struct ab_plans *plans, const struct ab_request *request,
                  const struct command_words *words, struct error *error);
void ab_plans_free(struct ab_plans *plans);

#endif
