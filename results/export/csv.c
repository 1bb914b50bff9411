/* Tidy CSV (RFC 4180, lines ended by LF): one row per cell, trial and metric. `share` is empty but
 * in the points of a load trial's curve. Trials that did not end well have no rows. */
#include "results/export/formats.h"
#include "results/export/metric.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/export.h"
#include "results/run.h"

/* What one row is of. */
struct row {
    const struct run_cell *cell;
    const struct run_trial *trial;
    double share; /* 0: none */
};

static void append_field(const char *text, struct text *out)
{
    if (!strpbrk(text, ",\"\r\n")) {
        text_append(out, "%s,", text);
        return;
    }
    text_append(out, "\"");
    for (; *text; text++) {
        if (*text == '"')
            text_append(out, "\"");
        text_append_bytes(out, text, 1);
    }
    text_append(out, "\",");
}

static void write_row(const struct row *row, const char *metric, const char *unit, double value,
                      struct text *out)
{
    if (!isfinite(value) || value <= 0)
        return;
    append_field(row->cell->id, out);
    append_field(pattern_name(row->cell->pattern), out);
    append_field(row->cell->transport, out);
    text_append(out, "%" PRIu64 ",", row->cell->size_bytes);
    append_field(row->cell->placement, out);
    text_append(out, "%zu,%.6f,", row->trial->round, row->trial->started_s);
    if (row->share > 0)
        text_append(out, "%.9g", row->share);
    text_append(out, ",%s,%s,", metric, unit);
    metric_append_figure(out, value);
    text_append(out, "\n");
}

static void write_costs(const struct row *row, struct text *out)
{
    const struct figures *const figures = &row->trial->figures;

    write_row(row, "max", "ns", figures->max_ns, out);
    write_row(row, "cpu_sender", "ns/op", figures->cpu_ns_per_message[SIDE_SENDER], out);
    write_row(row, "cpu_receiver", "ns/op", figures->cpu_ns_per_message[SIDE_RECEIVER], out);
    write_row(row, "switches_sender", "1/op", figures->switches_per_message[SIDE_SENDER], out);
    write_row(row, "switches_receiver", "1/op", figures->switches_per_message[SIDE_RECEIVER], out);
    write_row(row, "probe_before", "ns", row->trial->result.probe_before_ns, out);
    write_row(row, "probe_after", "ns", row->trial->result.probe_after_ns, out);
}

static void write_curve(const struct row *row, struct text *out)
{
    const struct load_curve *const curve = row->trial->result.load;

    for (size_t i = 0; curve && i < curve->point_count; i++) {
        const struct load_point *const point = &curve->points[i];
        const struct row at = {row->cell, row->trial, point->share};
        write_row(&at, "offered", "op/s", point->offered_per_s, out);
        write_row(&at, "achieved", "op/s", point->achieved_per_s, out);
        write_row(&at, metric_name(METRIC_P50), "ns", point->p50_ns, out);
        write_row(&at, metric_name(METRIC_P99), "ns", point->p99_ns, out);
        write_row(&at, "max", "ns", point->max_ns, out);
    }
}

static void write_trial(const struct row *row, struct text *out)
{
    for (unsigned m = 0; m < METRIC_COUNT; m++)
        write_row(row, metric_name((enum metric)m), metric_unit((enum metric)m),
                  metric_of_trial(row->cell, row->trial, (enum metric)m), out);
    write_costs(row, out);
    write_curve(row, out);
}

int export_csv(const struct export_source *source, struct text *out, struct error *error)
{
    text_append(out, "cell,pattern,transport,size_bytes,placement,round,started_s,share,metric,"
                     "unit,value\n");
    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        for (size_t t = 0; cell->status == TRIAL_OK && t < cell->trial_count; t++) {
            const struct row row = {.cell = cell, .trial = &cell->trials[t]};
            if (row.trial->result.status == TRIAL_OK)
                write_trial(&row, out);
        }
    }
    return out->failed ? error_system(error, ENOMEM, "writing CSV") : 0;
}
