/* Numbers with units: what people type, what they read, and that one reads back the other. */
#include "base/error.h"
#include "base/random.h"
#include "base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const uint64_t untouched = UINT64_C(0xdeadbeef);

static void test_sizes_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},
        {"64", 64},
        {"64B", 64},
        {"007", 7},
        {"4K", 4096},
        {"4k", 4096},
        {"4KiB", 4096},
        {"1.5M", 1572864},
        {"2G", UINT64_C(2147483648)},
        {"1T", UINT64_C(1099511627776)},
        {"0.5K", 512},
        {"1.0", 1},
        {"1.000000000000000000000", 1},
        {"0.0009765625K", 1},
        {"9223372036854775807", INT64_MAX},
        {"8388607T", UINT64_C(8388607) << 40},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t bytes = untouched;
        assert_int_equal(units_parse_bytes(cases[i].text, &bytes, NULL), 0);
        assert_int_equal(bytes, cases[i].bytes);
    }
}

static void assert_refused(int (*parse)(const char *, uint64_t *, struct error *),
                           const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        uint64_t number = untouched;
        char quoted[64];
        (void)snprintf(quoted, sizeof quoted, "'%s'", texts[i]);

        assert_true(parse(texts[i], &number, &error) < 0);
        assert_int_equal(number, untouched);
        if (!strstr(error.message, quoted))
            fail_msg("%s not quoted in: %s", quoted, error.message);
    }
}

static void test_bad_sizes_are_refused_and_quoted(void **state)
{
    static const char *const texts[] = {
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "K",
        "4KB",
        "4Ki",
        "4KiBs",
        "4X",
        "0x10",
        "1e3",
        "1.5",
        "1.",
        ".5K",
        "1.K",
        "1..5",
        "1,5",
        "nan",
        "inf",
        "1.5B",
        "1.1K",
        "1.0001",
        "4KK",
        "4 K",
        "4iB",
        "1BB",
        "K4",
        "\xc2\xb5",
        "8388608T",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999",
        "8388607.9999999999999999T",
        "0.00000000000000000001T",
        "0.4999999999999999991K",
    };
    (void)state;
    assert_refused(units_parse_bytes, texts, COUNT_OF(texts));
}

static void test_counts(void **state)
{
    static const char *const refused[] = {
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1K",
        "1.0",
        "0x1",
        "1e3",
        "9223372036854775808",
        "18446744073709551617",
    };
    uint64_t count = untouched;
    (void)state;

    assert_int_equal(units_parse_count("0", &count, NULL), 0);
    assert_int_equal(count, 0);
    assert_int_equal(units_parse_count("9223372036854775807", &count, NULL), 0);
    assert_int_equal(count, INT64_MAX);
    assert_refused(units_parse_count, refused, COUNT_OF(refused));
}

static void test_seconds(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        {"0", 0},       {"0.5", 0.5},          {"0.5s", 0.5},         {".5", 0.5},   {"200ms", 0.2},
        {"50us", 5e-5}, {"50\xc2\xb5s", 5e-5}, {"50\xce\xbcs", 5e-5}, {"7ns", 7e-9}, {"2m", 120},
        {"1.5m", 90},   {"1e-3", 0.001},       {"3e2ms", 0.3},
    };
    static const char *const refused[] = {
        "",   "-1",  "+1", " 1", "1 ",   "nan",   "inf",    "infinity", "0x10",
        "1h", "1 s", "s",  ".",  "1..2", "1e999", "1e308m", "1msx",     "0X1p3",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double seconds = -1;
        assert_int_equal(units_parse_seconds(cases[i].text, &seconds, NULL), 0);
        assert_true(seconds == cases[i].seconds);
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct error error = {0};
        double seconds = -1;
        char quoted[64];
        (void)snprintf(quoted, sizeof quoted, "'%s'", refused[i]);
        assert_true(units_parse_seconds(refused[i], &seconds, &error) < 0);
        assert_true(seconds == -1);
        assert_non_null(strstr(error.message, quoted));
    }
}

static void test_sizes_are_written(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
        const char *exact;
    } cases[] = {
        {0, "0 B", "0"},
        {1, "1 B", "1"},
        {64, "64 B", "64"},
        {1000, "1000 B", "1000"},
        {1023, "1023 B", "1023"},
        {1024, "1 KiB", "1K"},
        {1025, "1.00 KiB", "1025"},
        {4096, "4 KiB", "4K"},
        {4097, "4.00 KiB", "4097"},
        {102400, "100 KiB", "100K"},
        {1047552, "1023 KiB", "1023K"},
        {1048575, "1.00 MiB", "1048575"},
        {1572864, "1.5 MiB", "1536K"},
        {UINT64_C(1) << 30, "1 GiB", "1G"},
        {UINT64_C(3) << 40, "3 TiB", "3T"},
        {INT64_MAX, "8 EiB", "9223372036854775807"}, /* as near as a double comes */
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(units_bytes(cases[i].bytes).text, cases[i].text);
        assert_string_equal(units_bytes_exact(cases[i].bytes).text, cases[i].exact);
    }
}

static void test_exact_sizes_read_back(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 1);

    for (int i = 0; i < 20000; i++) {
        const int zeros = (int)random_below(&random, 50);
        const uint64_t bytes =
            ((random_next(&random) >> random_below(&random, 64)) << zeros) & INT64_MAX;
        uint64_t read = untouched;
        assert_int_equal(units_parse_bytes(units_bytes_exact(bytes).text, &read, NULL), 0);
        assert_int_equal(read, bytes);
    }
}

/* k / 1024 K is k bytes: every such decimal must be read exactly. */
static void test_binary_fractions_read_exactly(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 4096; k++) {
        char text[32];
        uint64_t bytes = untouched;
        (void)snprintf(text, sizeof text, "%.10fK", k / 1024.0);
        assert_int_equal(units_parse_bytes(text, &bytes, NULL), 0);
        assert_int_equal(bytes, k);
    }
}

struct figure {
    double value;
    const char *text;
};

static void assert_figures(struct units_text (*format)(double), const struct figure *figures)
{
    for (; figures->text; figures++)
        assert_string_equal(format(figures->value).text, figures->text);
}

static void test_figures(void **state)
{
    static const struct figure times[] = {
        {0, "0 ns"},
        {0.25, "0.250 ns"},
        {1, "1.00 ns"},
        {9.994, "9.99 ns"},
        {9.996, "10.0 ns"},
        {58.2, "58.2 ns"},
        {99.96, "100 ns"},
        {999.4, "999 ns"},
        {999.7, "1.00 \xc2\xb5s"},
        {4210, "4.21 \xc2\xb5s"},
        {-4210, "-4.21 \xc2\xb5s"},
        {1.2e6, "1.20 ms"},
        {3e9, "3.00 s"},
        {60e9, "60.0 s"},
        {3600e9, "3600 s"},
        {NAN, "-"},
        {INFINITY, "-"},
        {-INFINITY, "-"},
        {1e300, "1e+291 s"},
        {0, NULL},
    };
    static const struct figure rates[] = {
        {0, "0 /s"},       {7.1, "7.10 /s"}, {1200, "1.20 k/s"},   {152e6, "152 M/s"},
        {2e9, "2.00 G/s"}, {NAN, "-"},       {999999, "1.00 M/s"}, {0, NULL},
    };
    static const struct figure bandwidths[] = {
        {0, "0 B/s"},          {512, "512 B/s"},       {1500, "1.50 kB/s"},
        {9.73e9, "9.73 GB/s"}, {1.25e12, "1.25 TB/s"}, {0, NULL},
    };
    static const struct figure durations[] = {
        {0, "0 s"},      {0.5, "0.5 s"},  {4, "4 s"},          {9.96, "10 s"},  {45, "45 s"},
        {59.4, "59 s"},  {59.7, "1 min"}, {200, "3 min 20 s"}, {3599.6, "1 h"}, {3900, "1 h 5 min"},
        {90000, "25 h"}, {-1, "-"},       {NAN, "-"},          {INFINITY, "-"}, {0, NULL},
    };
    (void)state;
    assert_figures(units_ns, times);
    assert_figures(units_rate, rates);
    assert_figures(units_bandwidth, bandwidths);
    assert_figures(units_duration, durations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_are_read),
        cmocka_unit_test(test_bad_sizes_are_refused_and_quoted),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_sizes_are_written),
        cmocka_unit_test(test_exact_sizes_read_back),
        cmocka_unit_test(test_binary_fractions_read_exactly),
        cmocka_unit_test(test_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
