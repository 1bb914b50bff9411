/* Error texts: what was tried, what the system answered, and no half characters when cut. */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_system_error_gives_answer_and_name(void **state)
{
    (void)state;
    struct error error = {.unavailable = true, .knob = "stale"};

    assert_int_equal(error_system(&error, EPERM, "setsockopt(%s=%dM)", "SO_RCVBUF", 8), -EPERM);
    assert_string_equal(error.message, "setsockopt(SO_RCVBUF=8M): Operation not permitted (EPERM)");
    assert_int_equal(error.code, EPERM);
    assert_false(error.unavailable);
    assert_string_equal(error.knob, "");
}

static void test_plain_error_is_the_text_alone(void **state)
{
    (void)state;
    struct error error = {.unavailable = true, .knob = "stale"};

    assert_int_equal(error_plain(&error, "'%s': not a size", "4X"), -EINVAL);
    assert_string_equal(error.message, "'4X': not a size");
    assert_int_equal(error.code, EINVAL);
    assert_false(error.unavailable);
    assert_string_equal(error.knob, "");
}

static void test_unavailable_keeps_the_knob(void **state)
{
    (void)state;
    struct error error = {0};

    assert_int_equal(error_unavailable(&error, "sysctl vm.nr_hugepages=64", "no %s", "huge pages"),
                     -ENOTSUP);
    assert_true(error.unavailable);
    assert_int_equal(error.code, ENOTSUP);
    assert_string_equal(error.message, "no huge pages");
    assert_string_equal(error.knob, "sysctl vm.nr_hugepages=64");

    (void)error_unavailable(&error, NULL, "never");
    assert_true(error.unavailable);
    assert_string_equal(error.knob, "");
}

static void test_no_error_struct_still_returns_the_code(void **state)
{
    (void)state;
    assert_int_equal(error_system(NULL, ENOENT, "x"), -ENOENT);
    assert_int_equal(error_plain(NULL, "x"), -EINVAL);
    assert_int_equal(error_unavailable(NULL, "knob", "x"), -ENOTSUP);
    error_prefix(NULL, "x");
}

static void test_prefix_goes_in_front_and_keeps_the_rest(void **state)
{
    (void)state;
    struct error error = {0};

    (void)error_unavailable(&error, "knob", "no huge pages");
    error_prefix(&error, "%s: ", "sender");
    error_prefix(&error, "pipe: ");
    assert_string_equal(error.message, "pipe: sender: no huge pages");
    assert_true(error.unavailable);
    assert_int_equal(error.code, ENOTSUP);
    assert_string_equal(error.knob, "knob");
}

static void test_arguments_may_lie_in_the_error_itself(void **state)
{
    (void)state;
    struct error error = {0};

    (void)error_plain(&error, "inner");
    (void)error_plain(&error, "%s and %s", error.message, error.message);
    assert_string_equal(error.message, "inner and inner");
    error_prefix(&error, "<%s> ", error.message);
    assert_string_equal(error.message, "<inner and inner> inner and inner");
    (void)error_system(&error, EIO, "%s", error.message);
    assert_string_equal(error.message,
                        "<inner and inner> inner and inner: Input/output error (EIO)");
}

/* Two-byte characters only, an odd number of one-byte ones in front: every cut could split one. */
static void fill_with_umlauts(char *text, size_t bytes, size_t ascii)
{
    memset(text, 'x', ascii);
    for (size_t i = ascii; i + 2 < bytes; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[bytes - 1 - (bytes - 1 - ascii) % 2] = '\0';
}

static void assert_whole_characters(const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < 0x80)
            continue;
        assert_int_equal((unsigned char)at[0], 0xc3);
        assert_int_equal((unsigned char)at[1], 0xa4);
        at++;
    }
}

static void test_too_long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    const char *const answer = ": No such file or directory (ENOENT)";

    for (size_t ascii = 0; ascii < 2; ascii++) {
        char text[2 * ERROR_MESSAGE_BYTES];
        struct error error = {0};
        fill_with_umlauts(text, sizeof text, ascii);

        (void)error_plain(&error, "%s", text);
        assert_true(strlen(error.message) >= ERROR_MESSAGE_BYTES - 2);
        assert_whole_characters(error.message);

        error_prefix(&error, "pipe: ");
        assert_memory_equal(error.message, "pipe: ", 6);
        assert_whole_characters(error.message);

        (void)error_unavailable(&error, text, "%s", text);
        assert_true(strlen(error.knob) >= ERROR_KNOB_BYTES - 2);
        assert_whole_characters(error.knob);

        (void)error_system(&error, ENOENT, "%s", text);
        assert_true(strlen(error.message) >= ERROR_MESSAGE_BYTES - 2);
        assert_string_equal(error.message + strlen(error.message) - strlen(answer), answer);
        assert_whole_characters(error.message);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(error_name(EPERM), "EPERM");
    assert_string_equal(error_name(EAGAIN), "EAGAIN");
    assert_string_equal(error_name(EMSGSIZE), "EMSGSIZE");
    assert_string_equal(error_name(ENOBUFS), "ENOBUFS");
    assert_string_equal(error_name(EIDRM), "EIDRM");
    assert_string_equal(error_name(ENOTSUP), "EOPNOTSUPP");
    assert_string_equal(error_name(EOWNERDEAD), "EOWNERDEAD");
    assert_string_equal(error_name(4242), "errno 4242");
    assert_string_equal(error_name(-1), "errno -1");
    assert_string_equal(error_name(0), "errno 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system_error_gives_answer_and_name),
        cmocka_unit_test(test_plain_error_is_the_text_alone),
        cmocka_unit_test(test_unavailable_keeps_the_knob),
        cmocka_unit_test(test_no_error_struct_still_returns_the_code),
        cmocka_unit_test(test_prefix_goes_in_front_and_keeps_the_rest),
        cmocka_unit_test(test_arguments_may_lie_in_the_error_itself),
        cmocka_unit_test(test_too_long_texts_are_cut_between_characters),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
