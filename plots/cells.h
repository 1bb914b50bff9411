/* Which cells belong into one picture, and in which order. */
#ifndef IPCBENCH_PLOTS_CELLS_H
#define IPCBENCH_PLOTS_CELLS_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct run;
struct run_cell;
struct text;

/* The cells of a run that are to be drawn. */
struct plot_cells {
    const struct run *run;
    const struct run_cell **cells;
    size_t count;
};

/* Parts of a cell's id "pattern/transport:options/size/placement...". */
void cell_append_name(const struct run_cell *cell, struct text *out); /* transport:options */
const char *cell_conditions(const struct run_cell *cell); /* "same-cache/idle=poll": the rest */

/* "null" moves nothing: it shows what measuring costs, and is no choice. */
bool cell_is_yardstick(const struct run_cell *cell);

/* Cells of one pattern and size under the same conditions; or of one pattern under the same
 * conditions and of any size: then ordered by name and size. */
struct cell_group {
    const struct run_cell **cells; /* into the groups' */
    size_t count;
};
struct cell_groups {
    const struct run_cell **cells; /* owned */
    struct cell_group *groups;     /* owned */
    size_t count;
};
struct cell_rule {
    /* Has the cell what the figure shows? */
    bool (*usable)(const struct run_cell *cell);
    /* What it is ordered by within a group, the smallest first; by order in the file where equal.
     * NULL: by name and size, and groups have all sizes. */
    double (*rank)(const struct run_cell *cell);
};
/* Patterns in their order, sizes ascending. Yardsticks are in no group. */
int cell_groups_make(const struct plot_cells *from, const struct cell_rule *rule,
                     struct cell_groups *groups, struct error *error);
void cell_groups_free(struct cell_groups *groups);

/* One transport's cells of a group ordered by name: those from `first` on that have its name. */
size_t cell_group_run(const struct cell_group *group, size_t first);

/* "pingpong-64-same-cache", for names of files; "64 B, same-cache, CPUs 0 and 1, idle=poll". */
void cell_group_slug(const struct cell_group *group, bool with_size, struct text *out);
void cell_group_describe(const struct cell_group *group, bool with_size, struct text *out);

#endif
