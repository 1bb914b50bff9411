/* Go benchmark text, for benchstat and its like: "BenchmarkIPC/key=value/...-CPUs iterations value
 * unit ...", a line per trial, so that benchstat has samples to compare. The parts of a cell's id
 * become key=value names: `benchstat -col /transport` lays transports side by side. */
#include "results/export/formats.h"
#include "results/export/metric.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/export.h"
#include "results/run.h"

/* benchstat knows ns/op; its own rule for other units is that the denominator comes after '/'. */
static const char *const units[METRIC_COUNT] = {
    [METRIC_P50] = "ns/op",
    [METRIC_P99] = "p99-ns/op",
    [METRIC_P999] = "p99.9-ns/op",
    [METRIC_RATE] = "op/s",
    [METRIC_SATURATION] = "saturation-op/s",
};

/* Ids are pattern/transport/size/placement and then key=value; one that is not is a name whole. */
static const char *const part_keys[] = {"pattern", "transport", "size", "placement"};
enum { PART_KEYS = sizeof part_keys / sizeof part_keys[0] };

static size_t count_parts(const char *id)
{
    size_t count = 1;

    for (; *id; id++)
        count += *id == '/';
    return count;
}

static void append_name(const char *id, struct text *out)
{
    struct text plain = {0};
    size_t part = 0;

    metric_append_plain(&plain, id);
    text_append(out, "BenchmarkIPC/");
    if (count_parts(id) < PART_KEYS) {
        text_append(out, "cell=%s", text_string(&plain));
    } else {
        for (const char *at = text_string(&plain); *at; part++) {
            const size_t length = strcspn(at, "/");
            if (part < PART_KEYS)
                text_append(out, "%s%s=", part > 0 ? "/" : "", part_keys[part]);
            else
                text_append(out, "/");
            text_append_bytes(out, at, length);
            at += length + (at[length] == '/');
        }
    }
    out->failed |= plain.failed;
    text_free(&plain);
}

static void write_trial(const struct run_cell *cell, const struct run_trial *trial, int64_t cpus,
                        struct text *out)
{
    bool any = false;

    for (unsigned m = 0; m < METRIC_COUNT; m++) {
        const double value = metric_of_trial(cell, trial, (enum metric)m);
        if (value <= 0)
            continue;
        if (!any) {
            append_name(cell->id, out);
            text_append(out, "-%" PRId64 " %" PRIu64, cpus,
                        trial->result.messages > 0 ? trial->result.messages : 1);
        }
        any = true;
        text_append(out, " ");
        metric_append_figure(out, value);
        text_append(out, " %s", units[m]);
    }
    if (any)
        text_append(out, "\n");
}

/* "key: value": facts that benchstat tells files apart by. */
static void write_fact(const char *key, const char *value, struct text *out)
{
    if (!value || !value[0])
        return;
    text_append(out, "%s: ", key);
    metric_append_line(out, value);
    text_append(out, "\n");
}

static void write_setting(const struct run *run, struct text *out)
{
    write_fact("pkg", "ipcbench", out);
    write_fact("cpu", machine_text(&run->machine, "cpu", "model"), out);
    write_fact("kernel", machine_text(&run->machine, "kernel", "release"), out);
    write_fact("commit", machine_text(&run->machine, "build", "commit"), out);
    write_fact("date", run->started_at, out);
    text_append(out, "Unit op/s better=higher\nUnit saturation-op/s better=higher\n");
}

int export_gobench(const struct export_source *source, struct text *out, struct error *error)
{
    int64_t cpus = 1;

    (void)machine_number(&source->run->machine, "cpu", "online_count", &cpus);
    write_setting(source->run, out);
    for (size_t i = 0; i < source->cell_count; i++) {
        const struct run_cell *const cell = source->cells[i];
        if (cell->status != TRIAL_OK)
            continue;
        for (size_t t = 0; t < cell->trial_count; t++)
            write_trial(cell, &cell->trials[t], cpus, out);
    }
    return out->failed ? error_system(error, ENOMEM, "writing Go benchmark text") : 0;
}
