/* How the machine and the pattern stood in a trial, beside its figures. */
#include "results/json_parts.h"

enum { WINDOW_DIGITS = 5, BOUND_DIGITS = 6 };

#define IN_LAYOUT(member) .offset = offsetof(struct layout, member)
static const struct json_field layout_array[] = {
    {"buffer_offset_bytes", JSON_SIZE, true, IN_LAYOUT(buffer_offset_bytes)},
    {"stack_offset_bytes", JSON_SIZE, true, IN_LAYOUT(stack_offset_bytes)},
};
static const struct json_fields layout_fields = FIELDS(layout_array);

#define IN_PACE(member) .offset = offsetof(struct pace, member)
static const struct json_field pace_array[] = {
    {"offered_per_s", JSON_FIGURE, true, IN_PACE(offered_per_s)},
    {"achieved_per_s", JSON_FIGURE, true, IN_PACE(achieved_per_s)},
    {"backlog_messages", JSON_COUNT, true, IN_PACE(backlog_messages)},
    {"rise_share", JSON_FIGURE, true, IN_PACE(rise_share)},
    {"stable", JSON_BOOL, true, IN_PACE(stable)},
};
static const struct json_fields pace_fields = FIELDS(pace_array);

#define IN_COLD(member) .offset = offsetof(struct cold_start, member)
static const struct json_field cold_array[] = {
    {"messages", JSON_COUNT, true, IN_COLD(messages), COLD_MESSAGES},
    {"first_ns", JSON_FIGURE, true, IN_COLD(first_ns)},
    {"p50_ns", JSON_FIGURE, true, IN_COLD(p50_ns)},
    {"max_ns", JSON_FIGURE, true, IN_COLD(max_ns)},
    {"total_ns", JSON_FIGURE, true, IN_COLD(total_ns)},
    {"faults", JSON_SIDE_COUNTS, true, IN_COLD(faults)},
};
static const struct json_fields cold_fields = FIELDS(cold_array);

#define IN_OPERATION(member) .offset = offsetof(struct operation_extent, member)
static const struct json_field operation_array[] = {
    {"bytes", JSON_COUNT, true, IN_OPERATION(bytes)},
    {"per_sample", JSON_COUNT, true, IN_OPERATION(per_sample)},
};
static const struct json_fields operation_fields = FIELDS(operation_array);

#define IN_RESULT(member) .offset = offsetof(struct trial_result, member)
static const struct json_field condition_array[] = {
    {"prefaulted", JSON_BOOL, false, IN_RESULT(prefaulted)},
    {"layout", JSON_RECORD, false, IN_RESULT(layout), .record = &layout_fields},
    {"pace", JSON_RECORD, false, IN_RESULT(pace), .record = &pace_fields},
    {"cold", JSON_RECORD, false, IN_RESULT(cold), .record = &cold_fields},
    {"operation", JSON_RECORD, false, IN_RESULT(operation), .record = &operation_fields},
    {"capacity_messages", JSON_KNOWN, false, IN_RESULT(capacity_messages), FILL_MESSAGES_MOST},
};
static const struct json_fields condition_fields = FIELDS(condition_array);

/* Where times are taken between two clocks, which may come out below 0. */
static const struct json_field negatives_array[] = {
    {"negatives", JSON_COUNT, false, IN_RESULT(negatives)},
};
static const struct json_fields negatives_fields = FIELDS(negatives_array);

/* Where there are windows. */
static const struct json_field drift_array[] = {
    {"drift_share", JSON_SIGNED, true, IN_RESULT(drift_share)},
    {"drifting", JSON_BOOL, true, IN_RESULT(drifting)},
};
static const struct json_fields drift_fields = FIELDS(drift_array);

#define IN_OFFSET(member) .offset = offsetof(struct clock_offset, member)
static const struct json_field offset_array[] = {
    {"low_ns", JSON_SIGNED, true, IN_OFFSET(low_ns)},
    {"high_ns", JSON_SIGNED, true, IN_OFFSET(high_ns)},
    {"warps", JSON_COUNT, true, IN_OFFSET(warps)},
};
static const struct json_fields offset_fields = FIELDS(offset_array);

/* `bound_ns` follows from the two ends; it is there for whoever reads the file. */
static void write_offset(struct json_writer *writer, cJSON *trial,
                         const struct clock_offset *offset)
{
    if (offset->low_ns == 0 && offset->high_ns == 0 && offset->warps == 0)
        return;
    cJSON *const item = json_add(writer, trial, "clock_offset", cJSON_CreateObject());
    json_write_fields(writer, item, &offset_fields, offset);
    json_add(writer, item, "bound_ns", json_real(clock_offset_bound_ns(offset), BOUND_DIGITS));
}

static void write_windows(struct json_writer *writer, cJSON *trial,
                          const struct trial_result *result)
{
    if (result->window_count == 0)
        return;
    cJSON *const array = json_add(writer, trial, "windows", cJSON_CreateArray());
    for (size_t i = 0; i < result->window_count; i++)
        json_append(writer, array, json_real(result->window_values[i], WINDOW_DIGITS));
    json_write_fields(writer, trial, &drift_fields, result);
}

/* Medians of times across two clocks may lie below 0. */
static int read_windows(const struct json_node *trial, struct trial_result *result,
                        struct error *error)
{
    const struct json_node node = json_child(trial, "windows");
    const cJSON *item = NULL;

    if (!node.item)
        return 0;
    int failed = json_expect_array(&node, WINDOWS_MAX, error);
    if (failed)
        return failed;
    cJSON_ArrayForEach(item, node.item)
    {
        const struct json_node element = json_element(&node, item, result->window_count);
        failed =
            json_read_real(&element, true, &result->window_values[result->window_count++], error);
        if (failed)
            return failed;
    }
    return json_read_fields(trial, &drift_fields, result, error);
}

void json_write_conditions(struct json_writer *writer, cJSON *trial, enum pattern pattern,
                           const struct trial_result *result)
{
    json_write_fields(writer, trial, &condition_fields, result);
    if (pattern_is_latency(pattern) && pattern_is_across_clocks(pattern))
        json_write_fields(writer, trial, &negatives_fields, result);
    write_offset(writer, trial, &result->clock_offset);
    write_windows(writer, trial, result);
}

int json_read_conditions(const struct json_node *trial, struct trial_result *result,
                         struct error *error)
{
    const struct json_node offset = json_child(trial, "clock_offset");

    int failed = json_read_fields(trial, &condition_fields, result, error);
    if (!failed)
        failed = json_read_fields(trial, &negatives_fields, result, error);
    if (!failed && offset.item)
        failed = json_read_fields(&offset, &offset_fields, &result->clock_offset, error);
    if (!failed)
        failed = read_windows(trial, result, error);
    return failed;
}
