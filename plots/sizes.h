/* One or two panels of curves against size, a curve for each transport that has several sizes: what the
 * figures of latency, of throughput and of page kinds are made of. */
#ifndef IPCBENCH_PLOTS_SIZES_H
#define IPCBENCH_PLOTS_SIZES_H

#include "plots/axis.h"
#include "plots/pages.h"

/* A value with its interval; 0: there is none. */
struct band {
    double value, low, high;
};

struct size_panel {
    const char *title;
    const char *axis_name;
    enum axis_unit unit;
    struct band (*value)(const struct run_cell *cell);
    /* More than curves: takes its values into the axis, adds commands before and elements to the
     * plot. May be NULL. */
    void (*take)(const struct run *run, struct axis *axis);
    void (*add)(const struct run *run, const struct axis *axis, struct text *commands,
                struct text *plot);
};

enum { SIZE_PANELS = 2 };
struct size_figure {
    const char *size_name; /* of the axis */
    const char *name;
    const char *const *titles; /* by pattern */
    const char *note;
    size_t panel_count;
    struct size_panel panels[SIZE_PANELS];
    /* In the key, in front of the name: the first panel's value at the smallest size. */
    const char *heading;
    bool by_last; /* at the largest size instead */
    bool largest_first;
    /* What a curve is called; NULL: the transport with its options. */
    void (*append_name)(const struct run_cell *cell, struct text *out);
};

/* Curves of a group ordered by name and size. */
size_t size_items(const struct cell_group *group);
int size_draw(const struct size_figure *figure, const struct page *page, struct error *error);

#endif
