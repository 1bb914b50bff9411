#include "bench/columns.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "bench/grid.h"
#include "bench/marks.h"

struct main_figure main_figure_of(const struct run_cell *cell)
{
    const struct summary *summary = &cell->summary;
    if (pattern_is_latency(cell->pattern))
        return (struct main_figure){summary->p50_ns, summary->p50_low_ns, summary->p50_high_ns};
    return (struct main_figure){summary->rate_per_s, summary->rate_low_per_s,
                                summary->rate_high_per_s};
}

void column_name(const struct run_cell *cell, char *field)
{
    const char *transport = strchr(cell->id, '/');
    const char *end = transport ? strchr(transport + 1, '/') : NULL;
    if (end)
        snprintf(field, GRID_FIELD_BYTES, "%.*s", (int)(end - transport - 1), transport + 1);
    else
        snprintf(field, GRID_FIELD_BYTES, "%s", cell->id);
}

void column_interval(const struct main_figure *figure, char *field)
{
    const double half =
        figure->value > 0 ? (figure->high - figure->low) / 2 / figure->value * 100 : 0;
    if (half < 1000)
        snprintf(field, GRID_FIELD_BYTES, half < 10 ? "±%.1f%%" : "±%.0f%%", half);
    else
        snprintf(field, GRID_FIELD_BYTES, "±>999%%");
}

static void write_interval(const struct run_cell *cell, char *field)
{
    const struct main_figure figure = main_figure_of(cell);
    if (cell->summary.trials < 2)
        snprintf(field, GRID_FIELD_BYTES, "-");
    else
        column_interval(&figure, field);
}

static void write_ns_or_dash(double ns, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%s", ns > 0 ? units_ns(ns).text : "-");
}

static void write_p50(const struct run_cell *cell, char *field)
{
    write_ns_or_dash(cell->summary.p50_ns, field);
}

static void write_p99(const struct run_cell *cell, char *field)
{
    write_ns_or_dash(cell->summary.p99_ns, field);
}

static void write_p999(const struct run_cell *cell, char *field)
{
    write_ns_or_dash(cell->summary.p999_ns, field);
}

static void write_max(const struct run_cell *cell, char *field)
{
    write_ns_or_dash(cell->summary.max_ns, field);
}

/* Of a series beside the main one. */
static void write_series(const struct run_cell *cell, enum series series, double percentile,
                         char *field)
{
    const struct hdr *hdr = &cell->summary.series[series];
    const bool shown = hdr->counter_count && hdr->total &&
                       (percentile <= 50 || hdr_count_beyond(hdr, percentile) >= 10);
    write_ns_or_dash(shown ? (double)hdr_percentile(hdr, percentile) : 0, field);
}

static void write_round_trip(const struct run_cell *cell, char *field)
{
    write_series(cell, SERIES_ROUND_TRIP, 50, field);
}

static void write_service_p50(const struct run_cell *cell, char *field)
{
    write_series(cell, SERIES_SERVICE, 50, field);
}

static void write_service_p99(const struct run_cell *cell, char *field)
{
    write_series(cell, SERIES_SERVICE, 99, field);
}

static void write_lag_p99(const struct run_cell *cell, char *field)
{
    write_series(cell, SERIES_SEND_LAG, 99, field);
}

static void write_per_message(const struct run_cell *cell, char *field)
{
    write_ns_or_dash(cell->summary.p50_ns / (double)cell->burst_messages, field);
}

static void write_capacity(const struct run_cell *cell, char *field)
{
    const int64_t capacity = cell->summary.capacity_messages;
    snprintf(field, GRID_FIELD_BYTES, capacity < 0 ? "-" : "%s%lld",
             capacity >= FILL_MESSAGES_MOST ? ">= " : "", (long long)capacity);
}

static void write_bound(const struct run_cell *cell, char *field)
{
    const double bound_ns = cell->summary.clock_bound_ns;
    snprintf(field, GRID_FIELD_BYTES, bound_ns > 0 ? "±%s" : "-", units_ns(bound_ns).text);
}

static void write_rate(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%s", units_rate(cell->summary.rate_per_s).text);
}

static void write_bandwidth(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%s",
             cell->size_bytes ? units_bandwidth(cell->summary.bytes_per_s).text : "-");
}

static void write_sides(const char *format, const double *sides, char *field)
{
    char sender[24], receiver[24];
    snprintf(sender, sizeof(sender), format, sides[SIDE_SENDER]);
    snprintf(receiver, sizeof(receiver), format, sides[SIDE_RECEIVER]);
    snprintf(field, GRID_FIELD_BYTES, "%s / %s", sender, receiver);
}

static void write_cpu(const struct run_cell *cell, char *field)
{
    write_sides("%.0f", cell->summary.cpu_ns_per_message, field);
}

static void write_switches(const struct run_cell *cell, char *field)
{
    write_sides("%.2f", cell->summary.switches_per_message, field);
}

/* 1, or how many operations a sample is the mean of: then there is no tail to speak of. */
static void write_per_sample(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%llu",
             (unsigned long long)cell->summary.operation.per_sample);
}

static void write_operation_bytes(const struct run_cell *cell, char *field)
{
    const uint64_t bytes = cell->summary.operation.bytes;
    snprintf(field, GRID_FIELD_BYTES, "%s", bytes ? units_bytes(bytes).text : "-");
}

/* The block has several. */
static void write_working_set(const struct run_cell *cell, char *field)
{
    char name[GRID_FIELD_BYTES];
    column_name(cell, name);
    snprintf(field, GRID_FIELD_BYTES, "%-8s %.*s", units_bytes(cell->size_bytes).text,
             GRID_FIELD_BYTES / 2, name);
}

static void write_operation_bandwidth(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%s",
             cell->summary.operation.bytes ? units_bandwidth(cell->summary.bytes_per_s).text : "-");
}

static void write_faults(const struct run_cell *cell, char *field)
{
    const struct summary_operation *operation = &cell->summary.operation;
    snprintf(field, GRID_FIELD_BYTES, "%.3g / %.3g", operation->minor_faults,
             operation->major_faults);
}

static void write_operation_cpu(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%.0f", cell->summary.cpu_ns_per_message[SIDE_SENDER]);
}

static void write_pages(const struct run_cell *cell, char *field)
{
    const uint64_t bytes = run_cell_page_bytes(cell);
    snprintf(field, GRID_FIELD_BYTES, "%s", bytes ? units_bytes(bytes).text : "-");
}

/* Of the receiver, which is who walks. */
static void write_dtlb_misses(const struct run_cell *cell, char *field)
{
    if (cell->summary.dtlb_counted)
        snprintf(field, GRID_FIELD_BYTES, "%.3f",
                 cell->summary.dtlb_misses_per_message[SIDE_RECEIVER]);
    else
        snprintf(field, GRID_FIELD_BYTES, "-");
}

static void write_lanes(const struct run_cell *cell, char *field)
{
    const struct summary_crew *crew = &cell->summary.crew;
    snprintf(field, GRID_FIELD_BYTES, "%s .. %s", units_rate(crew->slowest_per_s).text,
             units_rate(crew->fastest_per_s).text);
}

static void write_fairness(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%.3f", cell->summary.crew.fairness);
}

static void write_sender_fairness(const struct run_cell *cell, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%.3f", cell->summary.crew.sender_fairness);
}

static void write_marks(const struct run_cell *cell, char *field)
{
    size_t length = 0;
    for (size_t mark = 0; mark < MARK_COUNT; ++mark) {
        if (mark_applies(cell, (enum mark)mark))
            field[length++] = mark_sign((enum mark)mark);
    }
    field[length] = '\0';
}

static const struct column pingpong_columns[] = {
    {"", column_name},    {"p50", write_p50},          {"", write_interval},
    {"p99", write_p99},   {"p99.9", write_p999},       {"max", write_max},
    {"rate", write_rate}, {"CPU ns S / R", write_cpu}, {"switches S / R", write_switches},
    {"", write_marks},
};

static const struct column oneway_columns[] = {
    {"", column_name},
    {"p50", write_p50},
    {"", write_interval},
    {"clocks", write_bound},
    {"p99", write_p99},
    {"p99.9", write_p999},
    {"max", write_max},
    {"there and back", write_round_trip},
    {"switches S / R", write_switches},
    {"", write_marks},
};

static const struct column burst_columns[] = {
    {"", column_name},
    {"p50", write_p50},
    {"", write_interval},
    {"per message", write_per_message},
    {"p99", write_p99},
    {"max", write_max},
    {"capacity", write_capacity},
    {"CPU ns S / R", write_cpu},
    {"switches S / R", write_switches},
    {"", write_marks},
};

static const struct column paced_columns[] = {
    {"", column_name},
    {"p50", write_p50},
    {"", write_interval},
    {"p99", write_p99},
    {"p99.9", write_p999},
    {"max", write_max},
    {"service p50", write_service_p50},
    {"p99", write_service_p99},
    {"send lag p99", write_lag_p99},
    {"switches S / R", write_switches},
    {"", write_marks},
};

static const struct column stream_columns[] = {
    {"", column_name},           {"rate", write_rate},
    {"", write_interval},        {"bandwidth", write_bandwidth},
    {"CPU ns S / R", write_cpu}, {"switches S / R", write_switches},
    {"", write_marks},
};

static const struct column walk_columns[] = {
    {"", write_working_set},
    {"p50", write_p50},
    {"", write_interval},
    {"p99", write_p99},
    {"max", write_max},
    {"pages", write_pages},
    {"dTLB misses", write_dtlb_misses},
    {"CPU ns S / R", write_cpu},
    {"", write_marks},
};

static const struct column memory_columns[] = {
    {"", column_name},
    {"p50", write_p50},
    {"", write_interval},
    {"p99", write_p99},
    {"max", write_max},
    {"a sample: of", write_per_sample},
    {"each", write_operation_bytes},
    {"covered", write_operation_bandwidth},
    {"CPU ns", write_operation_cpu},
    {"faults minor / major", write_faults},
    {"pages", write_pages},
    {"", write_marks},
};

static const struct column pairs_columns[] = {
    {"each pair", write_lanes},
    {"fairness", write_fairness},
};

static const struct column channel_columns[] = {
    {"each receiver", write_lanes},
    {"fairness", write_fairness},
    {"of senders", write_sender_fairness},
};

#define COLUMNS(array)                                                                             \
    {                                                                                              \
        (array), sizeof(array) / sizeof(array)[0]                                                  \
    }

struct columns columns_of(enum pattern pattern)
{
    static const struct columns by_pattern[PATTERN_COUNT] = {
        [PATTERN_PINGPONG] = COLUMNS(pingpong_columns),
        [PATTERN_ONEWAY] = COLUMNS(oneway_columns),
        [PATTERN_BURST] = COLUMNS(burst_columns),
        [PATTERN_PACED] = COLUMNS(paced_columns),
        [PATTERN_LOAD] = {NULL, 0},
        [PATTERN_STREAM] = COLUMNS(stream_columns),
        [PATTERN_PAGEWALK] = COLUMNS(walk_columns),
        [PATTERN_LINEWALK] = COLUMNS(walk_columns),
        [PATTERN_MEMORY] = COLUMNS(memory_columns),
    };
    return by_pattern[pattern];
}

struct columns columns_of_crew(const struct run_crew *crew)
{
    static const struct columns none, pairs = COLUMNS(pairs_columns),
                                      channel = COLUMNS(channel_columns);
    return !crew ? none : crew->pairs ? pairs : channel;
}
