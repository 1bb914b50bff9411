/* Hostile contents behind an intact frame and checksum: refused by name, never a crash. */
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

enum { HEADER_BYTES = 40, HIGHEST_AT = 24 };

/* The golden vector unpacked: header for 1..10^10 with 3 digits, then the counters. */
static const uint8_t golden_inner[] = {
    0x1c, 0x84, 0x93, 0x13, 0,    0,    0,    19,   0,    0,    0,    0,    0,    0,    0,
    3,    0,    0,    0,    0,    0,    0,    0,    1,    0,    0,    0,    2,    0x54, 0x0b,
    0xe4, 0,    0x3f, 0xf0, 0,    0,    0,    0,    0,    0,    0xc7, 0x01, 0x0a, 0xd9, 0x11,
    0x14, 0xf9, 0x0b, 0xc0, 0xcf, 0x24, 0x9f, 0x8f, 0x01, 0x02, 0xbd, 0xc1, 0x01, 0x04,
};

struct patch {
    size_t at;
    const char *bytes;
    size_t count;
    const char *why;
};

/* Wraps whatever it is given as a well-formed text would be. The caller frees it. */
static struct text wrap(const uint8_t *inner, size_t bytes)
{
    struct text text = {0};
    uLongf zipped_bytes = compressBound(bytes);
    uint8_t *const outer = malloc(8 + zipped_bytes);

    assert_non_null(outer);
    assert_int_equal(compress2(outer + 8, &zipped_bytes, inner, bytes, 6), Z_OK);
    const uint8_t head[] = {0x1c, 0x84, 0x93, 0x14};
    memcpy(outer, head, sizeof head);
    for (int i = 0; i < 4; i++)
        outer[4 + i] = (uint8_t)(zipped_bytes >> (24 - 8 * i));
    base64_encode(outer, 8 + zipped_bytes, &text);
    free(outer);
    return text;
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

static void assert_inner_refused(const uint8_t *inner, size_t bytes, const char *why)
{
    struct text text = wrap(inner, bytes);

    assert_refused(text.data, why);
    text_free(&text);
}

static void check_survives_encoding(const struct hdr *hdr)
{
    struct text text = {0};
    struct hdr again;

    assert_int_equal(hdr_encode(hdr, &text, NULL), 0);
    assert_int_equal(hdr_decode(text.data, &again, NULL), 0);
    assert_memory_equal(again.counters, hdr->counters, hdr->counter_count * sizeof *hdr->counters);
    assert_int_equal(again.total, hdr->total);
    hdr_free(&again);
    text_free(&text);
}

/* The same behind an intact checksum: whatever is accepted must be consistent with itself. */
static void test_changed_contents_never_confuse(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof golden_inner; at++) {
        for (int bit = 0; bit < 8; bit++) {
            uint8_t inner[sizeof golden_inner];
            struct hdr hdr;
            memcpy(inner, golden_inner, sizeof inner);
            inner[at] = (uint8_t)(inner[at] ^ 1 << bit);
            struct text text = wrap(inner, sizeof inner);
            const int result = hdr_decode(text.data, &hdr, NULL);
            assert_true(result == 0 || result == -EINVAL);
            if (result == 0) {
                uint64_t total = 0;
                for (size_t i = 0; i < hdr.counter_count; i++)
                    total += hdr.counters[i];
                assert_int_equal(hdr.total, total);
                check_survives_encoding(&hdr);
            }
            hdr_free(&hdr);
            text_free(&text);
        }
    }
}

static void test_bad_headers_are_named(void **state)
{
    static const struct patch patches[] = {
        {0, "\x1c\x84\x93\x04", 4, "inner cookie"},
        {4, "\xff\xff\xff\xff", 4, "payload longer"},
        {4, "\x7f\xff\xff\xff", 4, "payload longer"},
        {4, "\x00\x00\x00\x14", 4, "damaged or too short"},
        {4, "\x00\x00\x00\x12", 4, "more data"},
        {8, "\x00\x00\x00\x01", 4, "normalizing index offset"},
        {12, "\x00\x00\x00\x00", 4, "0 significant digits"},
        {12, "\x80\x00\x00\x03", 4, "significant digits"},
        {16, "\x00\x00\x00\x00\x00\x00\x00\x00", 8, "lowest value 0"},
        {16, "\x40\x00\x00\x00\x00\x00\x00\x00", 8, "below twice the lowest"},
        {HIGHEST_AT, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "highest value"},
        {HIGHEST_AT, "\x00\x00\x00\x00\x00\x00\x00\x01", 8, "below twice the lowest"},
        {HIGHEST_AT, "\x00\x00\x00\x00\x00\x00\x0f\xff", 8, "past the last counter"},
        {32, "\x00\x00\x00\x00\x00\x00\x00\x01", 8, "conversion ratio"},
        {32, "\x40\x00\x00\x00\x00\x00\x00\x00", 8, "conversion ratio"},
        {HEADER_BYTES + 18, "\x84", 1, "cut off"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(patches); i++) {
        uint8_t inner[sizeof golden_inner];
        memcpy(inner, golden_inner, sizeof inner);
        memcpy(inner + patches[i].at, patches[i].bytes, patches[i].count);
        assert_inner_refused(inner, sizeof inner, patches[i].why);
    }
    for (size_t bytes = 1; bytes < sizeof golden_inner; bytes++)
        assert_inner_refused(golden_inner, bytes, "damaged or too short");
}

/* A histogram of 1..4095, 3 digits: 3 * 1024 counters, with the given payload. */
static struct text wrap_payload(const uint8_t *payload, size_t bytes)
{
    uint8_t inner[256] = {0};

    assert_true(bytes <= sizeof inner - HEADER_BYTES);
    memcpy(inner, golden_inner, HEADER_BYTES);
    inner[7] = (uint8_t)bytes;
    memset(inner + HIGHEST_AT, 0, 8);
    inner[HIGHEST_AT + 6] = 0x0f;
    inner[HIGHEST_AT + 7] = 0xff;
    memcpy(inner + HEADER_BYTES, payload, bytes);
    return wrap(inner, HEADER_BYTES + bytes);
}

#define MOST "\xfe\xff\xff\xff\xff\xff\xff\xff\xff" /* ZigZag of 2^63-1 */

static void test_bad_counters_are_named(void **state)
{
    static const struct patch payloads[] = {
        {0, "\x81\x30", 2, "past the last counter"},     /* a run of 3073 */
        {0, "\x01\xff\x2f", 3, "past the last counter"}, /* runs of 1 and 3072 */
        {0, "\xff\x2f\x02", 3, "more counters"},         /* a run of 3072 and one more */
        {0, "\xff\x2f\x00", 3, "more counters"},         /* ... even if that is zero */
        {0, "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9, "past the last counter"}, /* 2^63 zeros */
        {0, MOST "\x02", 10, "add up"},
        {0, MOST MOST, 18, "add up"},
        {0, "\x80", 1, "cut off"},
        {0, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "cut off"},
    };
    static const struct patch good[] = {
        {0, "", 0, NULL},
        {0, "\xff\x2f", 2, NULL},           /* all zeros */
        {0, "\xfd\x2f\x02", 3, NULL},       /* the very last counter */
        {0, "\x00\x01\x00" MOST, 12, NULL}, /* a single zero may be written either way */
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        struct text text = wrap_payload((const uint8_t *)payloads[i].bytes, payloads[i].count);
        assert_refused(text.data, payloads[i].why);
        text_free(&text);
    }
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct text text = wrap_payload((const uint8_t *)good[i].bytes, good[i].count);
        struct hdr hdr;
        assert_int_equal(hdr_decode(text.data, &hdr, NULL), 0);
        assert_int_equal(hdr.counter_count, 3072);
        assert_int_equal(hdr.total, i < 2 ? 0 : i == 2 ? 1 : INT64_MAX);
        assert_int_equal(hdr.maximum, i < 2 ? 0 : i == 2 ? 4095 : 3);
        hdr_free(&hdr);
        text_free(&text);
    }
}

static void test_random_payloads_never_confuse(void **state)
{
    struct random random;
    int accepted = 0;
    (void)state;
    random_seed(&random, 33);

    for (int i = 0; i < 20000; i++) {
        uint8_t payload[64] = {0};
        const size_t bytes = (size_t)random_below(&random, sizeof payload + 1);
        const uint64_t shift = random_below(&random, 8);
        for (size_t k = 0; k < bytes; k++)
            payload[k] = (uint8_t)((random_next(&random) & 0xff) >> shift);
        struct text text = wrap_payload(payload, bytes);
        struct hdr hdr;
        const int result = hdr_decode(text.data, &hdr, NULL);
        assert_true(result == 0 || result == -EINVAL);
        if (result == 0) {
            accepted++;
            check_survives_encoding(&hdr);
        }
        hdr_free(&hdr);
        text_free(&text);
    }
    assert_in_range(accepted, 1000, 19999);
}

/* A megabyte of text that unpacks to a gigabyte would; only what the header announces is unpacked.
 */
static void test_bombs_are_refused(void **state)
{
    enum { BOMB_BYTES = 64 << 20 };
    uint8_t *const inner = calloc(1, BOMB_BYTES);
    (void)state;

    assert_non_null(inner);
    memcpy(inner, golden_inner, sizeof golden_inner);
    assert_inner_refused(inner, BOMB_BYTES, "more data");
    memcpy(inner + 4, "\x03\xff\xff\xd8", 4);
    assert_inner_refused(inner, BOMB_BYTES, "payload longer");
    free(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed_contents_never_confuse),
        cmocka_unit_test(test_bad_headers_are_named),
        cmocka_unit_test(test_bad_counters_are_named),
        cmocka_unit_test(test_random_payloads_never_confuse),
        cmocka_unit_test(test_bombs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
