/* OpenMetrics text that Prometheus's textfile collector takes as well: no timestamps (it refuses
 * them), base units, each family in one piece, "# EOF" at the end. Write it beside its place and
 * rename it, as `ipcbench export -o` does. */
#include "results/export/formats.h"
#include "results/export/metric.h"
#include "results/export/when.h"

#include <errno.h>
#include <inttypes.h>

#include "base/error.h"
#include "base/text.h"
#include "results/export.h"
#include "results/run.h"

/* One family; its samples are told apart by labels. */
struct family {
    const char *name;
    const char *unit; /* the end of the name, or NULL */
    const char *help;
    bool is_time;
};

static const struct family families[] = {
    {"ipcbench_latency_seconds", "seconds",
     "Latency of a cell; statistic is p50, p99, p99.9 or an end of p50's interval", true},
    {"ipcbench_operations_per_second", NULL,
     "Round trips, messages or bursts per second of a cell; of load that of the knee", false},
};

static void append_label(const char *name, const char *value, struct text *out)
{
    text_append(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\n')
            text_append(out, "\\n");
        else if (*value == '"' || *value == '\\')
            text_append(out, "\\%c", *value);
        else
            text_append_bytes(out, value, 1);
    }
    text_append(out, "\"");
}

static void write_head(const struct family *family, struct text *out)
{
    text_append(out, "# TYPE %s gauge\n", family->name);
    if (family->unit)
        text_append(out, "# UNIT %s %s\n", family->name, family->unit);
    text_append(out, "# HELP %s %s\n", family->name, family->help);
}

static void write_sample(const struct family *family, const struct run_cell *cell,
                         const char *statistic, double value, struct text *out)
{
    if (value <= 0)
        return;
    text_append(out, "%s{", family->name);
    append_label("cell", cell->id, out);
    append_label(",pattern", pattern_name(cell->pattern), out);
    append_label(",transport", cell->transport, out);
    text_append(out, ",size_bytes=\"%" PRIu64 "\"", cell->size_bytes);
    append_label(",placement", cell->placement, out);
    append_label(",statistic", statistic, out);
    text_append(out, "} ");
    metric_append_figure(out, family->is_time ? value / 1e9 : value);
    text_append(out, "\n");
}

static void write_metric(const struct family *family, const struct run_cell *cell,
                         enum metric metric, struct text *out)
{
    const struct metric_figure figure = metric_of_cell(cell, metric);
    struct text low = {0};
    struct text high = {0};

    text_append(&low, "%s_low", metric_name(metric));
    text_append(&high, "%s_high", metric_name(metric));
    write_sample(family, cell, metric_name(metric), figure.value, out);
    write_sample(family, cell, text_string(&low), figure.low, out);
    write_sample(family, cell, text_string(&high), figure.high, out);
    out->failed |= low.failed || high.failed;
    text_free(&low);
    text_free(&high);
}

static void write_family(const struct family *family, const struct export_source *source,
                         struct text *out)
{
    write_head(family, out);
    for (size_t i = 0; i < source->cell_count; i++) {
        for (unsigned m = 0; m < METRIC_COUNT; m++) {
            if (metric_is_time((enum metric)m) == family->is_time)
                write_metric(family, source->cells[i], (enum metric)m, out);
        }
    }
}

static void write_run(const struct run *run, int64_t started_s, struct text *out)
{
    static const struct family started = {"ipcbench_run_start_seconds", "seconds",
                                          "When the run started, in seconds since 1970", true};
    static const struct family build = {"ipcbench_build_info", NULL,
                                        "Which ipcbench measured; always 1", false};
    const char *const commit = machine_text(&run->machine, "build", "commit");

    write_head(&started, out);
    text_append(out, "%s %" PRId64 "\n", started.name, started_s);
    write_head(&build, out);
    text_append(out, "%s{", build.name);
    append_label("version", run->version, out);
    append_label(",commit", commit ? commit : "unknown", out);
    text_append(out, "} 1\n");
}

int export_prom(const struct export_source *source, struct text *out, struct error *error)
{
    int64_t started_s = 0;

    const int failed = when_started(source->run, &started_s, error);
    if (failed)
        return failed;
    write_run(source->run, started_s, out);
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        write_family(&families[i], source, out);
    text_append(out, "# EOF\n");
    return out->failed ? error_system(error, ENOMEM, "writing OpenMetrics text") : 0;
}
