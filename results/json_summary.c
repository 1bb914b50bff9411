/* A cell's summary as JSON. */
#include "results/json_parts.h"

#define IN_SUMMARY(member) .offset = offsetof(struct summary, member)
static const struct json_field summary_array[] = {
    {"trials", JSON_SIZE, true, IN_SUMMARY(trials)},
    {"trials_failed", JSON_SIZE, true, IN_SUMMARY(trials_failed)},
    {"failed_reason", JSON_STRING, false, IN_SUMMARY(failed_reason)},
    {"trials_unsettled", JSON_SIZE, true, IN_SUMMARY(trials_unsettled)},
    {"trials_faulted", JSON_SIZE, true, IN_SUMMARY(trials_faulted)},
    {"interval_coverage", JSON_FIGURE, true, IN_SUMMARY(interval_coverage)},
    {"noise", JSON_FIGURE, true, IN_SUMMARY(noise)},
    {"noisy", JSON_BOOL, true, IN_SUMMARY(noisy)},
    {"p50_ns", JSON_FIGURE, false, IN_SUMMARY(p50_ns)},
    {"p50_low_ns", JSON_FIGURE, false, IN_SUMMARY(p50_low_ns)},
    {"p50_high_ns", JSON_FIGURE, false, IN_SUMMARY(p50_high_ns)},
    {"p99_ns", JSON_FIGURE, false, IN_SUMMARY(p99_ns)},
    {"p999_ns", JSON_FIGURE, false, IN_SUMMARY(p999_ns)},
    {"rate_per_s", JSON_FIGURE, false, IN_SUMMARY(rate_per_s)},
    {"rate_low_per_s", JSON_FIGURE, false, IN_SUMMARY(rate_low_per_s)},
    {"rate_high_per_s", JSON_FIGURE, false, IN_SUMMARY(rate_high_per_s)},
    {"bytes_per_s", JSON_FIGURE, false, IN_SUMMARY(bytes_per_s)},
    {"cpu_ns_per_message", JSON_SIDES, true, IN_SUMMARY(cpu_ns_per_message)},
    {"switches_per_message", JSON_SIDES, true, IN_SUMMARY(switches_per_message)},
    {"blocked_share", JSON_SIDES, true, IN_SUMMARY(blocked_share)},
};
static const struct json_fields summary_fields = FIELDS(summary_array);

cJSON *json_write_summary(struct json_writer *writer, const struct summary *summary)
{
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &summary_fields, summary);
    json_write_histogram(writer, item, &summary->merged);
    return item;
}

int json_read_summary(const struct json_node *node, enum pattern pattern, struct summary *summary,
                      struct error *error)
{
    const struct json_node histogram = json_child(node, "histogram");

    int failed = json_read_fields(node, &summary_fields, summary, error);
    if (!failed && (histogram.item || pattern == PATTERN_PINGPONG))
        failed = json_read_histogram(node, &summary->merged, error);
    if (!failed)
        summary->max_ns = (double)summary->merged.maximum;
    return failed;
}
