/* Growing strings: whatever is appended, in whatever portions, they stay whole and terminated. */
#include "base/text.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_text_grows(void **state)
{
    struct text text = {0};
    (void)state;

    assert_string_equal(text_string(&text), "");
    for (int i = 0; i < 5000; i++)
        text_append(&text, "%04d", i);
    assert_int_equal(text.length, 20000);
    assert_int_equal(strlen(text.data), 20000);
    assert_memory_equal(text.data, "000000010002", 12);
    assert_string_equal(text_string(&text) + 19996, "4999");
    assert_true(text.capacity > text.length);
    assert_false(text.failed);
    text_free(&text);
    assert_null(text.data);
    assert_int_equal(text.length, 0);
}

/* Sizes around the capacity: the NUL must always have its place. */
static void test_text_appends_at_every_boundary(void **state)
{
    char filler[600];
    (void)state;
    memset(filler, 'x', sizeof filler);

    for (size_t first = 0; first < 300; first++) {
        struct text text = {0};
        text_append_bytes(&text, filler, first);
        assert_int_equal(text.data[first], '\0');
        text_append(&text, "%s", "");
        assert_int_equal(text.length, first);
        assert_true(text.capacity > first);
        text_append(&text, "%.*s", (int)first, filler);
        assert_int_equal(text.length, 2 * first);
        assert_int_equal(strlen(text.data), 2 * first);
        assert_true(text.capacity > 2 * first);
        text_free(&text);
    }
}

static void test_text_takes_any_byte(void **state)
{
    struct text text = {0};
    (void)state;

    text_append_bytes(&text, "a\0b", 3);
    text_append_bytes(&text, NULL, 0);
    text_append(&text, "c");
    assert_int_equal(text.length, 4);
    assert_memory_equal(text.data, "a\0bc", 5);
    text_free(&text);
}

static void test_text_out_of_memory_sticks(void **state)
{
    struct text text = {0};
    (void)state;

    text_append(&text, "kept");
    text_append_bytes(&text, "x", SIZE_MAX / 2 + 1);
    assert_true(text.failed);
    text_append(&text, "lost");
    text_append_bytes(&text, "lost", 4);
    assert_string_equal(text_string(&text), "kept");
    text_free(&text);
    assert_false(text.failed);
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("abc"), 3);
    assert_int_equal(text_columns("4.21 \xc2\xb5s"), 7);
    assert_int_equal(text_columns("\xe2\x86\x92\xf0\x9f\x98\x80x"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_grows),
        cmocka_unit_test(test_text_appends_at_every_boundary),
        cmocka_unit_test(test_text_takes_any_byte),
        cmocka_unit_test(test_text_out_of_memory_sticks),
        cmocka_unit_test(test_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
