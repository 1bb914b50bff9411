/* All of a document but its cells: how the run went, what was asked, on what machine. */
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MOST = 10000, FACTS_MOST = 10000 };

static const char *run_status_text(unsigned value)
{
    static const char *const names[] = {"complete", "interrupted"};
    return names[value];
}

#define IN_RUN(member) .offset = offsetof(struct run, member)
static const struct json_field head_array[] = {
    {"status", JSON_CHOICE, true, IN_RUN(status), RUN_INTERRUPTED + 1, run_status_text},
    {"version", JSON_STRING, true, IN_RUN(version)},
    {"started_at", JSON_STRING, true, IN_RUN(started_at)},
    {"finished_at", JSON_STRING, false, IN_RUN(finished_at)},
    {"elapsed_s", JSON_FIGURE, true, IN_RUN(elapsed_s)},
};
static const struct json_fields head_fields = FIELDS(head_array);

#define IN_REQUEST(member) .offset = offsetof(struct run_request, member)
static const struct json_field request_array[] = {
    {"seed", JSON_COUNT, true, IN_REQUEST(seed)},
    {"trials", JSON_SIZE, true, IN_REQUEST(trials)},
    {"timed_seconds", JSON_EXACT, true, IN_REQUEST(timed_seconds)},
    {"warmup_seconds", JSON_EXACT, true, IN_REQUEST(warmup_seconds)},
    {"precision", JSON_EXACT, false, IN_REQUEST(precision)},
    {"budget_s", JSON_EXACT, false, IN_REQUEST(budget_seconds)},
    {"cold", JSON_BOOL, false, IN_REQUEST(cold)},
};
static const struct json_fields request_fields = FIELDS(request_array);

#define IN_PAIR(member) .offset = offsetof(struct cpu_pair, member)
static const struct json_field cpus_array[] = {
    {"sender", JSON_NUMBER, true, IN_PAIR(sender)},
    {"receiver", JSON_NUMBER, true, IN_PAIR(receiver)},
};
static const struct json_fields cpus_fields = FIELDS(cpus_array);

static const char *clock_kind_text(unsigned value)
{
    static const char *const names[CLOCK_KINDS] = {"counter", "monotonic"};
    return names[value];
}

#define IN_CLOCK(member) .offset = offsetof(struct clock, member)
static const struct json_field clock_array[] = {
    {"name", JSON_CHARS, true, IN_CLOCK(name), sizeof((struct clock *)0)->name},
    {"kind", JSON_CHOICE, true, IN_CLOCK(kind), CLOCK_KINDS, clock_kind_text},
    {"ns_per_tick", JSON_EXACT, true, IN_CLOCK(ns_per_tick)},
    {"cost_ns", JSON_FIGURE, true, IN_CLOCK(cost_ns)},
    {"resolution_ns", JSON_FIGURE, true, IN_CLOCK(resolution_ns)},
    {"drift_ppm", JSON_SIGNED, true, IN_CLOCK(drift_ppm)},
    {"reason", JSON_CHARS, false, IN_CLOCK(reason), sizeof((struct clock *)0)->reason},
};
static const struct json_fields clock_fields = FIELDS(clock_array);

static const struct json_field drifted_array[] = {
    {"drifted", JSON_BOOL, true, IN_RUN(clock_drifted)},
};
static const struct json_fields drifted_fields = FIELDS(drifted_array);

#define IN_BOUNDS(member) .offset = offsetof(struct bounds, member)
static const struct json_field bounds_array[] = {
    {"cache_line_round_trip_ns", JSON_FIGURE, false, IN_BOUNDS(cache_line_round_trip_ns)},
    {"cache_line_minimum_ns", JSON_FIGURE, false, IN_BOUNDS(cache_line_minimum_ns)},
    {"null_system_call_ns", JSON_FIGURE, false, IN_BOUNDS(null_system_call_ns)},
    {"memcpy_cached_bytes_per_s", JSON_FIGURE, false, IN_BOUNDS(memcpy_cached_bytes_per_s)},
    {"memcpy_uncached_bytes_per_s", JSON_FIGURE, false, IN_BOUNDS(memcpy_uncached_bytes_per_s)},
    {"timer_cost_ns", JSON_FIGURE, false, IN_BOUNDS(timer_cost_ns)},
    {"timer_resolution_ns", JSON_FIGURE, false, IN_BOUNDS(timer_resolution_ns)},
    {"clock_warps", JSON_COUNT, true, IN_BOUNDS(clock_warps)},
};
static const struct json_fields bounds_fields = FIELDS(bounds_array);

cJSON *json_write_pair(struct json_writer *writer, const struct cpu_pair *cpus)
{
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &cpus_fields, cpus);
    return item;
}

int json_read_pair(const struct json_node *node, struct cpu_pair *cpus, struct error *error)
{
    return json_read_fields(node, &cpus_fields, cpus, error);
}

static cJSON *write_request(struct json_writer *writer, const struct run_request *request)
{
    cJSON *const item = cJSON_CreateObject();
    cJSON *const arguments = json_add(writer, item, "arguments", cJSON_CreateArray());

    for (size_t i = 0; i < request->argument_count; i++)
        json_append(writer, arguments, json_text(request->arguments[i]));
    json_write_fields(writer, item, &request_fields, request);
    json_add(writer, item, "cpus", json_write_pair(writer, &request->cpus));
    return item;
}

static int read_arguments(const struct json_node *node, struct run_request *request,
                          struct error *error)
{
    const cJSON *item = NULL;

    const int failed = json_expect_array(node, ARGUMENTS_MOST, error);
    if (failed)
        return failed;
    request->arguments =
        calloc((size_t)cJSON_GetArraySize(node->item) + 1, sizeof *request->arguments);
    if (!request->arguments)
        return error_system(error, ENOMEM, "reading arguments");
    cJSON_ArrayForEach(item, node->item)
    {
        const struct json_node element = json_element(node, item, request->argument_count);
        const int wrong =
            json_read_exact_string(&element, &request->arguments[request->argument_count++], error);
        if (wrong)
            return wrong;
    }
    return 0;
}

static int read_request(const struct json_node *node, struct run_request *request,
                        struct error *error)
{
    const struct json_node arguments = json_child(node, "arguments");
    const struct json_node cpus = json_child(node, "cpus");

    int failed = json_read_fields(node, &request_fields, request, error);
    if (!failed)
        failed = read_arguments(&arguments, request, error);
    if (!failed)
        failed = json_read_pair(&cpus, &request->cpus, error);
    return failed;
}

/* Facts come group by group; an object for each. Of two facts by one name the first is kept. */
static cJSON *write_machine(struct json_writer *writer, const struct machine *machine)
{
    cJSON *const item = cJSON_CreateObject();

    for (size_t i = 0; i < machine->count && !writer->failed; i++) {
        const struct machine_fact *const fact = &machine->facts[i];
        const struct json_fact value = {fact->is_number, fact->number, fact->text};
        cJSON *group = cJSON_GetObjectItemCaseSensitive(item, fact->group);
        if (!group)
            group = json_add_copy(writer, item, fact->group, cJSON_CreateObject());
        if (!cJSON_GetObjectItemCaseSensitive(group, fact->key))
            json_add_copy(writer, group, fact->key, json_fact_item(&value));
    }
    return item;
}

static int read_machine_fact(const struct json_node *node, struct machine *machine,
                             struct error *error)
{
    struct json_fact value;

    int failed = json_read_fact(node, &value, error);
    if (!failed && machine->count == FACTS_MOST)
        failed = json_wrong(node, error, "expected at most %d facts", FACTS_MOST);
    if (failed)
        return failed;
    struct machine_fact *const facts =
        reallocarray(machine->facts, machine->count + 1, sizeof *facts);
    if (!facts)
        return error_system(error, ENOMEM, "reading the machine");
    machine->facts = facts;
    facts[machine->count++] = (struct machine_fact){
        .group = node->parent->name,
        .key = node->name,
        .text = value.is_number ? NULL : strdup(value.text),
        .is_number = value.is_number,
        .number = value.number,
    };
    if (!value.is_number && !facts[machine->count - 1].text)
        return error_system(error, ENOMEM, "reading the machine");
    return 0;
}

static int read_machine(const struct json_node *node, struct machine *machine, struct error *error)
{
    const cJSON *group_item = NULL;
    int failed = json_expect_object(node, error);

    if (failed)
        return failed;
    cJSON_ArrayForEach(group_item, node->item)
    {
        const cJSON *item = NULL;
        const struct json_node group = {
            .parent = node, .item = group_item, .name = group_item->string};
        failed = json_expect_object(&group, error);
        if (failed)
            return failed;
        cJSON_ArrayForEach(item, group_item)
        {
            const struct json_node member = {.parent = &group, .item = item, .name = item->string};
            failed = read_machine_fact(&member, machine, error);
            if (failed)
                return failed;
        }
    }
    return 0;
}

void json_write_setting(struct json_writer *writer, cJSON *document, const struct run *run)
{
    json_write_fields(writer, document, &head_fields, run);
    json_add(writer, document, "request", write_request(writer, &run->request));
    json_add(writer, document, "machine", write_machine(writer, &run->machine));
    cJSON *const clock = json_add(writer, document, "clock", cJSON_CreateObject());
    json_write_fields(writer, clock, &clock_fields, &run->clock);
    json_write_fields(writer, clock, &drifted_fields, run);
    cJSON *const bounds = json_add(writer, document, "bounds", cJSON_CreateObject());
    json_write_fields(writer, bounds, &bounds_fields, &run->bounds);
    json_write_noise(writer, document, &run->noise);
}

int json_read_setting(const struct json_node *document, struct run *run, struct error *error)
{
    const struct json_node request = json_child(document, "request");
    const struct json_node machine = json_child(document, "machine");
    const struct json_node clock = json_child(document, "clock");
    const struct json_node bounds = json_child(document, "bounds");

    int failed = json_read_fields(document, &head_fields, run, error);
    if (!failed)
        failed = read_request(&request, &run->request, error);
    if (!failed)
        failed = read_machine(&machine, &run->machine, error);
    if (!failed)
        failed = json_read_fields(&clock, &clock_fields, &run->clock, error);
    if (!failed)
        failed = json_read_fields(&clock, &drifted_fields, run, error);
    if (!failed)
        failed = json_read_fields(&bounds, &bounds_fields, &run->bounds, error);
    if (!failed)
        failed = json_read_noise(document, &run->noise, error);
    return failed;
}
