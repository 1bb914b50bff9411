/* A trial as JSON. */
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INTERVALS_MAX = 1 << 24, ROUNDS_MAX = 1 << 30 };

static const char *status_text(unsigned value)
{
    return trial_status_name((enum trial_status)value);
}

/* Every trial, however it ended. */
#define IN_TRIAL(member)  .offset = offsetof(struct run_trial, member)
#define IN_RESULT(member) .offset = offsetof(struct run_trial, result.member)
static const struct json_field trial_array[] = {
    {"round", JSON_SIZE, true, IN_TRIAL(round), .limit = ROUNDS_MAX},
    {"order", JSON_SIZE, true, IN_TRIAL(order), .limit = ROUNDS_MAX},
    {"started_s", JSON_FIGURE, true, IN_TRIAL(started_s)},
    {"status", JSON_CHOICE, true, IN_RESULT(status), TRIAL_INTERRUPTED + 1, status_text},
    {"faults_in_loop", JSON_BOOL, true, IN_RESULT(faults_in_loop)},
    {"probes_disagree", JSON_BOOL, true, IN_RESULT(probes_disagree)},
    {"probe_before_ns", JSON_FIGURE, false, IN_RESULT(probe_before_ns)},
    {"probe_after_ns", JSON_FIGURE, false, IN_RESULT(probe_after_ns)},
};
static const struct json_fields trial_fields = FIELDS(trial_array);

/* Those that did not end well. */
static const struct json_field reason_array[] = {
    {"reason", JSON_CHARS, false, IN_RESULT(error.message), ERROR_MESSAGE_BYTES},
    {"knob", JSON_CHARS, false, IN_RESULT(error.knob), ERROR_KNOB_BYTES},
};
static const struct json_fields reason_fields = FIELDS(reason_array);

/* Those that ran to the end, their numbers to be believed or not. */
static const struct json_field measured_array[] = {
    {"messages", JSON_COUNT, true, IN_RESULT(messages)},
    {"elapsed_ns", JSON_FIGURE, true, IN_RESULT(elapsed_ns)},
    {"interval_ns", JSON_FIGURE, false, IN_RESULT(interval_ns)},
    {"access_ns", JSON_FIGURE, false, IN_RESULT(access_ns)},
};
static const struct json_fields measured_fields = FIELDS(measured_array);

/* A sample of a walk is the mean of so many accesses. */
static const struct json_field walk_array[] = {
    {"batch_accesses", JSON_COUNT, true, IN_RESULT(batch_accesses)},
};
static const struct json_fields walk_fields = FIELDS(walk_array);

/* Those to be believed. max_ns stands beside the histogram. */
static const struct json_field figure_array[] = {
    {"p50_ns", JSON_FIGURE, false, IN_TRIAL(figures.p50_ns)},
    {"p99_ns", JSON_FIGURE, false, IN_TRIAL(figures.p99_ns)},
    {"p999_ns", JSON_FIGURE, false, IN_TRIAL(figures.p999_ns)},
    {"rate_per_s", JSON_FIGURE, false, IN_TRIAL(figures.rate_per_s)},
    {"bytes_per_s", JSON_FIGURE, false, IN_TRIAL(figures.bytes_per_s)},
    {"cpu_ns_per_message", JSON_SIDES, true, IN_TRIAL(figures.cpu_ns_per_message)},
    {"switches_per_message", JSON_SIDES, true, IN_TRIAL(figures.switches_per_message)},
};
static const struct json_fields figure_fields = FIELDS(figure_array);

/* Milliseconds of a stream each: where it stalled. */
static cJSON *write_intervals(struct json_writer *writer, const struct trial_result *result)
{
    cJSON *const array = cJSON_CreateArray();

    for (size_t i = 0; i < result->interval_count; i++)
        json_append(writer, array, json_whole(result->interval_counts[i]));
    return array;
}

static int read_intervals(const struct json_node *node, struct trial_result *result,
                          struct error *error)
{
    const cJSON *item = NULL;

    const int failed = json_expect_array(node, INTERVALS_MAX, error);
    if (failed)
        return failed;
    const size_t capacity = (size_t)cJSON_GetArraySize(node->item);
    result->interval_counts = calloc(capacity + 1, sizeof *result->interval_counts);
    if (!result->interval_counts)
        return error_system(error, ENOMEM, "reading %zu intervals", capacity);
    cJSON_ArrayForEach(item, node->item)
    {
        const struct json_node element = json_element(node, item, result->interval_count);
        uint64_t count = 0;
        const int wrong = json_read_whole(&element, UINT32_MAX, &count, error);
        if (wrong)
            return wrong;
        result->interval_counts[result->interval_count++] = (uint32_t)count;
    }
    return 0;
}

static bool ran_to_the_end(const struct trial_result *result)
{
    return result->status == TRIAL_OK || result->status == TRIAL_INVALID;
}

static void write_measured(struct json_writer *writer, cJSON *item, enum pattern pattern,
                           const struct run_trial *trial)
{
    const struct trial_result *const result = &trial->result;

    json_write_fields(writer, item, &measured_fields, trial);
    if (pattern_walks(pattern))
        json_write_fields(writer, item, &walk_fields, trial);
    if (result->status == TRIAL_OK)
        json_write_fields(writer, item, &figure_fields, trial);
    json_write_histogram(writer, item, &result->histogram);
    json_write_series(writer, item, result->series,
                      result->status == TRIAL_OK ? &trial->figures : NULL);
    if (result->load)
        json_add(writer, item, "load", json_write_curve(writer, result->load));
    json_write_conditions(writer, item, pattern, result);
    if (result->interval_count > 0)
        json_add(writer, item, "interval_counts", write_intervals(writer, result));
    json_write_crew_figures(writer, item, result->crew);
    json_write_costs(writer, item, result);
}

cJSON *json_write_trial(struct json_writer *writer, enum pattern pattern,
                        const struct run_trial *trial)
{
    const struct trial_result *const result = &trial->result;
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &trial_fields, trial);
    if (result->status != TRIAL_OK)
        json_write_fields(writer, item, &reason_fields, trial);
    if (ran_to_the_end(result))
        write_measured(writer, item, pattern, trial);
    if (result->obtained.count > 0)
        json_add(writer, item, "obtained", json_write_obtained(writer, &result->obtained));
    return item;
}

/* Histograms, curve and intervals: what a pattern's figures are made from. */
static int read_samples(const struct json_node *node, enum pattern pattern, struct run_trial *trial,
                        struct error *error)
{
    struct trial_result *const result = &trial->result;
    const struct json_node histogram = json_child(node, "histogram");
    const struct json_node series = json_child(node, "series");
    const struct json_node load = json_child(node, "load");
    const struct json_node intervals = json_child(node, "interval_counts");
    const bool ok = result->status == TRIAL_OK;
    int failed = 0;

    if (histogram.item || (ok && pattern_is_latency(pattern)))
        failed = json_read_histogram(node, &result->histogram, error);
    if (!failed && series.item)
        failed = json_read_series(&series, result->series, ok ? &trial->figures : NULL, error);
    if (!failed && load.item)
        failed = json_read_curve(&load, &result->load, error);
    if (!failed && intervals.item)
        failed = read_intervals(&intervals, result, error);
    return failed;
}

static int read_measured(const struct json_node *node, enum pattern pattern,
                         struct run_trial *trial, struct error *error)
{
    struct trial_result *const result = &trial->result;
    const bool ok = result->status == TRIAL_OK;

    int failed = json_read_fields(node, &measured_fields, trial, error);
    if (!failed && pattern_walks(pattern))
        failed = json_read_fields(node, &walk_fields, trial, error);
    if (!failed && ok)
        failed = json_read_fields(node, &figure_fields, trial, error);
    if (!failed)
        failed = read_samples(node, pattern, trial, error);
    if (!failed)
        failed = json_read_conditions(node, result, error);
    if (!failed)
        failed = json_read_crew_figures(node, &result->crew, error);
    if (!failed)
        failed = json_read_costs(node, result, error);
    if (failed || !ok)
        return failed;
    result->rate_per_s = trial->figures.rate_per_s;
    trial->figures.max_ns = (double)result->histogram.maximum;
    return 0;
}

/* The error's other members follow from the status and are not written. */
static void complete_error(struct trial_result *result)
{
    result->error.unavailable = result->status == TRIAL_SKIPPED;
    result->error.code = result->status == TRIAL_OK        ? 0
                         : result->status == TRIAL_SKIPPED ? ENOTSUP
                                                           : EINVAL;
}

int json_read_trial(const struct json_node *node, enum pattern pattern, struct run_trial *trial,
                    struct error *error)
{
    const struct json_node obtained = json_child(node, "obtained");
    struct trial_result *const result = &trial->result;

    result->capacity_messages = -1;
    int failed = json_read_fields(node, &trial_fields, trial, error);
    if (!failed && result->status != TRIAL_OK)
        failed = json_read_fields(node, &reason_fields, trial, error);
    if (!failed && ran_to_the_end(result))
        failed = read_measured(node, pattern, trial, error);
    if (!failed && obtained.item)
        failed = json_read_obtained(&obtained, &result->obtained, error);
    complete_error(result);
    return failed;
}
