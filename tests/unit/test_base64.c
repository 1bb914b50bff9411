/* Base64 against the vectors of RFC 4648, and every text it must refuse. */
#include "base/base64.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static void test_published_vectors(void **state)
{
    static const struct {
        const char *plain;
        const char *encoded;
    } cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xef\xfe\xfb", "/+/++w=="},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};
        uint8_t decoded[16];
        size_t bytes = 99;
        base64_encode((const uint8_t *)cases[i].plain, strlen(cases[i].plain), &text);
        assert_string_equal(text_string(&text), cases[i].encoded);
        assert_int_equal(base64_decode(cases[i].encoded, text.length, decoded, &bytes), 0);
        assert_int_equal(bytes, strlen(cases[i].plain));
        assert_memory_equal(decoded, cases[i].plain, bytes);
        text_free(&text);
    }
}

static void test_every_byte_comes_back(void **state)
{
    uint8_t data[256 + 2], decoded[(sizeof data + 2) / 3 * 3];
    (void)state;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 37);
    for (size_t length = 0; length <= sizeof data; length++) {
        struct text text = {0};
        size_t bytes = 0;
        base64_encode(data, length, &text);
        assert_int_equal(text.length, (length + 2) / 3 * 4);
        assert_int_equal(base64_decode(text_string(&text), text.length, decoded, &bytes), 0);
        assert_int_equal(bytes, length);
        assert_memory_equal(decoded, data, length);
        text_free(&text);
    }
}

static void test_malformed_text_is_refused(void **state)
{
    static const char *const texts[] = {
        "Z",        "Zg",   "Zg=",   "Zm9",  "Zm9vY", "====",    "Z===", "Zg==Zg==", "=g==", "Zg=v",
        "Zm9v====", "Zm 9", "Zm9\n", "Zm9-", "Zm9_",  "Zm9\xc3", "Zh==", "Zv==",     "Zm9=", "Zm+=",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        uint8_t decoded[16];
        size_t bytes;
        assert_int_equal(base64_decode(texts[i], strlen(texts[i]), decoded, &bytes), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_every_byte_comes_back),
        cmocka_unit_test(test_malformed_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
