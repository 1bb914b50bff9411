/* The encoded histogram: the golden vector both other readers agree on, round trips, and damaged
 * text. */
#include "base/base64.h"
#include "base/error.h"
#include "base/hdr.h"
#include "base/hdr_codec.h"
#include "base/random.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const char golden[] =
    "HISTFAAAADR4nJNpmSzMwMAAwiDADKUZgZgphPsJg/0HiMBxRq6bgiI/uQ+cV5nfz8i09yAjCwDepgsN";

/* What the golden vector holds once unpacked: header for 1..10^10 with 3 digits, then the counters.
 */
static const uint8_t golden_inner[] = {
    0x1c, 0x84, 0x93, 0x13, 0,    0,    0,    19,   0,    0,    0,    0,    0,    0,    0,
    3,    0,    0,    0,    0,    0,    0,    0,    1,    0,    0,    0,    2,    0x54, 0x0b,
    0xe4, 0,    0x3f, 0xf0, 0,    0,    0,    0,    0,    0,    0xc7, 0x01, 0x0a, 0xd9, 0x11,
    0x14, 0xf9, 0x0b, 0xc0, 0xcf, 0x24, 0x9f, 0x8f, 0x01, 0x02, 0xbd, 0xc1, 0x01, 0x04,
};

static void assert_same(const struct hdr *decoded, const struct hdr *original)
{
    assert_int_equal(decoded->lowest, original->lowest);
    assert_int_equal(decoded->highest, original->highest);
    assert_int_equal(decoded->digits, original->digits);
    assert_int_equal(decoded->counter_count, original->counter_count);
    assert_memory_equal(decoded->counters, original->counters,
                        original->counter_count * sizeof *original->counters);
    assert_int_equal(decoded->total, original->total);
    assert_int_equal(decoded->overflow, 0);
    if (original->total == 0) {
        assert_int_equal(decoded->minimum, UINT64_MAX);
        assert_int_equal(decoded->maximum, 0);
        return;
    }
    const size_t first = hdr_index(original, original->minimum);
    const size_t last = hdr_index(original, original->maximum);
    assert_int_equal(decoded->minimum, hdr_index_lowest(original, first));
    assert_int_equal(decoded->maximum, hdr_index_highest(original, last));
}

static void check_round_trip(const struct hdr *hdr)
{
    struct text text = {0};
    struct hdr decoded;

    text_append(&text, "before:");
    assert_int_equal(hdr_encode(hdr, &text, NULL), 0);
    assert_memory_equal(text.data, "before:HISTFAAA", 15);
    assert_int_equal(hdr_decode(text.data + 7, &decoded, NULL), 0);
    assert_same(&decoded, hdr);
    hdr_free(&decoded);
    text_free(&text);
}

static void test_golden_vector(void **state)
{
    struct hdr hdr;
    struct text text = {0};
    (void)state;

    assert_int_equal(hdr_decode(golden, &hdr, NULL), 0);
    assert_int_equal(hdr.lowest, 1);
    assert_int_equal(hdr.highest, UINT64_C(10000000000));
    assert_int_equal(hdr.digits, 3);
    assert_int_equal(hdr.total, 300018);
    assert_int_equal(hdr.minimum, 100);
    assert_int_equal(hdr_percentile(&hdr, 50), 2000);
    assert_int_equal(hdr.maximum, UINT64_C(4303355903));

    /* Encoded again it is the same once unpacked; the zlib stream itself may differ. */
    uint8_t outer[256], inner[256];
    size_t outer_bytes;
    uLongf inner_bytes = sizeof inner;
    assert_int_equal(hdr_encode(&hdr, &text, NULL), 0);
    assert_true(text.length < sizeof outer);
    assert_int_equal(base64_decode(text.data, text.length, outer, &outer_bytes), 0);
    assert_int_equal(uncompress(inner, &inner_bytes, outer + 8, outer_bytes - 8), Z_OK);
    assert_int_equal(inner_bytes, sizeof golden_inner);
    assert_memory_equal(inner, golden_inner, sizeof golden_inner);
    hdr_free(&hdr);
    text_free(&text);
}

static void test_random_histograms_come_back(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 21);

    for (int i = 0; i < 60; i++) {
        struct hdr hdr;
        const uint64_t lowest = 1 + random_below(&random, 1000);
        const uint64_t highest =
            lowest * 2 + (random_next(&random) >> (1 + random_below(&random, 50)));
        const uint64_t limit = highest > INT64_MAX ? INT64_MAX : highest;
        assert_int_equal(hdr_init(&hdr, lowest, limit, 1 + i % 4, NULL), 0);
        const uint64_t values = random_below(&random, 3000);
        for (uint64_t k = 0; k < values; k++)
            hdr_record_many(&hdr, random_below(&random, limit) >> random_below(&random, 64),
                            random_next(&random) >> (20 + random_below(&random, 44)));
        check_round_trip(&hdr);
        hdr_free(&hdr);
    }
}

/* Around each length of the variable-length word, and every single counter alone. */
static void test_counts_of_every_length_come_back(void **state)
{
    struct hdr hdr;
    (void)state;

    assert_int_equal(hdr_init(&hdr, 1, 100000, 2, NULL), 0);
    check_round_trip(&hdr);
    for (int bits = 0; bits < 63; bits++) {
        for (uint64_t off = 0; off < 3; off++) {
            hdr_reset(&hdr);
            hdr_record_many(&hdr, 77, (UINT64_C(1) << bits) + off - 1);
            hdr_record(&hdr, 1 << bits % 16);
            check_round_trip(&hdr);
        }
    }
    hdr_reset(&hdr);
    hdr_record_many(&hdr, 100000, INT64_MAX);
    check_round_trip(&hdr);
    for (size_t i = 0; i < hdr.counter_count && hdr_index_lowest(&hdr, i) <= hdr.highest; i++) {
        hdr_reset(&hdr);
        hdr_record(&hdr, hdr_index_lowest(&hdr, i));
        check_round_trip(&hdr);
    }

    struct text text = {0};
    hdr_record_many(&hdr, 5, INT64_MAX);
    assert_int_equal(hdr_encode(&hdr, &text, NULL), -EINVAL);
    assert_null(text.data);
    hdr_free(&hdr);
}

static void assert_refused(const char *text, const char *why)
{
    struct error error = {0};
    struct hdr hdr;

    assert_int_equal(hdr_decode(text, &hdr, &error), -EINVAL);
    if (!strstr(error.message, why))
        fail_msg("expected '%s' in: %s", why, error.message);
    assert_null(strchr(error.message, '\n'));
    assert_null(hdr.counters);
    hdr_free(&hdr);
}

static void test_truncated_text_is_refused_at_every_length(void **state)
{
    char text[sizeof golden];
    (void)state;

    for (size_t length = 0; length < sizeof golden - 1; length++) {
        memcpy(text, golden, length);
        text[length] = '\0';
        assert_refused(text, "encoded histogram: ");
    }
    assert_refused("HISTFAAAADR4nJNp mSzM", "base64");
    assert_refused("====", "base64");
    assert_refused("", "too short");
}

/* Any single changed character is refused or changes nothing: the cookie has four bits nobody
 * reads, and deflate can say the same in more than one way. */
static void test_changed_characters_change_nothing_unseen(void **state)
{
    enum { COOKIE_BITS_AT = 4 };
    struct hdr original;
    char text[sizeof golden];
    int accepted_cookies = 0;
    (void)state;

    assert_int_equal(hdr_decode(golden, &original, NULL), 0);
    for (size_t at = 0; at < sizeof golden - 1; at++) {
        for (int value = 1; value < 256; value++) {
            struct hdr hdr;
            memcpy(text, golden, sizeof golden);
            text[at] = (char)value;
            const int result = hdr_decode(text, &hdr, NULL);
            assert_true(result == 0 || result == -EINVAL);
            if (result == 0) {
                assert_same(&hdr, &original);
                accepted_cookies += at == COOKIE_BITS_AT;
            }
            hdr_free(&hdr);
        }
    }
    assert_int_equal(accepted_cookies, 16);
    hdr_free(&original);
}

struct patch {
    size_t at;
    const char *bytes;
    size_t count;
    const char *why;
};

static void test_outer_frame_is_checked(void **state)
{
    static const uint8_t words[] = {0x04, 0x14, 0x24, 0xf4};
    static const struct patch patches[] = {
        {0, "\x1c\x84\x93\x13", 4, "outer cookie"},
        {0, "\x1d\x84\x93\x14", 4, "outer cookie"},
        {4, "\xff\xff\xff\xff", 4, "length"},
        {4, "\x00\x00\x00\x33", 4, "length"},
        {4, "\x00\x00\x00\x00", 4, "length"},
        {8, "\x00\x00", 2, "damaged"},
        {56, "\x00", 1, "damaged"}, /* within the checksum */
    };
    uint8_t outer[128], changed[128];
    size_t bytes;
    (void)state;

    assert_int_equal(base64_decode(golden, sizeof golden - 1, outer, &bytes), 0);
    for (size_t i = 0; i < COUNT_OF(patches); i++) {
        struct text text = {0};
        memcpy(changed, outer, bytes);
        memcpy(changed + patches[i].at, patches[i].bytes, patches[i].count);
        base64_encode(changed, bytes, &text);
        assert_refused(text.data, patches[i].why);
        text_free(&text);
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct text text = {0};
        struct hdr hdr;
        outer[3] = words[i];
        base64_encode(outer, bytes, &text);
        assert_int_equal(hdr_decode(text.data, &hdr, NULL), 0);
        hdr_free(&hdr);
        text_free(&text);
    }
}

/* Its length field in agreement all the while: the last four bytes are only the checksum. */
static void test_stream_must_end_where_the_frame_ends(void **state)
{
    uint8_t outer[128];
    size_t bytes;
    (void)state;

    assert_int_equal(base64_decode(golden, sizeof golden - 1, outer, &bytes), 0);
    const uint8_t zipped_bytes = outer[7];
    for (size_t cut = 1; cut <= zipped_bytes; cut++) {
        struct text text = {0};
        outer[7] = (uint8_t)(zipped_bytes - cut);
        base64_encode(outer, bytes - cut, &text);
        assert_refused(text.data, "too short");
        text_free(&text);
    }

    struct text text = {0};
    outer[7] = (uint8_t)(zipped_bytes + 1);
    outer[bytes] = 0;
    base64_encode(outer, bytes + 1, &text);
    assert_refused(text.data, "behind the zlib stream");
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_vector),
        cmocka_unit_test(test_random_histograms_come_back),
        cmocka_unit_test(test_counts_of_every_length_come_back),
        cmocka_unit_test(test_truncated_text_is_refused_at_every_length),
        cmocka_unit_test(test_changed_characters_change_nothing_unseen),
        cmocka_unit_test(test_outer_frame_is_checked),
        cmocka_unit_test(test_stream_must_end_where_the_frame_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
