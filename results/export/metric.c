#include "results/export/metric.h"

#include "base/text.h"
#include "results/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *unit;
    bool is_time;
} metrics[METRIC_COUNT] = {
    [METRIC_P50] = {"p50", "ns", true},
    [METRIC_P99] = {"p99", "ns", true},
    [METRIC_P999] = {"p99.9", "ns", true},
    [METRIC_RATE] = {"rate", "op/s", false},
    [METRIC_SATURATION] = {"saturation", "op/s", false},
};

const char *metric_name(enum metric metric)
{
    return metrics[metric].name;
}

const char *metric_unit(enum metric metric)
{
    return metrics[metric].unit;
}

bool metric_is_time(enum metric metric)
{
    return metrics[metric].is_time;
}

/* Files may hold any number; those that no consumer could divide by count as absent. */
static double usable(double value)
{
    return isfinite(value) && value > 0 ? value : 0;
}

static struct metric_figure with_interval(double value, double low, double high)
{
    const struct metric_figure figure = {usable(value), usable(low), usable(high)};
    const bool holds = figure.low > 0 && figure.low <= value && value <= figure.high;

    return holds ? figure : (struct metric_figure){.value = figure.value};
}

struct metric_figure metric_of_cell(const struct run_cell *cell, enum metric metric)
{
    const struct summary *const summary = &cell->summary;
    const struct stats_median *const saturation = &summary->load.saturation_per_s;

    if (cell->status != TRIAL_OK || (metric_is_time(metric) && !pattern_is_latency(cell->pattern)))
        return (struct metric_figure){0};
    switch (metric) {
    case METRIC_P50:
        return with_interval(summary->p50_ns, summary->p50_low_ns, summary->p50_high_ns);
    case METRIC_P99:
        return (struct metric_figure){.value = usable(summary->p99_ns)};
    case METRIC_P999:
        return (struct metric_figure){.value = usable(summary->p999_ns)};
    case METRIC_RATE:
        return with_interval(summary->rate_per_s, summary->rate_low_per_s,
                             summary->rate_high_per_s);
    case METRIC_SATURATION:
        return with_interval(saturation->value, saturation->low, saturation->high);
    }
    return (struct metric_figure){0};
}

double metric_of_trial(const struct run_cell *cell, const struct run_trial *trial,
                       enum metric metric)
{
    const struct figures *const figures = &trial->figures;

    if (trial->result.status != TRIAL_OK ||
        (metric_is_time(metric) && !pattern_is_latency(cell->pattern)))
        return 0;
    switch (metric) {
    case METRIC_P50:
        return usable(figures->p50_ns);
    case METRIC_P99:
        return usable(figures->p99_ns);
    case METRIC_P999:
        return usable(figures->p999_ns);
    case METRIC_RATE:
        return usable(figures->rate_per_s);
    case METRIC_SATURATION:
        return trial->result.load ? usable(trial->result.load->saturation_per_s) : 0;
    }
    return 0;
}

bool metric_has_any(const struct run_cell *cell)
{
    for (unsigned m = 0; m < METRIC_COUNT; m++) {
        if (metric_of_cell(cell, (enum metric)m).value > 0)
            return true;
    }
    return false;
}

void metric_append_plain(struct text *out, const char *id)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._/:=";

    while (*id) {
        const size_t span = strspn(id, plain);
        text_append_bytes(out, id, span);
        id += span;
        if (*id == ',')
            text_append(out, "+");
        else if (*id)
            text_append(out, "%%%02X", (unsigned char)*id);
        id += *id != '\0';
    }
}

void metric_append_figure(struct text *out, double value)
{
    const bool is_long = value >= 999999.5 && value < 1e15;

    text_append(out, is_long ? "%.0f" : "%.6g", value);
}

void metric_append_line(struct text *out, const char *text)
{
    for (; *text; text++) {
        const bool control = (unsigned char)*text < ' ' || *text == 0x7f;
        text_append_bytes(out, control ? " " : text, 1);
    }
}
