/* Where the level of a series changed, between which commits, by how much. */
#ifndef IPCBENCH_RESULTS_HISTORY_CHANGES_H
#define IPCBENCH_RESULTS_HISTORY_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/changes.h"
#include "base/rank_test.h"
#include "results/history.h"

struct history_level {
    double median; /* of the runs of the level */
    size_t runs;
};

struct history_change {
    const struct history_series *series;
    struct history_point before_run; /* the last of the level before */
    struct history_point after_run;  /* the first of the new one */
    struct history_level before;     /* back to the change before that, or the first point */
    struct history_level after;
    struct rank_ratio ratio; /* after / before, over the runs of both levels, 95 % */
    double p;
    bool worse; /* a time grew, or a rate fell */
};

struct history_changes {
    struct history_change *items; /* owned; they point to their series */
    size_t count;
};

/* Appends the changes of a series whose points have been read, oldest first; found on logarithms, so
 * that ratios count. At most CHANGES_VALUES_MOST points. */
int history_changes_append(const struct history_series *series, const struct changes_rule *rule,
                           struct history_changes *changes, struct error *error);

/* By machine, latest first, those that are worse before those that are better, the largest first. */
void history_changes_sort(struct history_changes *changes);
void history_changes_free(struct history_changes *changes);

#endif
