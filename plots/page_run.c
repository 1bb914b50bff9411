/* A run in the page's data: machine, setting, states, cells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plots/page_parts.h"

static void write_facts(struct page_json *json, const struct machine *machine)
{
    page_open(json, "machine", '{');
    for (size_t index = 0; index < machine->count; ++index) {
        const struct machine_fact *const fact = &machine->facts[index];
        const bool first = index == 0 || strcmp(machine->facts[index - 1].group, fact->group) != 0;
        const bool last = index + 1 == machine->count ||
                          strcmp(machine->facts[index + 1].group, fact->group) != 0;
        if (first)
            page_open(json, fact->group, '[');
        page_open(json, NULL, '[');
        page_text(json, NULL, fact->key);
        if (fact->is_number)
            page_whole(json, NULL, fact->number);
        else
            page_text(json, NULL, fact->text);
        page_close(json, ']');
        if (last)
            page_close(json, ']');
    }
    page_close(json, '}');
}

static void write_request(struct page_json *json, const struct run_request *request)
{
    char seed[24];
    page_open(json, "request", '{');
    page_open(json, "arguments", '[');
    for (size_t index = 0; index < request->argument_count; ++index)
        page_text(json, NULL, request->arguments[index]);
    page_close(json, ']');
    /* As text: not every seed fits a double. */
    (void)snprintf(seed, sizeof(seed), "%llu", (unsigned long long)request->seed);
    page_text(json, "seed", seed);
    page_whole(json, "trials", (long long)request->trials);
    page_figure(json, "timed_seconds", request->timed_seconds);
    page_figure(json, "precision", request->precision);
    page_close(json, '}');
}

static void write_bounds(struct page_json *json, const struct run *run)
{
    page_open(json, "bounds", '{');
    page_figure(json, "cache_line_round_trip_ns", run->bounds.cache_line_round_trip_ns);
    page_figure(json, "null_system_call_ns", run->bounds.null_system_call_ns);
    page_figure(json, "memcpy_cached_bytes_per_s", run->bounds.memcpy_cached_bytes_per_s);
    page_figure(json, "memcpy_uncached_bytes_per_s", run->bounds.memcpy_uncached_bytes_per_s);
    page_close(json, '}');
    page_open(json, "clock", '{');
    page_text(json, "name", run->clock.name);
    page_figure(json, "cost_ns", run->clock.cost_ns);
    page_figure(json, "resolution_ns", run->clock.resolution_ns);
    if (run->clock.reason[0])
        page_text(json, "reason", run->clock.reason);
    if (run->clock_drifted)
        page_number(json, "drifted_ppm", run->clock.drift_ppm);
    page_close(json, '}');
}

static void write_baseline(struct page_json *json, const char *name,
                           const struct baseline *baseline)
{
    if (!baseline->taken)
        return;
    page_open(json, name, '{');
    page_open(json, "cpus", '[');
    for (size_t side = 0; side < SIDE_COUNT; ++side) {
        const struct jitter *const jitter = &baseline->jitter[side];
        page_open(json, NULL, '{');
        page_whole(json, "cpu", jitter->cpu);
        page_number(json, "lost_share", jitter->lost_share);
        page_whole(json, "gaps", (long long)jitter->gaps);
        page_number(json, "max_ns", jitter->max_ns);
        page_close(json, '}');
    }
    page_close(json, ']');
    if (baseline->load_average >= 0)
        page_number(json, "load_average", baseline->load_average);
    page_close(json, '}');
}

static void write_noise(struct page_json *json, const struct run_noise *noise)
{
    const struct cpu_disturbance *const sides = noise->during.sides;
    const int64_t steal_ns = sides[SIDE_SENDER].steal_ns > sides[SIDE_RECEIVER].steal_ns
                                 ? sides[SIDE_SENDER].steal_ns
                                 : sides[SIDE_RECEIVER].steal_ns;
    page_open(json, "noise", '{');
    write_baseline(json, "before", &noise->before);
    write_baseline(json, "after", &noise->after);
    if (noise->during.wall_ns && steal_ns >= 0)
        page_number(json, "steal_share", (double)steal_ns / (double)noise->during.wall_ns);
    if (noise->during.throttled_ns > 0)
        page_number(json, "throttled_ns", (double)noise->during.throttled_ns);
    page_close(json, '}');
}

/* Which states the probes of the whole run saw: how far apart the two CPUs were. */
static struct clusters_states states_of(struct page_json *json, const struct run *run)
{
    size_t count = 0;
    struct clusters_states states = {0};
    for (size_t cell = 0; cell < run->cell_count; ++cell)
        count += run->cells[cell].trial_count;
    double *const probes = calloc(count + 1, sizeof(*probes));
    if (!probes) {
        json->out->failed = true;
        return states;
    }
    count = 0;
    for (size_t cell = 0; cell < run->cell_count; ++cell) {
        for (size_t trial = 0; trial < run->cells[cell].trial_count; ++trial) {
            const double probe_ns = run->cells[cell].trials[trial].result.probe_before_ns;
            if (probe_ns > 0)
                probes[count++] = probe_ns;
        }
    }
    if (count)
        states = clusters_states(probes, count, CLUSTERS_STATE_RATIO);
    free(probes);
    return states;
}

static void write_states(struct page_json *json, const struct clusters_states *states)
{
    page_open(json, "states", '[');
    for (size_t index = 0; index < states->count; ++index) {
        page_open(json, NULL, '{');
        page_whole(json, "trials", (long long)states->states[index].count);
        page_number(json, "low_ns", states->states[index].low);
        page_number(json, "median_ns", states->states[index].median);
        page_number(json, "high_ns", states->states[index].high);
        page_close(json, '}');
    }
    page_close(json, ']');
}

void page_write_run(struct page_json *json, const struct page_run *source,
                    const struct page_marks *marks)
{
    const struct run *const run = source->run;
    const struct clusters_states states = states_of(json, run);
    page_open(json, NULL, '{');
    page_text(json, "file", source->name);
    page_flag(json, "complete", run->status == RUN_COMPLETE);
    page_text(json, "version", run->version);
    page_text(json, "started_at", run->started_at);
    page_figure(json, "elapsed_s", run->elapsed_s);
    page_number(json, "noisy_above", run_precision(run));
    write_request(json, &run->request);
    write_facts(json, &run->machine);
    write_bounds(json, run);
    write_noise(json, &run->noise);
    write_states(json, &states);
    page_open(json, "cells", '[');
    for (size_t index = 0; index < run->cell_count; ++index)
        page_write_cell(json, &run->cells[index], &states, marks);
    page_close(json, ']');
    page_close(json, '}');
}
