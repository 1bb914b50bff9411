/* A cell as JSON: its identity, how it went, and its trials. */
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>

enum { TRIALS_MOST = 100000 };
#define SIZE_MOST_BYTES (UINT64_C(1) << 40)

static const char *const not_measured = "not measured yet: the run was interrupted";
static const char *const no_reason = "no reason was given";

static const char *pattern_text(unsigned value)
{
    return pattern_name((enum pattern)value);
}

static const char *idle_text(unsigned value)
{
    return idle_policy_name((enum idle_policy)value);
}

static const char *touch_text(unsigned value)
{
    static const char *const names[TOUCH_KINDS] = {"none", "all"};
    return names[value];
}

static const char *arrivals_text(unsigned value)
{
    return arrivals_name((enum arrivals)value);
}

static const char *status_text(unsigned value)
{
    return trial_status_name((enum trial_status)value);
}

#define IN_CELL(member) .offset = offsetof(struct run_cell, member)
static const struct json_field mechanism_array[] = {
    {"id", JSON_STRING, true, IN_CELL(id)},
    {"pattern", JSON_CHOICE, true, IN_CELL(pattern), PATTERN_COUNT, pattern_text},
    {"transport", JSON_STRING, true, IN_CELL(transport)},
};
static const struct json_fields mechanism_fields = FIELDS(mechanism_array);

/* How much is sent at once, or how fast: what only some patterns have. */
static const struct json_field rate_array[] = {
    {"rate_per_s", JSON_EXACT, false, IN_CELL(rate_per_s)},
};
static const struct json_fields rate_fields = FIELDS(rate_array);

static const struct json_field burst_array[] = {
    {"burst_messages", JSON_COUNT, false, IN_CELL(burst_messages)},
};
static const struct json_fields burst_fields = FIELDS(burst_array);

static const struct json_field arrivals_array[] = {
    {"arrivals", JSON_CHOICE, false, IN_CELL(arrivals), ARRIVALS_COUNT, arrivals_text},
};
static const struct json_fields arrivals_fields = FIELDS(arrivals_array);

static const struct json_field circumstance_array[] = {
    {"size_bytes", JSON_COUNT, true, IN_CELL(size_bytes), .limit = SIZE_MOST_BYTES},
    {"placement", JSON_STRING, true, IN_CELL(placement)},
    {"idle", JSON_CHOICE, true, IN_CELL(idle), IDLE_POLL + 1, idle_text},
    {"touch", JSON_CHOICE, true, IN_CELL(touch), TOUCH_KINDS, touch_text},
    {"memory", JSON_STRING, true, IN_CELL(memory)},
    {"belief", JSON_STRING, false, IN_CELL(belief)},
    {"belief_against", JSON_STRING, false, IN_CELL(belief_against)},
    {"belief_claim", JSON_STRING, false, IN_CELL(belief_claim)},
};
static const struct json_fields circumstance_fields = FIELDS(circumstance_array);

/* In a cell, "interrupted" is no status: such a cell counts as skipped, and `unmeasured` tells it
 * from one that cannot be measured. */
static const struct json_field status_array[] = {
    {"status", JSON_CHOICE, true, IN_CELL(status), TRIAL_FAILED + 1, status_text},
    {"reason", JSON_STRING, false, IN_CELL(reason)},
    {"knob", JSON_STRING, false, IN_CELL(knob)},
};
static const struct json_fields status_fields = FIELDS(status_array);

static bool has_arrivals(enum pattern pattern)
{
    return pattern_has_rate(pattern) || pattern == PATTERN_LOAD;
}

static void write_load(struct json_writer *writer, cJSON *item, const struct run_cell *cell)
{
    if (pattern_has_rate(cell->pattern))
        json_write_fields(writer, item, &rate_fields, cell);
    if (pattern_has_burst(cell->pattern))
        json_write_fields(writer, item, &burst_fields, cell);
    if (has_arrivals(cell->pattern))
        json_write_fields(writer, item, &arrivals_fields, cell);
}

static int read_load(const struct json_node *node, struct run_cell *cell, struct error *error)
{
    int failed = 0;

    if (pattern_has_rate(cell->pattern))
        failed = json_read_fields(node, &rate_fields, cell, error);
    if (!failed && pattern_has_burst(cell->pattern))
        failed = json_read_fields(node, &burst_fields, cell, error);
    if (!failed && has_arrivals(cell->pattern))
        failed = json_read_fields(node, &arrivals_fields, cell, error);
    return failed;
}

static bool is_unmeasured(const struct run_cell *cell)
{
    return cell->status == TRIAL_INTERRUPTED ||
           (cell->status == TRIAL_OK && cell->trial_count == 0);
}

void json_write_status(struct json_writer *writer, cJSON *object, const struct run_cell *cell)
{
    if (is_unmeasured(cell)) {
        json_add(writer, object, "status", json_text(trial_status_name(TRIAL_SKIPPED)));
        json_add(writer, object, "unmeasured", cJSON_CreateTrue());
        json_add(writer, object, "reason", json_text(not_measured));
        return;
    }
    json_add(writer, object, "status", json_text(trial_status_name(cell->status)));
    if (cell->status == TRIAL_OK)
        return;
    json_add(writer, object, "reason", json_text(cell->reason ? cell->reason : no_reason));
    if (cell->knob && cell->knob[0])
        json_add(writer, object, "knob", json_text(cell->knob));
}

int json_read_status(const struct json_node *object, struct run_cell *cell, struct error *error)
{
    const struct json_node unmeasured = json_child(object, "unmeasured");
    const struct json_node reason = json_child(object, "reason");

    const int failed = json_read_fields(object, &status_fields, cell, error);
    if (failed)
        return failed;
    if (cell->status != TRIAL_OK && !cell->reason)
        return json_expected(&reason, error, "text, since the status is not \"ok\"");
    if (unmeasured.item && !cJSON_IsBool(unmeasured.item))
        return json_expected(&unmeasured, error, "true or false");
    if (!cJSON_IsTrue(unmeasured.item))
        return 0;
    cell->status = TRIAL_INTERRUPTED;
    free(cell->reason);
    cell->reason = NULL;
    return 0;
}

static cJSON *write_trials(struct json_writer *writer, const struct run_cell *cell)
{
    cJSON *const trials = cJSON_CreateArray();

    for (size_t i = 0; i < cell->trial_count; i++)
        json_append(writer, trials, json_write_trial(writer, cell->pattern, &cell->trials[i]));
    return trials;
}

static int read_trials(const struct json_node *cell_node, struct run_cell *cell,
                       struct error *error)
{
    const struct json_node node = json_child(cell_node, "trials");
    const cJSON *item = NULL;

    int failed = json_expect_array(&node, TRIALS_MOST, error);
    if (failed)
        return failed;
    const size_t count = (size_t)cJSON_GetArraySize(node.item);
    failed = json_charge(&node, count * sizeof *cell->trials, error);
    if (failed)
        return failed;
    cell->trial_capacity = count;
    cell->trials = calloc(cell->trial_capacity + 1, sizeof *cell->trials);
    if (!cell->trials)
        return error_system(error, ENOMEM, "reading %zu trials", cell->trial_capacity);
    cJSON_ArrayForEach(item, node.item)
    {
        const struct json_node element = json_element(&node, item, cell->trial_count);
        struct run_trial *const trial = &cell->trials[cell->trial_count++];
        failed = json_read_trial(&element, cell->pattern, trial, error);
        if (failed)
            return failed;
    }
    return 0;
}

cJSON *json_write_cell(struct json_writer *writer, const struct run_cell *cell,
                       enum json_detail detail)
{
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &mechanism_fields, cell);
    json_write_plugin(writer, item, cell->plugin);
    json_write_options(writer, item, cell);
    write_load(writer, item, cell);
    json_write_fields(writer, item, &circumstance_fields, cell);
    if (cell->cpus.sender != CPU_ANY)
        json_add(writer, item, "cpus", json_write_pair(writer, &cell->cpus));
    json_write_crew(writer, item, cell->crew);
    json_write_status(writer, item, cell);
    json_add(writer, item, "obtained", json_write_obtained(writer, &cell->obtained));
    if (cell->summary.trials > 0 && detail == JSON_WITH_TRIALS)
        json_add(writer, item, "summary",
                 json_write_summary(writer, cell->pattern, &cell->summary));
    json_add(writer, item, "trials",
             detail == JSON_WITH_TRIALS ? write_trials(writer, cell) : cJSON_CreateArray());
    return item;
}

int json_read_cell(const struct json_node *node, struct run_cell *cell, struct error *error)
{
    const struct json_node obtained = json_child(node, "obtained");
    const struct json_node summary = json_child(node, "summary");
    const struct json_node cpus = json_child(node, "cpus");

    cell->cpus = (struct cpu_pair){.sender = CPU_ANY, .receiver = CPU_ANY};
    int failed = json_read_fields(node, &mechanism_fields, cell, error);
    if (!failed)
        failed = json_read_plugin(node, &cell->plugin, error);
    if (!failed)
        failed = json_read_options(node, cell, error);
    if (!failed)
        failed = read_load(node, cell, error);
    if (!failed)
        failed = json_read_fields(node, &circumstance_fields, cell, error);
    if (!failed && cpus.item)
        failed = json_read_pair(&cpus, &cell->cpus, error);
    if (!failed)
        failed = json_read_crew(node, &cell->crew, error);
    if (!failed)
        failed = json_read_status(node, cell, error);
    if (!failed)
        failed = json_read_obtained(&obtained, &cell->obtained, error);
    if (!failed && summary.item)
        failed = json_read_summary(&summary, cell->pattern, &cell->summary, error);
    if (!failed)
        failed = read_trials(node, cell, error);
    return failed;
}
