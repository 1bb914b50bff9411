/* Histograms as JSON: the text that other HDR tools read, and beside it the exact figures that the
 * text does not carry. */
#include "results/json_parts.h"

#include "base/hdr_codec.h"
#include "base/text.h"

enum { COUNTERS_MOST = 65536 }; /* latencies have 27,648 */

void json_write_histogram(struct json_writer *writer, cJSON *object, const struct hdr *histogram)
{
    struct text encoded = {0};

    if (histogram->counter_count == 0)
        return;
    if (hdr_encode(histogram, &encoded, NULL) < 0 || encoded.failed)
        writer->failed = true;
    if (histogram->total > 0) {
        json_add(writer, object, "min_ns", json_whole(histogram->minimum));
        json_add(writer, object, "max_ns", json_whole(histogram->maximum));
    }
    json_add(writer, object, "sample_count", json_whole(histogram->total));
    json_add(writer, object, "overflow_count", json_whole(histogram->overflow));
    json_add(writer, object, "histogram", json_text(text_string(&encoded)));
    text_free(&encoded);
}

/* An exact bound must lie in the counter that the decoded one stands for. */
static int read_bound(const struct json_node *object, const char *name, const struct hdr *histogram,
                      uint64_t *bound, struct error *error)
{
    const struct json_node node = json_child(object, name);
    uint64_t exact = 0;

    const int failed = json_read_whole(&node, histogram->highest, &exact, error);
    if (failed)
        return failed;
    const size_t index = hdr_index(histogram, *bound);
    if (hdr_index(histogram, exact) != index)
        return json_wrong(&node, error, "%llu; the histogram says %llu to %llu",
                          (unsigned long long)exact,
                          (unsigned long long)hdr_index_lowest(histogram, index),
                          (unsigned long long)hdr_index_highest(histogram, index));
    *bound = exact;
    return 0;
}

static int read_exact_figures(const struct json_node *object, struct hdr *histogram,
                              struct error *error)
{
    const struct json_node samples = json_child(object, "sample_count");
    const struct json_node overflow = json_child(object, "overflow_count");
    uint64_t total = 0;

    int failed = json_read_whole(&samples, UINT64_MAX, &total, error);
    if (!failed)
        failed = json_read_whole(&overflow, UINT64_MAX, &histogram->overflow, error);
    if (!failed && total != histogram->total)
        failed = json_wrong(&samples, error, "%llu; the histogram holds %llu",
                            (unsigned long long)total, (unsigned long long)histogram->total);
    if (!failed && total > 0)
        failed = read_bound(object, "min_ns", histogram, &histogram->minimum, error);
    if (!failed && total > 0)
        failed = read_bound(object, "max_ns", histogram, &histogram->maximum, error);
    return failed;
}

int json_read_histogram(const struct json_node *object, struct hdr *histogram, struct error *error)
{
    const struct json_node node = json_child(object, "histogram");
    struct error decoding = {0};

    if (!cJSON_IsString(node.item))
        return json_expected(&node, error, "the base64 text of an HDR histogram");
    if (hdr_decode(node.item->valuestring, histogram, &decoding) < 0) {
        hdr_free(histogram);
        return json_wrong(&node, error, "%s", decoding.message);
    }
    if (histogram->counter_count > COUNTERS_MOST)
        return json_wrong(&node, error, "a range of %zu counters; expected at most %d",
                          histogram->counter_count, COUNTERS_MOST);
    hdr_trim(histogram);
    const int failed =
        json_charge(&node, histogram->counter_count * sizeof *histogram->counters, error);
    return failed ? failed : read_exact_figures(object, histogram, error);
}
