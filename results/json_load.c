/* Latency against load: the curve of one trial, and of a cell's trials together. */
#include "results/json_parts.h"

#include <errno.h>
#include <stdlib.h>

static const char *point_status_text(unsigned value)
{
    return load_point_status_name((enum load_point_status)value);
}

#define IN_CURVE(member) .offset = offsetof(struct load_curve, member)
static const struct json_field curve_array[] = {
    {"saturation_per_s", JSON_FIGURE, true, IN_CURVE(saturation_per_s)},
    {"knee_per_s", JSON_FIGURE, false, IN_CURVE(knee_per_s)},
};
static const struct json_fields curve_fields = FIELDS(curve_array);

/* Shares are halved five times over, and a maximum is a sample: both whole. */
#define IN_POINT(member) .offset = offsetof(struct load_point, member)
static const struct json_field point_array[] = {
    {"share", JSON_EXACT, true, IN_POINT(share)},
    {"offered_per_s", JSON_FIGURE, true, IN_POINT(offered_per_s)},
    {"achieved_per_s", JSON_FIGURE, true, IN_POINT(achieved_per_s)},
    {"status", JSON_CHOICE, true, IN_POINT(status), LOAD_POINT_INVALID + 1, point_status_text},
    {"p50_ns", JSON_FIGURE, false, IN_POINT(p50_ns)},
    {"p99_ns", JSON_FIGURE, false, IN_POINT(p99_ns)},
    {"max_ns", JSON_EXACT, false, IN_POINT(max_ns)},
};
static const struct json_fields point_fields = FIELDS(point_array);

static struct json_list points_of(const struct load_curve *curve)
{
    return (struct json_list){&point_fields, (void *)curve->points, sizeof curve->points[0],
                              LOAD_POINTS_MAX};
}

cJSON *json_write_curve(struct json_writer *writer, const struct load_curve *curve)
{
    const struct json_list points = points_of(curve);
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &curve_fields, curve);
    json_add(writer, item, "points", json_write_list(writer, &points, curve->point_count));
    return item;
}

int json_read_curve(const struct json_node *node, struct load_curve **curve, struct error *error)
{
    const struct json_node points_node = json_child(node, "points");

    *curve = calloc(1, sizeof **curve);
    if (!*curve)
        return error_system(error, ENOMEM, "reading a load curve");
    const struct json_list points = points_of(*curve);
    const int failed = json_read_fields(node, &curve_fields, *curve, error);
    return failed ? failed : json_read_list(&points_node, &points, &(*curve)->point_count, error);
}

#define IN_LOAD(member) .offset = offsetof(struct summary_load, member)
static const struct json_field load_array[] = {
    {"saturation_per_s", JSON_FIGURE, true, IN_LOAD(saturation_per_s.value)},
    {"saturation_low_per_s", JSON_FIGURE, true, IN_LOAD(saturation_per_s.low)},
    {"saturation_high_per_s", JSON_FIGURE, true, IN_LOAD(saturation_per_s.high)},
};
static const struct json_fields load_fields = FIELDS(load_array);

#define IN_LOAD_POINT(member) .offset = offsetof(struct summary_load_point, member)
static const struct json_field load_point_array[] = {
    {"share", JSON_EXACT, true, IN_LOAD_POINT(share)},
    {"trials", JSON_SIZE, true, IN_LOAD_POINT(trials)},
    {"stable", JSON_SIZE, true, IN_LOAD_POINT(stable)},
    {"offered_per_s", JSON_FIGURE, true, IN_LOAD_POINT(offered_per_s)},
    {"p50_ns", JSON_FIGURE, false, IN_LOAD_POINT(p50_ns)},
    {"p99_ns", JSON_FIGURE, false, IN_LOAD_POINT(p99_ns)},
};
static const struct json_fields load_point_fields = FIELDS(load_point_array);

static struct json_list load_points_of(const struct summary_load *load)
{
    return (struct json_list){&load_point_fields, (void *)load->points, sizeof load->points[0],
                              LOAD_SHARES};
}

cJSON *json_write_load(struct json_writer *writer, const struct summary_load *load)
{
    const struct json_list points = load_points_of(load);
    cJSON *const item = cJSON_CreateObject();

    json_write_fields(writer, item, &load_fields, load);
    json_add(writer, item, "points", json_write_list(writer, &points, load->point_count));
    return item;
}

int json_read_load(const struct json_node *node, struct summary_load *load, struct error *error)
{
    const struct json_node points_node = json_child(node, "points");
    const struct json_list points = load_points_of(load);

    const int failed = json_read_fields(node, &load_fields, load, error);
    return failed ? failed : json_read_list(&points_node, &points, &load->point_count, error);
}
