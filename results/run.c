#include "results/run.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/stats.h"

static void cell_free(struct run_cell *cell)
{
    for (size_t i = 0; i < cell->option_count; i++) {
        free(cell->options[i].key);
        free(cell->options[i].text);
    }
    for (size_t i = 0; i < cell->trial_count; i++)
        trial_result_free(&cell->trials[i].result);
    free(cell->options);
    free(cell->trials);
    free(cell->id);
    free(cell->transport);
    if (cell->plugin)
        free(cell->plugin->path);
    free(cell->plugin);
    free(cell->placement);
    free(cell->memory);
    free(cell->belief);
    free(cell->belief_against);
    free(cell->belief_claim);
    free(cell->crew);
    free(cell->reason);
    free(cell->knob);
    summary_free(&cell->summary);
}

bool run_plugin_same(const struct run_plugin *a, const struct run_plugin *b)
{
    if (!a || !b)
        return a == b;
    if (a->build_id[0] && b->build_id[0])
        return !strcmp(a->build_id, b->build_id);
    return !strcmp(a->crc32, b->crc32) && a->file_bytes == b->file_bytes;
}

void run_free(struct run *run)
{
    for (size_t i = 0; i < run->cell_count; i++)
        cell_free(&run->cells[i]);
    for (size_t i = 0; i < run->request.argument_count; i++)
        free(run->request.arguments[i]);
    free(run->cells);
    free(run->request.arguments);
    free(run->version);
    free(run->started_at);
    free(run->finished_at);
    machine_free(&run->machine);
    cJSON_Delete(run->document);
    *run = (struct run){0};
}

static int reserve_trial(struct run_cell *cell, struct error *error)
{
    if (cell->trial_count < cell->trial_capacity)
        return 0;
    const size_t capacity = cell->trial_capacity ? 2 * cell->trial_capacity : 8;
    struct run_trial *const trials = reallocarray(cell->trials, capacity, sizeof *trials);
    if (!trials)
        return error_system(error, ENOMEM, "%s: keeping trial %zu", cell->id, cell->trial_count);
    cell->trials = trials;
    cell->trial_capacity = capacity;
    return 0;
}

int run_cell_add(struct run_cell *cell, struct trial_result *result, size_t round, size_t order,
                 double started_s, struct error *error)
{
    const int failed = reserve_trial(cell, error);
    if (failed)
        return failed;

    struct run_trial *const trial = &cell->trials[cell->trial_count++];
    *trial = (struct run_trial){
        .round = round, .order = order, .started_s = started_s, .result = *result};
    result->histogram = (struct hdr){0};
    memset(result->series, 0, sizeof result->series);
    result->load = NULL;
    result->interval_counts = NULL;
    result->interval_count = 0;
    result->crew = NULL;
    run_trial_derive(cell, trial);
    hdr_trim(&trial->result.histogram);
    for (size_t series = 0; series < SERIES_COUNT; series++)
        hdr_trim(&trial->result.series[series]);
    return 0;
}

/* Two for each trial; fewer where they could not be taken. */
static size_t collect_probes(const struct run_cell *const *cells, size_t count, double *probes_ns)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < cells[i]->trial_count; j++) {
            const struct trial_result *const result = &cells[i]->trials[j].result;
            if (result->status != TRIAL_OK)
                continue;
            if (result->probe_before_ns > 0)
                probes_ns[taken++] = result->probe_before_ns;
            if (result->probe_after_ns > 0)
                probes_ns[taken++] = result->probe_after_ns;
        }
    }
    return taken;
}

double run_cache_line_ns(const struct run_cell *const *cells, size_t count)
{
    size_t room = 0;

    for (size_t i = 0; i < count; i++)
        room += 2 * cells[i]->trial_count;
    double *const probes_ns = calloc(room + 1, sizeof *probes_ns);
    if (!probes_ns)
        return 0;
    const double median_ns = stats_median(probes_ns, collect_probes(cells, count, probes_ns));
    free(probes_ns);
    return median_ns;
}

struct run_cell *run_find(struct run *run, const char *id)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        if (strcmp(run->cells[i].id, id) == 0)
            return &run->cells[i];
    }
    return NULL;
}
