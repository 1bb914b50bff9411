#include "results/import.h"

#include "results/json.h"
#include "results/run.h"

/* Figures of trials first: a summary is made from them. */
static int complete(struct run *run, struct error *error)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        struct run_cell *const cell = &run->cells[i];
        for (size_t t = 0; t < cell->trial_count; t++)
            run_trial_derive(cell, &cell->trials[t]);
    }
    const int failed = run_summarise(run, error);
    if (failed)
        run_free(run);
    return failed;
}

int import_read(const char *text, struct run *run, struct error *error)
{
    const int failed = run_read_json(text, run, error);

    return failed ? failed : complete(run, error);
}

int import_load(const char *path, struct run *run, struct error *error)
{
    const int failed = run_load(path, run, error);

    return failed ? failed : complete(run, error);
}
