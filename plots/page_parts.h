/* What the files that write the page's data share; nobody else includes it. Names and units are
 * those of result files where both have the same figure. */
#ifndef IPCBENCH_PLOTS_PAGE_PARTS_H
#define IPCBENCH_PLOTS_PAGE_PARTS_H

#include "base/clusters.h"
#include "plots/page.h"
#include "plots/page_json.h"
#include "results/run.h"

/* Steps of percentile curves for each halving of the distance to 100 %. */
enum { PAGE_TICKS = 4 };

void page_write_run(struct page_json *json, const struct page_run *source,
                    const struct page_marks *marks);
/* `states`: those of the whole run, which trials are sorted into. */
void page_write_cell(struct page_json *json, const struct run_cell *cell,
                     const struct clusters_states *states, const struct page_marks *marks);
void page_write_trials(struct page_json *json, const struct run_cell *cell,
                       const struct clusters_states *states);

#endif
