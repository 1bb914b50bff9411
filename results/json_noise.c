/* What else happened on the CPUs, around a run and during each trial, as JSON. */
#include "results/json_parts.h"

#define IN_CPU(member) .offset = offsetof(struct cpu_disturbance, member)
static const struct json_field cpu_array[] = {
    {"interrupts", JSON_KNOWN, false, IN_CPU(interrupts)},
    {"timer_interrupts", JSON_KNOWN, false, IN_CPU(timer_interrupts)},
    {"device_interrupts", JSON_KNOWN, false, IN_CPU(device_interrupts)},
    {"steal_ns", JSON_KNOWN, false, IN_CPU(steal_ns)},
};
static const struct json_fields cpu_fields = FIELDS(cpu_array);

#define IN_DISTURBANCE(member) .offset = offsetof(struct disturbance, member)
static const struct json_field disturbance_array[] = {
    {"wall_ns", JSON_COUNT, true, IN_DISTURBANCE(wall_ns)},
    {"throttled_ns", JSON_KNOWN, false, IN_DISTURBANCE(throttled_ns)},
    {"throttled_periods", JSON_KNOWN, false, IN_DISTURBANCE(throttled_periods)},
};
static const struct json_fields disturbance_fields = FIELDS(disturbance_array);

#define IN_JITTER(member) .offset = offsetof(struct jitter, member)
static const struct json_field jitter_array[] = {
    {"cpu", JSON_NUMBER, true, IN_JITTER(cpu)},
    {"elapsed_s", JSON_FIGURE, true, IN_JITTER(seconds)},
    {"minimum_ns", JSON_FIGURE, true, IN_JITTER(minimum_ns)},
    {"gap_count", JSON_COUNT, true, IN_JITTER(gaps)},
    {"p999_ns", JSON_FIGURE, false, IN_JITTER(p999_ns)},
    {"max_ns", JSON_FIGURE, false, IN_JITTER(max_ns)},
    {"lost_share", JSON_FIGURE, true, IN_JITTER(lost_share)},
    {"frequency_hz", JSON_FIGURE, false, IN_JITTER(frequency_hz)},
};
static const struct json_fields jitter_fields = FIELDS(jitter_array);

#define IN_BASELINE(member) .offset = offsetof(struct baseline, member)
static const struct json_field load_array[] = {
    {"load_average", JSON_FIGURE, true, IN_BASELINE(load_average)},
};
static const struct json_fields load_fields = FIELDS(load_array);

static const char *const side_names[SIDE_COUNT] = {"sender", "receiver"};

void json_write_disturbance(struct json_writer *writer, cJSON *object, const char *name,
                            const struct disturbance *disturbance)
{
    if (disturbance->wall_ns == 0)
        return;
    cJSON *const item = json_add(writer, object, name, cJSON_CreateObject());
    json_write_fields(writer, item, &disturbance_fields, disturbance);
    for (int side = 0; side < SIDE_COUNT; side++) {
        cJSON *const cpu = json_add(writer, item, side_names[side], cJSON_CreateObject());
        json_write_fields(writer, cpu, &cpu_fields, &disturbance->sides[side]);
    }
}

int json_read_disturbance(const struct json_node *object, const char *name,
                          struct disturbance *disturbance, struct error *error)
{
    const struct json_node node = json_child(object, name);

    if (!node.item)
        return 0;
    int failed = json_read_fields(&node, &disturbance_fields, disturbance, error);
    for (int side = 0; side < SIDE_COUNT && !failed; side++) {
        const struct json_node cpu = json_child(&node, side_names[side]);
        failed = json_read_fields(&cpu, &cpu_fields, &disturbance->sides[side], error);
    }
    return failed;
}

static void write_baseline(struct json_writer *writer, cJSON *noise, const char *name,
                           const struct baseline *baseline)
{
    if (!baseline->taken)
        return;
    cJSON *const item = json_add(writer, noise, name, cJSON_CreateObject());
    if (baseline->load_average >= 0)
        json_write_fields(writer, item, &load_fields, baseline);
    for (int side = 0; side < SIDE_COUNT; side++) {
        cJSON *const jitter = json_add(writer, item, side_names[side], cJSON_CreateObject());
        json_write_fields(writer, jitter, &jitter_fields, &baseline->jitter[side]);
    }
}

static int read_baseline(const struct json_node *noise, const char *name, struct baseline *baseline,
                         struct error *error)
{
    const struct json_node node = json_child(noise, name);

    if (!node.item)
        return 0;
    const struct json_node load = json_child(&node, load_array[0].name);
    baseline->taken = true;
    baseline->load_average = -1;
    int failed = json_expect_object(&node, error);
    if (!failed && load.item)
        failed = json_read_fields(&node, &load_fields, baseline, error);
    for (int side = 0; side < SIDE_COUNT && !failed; side++) {
        const struct json_node jitter = json_child(&node, side_names[side]);
        failed = json_read_fields(&jitter, &jitter_fields, &baseline->jitter[side], error);
    }
    return failed;
}

void json_write_noise(struct json_writer *writer, cJSON *document, const struct run_noise *noise)
{
    if (!noise->before.taken && !noise->after.taken && noise->during.wall_ns == 0)
        return;
    cJSON *const item = json_add(writer, document, "noise", cJSON_CreateObject());
    write_baseline(writer, item, "before", &noise->before);
    json_write_disturbance(writer, item, "during", &noise->during);
    write_baseline(writer, item, "after", &noise->after);
}

int json_read_noise(const struct json_node *document, struct run_noise *noise, struct error *error)
{
    const struct json_node node = json_child(document, "noise");

    if (!node.item)
        return 0;
    int failed = json_expect_object(&node, error);
    if (!failed)
        failed = read_baseline(&node, "before", &noise->before, error);
    if (!failed)
        failed = json_read_disturbance(&node, "during", &noise->during, error);
    if (!failed)
        failed = read_baseline(&node, "after", &noise->after, error);
    return failed;
}
