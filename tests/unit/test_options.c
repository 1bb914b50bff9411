/* Transport options: parsing, limits, and the way back to text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "harness/options.h"

enum { WAIT, CAPACITY, DEPTH, FREE_SIZE, ORDER, SPEC_COUNT };

static const struct option_spec specs[] = {
    [WAIT] = {.key = "wait",
              .kind = OPTION_CHOICE,
              .choices = "block|spin|poll",
              .default_value = "block",
              .meaning = "how to wait"},
    [CAPACITY] = {.key = "capacity",
                  .kind = OPTION_BYTES,
                  .default_value = "default",
                  .minimum = 4096,
                  .maximum = 1 << 20,
                  .meaning = "size of the buffer"},
    [DEPTH] = {.key = "depth",
               .kind = OPTION_COUNT,
               .default_value = "10",
               .minimum = 1,
               .maximum = 100,
               .meaning = "messages in flight"},
    [FREE_SIZE] = {.key = "free",
                   .kind = OPTION_BYTES,
                   .default_value = "64K",
                   .meaning = "no upper limit"},
    [ORDER] = {.key = "order",
               .kind = OPTION_CHOICE,
               .choices = "up|every:N",
               .default_value = "up",
               .minimum = 2,
               .maximum = 5000,
               .meaning = "in which order"},
};

static int parse(const char *text, struct options *options, struct error *error)
{
    *error = (struct error){0};
    return options_parse(specs, SPEC_COUNT, text, options, error);
}

static void defaults_stand_without_text(void **state)
{
    static const char *const nothing[] = {NULL, ""};
    struct options options;
    struct error error;
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(parse(nothing[i], &options, &error), 0);
        assert_int_equal(options.count, SPEC_COUNT);
        assert_ptr_equal(options.specs, specs);
        assert_int_equal(options.values[WAIT], 0);
        assert_int_equal(options.values[CAPACITY], 0);
        assert_int_equal(options.values[DEPTH], 10);
        assert_int_equal(options.values[FREE_SIZE], 65536);
    }
}

static void values_stand_in_table_order(void **state)
{
    struct options options;
    struct error error;
    (void)state;

    assert_int_equal(parse("depth=3,free=1T,wait=poll,capacity=64K", &options, &error), 0);
    assert_int_equal(options.values[WAIT], 2);
    assert_int_equal(options.values[CAPACITY], 65536);
    assert_int_equal(options.values[DEPTH], 3);
    assert_true(options.values[FREE_SIZE] == UINT64_C(1) << 40);

    assert_int_equal(parse("capacity=default", &options, &error), 0);
    assert_int_equal(options.values[CAPACITY], 0);
    assert_int_equal(parse("capacity=4K,depth=100", &options, &error), 0);
    assert_int_equal(parse("capacity=1M,depth=1", &options, &error), 0);
}

struct refusal {
    const char *text;
    const char *told; /* what the message has to name */
};

static void bad_text_names_what_would_be_right(void **state)
{
    static const struct refusal refusals[] = {
        {"wait=sleep", "block|spin|poll"},
        {"wait=", "block|spin|poll"},
        {"wait=bloc", "block|spin|poll"},
        {"wait=block|spin", "block|spin|poll"},
        {"waiting=poll", "wait, capacity, depth, free"},
        {"Wait=poll", "wait, capacity, depth, free"},
        {"=poll", "wait, capacity, depth, free"},
        {"wait", "key=value"},
        {"wait=poll,", "key=value"},
        {",wait=poll", "key=value"},
        {"wait=poll,,depth=2", "key=value"},
        {"wait=poll,wait=poll", "twice"},
        {"capacity=4095", "from 4K to 1M or default"},
        {"capacity=2M", "from 4K to 1M or default"},
        {"capacity=0", "from 4K to 1M or default"},
        {"capacity=-1", "capacity"},
        {"capacity=64Q", "capacity"},
        {"capacity=", "capacity"},
        {"depth=101", "from 1 to 100"},
        {"depth=2K", "depth"},
        {"depth=default", "from 1 to 100"},
        {"depth=99999999999999999999", "depth"},
        {"free=default", "at least 0"},
    };
    struct options options;
    struct error error;
    (void)state;

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        assert_int_equal(parse(refusals[i].text, &options, &error), -EINVAL);
        assert_int_equal(error.code, EINVAL);
        if (!strstr(error.message, refusals[i].told))
            fail_msg("%s: '%s' does not name '%s'", refusals[i].text, error.message,
                     refusals[i].told);
        assert_null(strchr(error.message, '\n'));
        assert_int_equal(options_parse(specs, SPEC_COUNT, refusals[i].text, &options, NULL),
                         -EINVAL);
    }
}

static void long_text_is_refused(void **state)
{
    char text[4096];
    struct options options;
    struct error error;
    (void)state;

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(parse(text, &options, &error), -EINVAL);
    text[0] = '=';
    assert_int_equal(parse(text, &options, &error), -EINVAL);
    text[0] = 'x';
    text[sizeof text - 2] = '=';
    assert_int_equal(parse(text, &options, &error), -EINVAL);
    assert_non_null(strstr(error.message, "too long"));
}

static void empty_and_wrong_tables(void **state)
{
    static const struct option_spec wrong = {
        .key = "ring", .kind = OPTION_BYTES, .default_value = "1K", .minimum = 4096};
    static const struct option_spec many[OPTIONS_MAX + 1] = {{0}};
    struct options options;
    struct error error = {0};
    (void)state;

    assert_int_equal(options_parse(NULL, 0, "", &options, &error), 0);
    assert_int_equal(options.count, 0);
    assert_int_equal(options_parse(NULL, 0, "wait=poll", &options, &error), -EINVAL);
    assert_non_null(strstr(error.message, "none"));
    assert_int_equal(options_parse(&wrong, 1, "", &options, &error), -EINVAL);
    assert_non_null(strstr(error.message, "ring"));
    assert_int_equal(options_parse(many, OPTIONS_MAX + 1, "", &options, &error), -EINVAL);
}

static void assert_formatted(const char *typed, const char *expected)
{
    struct options options;
    struct options again;
    struct error error;
    struct text out = {0};

    assert_int_equal(parse(typed, &options, &error), 0);
    options_format(&options, &out);
    assert_string_equal(text_string(&out), expected);
    assert_int_equal(parse(text_string(&out), &again, &error), 0);
    assert_memory_equal(again.values, options.values, sizeof options.values);
    text_free(&out);
}

static void format_tells_the_differences_and_parses_back(void **state)
{
    (void)state;
    assert_formatted("", "");
    assert_formatted("wait=block,depth=10,capacity=default,free=64K", "");
    assert_formatted("depth=3,wait=spin", "wait=spin,depth=3");
    assert_formatted("capacity=65536", "capacity=64K");
    assert_formatted("capacity=4097,free=0", "capacity=4097,free=0");
}

static void value_text_is_as_typed(void **state)
{
    struct options options;
    struct error error;
    char buffer[OPTION_TEXT_BYTES];
    (void)state;

    assert_int_equal(parse("wait=poll", &options, &error), 0);
    assert_string_equal(options_value_text(&options, WAIT, buffer), "poll");
    assert_string_equal(options_value_text(&options, CAPACITY, buffer), "default");
    assert_string_equal(options_value_text(&options, DEPTH, buffer), "10");
    assert_string_equal(options_value_text(&options, FREE_SIZE, buffer), "64K");
}

static void choices_can_be_stepped_through(void **state)
{
    char buffer[OPTION_TEXT_BYTES];
    (void)state;

    assert_string_equal(options_choice_text(&specs[WAIT], 0, buffer), "block");
    assert_string_equal(options_choice_text(&specs[WAIT], 1, buffer), "spin");
    assert_string_equal(options_choice_text(&specs[WAIT], 2, buffer), "poll");
    assert_null(options_choice_text(&specs[WAIT], 3, buffer));
    assert_null(options_choice_text(&specs[WAIT], 300, buffer));
    assert_null(options_choice_text(&specs[DEPTH], 0, buffer));
}

static void a_choice_may_take_a_number(void **state)
{
    static const char *const wrong[] = {"order=every",   "order=every:",     "order=every:N",
                                        "order=every:1", "order=every:5001", "order=up:3"};
    struct options options;
    struct error error;
    struct text text = {0};
    char buffer[OPTION_TEXT_BYTES];
    (void)state;

    assert_int_equal(parse("order=every:4096", &options, &error), 0);
    assert_int_equal(options_choice(options.values[ORDER]), 1);
    assert_int_equal(options_choice_number(options.values[ORDER]), 4096);
    assert_string_equal(options_value_text(&options, ORDER, buffer), "every:4096");
    options_format(&options, &text);
    assert_string_equal(text_string(&text), "order=every:4096");
    text_free(&text);
    options.values[ORDER] = 1 | UINT64_C(2) << OPTION_CHOICE_BITS;
    assert_string_equal(options_value_text(&options, ORDER, buffer), "every:2");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(parse(wrong[i], &options, &error) < 0);
        assert_non_null(strstr(error.message, "up|every:N"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_stand_without_text),
        cmocka_unit_test(values_stand_in_table_order),
        cmocka_unit_test(bad_text_names_what_would_be_right),
        cmocka_unit_test(long_text_is_refused),
        cmocka_unit_test(empty_and_wrong_tables),
        cmocka_unit_test(format_tells_the_differences_and_parses_back),
        cmocka_unit_test(value_text_is_as_typed),
        cmocka_unit_test(choices_can_be_stepped_through),
        cmocka_unit_test(a_choice_may_take_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
