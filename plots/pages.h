/* Several pictures of one figure: a group that has more curves than can be told apart takes several
 * pages, and a run that has more pages than anybody looks at loses the last ones, which is said. */
#ifndef IPCBENCH_PLOTS_PAGES_H
#define IPCBENCH_PLOTS_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "plots/cells.h"
#include "plots/output.h"

struct page {
    const struct plot_cells *cells;
    const struct cell_group *group;
    size_t first, count; /* items of the group that this page is about */
    size_t items;        /* of the group */
    size_t number, of;   /* 1-based */
    struct plot_output *output;
};

struct page_rule {
    const char *figure;
    const char *needs; /* why there is nothing, where no group has an item */
    size_t per_page;
    size_t (*items)(const struct cell_group *group); /* curves, panels; 0: nothing to draw */
    int (*draw)(const struct page *page, struct error *error);
};

/* The first pages of all groups, then the second ones, and so on. */
int pages_draw(const struct page_rule *rule, const struct plot_cells *cells,
               const struct cell_rule *cell_rule, struct plot_output *output, struct error *error);

/* Begins a page's picture: name, subtitle, and which page it is of how many. */
void page_begin(const struct page *page, const char *figure, bool with_size,
                struct picture *picture);

/* Is an item's curve drawn in grey, for the context? Those of other pages are; but not in a text
 * terminal, which has no grey. */
bool page_is_grey(const struct page *page, size_t item);
void page_explain_grey(const struct page *page, struct picture *picture);

/* The size of pages and how many there are: the last one is not left with one or two curves. */
size_t page_count(size_t items, size_t per_page);
size_t page_first(size_t items, size_t per_page, size_t page); /* page 0 ... */

#endif
