#include "bench/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "bench/columns.h"
#include "bench/curves.h"
#include "bench/grid.h"
#include "bench/marks.h"
#include "bench/noise.h"
#include "bench/placements.h"
#include "bench/states.h"
#include "results/run.h"

enum { PLACE_COLUMNS = 5 }; /* "12= " */

static bool is_yardstick(const struct run_cell *cell)
{
    return !strcmp(cell->transport, "null");
}

/* What ranks a cell, with its interval: of operations on memory not the time of one, which on a larger page
 * takes longer and does more, but the bytes that they are about per second. */
static struct main_figure merit_of(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    const double bytes = (double)summary->operation.bytes;
    if (pattern_has_messages(cell->pattern) || bytes == 0)
        return main_figure_of(cell);
    return (struct main_figure){bytes * summary->rate_per_s, bytes * summary->rate_low_per_s,
                                bytes * summary->rate_high_per_s};
}

/* Is less of the figure better? */
static bool is_cost(const struct run_cell *cell)
{
    return pattern_is_latency(cell->pattern) && pattern_has_messages(cell->pattern);
}

/* Best first, of several sizes the smallest; what is not a transport comes last. */
static int by_merit(const void *left, const void *right)
{
    const struct run_cell *a = *(const struct run_cell *const *)left;
    const struct run_cell *b = *(const struct run_cell *const *)right;
    if (is_yardstick(a) != is_yardstick(b))
        return is_yardstick(a) ? 1 : -1;
    if (a->size_bytes != b->size_bytes)
        return a->size_bytes < b->size_bytes ? -1 : 1;
    const double merit_a = merit_of(a).value, merit_b = merit_of(b).value;
    const int order = merit_a < merit_b ? -1 : merit_a > merit_b;
    return is_cost(a) ? order : -order;
}

static const char *const pattern_headings[PATTERN_COUNT] = {
    [PATTERN_PINGPONG] = "pingpong (round trip, there and back)",
    [PATTERN_ONEWAY] = "oneway (from before the send until received, one at a time)",
    [PATTERN_BURST] = "burst (until the last message is received)",
    [PATTERN_PACED] = "paced (response: from the intended send until received)",
    [PATTERN_LOAD] = "load (response against offered load)",
    [PATTERN_STREAM] = "stream (one way, full speed)",
    [PATTERN_PAGEWALK] = "pagewalk (one access at a random page, each after the last)",
    [PATTERN_LINEWALK] = "linewalk (one access at a random cache line, each after the last)",
    [PATTERN_MEMORY] = "memory (an operation on a region, each time): ",
};

/* The CPUs of a block. Of a pair that the bounds are not of, the trials' own probes give the cache
 * line's way. */
static void write_place(const struct run *run, const struct run_cell **cells, size_t count,
                        struct text *out)
{
    const struct cpu_pair *cpus = &cells[0]->cpus;
    placement_describe(cells[0]->placement, cpus, out);
    const double line_ns =
        cpu_pair_equal(cpus, &run->request.cpus) ? 0 : run_cache_line_ns(cells, count);
    if (line_ns > 0)
        text_append(out, ", cache line there and back %s", units_ns(line_ns).text);
}

/* What one block is about. */
static void write_heading(const struct run *run, const struct run_cell **cells, size_t count,
                          struct text *out)
{
    const struct run_cell *first = cells[0];
    text_append(out, "\n%s%s", pattern_headings[first->pattern],
                pattern_has_messages(first->pattern) ? "" : first->transport);
    if (!pattern_walks(first->pattern))
        text_append(out, ", %s", units_bytes(first->size_bytes).text);
    if (pattern_has_burst(first->pattern))
        text_append(out, ", %llu at once", (unsigned long long)first->burst_messages);
    if (pattern_has_rate(first->pattern))
        text_append(out, ", %s offered", units_rate(first->rate_per_s).text);
    if (first->arrivals == ARRIVALS_POISSON)
        text_append(out, ", Poisson arrivals");
    if (first->crew && first->crew->pairs)
        text_append(out, ", %zu pairs at once", first->crew->pairs);
    else if (first->crew)
        text_append(out, ", senders on one channel: %zu, receivers: %zu", first->crew->senders,
                    first->crew->receivers);
    text_append(out, "%s, ",
                !pattern_has_messages(first->pattern) ? ""
                : pattern_walks(first->pattern)       ? ", memory that the sender wrote"
                : !first->size_bytes                  ? ", no payload"
                : first->touch == TOUCH_ALL           ? ", every byte written and read"
                                                      : ", payload not touched");
    write_place(run, cells, count, out);
    text_append(out, "%s\n", first->idle == IDLE_POLL ? ", idle CPUs kept awake" : "");
}

/* Is a better than b beyond what their intervals leave open? */
static bool is_better(const struct run_cell *a, const struct run_cell *b)
{
    const struct main_figure first = merit_of(a), second = merit_of(b);
    if (a->summary.trials < 2 || b->summary.trials < 2)
        return false; /* no interval, no order */
    return is_cost(a) ? first.high < second.low : first.low > second.high;
}

/* Does `other` stand in the way of `cell`? */
static bool competes(const struct run_cell *other, const struct run_cell *cell)
{
    return !is_yardstick(other) && other->size_bytes == cell->size_bytes;
}

/* A place is one more than there are cells that are better; several may have it. What is no transport
 * has none. Written in front of the name. */
static void write_places(const struct run_cell **cells, size_t count, struct grid *grid)
{
    size_t *places = calloc(count, sizeof(*places));
    for (size_t index = 0; places && index < count; ++index) {
        places[index] = 1;
        for (size_t other = 0; other < count; ++other)
            places[index] +=
                competes(cells[other], cells[index]) && is_better(cells[other], cells[index]);
    }
    for (size_t index = 0; places && index < count; ++index) {
        char place[32] = "", *field = grid->fields[(1 + index) * grid->columns];
        size_t sharing = 0;
        for (size_t other = 0; other < count; ++other)
            sharing += competes(cells[other], cells[index]) && places[other] == places[index];
        if (!is_yardstick(cells[index]))
            snprintf(place, sizeof(place), "%zu%s", places[index], sharing > 1 ? "=" : "");
        memmove(field + PLACE_COLUMNS, field, GRID_FIELD_BYTES - PLACE_COLUMNS - 1);
        snprintf(field, PLACE_COLUMNS, "%-*.*s", PLACE_COLUMNS - 1, PLACE_COLUMNS - 1, place);
        field[PLACE_COLUMNS - 1] = ' ';
    }
    free(places);
}

/* The pattern's columns, with those of several lanes before the last one, which has the marks. */
static const struct column *column_at(const struct run_cell *cell, size_t index)
{
    const struct columns own = columns_of(cell->pattern), crew = columns_of_crew(cell->crew);
    if (index + 1 < own.count)
        return own.columns + index;
    const size_t beyond = index + 1 - own.count;
    return beyond < crew.count ? crew.columns + beyond : own.columns + own.count - 1;
}

static void write_rows(const struct run_cell **cells, size_t count, struct text *out)
{
    const size_t columns =
        columns_of(cells[0]->pattern).count + columns_of_crew(cells[0]->crew).count;
    struct grid grid = {.columns = columns};
    char(*row)[GRID_FIELD_BYTES] = grid_row(&grid);
    for (size_t column = 0; row && column < columns; ++column)
        snprintf(row[column], GRID_FIELD_BYTES, "%s", column_at(cells[0], column)->heading);
    for (size_t index = 0; row && index < count; ++index) {
        row = grid_row(&grid);
        for (size_t column = 0; row && column < columns; ++column)
            column_at(cells[index], column)->write(cells[index], row[column]);
    }
    if (row)
        write_places(cells, count, &grid);
    grid_write(&grid, out);
    grid_free(&grid);
}

static void write_block(const struct run *run, const struct run_cell **cells, size_t count,
                        struct text *out)
{
    qsort(cells, count, sizeof(*cells), by_merit);
    write_heading(run, cells, count, out);
    if (cells[0]->pattern == PATTERN_LOAD)
        curves_write(cells, count, out);
    else
        write_rows(cells, count, out);
}

static bool same_crew(const struct run_crew *a, const struct run_crew *b)
{
    if (!a || !b)
        return a == b;
    return a->pairs == b->pairs && a->senders == b->senders && a->receivers == b->receivers;
}

static bool same_block(const struct run_cell *a, const struct run_cell *b)
{
    const bool same_subject =
        pattern_walks(a->pattern) ? true
        : pattern_has_messages(a->pattern)
            ? a->size_bytes == b->size_bytes
            : a->size_bytes == b->size_bytes && !strcmp(a->transport, b->transport);
    return a->pattern == b->pattern && same_subject && a->touch == b->touch && a->idle == b->idle &&
           a->burst_messages == b->burst_messages && a->rate_per_s == b->rate_per_s &&
           a->arrivals == b->arrivals && same_crew(a->crew, b->crew) &&
           !strcmp(a->placement, b->placement) && cpu_pair_equal(&a->cpus, &b->cpus);
}

/* One block: every measured cell that differs from `first` in nothing but the transport; of walks, also in
 * the working set; of operations on memory, in nothing but how the same is done. */
static void write_block_of(const struct run *run, const struct run_cell *first, bool *done,
                           const struct run_cell **cells, struct text *out)
{
    size_t count = 0;
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        if (done[index] || cell->status != TRIAL_OK || !same_block(cell, first))
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
            present[mark] |= mark_applies(cell, (enum mark)mark);
    }
    if (coverage < 1)
        text_append(out, "\n± half the width of the %.0f %% interval of the median over trials%s\n",
                    coverage * 100, coverage < 0.95 ? " (6 trials or more give 95 %)" : "");
    if (coverage < 1)
        text_append(out, "a place is one more than there are rows whose whole interval is better; "
                         "= several have it\n");
    for (size_t mark = 0; mark < MARK_COUNT; ++mark) {
        if (present[mark] && mark == MARK_NOISY)
            text_append(out,
                        "~ noisy: the interval is wider than %g %% either way, or of fewer than 6 "
                        "trials\n",
                        run_precision(run) * 100);
        else if (present[mark])
            text_append(out, "%c %s\n", mark_sign((enum mark)mark), mark_meaning((enum mark)mark));
    }
}

/* How many cells are as precise as was asked for. The others are marked. */
static void write_precision(const struct run *run, struct text *out)
{
    size_t measured = 0, reached = 0;
    for (size_t index = 0; index < run->cell_count; ++index) {
        measured += run->cells[index].status == TRIAL_OK;
        reached += run->cells[index].status == TRIAL_OK && !run->cells[index].summary.noisy;
    }
    if (run->request.precision > 0 && measured)
        text_append(out, "±%g %% or better was reached by %zu of %zu cells%s\n",
                    run->request.precision * 100, reached, measured,
                    reached < measured ? "; the others are marked ~ (more time: --budget)" : "");
}

/* What of a cell's trials with this status is to be told; NULL: nothing. */
static const char *reason_of(const struct run_cell *cell, enum trial_status status)
{
    if (cell->status == status)
        return cell->reason ? cell->reason : "?";
    if (cell->status != TRIAL_OK)
        return NULL;
    return status == TRIAL_FAILED    ? cell->summary.failed_reason
           : status == TRIAL_INVALID ? cell->summary.invalid_reason
                                     : NULL;
}

/* Of one transport with the same options in the same pattern, for the same reason. */
static bool is_alike(const struct run_cell *a, const struct run_cell *b, enum trial_status status)
{
    char name[GRID_FIELD_BYTES], other[GRID_FIELD_BYTES];
    const char *const reason = reason_of(b, status);
    column_name(a, name);
    column_name(b, other);
    return reason && a->pattern == b->pattern && !strcmp(name, other) &&
           !strcmp(reason_of(a, status), reason) &&
           !strcmp(a->knob ? a->knob : "", b->knob ? b->knob : "");
}

/* The first of those that are alike speaks for all. */
static void write_others(const struct run *run, enum trial_status status, struct text *out)
{
    bool *told = calloc(run->cell_count + 1, sizeof(*told));
    bool headed = false;
    for (size_t index = 0; told && index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        const char *const reason = reason_of(cell, status);
        size_t alike = 0;
        if (told[index] || !reason)
            continue;
        for (size_t other = index + 1; other < run->cell_count; ++other) {
            if (!told[other] && is_alike(cell, &run->cells[other], status)) {
                told[other] = true;
                alike++;
            }
        }
        if (!headed)
            text_append(out, "\n%s%s:\n", trial_status_name(status),
                        status == TRIAL_SKIPPED   ? " (what would change it in brackets)"
                        : status == TRIAL_INVALID ? " (ran, but not to be believed; of several "
                                                    "trials of a cell the first)"
                                                  : "");
        headed = true;
        text_append(out, "  %s", cell->id);
        if (alike)
            text_append(out, " and %zu more", alike);
        text_append(out, ": %s", reason);
        if (cell->knob && cell->knob[0])
            text_append(out, " [%s]", cell->knob);
        text_append(out, "\n");
    }
    free(told);
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
    noise_write(run, out);
}

void table_write(const struct run *run, struct text *out)
{
    write_machine(run, out);
    write_blocks(run, out);
    write_legend(run, out);
    write_precision(run, out);
    states_write(run, out);
    write_others(run, TRIAL_SKIPPED, out);
    write_others(run, TRIAL_INVALID, out);
    write_others(run, TRIAL_FAILED, out);
}
