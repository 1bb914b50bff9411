/* What people type and read of a history: dates, lines of blocks, names that come near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/nearest.h"
#include "base/sparkline.h"
#include "base/text.h"

static void test_dates(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-1-31",
                                        "2026-02-30",
                                        "2026-13-01",
                                        "2026-01-31T12:00:00",
                                        "2026-01-31 12:00:00Z",
                                        "2026-01-31T25:00:00Z",
                                        "31.1.2026",
                                        "-026-01-01",
                                        "2026-01-31T12:00:00Zx"};
    int64_t seconds;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_not_equal(date_parse(wrong[i], &seconds, NULL), 0);
    assert_int_equal(date_parse("1970-01-02", &seconds, NULL), 0);
    assert_int_equal(seconds, 86400);
    assert_int_equal(date_parse("2024-02-29T23:59:59Z", &seconds, NULL), 0);
    assert_string_equal(date_time(seconds).text, "2024-02-29T23:59:59Z");
    assert_string_equal(date_day(seconds).text, "2024-02-29");
}

static void assert_sparkline(const double *values, size_t count, size_t columns,
                             const char *expected)
{
    struct text line = {0};
    sparkline_write(values, count, columns, &line);
    assert_string_equal(text_string(&line), expected);
    text_free(&line);
}

static void test_sparklines(void **state)
{
    (void)state;
    static const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const double flat[] = {5, 5, 5};
    assert_sparkline(rising, 8, 20, "▁▂▃▄▅▆▇█");
    assert_sparkline(rising, 8, 4, "▁▃▆█");
    assert_sparkline(rising, 8, 1, "▄");
    assert_sparkline(flat, 3, 20, "▄▄▄");
    assert_sparkline(flat, 0, 20, "");
}

static void test_nearest_names(void **state)
{
    (void)state;
    static const char *const names[] = {"stream/pipe/64", "pingpong/pipe/64", "pingpong/pipe/4K",
                                        "pingpong/fifo/64"};
    struct text near = {0};
    nearest_write("pingpong/pip/64", names, 4, 2, &near);
    assert_string_equal(text_string(&near), "pingpong/pipe/64, pingpong/pipe/4K");
    text_free(&near);
    nearest_write("x", names, 0, 2, &near);
    assert_string_equal(text_string(&near), "");
    text_free(&near);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_sparklines),
        cmocka_unit_test(test_nearest_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
