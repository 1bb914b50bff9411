/* A cell's trials in the page's data: a list for each figure, which takes a third of the room of a
 * record for each trial. */
#include "plots/page_parts.h"

static double started_s(const struct run_cell *cell, const struct run_trial *trial)
{
    (void)cell;
    return trial->started_s;
}

static double main_figure(const struct run_cell *cell, const struct run_trial *trial)
{
    return pattern_is_latency(cell->pattern) ? trial->figures.p50_ns : trial->figures.rate_per_s;
}

static double tail(const struct run_cell *cell, const struct run_trial *trial)
{
    (void)cell;
    return trial->figures.p99_ns;
}

static double probe_ns(const struct run_cell *cell, const struct run_trial *trial)
{
    (void)cell;
    return trial->result.probe_before_ns;
}

/* 0 stands for what is not there. */
static void write_list(struct page_json *json, const char *name, const struct run_cell *cell,
                       double (*figure)(const struct run_cell *, const struct run_trial *))
{
    page_open(json, name, '[');
    for (size_t index = 0; index < cell->trial_count; ++index)
        page_number(json, NULL, figure(cell, &cell->trials[index]));
    page_close(json, ']');
}

/* -1: no probe, or two that disagree. */
static void write_states(struct page_json *json, const struct run_cell *cell,
                         const struct clusters_states *states)
{
    page_open(json, "state", '[');
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const struct trial_result *const result = &cell->trials[index].result;
        const bool known = result->probe_before_ns > 0 && !result->probes_disagree;
        page_whole(json, NULL,
                   known ? (long long)clusters_state_of(states, result->probe_before_ns) : -1);
    }
    page_close(json, ']');
}

static void write_left_out(struct page_json *json, const struct run_cell *cell)
{
    page_open(json, "left_out", '[');
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const struct trial_result *const result = &cell->trials[index].result;
        if (result->status == TRIAL_OK)
            continue;
        page_open(json, NULL, '[');
        page_whole(json, NULL, (long long)index);
        page_text(json, NULL, trial_status_name(result->status));
        page_text(json, NULL, result->error.message);
        page_close(json, ']');
    }
    page_close(json, ']');
}

void page_write_trials(struct page_json *json, const struct run_cell *cell,
                       const struct clusters_states *states)
{
    if (!cell->trial_count)
        return;
    page_open(json, "trials", '{');
    write_list(json, "started_s", cell, started_s);
    write_list(json, "value", cell, main_figure);
    write_list(json, "p99_ns", cell, tail);
    write_list(json, "probe_ns", cell, probe_ns);
    write_states(json, cell, states);
    write_left_out(json, cell);
    page_close(json, '}');
}
