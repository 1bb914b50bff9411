/* A cell's summary as JSON. */
#include "results/json_parts.h"
#include "results/summary_parts.h"

#define IN_COLD(member) .offset = offsetof(struct summary_cold, member)
static const struct json_field cold_array[] = {
    {"trials", JSON_SIZE, true, IN_COLD(trials)},
    {"first_ns", JSON_FIGURE, true, IN_COLD(first_ns)},
    {"p50_ns", JSON_FIGURE, true, IN_COLD(p50_ns)},
    {"total_ns", JSON_FIGURE, true, IN_COLD(total_ns)},
    {"faults", JSON_SIDES, true, IN_COLD(faults)},
};
static const struct json_fields cold_fields = FIELDS(cold_array);

#define IN_MODES(member)                                                                           \
    .offset = offsetof(struct summary, member) - offsetof(struct summary, mode_low)
static const struct json_field modes_array[] = {
    {"low", JSON_FIGURE, true, IN_MODES(mode_low)},
    {"high", JSON_FIGURE, true, IN_MODES(mode_high)},
};
static const struct json_fields modes_fields = FIELDS(modes_array);

#define IN_OPERATION(member) .offset = offsetof(struct summary_operation, member)
static const struct json_field operation_array[] = {
    {"bytes", JSON_COUNT, true, IN_OPERATION(bytes)},
    {"per_sample", JSON_COUNT, true, IN_OPERATION(per_sample)},
    {"minor_faults", JSON_FIGURE, true, IN_OPERATION(minor_faults)},
    {"major_faults", JSON_FIGURE, true, IN_OPERATION(major_faults)},
};
static const struct json_fields operation_fields = FIELDS(operation_array);

#define IN_STATE(member) .offset = offsetof(struct summary_state, member)
static const struct json_field state_array[] = {
    {"probe_low_ns", JSON_FIGURE, true, IN_STATE(probe_low_ns)},
    {"probe_high_ns", JSON_FIGURE, true, IN_STATE(probe_high_ns)},
    {"trials", JSON_SIZE, true, IN_STATE(trials)},
    {"value", JSON_FIGURE, true, IN_STATE(figure.value)},
    {"low", JSON_FIGURE, true, IN_STATE(figure.low)},
    {"high", JSON_FIGURE, true, IN_STATE(figure.high)},
    {"coverage", JSON_FIGURE, true, IN_STATE(figure.coverage)},
};
static const struct json_fields state_fields = FIELDS(state_array);

#define IN_SUMMARY(member) .offset = offsetof(struct summary, member)
static const struct json_field summary_array[] = {
    {"trials", JSON_SIZE, true, IN_SUMMARY(trials)},
    {"trials_failed", JSON_SIZE, true, IN_SUMMARY(trials_failed)},
    {"failed_reason", JSON_STRING, false, IN_SUMMARY(failed_reason)},
    {"trials_invalid", JSON_SIZE, false, IN_SUMMARY(trials_invalid)},
    {"invalid_reason", JSON_STRING, false, IN_SUMMARY(invalid_reason)},
    {"trials_unsettled", JSON_SIZE, true, IN_SUMMARY(trials_unsettled)},
    {"trials_faulted", JSON_SIZE, true, IN_SUMMARY(trials_faulted)},
    {"trials_drifting", JSON_SIZE, false, IN_SUMMARY(trials_drifting)},
    {"interval_coverage", JSON_FIGURE, true, IN_SUMMARY(interval_coverage)},
    {"noise", JSON_FIGURE, true, IN_SUMMARY(noise)},
    {"noisy", JSON_BOOL, true, IN_SUMMARY(noisy)},
    {"p50_ns", JSON_FIGURE, false, IN_SUMMARY(p50_ns)},
    {"p99_ns", JSON_FIGURE, false, IN_SUMMARY(p99_ns)},
    {"p999_ns", JSON_FIGURE, false, IN_SUMMARY(p999_ns)},
    {"bimodal", JSON_BOOL, false, IN_SUMMARY(bimodal)},
    {"modes", JSON_RECORD, false, IN_SUMMARY(mode_low), .record = &modes_fields},
    {"offered_per_s", JSON_FIGURE, false, IN_SUMMARY(offered_per_s)},
    {"cold", JSON_RECORD, false, IN_SUMMARY(cold), .record = &cold_fields},
    {"operation", JSON_RECORD, false, IN_SUMMARY(operation), .record = &operation_fields},
    {"rate_per_s", JSON_FIGURE, false, IN_SUMMARY(rate_per_s)},
    {"rate_low_per_s", JSON_FIGURE, false, IN_SUMMARY(rate_low_per_s)},
    {"rate_high_per_s", JSON_FIGURE, false, IN_SUMMARY(rate_high_per_s)},
    {"bytes_per_s", JSON_FIGURE, false, IN_SUMMARY(bytes_per_s)},
    {"cpu_ns_per_message", JSON_SIDES, true, IN_SUMMARY(cpu_ns_per_message)},
    {"switches_per_message", JSON_SIDES, true, IN_SUMMARY(switches_per_message)},
    {"blocked_share", JSON_SIDES, true, IN_SUMMARY(blocked_share)},
};
static const struct json_fields summary_fields = FIELDS(summary_array);

/* Where there is a p50: widened by what is known of two clocks, its interval may begin at 0. */
static const struct json_field interval_array[] = {
    {"p50_low_ns", JSON_FIGURE, true, IN_SUMMARY(p50_low_ns)},
    {"p50_high_ns", JSON_FIGURE, true, IN_SUMMARY(p50_high_ns)},
};
static const struct json_fields interval_fields = FIELDS(interval_array);

/* Where times are taken between two clocks. */
static const struct json_field clocks_array[] = {
    {"negatives", JSON_COUNT, false, IN_SUMMARY(negatives)},
    {"clock_bound_ns", JSON_FIGURE, false, IN_SUMMARY(clock_bound_ns)},
    {"clock_limited", JSON_BOOL, false, IN_SUMMARY(clock_limited)},
};
static const struct json_fields clocks_fields = FIELDS(clocks_array);

static const struct json_field capacity_array[] = {
    {"capacity_messages", JSON_KNOWN, false, IN_SUMMARY(capacity_messages), FILL_MESSAGES_MOST},
};
static const struct json_fields capacity_fields = FIELDS(capacity_array);

/* Where the hardware counts. */
static const struct json_field dtlb_array[] = {
    {"dtlb_misses_per_message", JSON_SIDES, true, IN_SUMMARY(dtlb_misses_per_message)},
};
static const struct json_fields dtlb_fields = FIELDS(dtlb_array);

static struct json_list states_of(const struct summary *summary)
{
    return (struct json_list){&state_fields, (void *)summary->states, sizeof summary->states[0],
                              SUMMARY_STATES_MAX};
}

/* Of all trials' samples together. */
static void write_series(struct json_writer *writer, cJSON *item, const struct summary *summary)
{
    struct figures figures = {0};

    for (size_t i = 0; i < SERIES_COUNT; i++) {
        const struct hdr *const series = &summary->series[i];
        if (series->counter_count == 0 || series->total == 0)
            continue;
        figures.series[i].p50_ns = (double)hdr_percentile(series, 50);
        figures.series[i].p99_ns = summary_tail(series, 99);
    }
    json_write_series(writer, item, summary->series, &figures);
}

cJSON *json_write_summary(struct json_writer *writer, enum pattern pattern,
                          const struct summary *summary)
{
    const struct json_list states = states_of(summary);
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &summary_fields, summary);
    if (summary->p50_ns > 0)
        json_write_fields(writer, item, &interval_fields, summary);
    if (pattern_is_latency(pattern) && pattern_is_across_clocks(pattern))
        json_write_fields(writer, item, &clocks_fields, summary);
    if (pattern_has_burst(pattern))
        json_write_fields(writer, item, &capacity_fields, summary);
    if (summary->dtlb_counted)
        json_write_fields(writer, item, &dtlb_fields, summary);
    json_write_crew_summary(writer, item, &summary->crew);
    json_write_histogram(writer, item, &summary->merged);
    write_series(writer, item, summary);
    if (summary->state_count > 0)
        json_add(writer, item, "states", json_write_list(writer, &states, summary->state_count));
    if (summary->load.point_count > 0)
        json_add(writer, item, "load", json_write_load(writer, &summary->load));
    return item;
}

static int read_states(const struct json_node *node, struct summary *summary, struct error *error)
{
    const struct json_list states = states_of(summary);

    const int failed = json_read_list(node, &states, &summary->state_count, error);
    for (size_t i = 0; i < summary->state_count; i++)
        summary->states[i].figure.count = summary->states[i].trials;
    return failed;
}

/* Every interval is of the same trials. */
static int read_load(const struct json_node *node, struct summary *summary, struct error *error)
{
    const int failed = json_read_load(node, &summary->load, error);

    summary->load.saturation_per_s.coverage = summary->interval_coverage;
    summary->load.saturation_per_s.count = summary->trials;
    return failed;
}

/* What only some patterns and machines have. */
static int read_parts(const struct json_node *node, struct summary *summary, struct error *error)
{
    const struct json_node series = json_child(node, "series");
    const struct json_node states = json_child(node, "states");
    const struct json_node load = json_child(node, "load");
    struct figures derived = {0};

    int failed = json_read_fields(node, &clocks_fields, summary, error);
    summary->dtlb_counted = json_child(node, dtlb_array[0].name).item != NULL;
    if (!failed && summary->dtlb_counted)
        failed = json_read_fields(node, &dtlb_fields, summary, error);
    if (!failed)
        failed = json_read_fields(node, &capacity_fields, summary, error);
    if (!failed && series.item)
        failed = json_read_series(&series, summary->series, &derived, error);
    if (!failed && states.item)
        failed = read_states(&states, summary, error);
    if (!failed && load.item)
        failed = read_load(&load, summary, error);
    return failed;
}

int json_read_summary(const struct json_node *node, enum pattern pattern, struct summary *summary,
                      struct error *error)
{
    const struct json_node histogram = json_child(node, "histogram");

    int failed = json_read_fields(node, &summary_fields, summary, error);
    if (!failed && summary->p50_ns > 0)
        failed = json_read_fields(node, &interval_fields, summary, error);
    if (!failed)
        failed = read_parts(node, summary, error);
    if (!failed)
        failed = json_read_crew_summary(node, &summary->crew, error);
    if (!failed && (histogram.item || pattern_is_latency(pattern)))
        failed = json_read_histogram(node, &summary->merged, error);
    if (!failed)
        summary->max_ns = (double)summary->merged.maximum;
    return failed;
}
