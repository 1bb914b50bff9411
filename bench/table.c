#include "bench/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "bench/grid.h"
#include "results/run.h"

/* Marks behind a row, and what they mean; only those that occur are explained. */
enum mark { MARK_NOISY, MARK_UNSETTLED, MARK_FAULTS, MARK_FAILED, MARK_COUNT };
static const struct {
    char sign;
    const char *meaning;
} marks[MARK_COUNT] = {
    [MARK_NOISY] = {'~', "noisy: the interval is wider than 5 % either way"},
    [MARK_UNSETTLED] = {'p', "in some trials the CPUs' distance changed under the measurement "
                             "(probes before and after differ by over 1.5x)"},
    [MARK_FAULTS] = {'f', "page faults inside the timed loop of some trials"},
    [MARK_FAILED] = {'!', "some trials failed and are left out (see below)"},
};

static bool has_mark(const struct run_cell *cell, enum mark mark)
{
    switch (mark) {
    case MARK_NOISY:
        return cell->summary.noisy;
    case MARK_UNSETTLED:
        return cell->summary.trials_unsettled > 0;
    case MARK_FAULTS:
        return cell->summary.trials_faulted > 0;
    case MARK_FAILED:
        return cell->summary.trials_failed > 0;
    case MARK_COUNT:
        break;
    }
    return false;
}

static bool is_yardstick(const struct run_cell *cell)
{
    return !strcmp(cell->transport, "null");
}

/* The part of the id that names the row: transport with options. */
static void write_name(const struct run_cell *cell, char *field)
{
    const char *transport = strchr(cell->id, '/');
    const char *end = transport ? strchr(transport + 1, '/') : NULL;
    if (end)
        snprintf(field, GRID_FIELD_BYTES, "%.*s", (int)(end - transport - 1), transport + 1);
    else
        snprintf(field, GRID_FIELD_BYTES, "%s", cell->id);
}

static void write_interval(double value, double low, double high, char *field)
{
    const double half = value > 0 ? (high - low) / 2 / value * 100 : 0;
    if (half < 1000)
        snprintf(field, GRID_FIELD_BYTES, half < 10 ? "±%.1f%%" : "±%.0f%%", half);
    else
        snprintf(field, GRID_FIELD_BYTES, "±>999%%");
}

static void write_ns_or_dash(double ns, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, "%s", ns > 0 ? units_ns(ns).text : "-");
}

static void write_sides(const char *format, const double *sides, char *field)
{
    char sender[24], receiver[24];
    snprintf(sender, sizeof(sender), format, sides[SIDE_SENDER]);
    snprintf(receiver, sizeof(receiver), format, sides[SIDE_RECEIVER]);
    snprintf(field, GRID_FIELD_BYTES, "%s / %s", sender, receiver);
}

static void write_marks(const struct run_cell *cell, char *field)
{
    size_t length = 0;
    for (size_t mark = 0; mark < MARK_COUNT; ++mark) {
        if (has_mark(cell, (enum mark)mark))
            field[length++] = marks[mark].sign;
    }
    field[length] = '\0';
}

static void add_heading(struct grid *grid, const char *const *words)
{
    char(*row)[GRID_FIELD_BYTES] = grid_row(grid);
    for (size_t column = 0; row && column < grid->columns; ++column)
        snprintf(row[column], GRID_FIELD_BYTES, "%s", words[column]);
}

enum { PINGPONG_COLUMNS = 10, STREAM_COLUMNS = 7 };
static const char *const pingpong_heading[PINGPONG_COLUMNS] = {
    "", "p50", "", "p99", "p99.9", "max", "rate", "CPU ns S / R", "switches S / R", ""};
static const char *const stream_heading[STREAM_COLUMNS] = {
    "", "rate", "", "bandwidth", "CPU ns S / R", "switches S / R", ""};

static void add_pingpong(struct grid *grid, const struct run_cell *cell)
{
    const struct summary *summary = &cell->summary;
    char(*row)[GRID_FIELD_BYTES] = grid_row(grid);
    if (!row)
        return;
    write_name(cell, row[0]);
    write_ns_or_dash(summary->p50_ns, row[1]);
    write_interval(summary->p50_ns, summary->p50_low_ns, summary->p50_high_ns, row[2]);
    write_ns_or_dash(summary->p99_ns, row[3]);
    write_ns_or_dash(summary->p999_ns, row[4]);
    write_ns_or_dash(summary->max_ns, row[5]);
    snprintf(row[6], GRID_FIELD_BYTES, "%s", units_rate(summary->rate_per_s).text);
    write_sides("%.0f", summary->cpu_ns_per_message, row[7]);
    write_sides("%.2f", summary->switches_per_message, row[8]);
    write_marks(cell, row[9]);
}

static void add_stream(struct grid *grid, const struct run_cell *cell)
{
    const struct summary *summary = &cell->summary;
    char(*row)[GRID_FIELD_BYTES] = grid_row(grid);
    if (!row)
        return;
    write_name(cell, row[0]);
    snprintf(row[1], GRID_FIELD_BYTES, "%s", units_rate(summary->rate_per_s).text);
    write_interval(summary->rate_per_s, summary->rate_low_per_s, summary->rate_high_per_s, row[2]);
    snprintf(row[3], GRID_FIELD_BYTES, "%s", units_bandwidth(summary->bytes_per_s).text);
    write_sides("%.0f", summary->cpu_ns_per_message, row[4]);
    write_sides("%.2f", summary->switches_per_message, row[5]);
    write_marks(cell, row[6]);
}

/* Best first; what is not a transport comes last. */
static int by_merit(const void *left, const void *right)
{
    const struct run_cell *a = *(const struct run_cell *const *)left;
    const struct run_cell *b = *(const struct run_cell *const *)right;
    if (is_yardstick(a) != is_yardstick(b))
        return is_yardstick(a) ? 1 : -1;
    const bool latency = a->pattern == PATTERN_PINGPONG;
    const double cost_a = latency ? a->summary.p50_ns : -a->summary.rate_per_s;
    const double cost_b = latency ? b->summary.p50_ns : -b->summary.rate_per_s;
    return cost_a < cost_b ? -1 : cost_a > cost_b;
}

static void write_block(const struct run *run, const struct run_cell **cells, size_t count,
                        struct text *out)
{
    const struct run_cell *first = cells[0];
    const bool latency = first->pattern == PATTERN_PINGPONG;
    struct grid grid = {.columns = latency ? PINGPONG_COLUMNS : STREAM_COLUMNS};
    qsort(cells, count, sizeof(*cells), by_merit);
    text_append(out, "\n%s, %s%s, CPUs %d and %d (%s)%s\n",
                latency ? "pingpong (round trip, there and back)" : "stream (one way, full speed)",
                units_bytes(first->size_bytes).text,
                first->touch == TOUCH_ALL ? ", every byte written and read"
                                          : ", payload not touched",
                run->request.cpus.sender, run->request.cpus.receiver, first->placement,
                first->idle == IDLE_POLL ? ", idle CPUs kept awake" : "");
    add_heading(&grid, latency ? pingpong_heading : stream_heading);
    for (size_t index = 0; index < count; ++index)
        (latency ? add_pingpong : add_stream)(&grid, cells[index]);
    grid_write(&grid, out);
    grid_free(&grid);
}

/* One block: every measured cell of the same pattern, size, touch and idle policy as `first`. */
static void write_block_of(const struct run *run, const struct run_cell *first, bool *done,
                           const struct run_cell **cells, struct text *out)
{
    size_t count = 0;
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        if (done[index] || cell->status != TRIAL_OK || cell->pattern != first->pattern ||
            cell->size_bytes != first->size_bytes || cell->touch != first->touch ||
            cell->idle != first->idle)
            continue;
        done[index] = true;
        cells[count++] = cell;
    }
    write_block(run, cells, count, out);
}

static void write_blocks(const struct run *run, struct text *out)
{
    bool *done = calloc(run->cell_count + 1, sizeof(*done));
    const struct run_cell **cells = calloc(run->cell_count + 1, sizeof(*cells));
    for (size_t pattern = 0; done && cells && pattern < PATTERN_COUNT; ++pattern) {
        for (size_t index = 0; index < run->cell_count; ++index) {
            const struct run_cell *cell = &run->cells[index];
            if (!done[index] && cell->status == TRIAL_OK && cell->pattern == pattern)
                write_block_of(run, cell, done, cells, out);
        }
    }
    free(done);
    free(cells);
}

static void write_legend(const struct run *run, struct text *out)
{
    double coverage = 1;
    bool present[MARK_COUNT] = {false};
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        if (cell->status != TRIAL_OK)
            continue;
        if (cell->summary.interval_coverage < coverage)
            coverage = cell->summary.interval_coverage;
        for (size_t mark = 0; mark < MARK_COUNT; ++mark)
            present[mark] |= has_mark(cell, (enum mark)mark);
    }
    if (coverage < 1)
        text_append(out, "\n± half the width of the %.0f %% interval of the median over trials%s\n",
                    coverage * 100, coverage < 0.95 ? " (6 trials or more give 95 %)" : "");
    for (size_t mark = 0; mark < MARK_COUNT; ++mark) {
        if (present[mark])
            text_append(out, "%c %s\n", marks[mark].sign, marks[mark].meaning);
    }
}

static void write_reason(const struct run_cell *cell, const char *reason, struct text *out)
{
    text_append(out, "  %s: %s", cell->id, reason ? reason : "?");
    if (cell->knob && cell->knob[0])
        text_append(out, " [%s]", cell->knob);
    text_append(out, "\n");
}

static void write_others(const struct run *run, enum trial_status status, struct text *out)
{
    bool headed = false;
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        const bool partly =
            status == TRIAL_FAILED && cell->status == TRIAL_OK && cell->summary.trials_failed > 0;
        if (cell->status != status && !partly)
            continue;
        if (!headed)
            text_append(out, "\n%s%s:\n", trial_status_name(status),
                        status == TRIAL_SKIPPED ? " (what would change it in brackets)" : "");
        headed = true;
        write_reason(cell, partly ? cell->summary.failed_reason : cell->reason, out);
    }
}

static void write_machine(const struct run *run, struct text *out)
{
    const char *model = machine_text(&run->machine, "cpu", "model");
    const char *kernel = machine_text(&run->machine, "kernel", "release");
    const struct bounds *bounds = &run->bounds;
    text_append(out, "%s, Linux %s; ipcbench %s, seed %llu, %s\n", model ? model : "unknown CPU",
                kernel ? kernel : "?", run->version, (unsigned long long)run->request.seed,
                run->started_at);
    text_append(out, "bounds: ");
    if (bounds->cache_line_round_trip_ns > 0)
        text_append(out, "cache line there and back %s, ",
                    units_ns(bounds->cache_line_round_trip_ns).text);
    text_append(out, "null system call %s, ", units_ns(bounds->null_system_call_ns).text);
    text_append(out, "memcpy %s", units_bandwidth(bounds->memcpy_cached_bytes_per_s).text);
    text_append(out, " (64 MiB: %s)\n", units_bandwidth(bounds->memcpy_uncached_bytes_per_s).text);
    text_append(out, "clock: %s, one reading %s, resolution %s", run->clock.name,
                units_ns(run->clock.cost_ns).text, units_ns(run->clock.resolution_ns).text);
    if (run->clock.reason[0])
        text_append(out, " (%s)", run->clock.reason);
    if (run->clock_drifted)
        text_append(out, "; DRIFTED by %.0f ppm: do not trust these times", run->clock.drift_ppm);
    text_append(out, "\n");
}

void table_write(const struct run *run, struct text *out)
{
    write_machine(run, out);
    write_blocks(run, out);
    write_legend(run, out);
    write_others(run, TRIAL_SKIPPED, out);
    write_others(run, TRIAL_INVALID, out);
    write_others(run, TRIAL_FAILED, out);
}
