/* Markdown (GitHub's tables): the figures of each pattern, load curves, and what could not be
 * measured with the reason. */
#include "results/export/formats.h"
#include "results/export/metric.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "results/export.h"
#include "results/run.h"

/* What a pattern's table is called, and the metrics that are its columns. */
struct block {
    const char *title;
    enum metric metrics[METRIC_COUNT];
    size_t metric_count;
};
static const struct block blocks[PATTERN_COUNT] = {
    [PATTERN_PINGPONG] = {"pingpong: round trip, there and back",
                          {METRIC_P50, METRIC_P99, METRIC_P999, METRIC_RATE},
                          4},
    [PATTERN_ONEWAY] = {"oneway: from the send to the receipt",
                        {METRIC_P50, METRIC_P99, METRIC_P999},
                        3},
    [PATTERN_BURST] = {"burst: until the last of several is received",
                       {METRIC_P50, METRIC_P99, METRIC_P999},
                       3},
    [PATTERN_PACED] = {"paced: from the intended send to the receipt",
                       {METRIC_P50, METRIC_P99, METRIC_P999, METRIC_RATE},
                       4},
    [PATTERN_LOAD] = {"load: knee and saturation", {METRIC_RATE, METRIC_SATURATION}, 2},
    [PATTERN_STREAM] = {"stream: one way at full speed", {METRIC_RATE}, 1},
    [PATTERN_PAGEWALK] = {"pagewalk: one access at a random page", {METRIC_P50, METRIC_RATE}, 2},
    [PATTERN_LINEWALK] = {"linewalk: one access at a random line", {METRIC_P50, METRIC_RATE}, 2},
    [PATTERN_MEMORY] = {"memory: an operation on a region, each time",
                        {METRIC_P50, METRIC_P99, METRIC_P999, METRIC_RATE},
                        4},
};

/* Ids and reasons come from a file: what would be markup is escaped. */
static void append_escaped(const char *text, struct text *out)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            text_append(out, " ");
        else if (strchr("\\`*_[]<>|#~", *text))
            text_append(out, "\\%c", *text);
        else
            text_append_bytes(out, text, 1);
    }
}

static struct units_text figure_text(enum metric metric, double value)
{
    return metric_is_time(metric) ? units_ns(value) : units_rate(value);
}

static void write_figure(const struct run_cell *cell, enum metric metric, struct text *out)
{
    const struct metric_figure figure = metric_of_cell(cell, metric);

    text_append(out, " %s", figure.value > 0 ? figure_text(metric, figure.value).text : "-");
    if (figure.low > 0)
        text_append(out, " ±%.1f%%", (figure.high - figure.low) / 2 / figure.value * 100);
    text_append(out, " |");
}

static void write_block(const struct export_source *source, enum pattern pattern, struct text *out)
{
    const struct block *const block = &blocks[pattern];
    bool begun = false;

    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        if (cell->pattern != pattern || !metric_has_any(cell))
            continue;
        if (!begun) {
            text_append(out, "\n### %s\n\n| cell |", block->title);
            for (size_t m = 0; m < block->metric_count; m++)
                text_append(out, " %s |", metric_name(block->metrics[m]));
            text_append(out, "\n| --- |");
            for (size_t m = 0; m < block->metric_count; m++)
                text_append(out, " ---: |");
            text_append(out, "\n");
        }
        begun = true;
        text_append(out, "| ");
        append_escaped(cell->id, out);
        text_append(out, " |");
        for (size_t m = 0; m < block->metric_count; m++)
            write_figure(cell, block->metrics[m], out);
        text_append(out, "\n");
    }
}

static void write_curve(const struct run_cell *cell, struct text *out)
{
    const struct summary_load *const load = &cell->summary.load;

    text_append(out, "\n#### ");
    append_escaped(cell->id, out);
    text_append(out, "\n\n| of saturation | offered | response p50 | p99 | stable |\n"
                     "| ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < load->point_count; i++) {
        const struct summary_load_point *const point = &load->points[i];
        text_append(out, "| %.0f%% | %s |", point->share * 100,
                    units_rate(point->offered_per_s).text);
        text_append(out, " %s |",
                    point->p50_ns > 0   ? units_ns(point->p50_ns).text
                    : point->trials > 0 ? "unstable"
                                        : "disturbed");
        text_append(out, " %s | %zu of %zu |\n",
                    point->p99_ns > 0 ? units_ns(point->p99_ns).text : "-", point->stable,
                    point->trials);
    }
}

static void write_left_out(const struct export_source *source, struct text *out)
{
    bool begun = false;

    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        if (metric_has_any(cell))
            continue;
        if (!begun)
            text_append(out, "\n### Left out\n\n");
        begun = true;
        text_append(out, "* ");
        append_escaped(cell->id, out);
        text_append(out, ": %s: ", trial_status_name(cell->status));
        append_escaped(cell->reason ? cell->reason : "not measured", out);
        if (cell->knob && cell->knob[0]) {
            text_append(out, "; try: ");
            append_escaped(cell->knob, out);
        }
        text_append(out, "\n");
    }
}

int export_md(const struct export_source *source, struct text *out, struct error *error)
{
    const struct run *const run = source->run;
    const char *const cpu = machine_text(&run->machine, "cpu", "model");
    const char *const kernel = machine_text(&run->machine, "kernel", "release");

    append_escaped(cpu ? cpu : "unknown CPU", out);
    text_append(out, ", Linux ");
    append_escaped(kernel ? kernel : "?", out);
    text_append(out, "; ipcbench ");
    append_escaped(run->version, out);
    text_append(out, ", ");
    append_escaped(run->started_at, out);
    text_append(out, "\n");
    for (unsigned p = 0; p < PATTERN_COUNT; p++) {
        write_block(source, (enum pattern)p, out);
        for (size_t i = 0; p == PATTERN_LOAD && i < source->cell_count; i++) {
            if (source->cells[i]->pattern == PATTERN_LOAD && metric_has_any(source->cells[i]))
                write_curve(source->cells[i], out);
        }
    }
    write_left_out(source, out);
    return out->failed ? error_system(error, ENOMEM, "writing Markdown") : 0;
}
