/* Several senders and receivers at once, as JSON: in a cell who they are and where they run, in a trial
 * what each lane did, in a summary the figures of all trials. */
#include "results/json_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { RATE_DIGITS = 6 };

#define IN_CREW(member) .offset = offsetof(struct run_crew, member)
static const struct json_field pairs_array[] = {
    {"pairs", JSON_SIZE, true, IN_CREW(pairs), .limit = CREW_LANES_MAX},
};
static const struct json_fields pairs_fields = FIELDS(pairs_array);
static const struct json_field channel_array[] = {
    {"senders", JSON_SIZE, true, IN_CREW(senders), .limit = CREW_LANES_MAX},
    {"receivers", JSON_SIZE, true, IN_CREW(receivers), .limit = CREW_LANES_MAX},
};
static const struct json_fields channel_fields = FIELDS(channel_array);
static const struct json_field crew_array[] = {
    {"oversubscribed", JSON_BOOL, true, IN_CREW(oversubscribed)},
};
static const struct json_fields crew_fields = FIELDS(crew_array);

/* A lane's CPUs; one of a channel may lack a sender or a receiver. */
static const struct json_field lane_array[] = {
    {"sender", JSON_NUMBER, false, .offset = offsetof(struct cpu_pair, sender),
     .limit = CPU_IDS_MAX},
    {"receiver", JSON_NUMBER, false, .offset = offsetof(struct cpu_pair, receiver),
     .limit = CPU_IDS_MAX},
};
static const struct json_fields lane_fields = FIELDS(lane_array);

void json_write_crew(struct json_writer *writer, cJSON *cell_item, const struct run_crew *crew)
{
    if (!crew)
        return;
    cJSON *const item = json_add(writer, cell_item, "crew", cJSON_CreateObject());
    json_write_fields(writer, item, crew->pairs ? &pairs_fields : &channel_fields, crew);
    json_write_fields(writer, item, &crew_fields, crew);
    cJSON *const lanes = json_add(writer, item, "lanes", cJSON_CreateArray());
    for (size_t lane = 0; lane < crew->lane_count; lane++) {
        cJSON *const cpus = cJSON_CreateObject();
        json_write_fields(writer, cpus, &lane_fields, &crew->cpus[lane]);
        json_append(writer, lanes, cpus);
    }
}

int json_read_crew(const struct json_node *cell_node, struct run_crew **crew, struct error *error)
{
    const struct json_node node = json_child(cell_node, "crew");
    const struct json_node lanes = json_child(&node, "lanes");
    const cJSON *item = NULL;

    if (!node.item)
        return 0;
    struct run_crew *const read = *crew = calloc(1, sizeof **crew);
    if (!read)
        return error_system(error, ENOMEM, "reading a crew");
    int failed = json_read_fields(&node, &crew_fields, read, error);
    if (!failed)
        failed = json_read_fields(
            &node, json_child(&node, "pairs").item ? &pairs_fields : &channel_fields, read, error);
    if (!failed)
        failed = json_expect_array(&lanes, CREW_LANES_MAX, error);
    cJSON_ArrayForEach(item, lanes.item)
    {
        const struct json_node element = json_element(&lanes, item, read->lane_count);
        if (failed)
            break;
        failed = json_read_fields(&element, &lane_fields, &read->cpus[read->lane_count++], error);
    }
    return failed;
}

/* One number for each lane. */
struct lanes {
    size_t count;
    const double *values;
};

static void write_lanes(struct json_writer *writer, cJSON *object, const char *name,
                        const struct lanes *lanes)
{
    cJSON *const array = json_add(writer, object, name, cJSON_CreateArray());

    for (size_t lane = 0; lane < lanes->count; lane++)
        json_append(writer, array, json_real(lanes->values[lane], RATE_DIGITS));
}

static int read_lanes(const struct json_node *object, const char *name, double *values,
                      size_t *count, struct error *error)
{
    const struct json_node node = json_child(object, name);
    const cJSON *item = NULL;

    *count = 0;
    const int failed = json_expect_array(&node, CREW_LANES_MAX, error);
    if (failed)
        return failed;
    cJSON_ArrayForEach(item, node.item)
    {
        const struct json_node element = json_element(&node, item, *count);
        if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble < 0)
            return json_expected(&element, error, "a number of at least 0");
        values[(*count)++] = item->valuedouble;
    }
    return 0;
}

#define IN_FIGURES(member) .offset = offsetof(struct crew_figures, member)
static const struct json_field figures_array[] = {
    {"fairness", JSON_FIGURE, true, IN_FIGURES(fairness)},
    {"sender_fairness", JSON_FIGURE, false, IN_FIGURES(sender_fairness)},
};
static const struct json_fields figures_fields = FIELDS(figures_array);

void json_write_crew_figures(struct json_writer *writer, cJSON *trial,
                             const struct crew_figures *crew)
{
    if (!crew)
        return;
    cJSON *const item = json_add(writer, trial, "crew", cJSON_CreateObject());
    write_lanes(writer, item, "rate_per_s", &(struct lanes){crew->lane_count, crew->rate_per_s});
    if (crew->p50_ns[0] > 0)
        write_lanes(writer, item, "p50_ns", &(struct lanes){crew->lane_count, crew->p50_ns});
    if (crew->sender_count > 0)
        write_lanes(writer, item, "sent_per_s",
                    &(struct lanes){crew->sender_count, crew->sent_per_s});
    json_write_fields(writer, item, &figures_fields, crew);
}

int json_read_crew_figures(const struct json_node *trial, struct crew_figures **crew,
                           struct error *error)
{
    const struct json_node node = json_child(trial, "crew");
    size_t latencies = 0;

    if (!node.item)
        return 0;
    struct crew_figures *const read = *crew = calloc(1, sizeof **crew);
    if (!read)
        return error_system(error, ENOMEM, "reading a crew");
    int failed = json_read_fields(&node, &figures_fields, read, error);
    if (!failed)
        failed = read_lanes(&node, "rate_per_s", read->rate_per_s, &read->lane_count, error);
    if (!failed && json_child(&node, "p50_ns").item)
        failed = read_lanes(&node, "p50_ns", read->p50_ns, &latencies, error);
    if (!failed && json_child(&node, "sent_per_s").item)
        failed = read_lanes(&node, "sent_per_s", read->sent_per_s, &read->sender_count, error);
    return failed;
}

#define IN_SUMMARY(member) .offset = offsetof(struct summary_crew, member)
static const struct json_field summary_array[] = {
    {"fairness", JSON_FIGURE, true, IN_SUMMARY(fairness)},
    {"sender_fairness", JSON_FIGURE, false, IN_SUMMARY(sender_fairness)},
    {"slowest_per_s", JSON_FIGURE, true, IN_SUMMARY(slowest_per_s)},
    {"fastest_per_s", JSON_FIGURE, true, IN_SUMMARY(fastest_per_s)},
};
static const struct json_fields summary_fields = FIELDS(summary_array);

void json_write_crew_summary(struct json_writer *writer, cJSON *summary,
                             const struct summary_crew *crew)
{
    if (crew->fairness <= 0)
        return;
    cJSON *const item = json_add(writer, summary, "crew", cJSON_CreateObject());
    json_write_fields(writer, item, &summary_fields, crew);
}

int json_read_crew_summary(const struct json_node *summary, struct summary_crew *crew,
                           struct error *error)
{
    const struct json_node node = json_child(summary, "crew");

    return node.item ? json_read_fields(&node, &summary_fields, crew, error) : 0;
}
