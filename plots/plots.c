#include "plots/plots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plots/cells.h"
#include "plots/figures.h"
#include "plots/output.h"
#include "results/run.h"

static const struct figure *const of_runs[] = {
    [PLOT_PERCENTILES] = &figure_percentiles,
    [PLOT_LATENCY] = &figure_latency,
    [PLOT_THROUGHPUT] = &figure_throughput,
    [PLOT_LOAD] = &figure_load,
    [PLOT_COST] = &figure_cost,
    [PLOT_TRIALS] = &figure_trials,
    [PLOT_PAGES] = &figure_pages,
};
#define OF_RUNS (sizeof(of_runs) / sizeof(of_runs[0]))

static const struct {
    const char *name, *summary;
} others[] = {
    [PLOT_HEATMAP - OF_RUNS] = {"heatmap", "cache-line round trip between CPUs (topology JSON)"},
    [PLOT_COMPARE - OF_RUNS] = {"compare", "ratios of two runs with intervals (two files)"},
};

const char *plot_figure_name(enum plot_figure figure)
{
    return (size_t)figure < OF_RUNS ? of_runs[figure]->name : others[(size_t)figure - OF_RUNS].name;
}

const char *plot_figure_summary(enum plot_figure figure)
{
    return (size_t)figure < OF_RUNS ? of_runs[figure]->summary
                                    : others[(size_t)figure - OF_RUNS].summary;
}

void plot_append_origin(const struct run *run, struct text *out)
{
    const struct machine *const machine = &run->machine;
    const char *const model = machine_text(machine, "cpu", "model");
    const char *const release = machine_text(machine, "kernel", "release");
    const char *const host = machine_text(machine, "kernel", "hostname");
    const char *const hypervisor = machine_text(machine, "virtualisation", "hypervisor");
    int64_t cpus = 0;
    text_append(out, "%s", model ? model : "unknown CPU");
    if (machine_number(machine, "cpu", "online_count", &cpus))
        text_append(out, ", %lld CPUs", (long long)cpus);
    if (hypervisor && strcmp(hypervisor, "none") != 0)
        text_append(out, " (virtual machine)");
    text_append(out, ", Linux %s", release ? release : "unknown");
    if (host)
        text_append(out, ", %s", host);
    text_append(out, "; %s; ipcbench %s", run->started_at ? run->started_at : "no date",
                run->version ? run->version : "unknown");
    if (run->status == RUN_INTERRUPTED)
        text_append(out, "; interrupted");
}

static int choose_cells(const struct run *run, const regex_t *filter, struct plot_cells *cells,
                        struct error *error)
{
    *cells = (struct plot_cells){.run = run};
    cells->cells = calloc(run->cell_count + 1, sizeof(*cells->cells));
    if (!cells->cells)
        return error_system(error, ENOMEM, "choosing cells");
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (!filter || regexec(filter, cell->id, 0, NULL, 0) == 0)
            cells->cells[cells->count++] = cell;
    }
    if (cells->count || !filter)
        return 0;
    free(cells->cells);
    return error_plain(error, "--filter: no cell of %zu matches", run->cell_count);
}

/* What is in no figure, since it has none. */
static void report_without_figures(const struct plot_cells *cells, struct plot_output *output)
{
    size_t counts[TRIAL_INTERRUPTED + 1] = {0};
    size_t without = 0;
    for (size_t index = 0; index < cells->count; ++index) {
        ++counts[cells->cells[index]->status];
        without += cells->cells[index]->status != TRIAL_OK;
    }
    if (!without)
        return;
    text_append(&output->report, "%zu of %zu cells have no figures and are in no picture:", without,
                cells->count);
    const char *separator = "";
    for (unsigned status = TRIAL_SKIPPED; status <= TRIAL_INTERRUPTED; ++status) {
        if (counts[status]) {
            text_append(&output->report, "%s %zu %s", separator, counts[status],
                        status == TRIAL_INTERRUPTED ? "not measured"
                                                    : trial_status_name((enum trial_status)status));
            separator = ",";
        }
    }
    text_append(&output->report, "\n");
}

int plots_of_run(const struct run *run, const struct plot_choice *choice,
                 struct plot_output *output, struct error *error)
{
    struct plot_cells cells;
    int failure = choose_cells(run, choice->filter, &cells, error);
    if (failure)
        return failure;
    output->corner.length = 0;
    plot_append_origin(run, &output->corner);
    for (size_t index = 0; index < OF_RUNS && !failure; ++index) {
        if (choice->figures[index])
            failure = of_runs[index]->draw(&cells, output, error);
    }
    if (!failure)
        report_without_figures(&cells, output);
    free(cells.cells);
    return failure;
}
