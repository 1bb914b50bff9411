/* A cell in the page's data: what it is, its summary, its percentile curve. */
#include <stdio.h>
#include <string.h>

#include "plots/page_parts.h"

/* The id's part that names the transport with its options. */
static void write_label(struct page_json *json, const struct run_cell *cell)
{
    const char *const transport = strchr(cell->id, '/');
    const char *const end = transport ? strchr(transport + 1, '/') : NULL;
    char label[256];
    if (end)
        (void)snprintf(label, sizeof(label), "%.*s", (int)(end - transport - 1), transport + 1);
    page_text(json, "label", end ? label : cell->id);
}

static void write_options(struct page_json *json, const struct run_cell *cell)
{
    page_open(json, "options", '[');
    for (size_t index = 0; index < cell->option_count; ++index) {
        page_open(json, NULL, '[');
        page_text(json, NULL, cell->options[index].key);
        page_text(json, NULL, cell->options[index].text);
        page_close(json, ']');
    }
    page_close(json, ']');
    page_open(json, "obtained", '[');
    for (size_t index = 0; index < cell->obtained.count; ++index) {
        const struct obtained_fact *const fact = &cell->obtained.facts[index];
        page_open(json, NULL, '[');
        page_text(json, NULL, fact->key);
        if (fact->is_number)
            page_whole(json, NULL, fact->number);
        else
            page_text(json, NULL, fact->text);
        page_close(json, ']');
    }
    page_close(json, ']');
}

static void write_crew(struct page_json *json, const struct run_cell *cell)
{
    const struct summary_crew *const summary = &cell->summary.crew;
    if (!cell->crew)
        return;
    page_open(json, "crew", '{');
    page_whole(json, "pairs", (long long)cell->crew->pairs);
    page_whole(json, "senders", (long long)cell->crew->senders);
    page_whole(json, "receivers", (long long)cell->crew->receivers);
    page_figure(json, "fairness", summary->fairness);
    page_figure(json, "slowest_per_s", summary->slowest_per_s);
    page_figure(json, "fastest_per_s", summary->fastest_per_s);
    page_close(json, '}');
}

static void write_identity(struct page_json *json, const struct run_cell *cell)
{
    page_text(json, "id", cell->id);
    page_whole(json, "pattern", (long long)cell->pattern);
    page_text(json, "transport", cell->transport);
    write_label(json, cell);
    write_options(json, cell);
    page_whole(json, "size_bytes", (long long)cell->size_bytes);
    page_text(json, "placement", cell->placement);
    page_open(json, "cpus", '[');
    page_whole(json, NULL, cell->cpus.sender);
    page_whole(json, NULL, cell->cpus.receiver);
    page_close(json, ']');
    page_text(json, "idle", idle_policy_name(cell->idle));
    page_flag(json, "touched", cell->touch == TOUCH_ALL);
    page_text(json, "memory", cell->memory);
    page_figure(json, "rate_asked_per_s", cell->rate_per_s);
    if (pattern_has_burst(cell->pattern))
        page_whole(json, "burst_messages", (long long)cell->burst_messages);
    if (cell->arrivals != ARRIVALS_CONSTANT)
        page_text(json, "arrivals", arrivals_name(cell->arrivals));
    write_crew(json, cell);
    page_text(json, "status", trial_status_name(cell->status));
    if (cell->reason)
        page_text(json, "reason", cell->reason);
    if (cell->knob && cell->knob[0])
        page_text(json, "knob", cell->knob);
}

/* As far as at least 10 samples lie beyond: the rest is chance. Values by step of the grid; the first
 * steps of the grid are the same for all. */
static void write_curve(struct page_json *json, const struct hdr *merged)
{
    const uint64_t beyond_least = 10;
    struct hdr_steps steps = hdr_steps(merged, PAGE_TICKS);
    page_open(json, "curve", '[');
    for (bool more = hdr_steps_next(&steps); more; more = hdr_steps_next(&steps)) {
        if (steps.percentile > 50 && merged->total - steps.cumulative < beyond_least)
            break;
        page_open(json, NULL, '[');
        /* The distance to 100 %: percentiles themselves run out of digits. */
        page_number(json, NULL, 1 - steps.percentile / 100);
        page_number(json, NULL, (double)steps.value);
        page_close(json, ']');
    }
    page_close(json, ']');
    page_whole(json, "samples", (long long)merged->total);
}

static void write_series(struct page_json *json, const struct summary *summary)
{
    page_open(json, "series", '{');
    for (size_t index = 0; index < SERIES_COUNT; ++index) {
        const struct hdr *const hdr = &summary->series[index];
        if (!hdr->counter_count || !hdr->total)
            continue;
        page_open(json, series_name((enum series)index), '{');
        page_number(json, "p50_ns", (double)hdr_percentile(hdr, 50));
        if (hdr_count_beyond(hdr, 99) >= 10)
            page_number(json, "p99_ns", (double)hdr_percentile(hdr, 99));
        page_close(json, '}');
    }
    page_close(json, '}');
}

static void write_load(struct page_json *json, const struct summary_load *load)
{
    if (!load->point_count)
        return;
    page_open(json, "load", '{');
    page_number(json, "saturation_per_s", load->saturation_per_s.value);
    page_number(json, "saturation_low_per_s", load->saturation_per_s.low);
    page_number(json, "saturation_high_per_s", load->saturation_per_s.high);
    page_open(json, "points", '[');
    for (size_t index = 0; index < load->point_count; ++index) {
        const struct summary_load_point *const point = &load->points[index];
        page_open(json, NULL, '{');
        page_number(json, "share", point->share);
        page_number(json, "offered_per_s", point->offered_per_s);
        page_whole(json, "trials", (long long)point->trials);
        page_whole(json, "stable", (long long)point->stable);
        page_figure(json, "p50_ns", point->p50_ns);
        page_figure(json, "p99_ns", point->p99_ns);
        page_close(json, '}');
    }
    page_close(json, ']');
    page_close(json, '}');
}

static void write_cold(struct page_json *json, const struct summary_cold *cold)
{
    if (!cold->trials)
        return;
    page_open(json, "cold", '{');
    page_number(json, "first_ns", cold->first_ns);
    page_number(json, "p50_ns", cold->p50_ns);
    page_number(json, "total_ns", cold->total_ns);
    page_pair(json, "faults", cold->faults);
    page_close(json, '}');
}

/* How the figure came about: where the machine had several states, or the trials two modes. */
static void write_doubts(struct page_json *json, const struct summary *summary)
{
    page_open(json, "states", '[');
    for (size_t index = 0; index < summary->state_count; ++index) {
        const struct summary_state *const state = &summary->states[index];
        page_open(json, NULL, '{');
        page_whole(json, "trials", (long long)state->trials);
        page_number(json, "probe_low_ns", state->probe_low_ns);
        page_number(json, "probe_high_ns", state->probe_high_ns);
        page_number(json, "value", state->figure.value);
        page_number(json, "low", state->figure.low);
        page_number(json, "high", state->figure.high);
        page_close(json, '}');
    }
    page_close(json, ']');
    if (summary->bimodal)
        page_pair(json, "modes", (double[]){summary->mode_low, summary->mode_high});
    page_figure(json, "trials_failed", (double)summary->trials_failed);
    page_figure(json, "trials_invalid", (double)summary->trials_invalid);
    if (summary->failed_reason)
        page_text(json, "failed_reason", summary->failed_reason);
    if (summary->invalid_reason)
        page_text(json, "invalid_reason", summary->invalid_reason);
}

static void write_figures(struct page_json *json, const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    page_whole(json, "trials", (long long)summary->trials);
    page_number(json, "coverage", summary->interval_coverage);
    page_figure(json, "p50_ns", summary->p50_ns);
    if (summary->p50_ns > 0)
        page_pair(json, "p50_interval_ns", (double[]){summary->p50_low_ns, summary->p50_high_ns});
    page_figure(json, "p99_ns", summary->p99_ns);
    page_figure(json, "p999_ns", summary->p999_ns);
    page_figure(json, "max_ns", summary->max_ns);
    page_figure(json, "rate_per_s", summary->rate_per_s);
    if (summary->rate_per_s > 0)
        page_pair(json, "rate_interval_per_s",
                  (double[]){summary->rate_low_per_s, summary->rate_high_per_s});
    page_figure(json, "bytes_per_s", summary->bytes_per_s);
    page_pair(json, "cpu_ns", summary->cpu_ns_per_message);
    page_pair(json, "switches", summary->switches_per_message);
    page_pair(json, "blocked", summary->blocked_share);
    page_figure(json, "noise", summary->noise);
    page_figure(json, "clock_bound_ns", summary->clock_bound_ns);
    page_figure(json, "negatives", (double)summary->negatives);
    if (summary->capacity_messages >= 0)
        page_whole(json, "capacity_messages", (long long)summary->capacity_messages);
}

static void write_signs(struct page_json *json, const struct run_cell *cell,
                        const struct page_marks *marks)
{
    char signs[32];
    size_t length = 0;
    for (size_t mark = 0; mark < marks->count && length + 1 < sizeof(signs); ++mark) {
        if (marks->applies(cell, mark))
            signs[length++] = marks->sign(mark);
    }
    signs[length] = '\0';
    page_text(json, "marks", signs);
}

void page_write_cell(struct page_json *json, const struct run_cell *cell,
                     const struct clusters_states *states, const struct page_marks *marks)
{
    page_open(json, NULL, '{');
    write_identity(json, cell);
    if (cell->status == TRIAL_OK) {
        page_open(json, "summary", '{');
        write_figures(json, cell);
        write_signs(json, cell, marks);
        write_series(json, &cell->summary);
        write_load(json, &cell->summary.load);
        write_cold(json, &cell->summary.cold);
        write_doubts(json, &cell->summary);
        if (cell->summary.merged.counter_count && cell->summary.merged.total)
            write_curve(json, &cell->summary.merged);
        page_close(json, '}');
    }
    page_write_trials(json, cell, states);
    page_close(json, '}');
}
