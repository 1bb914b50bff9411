/* Google Benchmark's JSON, schema version 1. Its compare.py tests the entries of one name against
 * each other, so each trial is one. All it compares are times: a rate becomes the time per message.
 * Entries have a metric in their name, and no aggregates, which compare.py would mix up with them. */
#include "results/export/formats.h"
#include "results/export/metric.h"
#include "results/export/print.h"

#include <stdio.h>

#include "results/export.h"

enum { LOAD_AVERAGES = 3 };

/* What one entry's real_time is. */
struct measure {
    const char *name;
    enum metric metric;
    bool inverted; /* of a rate: ns per message */
};

static const struct measure latency_measures[] = {
    {"p50", METRIC_P50, false},
    {"p99", METRIC_P99, false},
    {"p99.9", METRIC_P999, false},
};
static const struct measure rate_measures[] = {
    {"per-op", METRIC_RATE, true},
};

static double measure_ns(const struct measure *measure, const struct run_cell *cell,
                         const struct run_trial *trial)
{
    const double value = metric_of_trial(cell, trial, measure->metric);

    return measure->inverted && value > 0 ? 1e9 / value : value;
}

struct entry {
    const struct run_cell *cell;
    const struct run_trial *trial;
    const struct measure *measure;
    size_t family;
    size_t repetitions;
    size_t repetition;
};

static cJSON *write_entry(struct json_writer *writer, const struct entry *entry)
{
    const struct figures *const figures = &entry->trial->figures;
    const double real_ns = measure_ns(entry->measure, entry->cell, entry->trial);
    const double cpu_ns =
        figures->cpu_ns_per_message[SIDE_SENDER] + figures->cpu_ns_per_message[SIDE_RECEIVER];
    const uint64_t messages = entry->trial->result.messages;
    cJSON *const item = cJSON_CreateObject();

    json_add(writer, item, "name", print_name(entry->cell->id, entry->measure->name));
    json_add(writer, item, "family_index", json_whole(entry->family));
    json_add(writer, item, "per_family_instance_index", json_whole(0));
    json_add(writer, item, "run_name", print_name(entry->cell->id, entry->measure->name));
    json_add(writer, item, "run_type", json_text("iteration"));
    json_add(writer, item, "repetitions", json_whole(entry->repetitions));
    json_add(writer, item, "repetition_index", json_whole(entry->repetition));
    json_add(writer, item, "threads", json_whole(1));
    json_add(writer, item, "iterations", json_whole(messages > 0 ? messages : 1));
    print_figure(writer, item, "real_time", real_ns);
    print_figure(writer, item, "cpu_time", cpu_ns > 0 ? cpu_ns : real_ns);
    json_add(writer, item, "time_unit", json_text("ns"));
    print_figure(writer, item, "bytes_per_second", figures->bytes_per_s);
    print_figure(writer, item, "items_per_second", figures->rate_per_s);
    return item;
}

static size_t count_repetitions(const struct run_cell *cell, const struct measure *measure)
{
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++)
        count += measure_ns(measure, cell, &cell->trials[i]) > 0;
    return count;
}

/* All trials of one cell and measure; returns whether there was any. */
static bool write_family(struct json_writer *writer, cJSON *benchmarks, struct entry entry)
{
    entry.repetitions = count_repetitions(entry.cell, entry.measure);
    for (size_t i = 0; i < entry.cell->trial_count; i++) {
        entry.trial = &entry.cell->trials[i];
        if (measure_ns(entry.measure, entry.cell, entry.trial) <= 0)
            continue;
        json_append(writer, benchmarks, write_entry(writer, &entry));
        entry.repetition++;
    }
    return entry.repetitions > 0;
}

static cJSON *write_benchmarks(struct json_writer *writer, const struct export_source *source)
{
    cJSON *const benchmarks = cJSON_CreateArray();
    size_t family = 0;

    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        const bool is_latency = pattern_is_latency(cell->pattern);
        const struct measure *const measures = is_latency ? latency_measures : rate_measures;
        const size_t count = is_latency ? sizeof latency_measures / sizeof latency_measures[0]
                                        : sizeof rate_measures / sizeof rate_measures[0];
        for (size_t m = 0; cell->status == TRIAL_OK && m < count; m++) {
            const struct entry first = {.cell = cell, .measure = &measures[m], .family = family};
            family += write_family(writer, benchmarks, first);
        }
    }
    return benchmarks;
}

static cJSON *write_load_averages(struct json_writer *writer, const struct machine *machine)
{
    const char *const text = machine_text(machine, "load", "average_1_5_15_min");
    double averages[LOAD_AVERAGES];
    cJSON *const list = cJSON_CreateArray();

    if (!text ||
        sscanf(text, "%lf %lf %lf", &averages[0], &averages[1], &averages[2]) != LOAD_AVERAGES)
        return list;
    for (int i = 0; i < LOAD_AVERAGES; i++)
        json_append(writer, list, json_real(averages[i], EXPORT_DIGITS));
    return list;
}

static cJSON *write_context(struct json_writer *writer, const struct run *run)
{
    const char *const host = machine_text(&run->machine, "kernel", "hostname");
    int64_t cpus = 1;
    cJSON *const context = cJSON_CreateObject();

    (void)machine_number(&run->machine, "cpu", "online_count", &cpus);
    json_add(writer, context, "date", json_text(run->started_at));
    json_add(writer, context, "host_name", json_text(host ? host : "unknown"));
    json_add(writer, context, "executable", json_text("ipcbench"));
    json_add(writer, context, "num_cpus", json_whole_signed(cpus));
    json_add(writer, context, "mhz_per_cpu", json_whole(0)); /* a fixed one is not known */
    json_add(writer, context, "cpu_scaling_enabled", cJSON_CreateFalse());
    json_add(writer, context, "caches", cJSON_CreateArray());
    json_add(writer, context, "load_avg", write_load_averages(writer, &run->machine));
    json_add(writer, context, "library_version", json_text(run->version));
    json_add(writer, context, "library_build_type", json_text("release"));
    json_add(writer, context, "json_schema_version", json_whole(1));
    return context;
}

int export_gbench(const struct export_source *source, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const document = cJSON_CreateObject();

    json_add(&writer, document, "context", write_context(&writer, source->run));
    json_add(&writer, document, "benchmarks", write_benchmarks(&writer, source));
    return print_document(&writer, document, out, error);
}
