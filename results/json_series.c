/* The latencies beside a pattern's main one: service time, send lag, the way back, the round trip. */
#include "results/json_parts.h"

#include <string.h>

#define IN_SERIES(member)                                                                          \
    .offset = offsetof(struct figures, series[0].member) - offsetof(struct figures, series[0])
static const struct json_field percentile_array[] = {
    {"p50_ns", JSON_FIGURE, false, IN_SERIES(p50_ns)},
    {"p99_ns", JSON_FIGURE, false, IN_SERIES(p99_ns)},
};
static const struct json_fields percentile_fields = FIELDS(percentile_array);

void json_write_series(struct json_writer *writer, cJSON *object,
                       const struct hdr series[SERIES_COUNT], const struct figures *figures)
{
    cJSON *all = NULL;

    for (unsigned s = 0; s < SERIES_COUNT; s++) {
        if (series[s].counter_count == 0)
            continue;
        if (!all)
            all = json_add(writer, object, "series", cJSON_CreateObject());
        cJSON *const item =
            json_add(writer, all, series_name((enum series)s), cJSON_CreateObject());
        if (figures)
            json_write_fields(writer, item, &percentile_fields, &figures->series[s]);
        json_write_histogram(writer, item, &series[s]);
    }
}

/* A name that is no series is refused: it would be lost on the way to the next file. */
static int series_of(const struct json_node *node, enum series *series, struct error *error)
{
    for (unsigned s = 0; s < SERIES_COUNT; s++) {
        if (strcmp(node->name, series_name((enum series)s)) == 0) {
            *series = (enum series)s;
            return 0;
        }
    }
    return json_wrong(node, error,
                      "no series; expected \"service\", \"send_lag\", \"backward\" or "
                      "\"round_trip\"");
}

int json_read_series(const struct json_node *node, struct hdr series[SERIES_COUNT],
                     struct figures *figures, struct error *error)
{
    const cJSON *item = NULL;

    int failed = json_expect_object(node, error);
    if (failed)
        return failed;
    cJSON_ArrayForEach(item, node->item)
    {
        const struct json_node member = {.parent = node, .item = item, .name = item->string};
        enum series which = SERIES_SERVICE;
        failed = series_of(&member, &which, error);
        if (!failed)
            failed = json_expect_object(&member, error);
        if (!failed && figures)
            failed = json_read_fields(&member, &percentile_fields, &figures->series[which], error);
        if (!failed)
            failed = json_read_histogram(&member, &series[which], error);
        if (failed)
            return failed;
    }
    return 0;
}
