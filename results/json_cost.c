/* What a trial's two processes spent, whether the messages arrived and what disturbed, as JSON. */
#include "results/json_parts.h"

#define IN_INTEGRITY(member) .offset = offsetof(struct integrity, member)
static const struct json_field integrity_array[] = {
    {"lost", JSON_COUNT, true, IN_INTEGRITY(lost)},
    {"duplicated", JSON_COUNT, true, IN_INTEGRITY(duplicated)},
    {"reordered", JSON_COUNT, true, IN_INTEGRITY(reordered)},
    {"corrupt", JSON_COUNT, true, IN_INTEGRITY(corrupt)},
};
static const struct json_fields integrity_fields = FIELDS(integrity_array);

#define IN_SIDE(member) .offset = offsetof(struct side_cost, member)
static const struct json_field side_array[] = {
    {"messages", JSON_COUNT, true, IN_SIDE(messages)},
    {"cpu_ns", JSON_COUNT, true, IN_SIDE(cpu_ns)},
    {"voluntary_switches", JSON_COUNT, true, IN_SIDE(voluntary_switches)},
    {"involuntary_switches", JSON_COUNT, true, IN_SIDE(involuntary_switches)},
    {"minor_faults", JSON_COUNT, true, IN_SIDE(minor_faults)},
    {"major_faults", JSON_COUNT, true, IN_SIDE(major_faults)},
    {"cpu_migrations", JSON_KNOWN, false, IN_SIDE(cpu_migrations)},
    {"runqueue_wait_ns", JSON_KNOWN, false, IN_SIDE(runqueue_wait_ns)},
    {"blocked_ns", JSON_COUNT, true, IN_SIDE(blocked_ns)},
    {"wait_episodes", JSON_COUNT, true, IN_SIDE(wait_episodes)},
    {"wait_retries", JSON_COUNT, true, IN_SIDE(wait_retries)},
    {"memory_node", JSON_NUMBER, false, IN_SIDE(memory_node)},
};
static const struct json_fields side_fields = FIELDS(side_array);

#define IN_COUNTERS(member) .offset = offsetof(struct counters_reading, member)
static const struct json_field counters_array[] = {
    {"scope", JSON_CHARS, false, IN_COUNTERS(scope), sizeof((struct counters_reading *)0)->scope},
    {"reason", JSON_CHARS, false, IN_COUNTERS(reason),
     sizeof((struct counters_reading *)0)->reason},
};
static const struct json_fields counters_fields = FIELDS(counters_array);

/* The counters are an array in the struct and have their names from the harness. */
static struct json_field counter_field(enum counter_kind kind)
{
    return (struct json_field){
        .name = counter_name(kind),
        .kind = JSON_KNOWN,
        .offset = offsetof(struct counters_reading, values) + kind * sizeof(int64_t),
    };
}

static cJSON *write_counters(struct json_writer *writer, const struct counters_reading *counters)
{
    cJSON *const item = cJSON_CreateObject();

    for (unsigned kind = 0; kind < COUNTER_KINDS; kind++) {
        const struct json_field field = counter_field((enum counter_kind)kind);
        json_write_fields(writer, item, &(struct json_fields){&field, 1}, counters);
    }
    json_write_fields(writer, item, &counters_fields, counters);
    return item;
}

static int read_counters(const struct json_node *node, struct counters_reading *counters,
                         struct error *error)
{
    int failed = json_read_fields(node, &counters_fields, counters, error);

    for (unsigned kind = 0; kind < COUNTER_KINDS && !failed; kind++) {
        const struct json_field field = counter_field((enum counter_kind)kind);
        failed = json_read_fields(node, &(struct json_fields){&field, 1}, counters, error);
    }
    return failed;
}

static void write_side(struct json_writer *writer, cJSON *sides, const char *name,
                       const struct side_cost *side)
{
    cJSON *const item = json_add(writer, sides, name, cJSON_CreateObject());

    json_write_fields(writer, item, &side_fields, side);
    json_add(writer, item, "counters", write_counters(writer, &side->counters));
}

static int read_side(const struct json_node *sides, const char *name, struct side_cost *side,
                     struct error *error)
{
    const struct json_node node = json_child(sides, name);
    const struct json_node counters = json_child(&node, "counters");

    const int failed = json_read_fields(&node, &side_fields, side, error);
    return failed ? failed : read_counters(&counters, &side->counters, error);
}

void json_write_costs(struct json_writer *writer, cJSON *trial, const struct trial_result *result)
{
    cJSON *const integrity = json_add(writer, trial, "integrity", cJSON_CreateObject());
    cJSON *const sides = json_add(writer, trial, "sides", cJSON_CreateObject());

    json_write_fields(writer, integrity, &integrity_fields, &result->integrity);
    write_side(writer, sides, "sender", &result->sides[SIDE_SENDER]);
    write_side(writer, sides, "receiver", &result->sides[SIDE_RECEIVER]);
    json_write_disturbance(writer, trial, "disturbance", &result->disturbance);
}

int json_read_costs(const struct json_node *trial, struct trial_result *result, struct error *error)
{
    const struct json_node integrity = json_child(trial, "integrity");
    const struct json_node sides = json_child(trial, "sides");

    int failed = json_read_fields(&integrity, &integrity_fields, &result->integrity, error);
    if (!failed)
        failed = json_expect_object(&sides, error);
    if (!failed)
        failed = read_side(&sides, "sender", &result->sides[SIDE_SENDER], error);
    if (!failed)
        failed = read_side(&sides, "receiver", &result->sides[SIDE_RECEIVER], error);
    if (!failed)
        failed = json_read_disturbance(trial, "disturbance", &result->disturbance, error);
    return failed;
}
