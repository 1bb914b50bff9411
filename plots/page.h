/* The report in a browser: one page that holds its program, its data and nothing from elsewhere.
 *
 * The program is bundled from plots/report/ by `make report-template`, a page with one place left
 * open; the data, made from the run model alone, go there. */
#ifndef IPCBENCH_PLOTS_PAGE_H
#define IPCBENCH_PLOTS_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct comparison;
struct error;
struct run;
struct run_cell;
struct text;

struct page_run {
    const char *name; /* of the file */
    const struct run *run;
};

/* A sign behind a row of a table, and what it means. */
struct page_marks {
    size_t count;
    char (*sign)(size_t mark);
    const char *(*meaning)(size_t mark);
    bool (*applies)(const struct run_cell *cell, size_t mark);
};

struct page_source {
    const struct page_run *runs;
    size_t run_count;
    /* Of the first run with each of the others, run_count - 1 of them. Those of different machines or
     * settings were allowed to differ and say `differs`. */
    const struct comparison *comparisons;
    struct page_marks marks;
    const char *findings; /* a JSON object, see docs/report.md; NULL: none */
};

/* Appends the whole page. -EINVAL where the template is none. */
int page_write(const struct page_source *source, const struct text *template_page, struct text *out,
               struct error *error);

/* Appends the data alone, as they stand in the page. */
void page_write_data(const struct page_source *source, struct text *out);

#endif
