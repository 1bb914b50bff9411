#include "base/units.h"
#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char byte_prefixes[] = "kmgt";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads decimal digits; stops in front of the first other character. False: over 2^63-1. */
static bool parse_digits(const char **text, uint64_t *number)
{
    *number = 0;
    for (; is_digit(**text); (*text)++) {
        const uint64_t digit = (uint64_t)(**text - '0');
        if (*number > (INT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

/* The shift behind "", "B", "K", "KiB" and their like; -1 for anything else. */
static int parse_byte_suffix(const char *suffix)
{
    if (*suffix == '\0' || strcmp(suffix, "B") == 0)
        return 0;
    const char lower = (char)(*suffix | 0x20);
    const char *const prefix = strchr(byte_prefixes, lower);
    const bool ends_here = suffix[1] == '\0' || strcmp(suffix + 1, "iB") == 0;
    if (!prefix || *prefix == '\0' || !ends_here)
        return -1;
    return 10 * (int)(prefix - byte_prefixes + 1);
}

/* The fraction "5" in ".5" of 2^shift bytes, exact: false where that is no whole number of bytes.
 * Doubling a remainder below 10^18 never leaves 64 bits. */
static bool parse_byte_fraction(const char *digits, size_t digit_count, int shift, uint64_t *bytes)
{
    const uint64_t one = UINT64_C(1000000000000000000);
    uint64_t fraction = 0;
    uint64_t place = one;

    for (size_t i = 0; i < digit_count; i++) {
        if (place == 1 && digits[i] != '0')
            return false;
        place = place > 1 ? place / 10 : 1;
        fraction += place * (uint64_t)(digits[i] - '0');
    }
    *bytes = 0;
    for (int i = 0; i < shift; i++) {
        fraction *= 2;
        *bytes = *bytes * 2 + fraction / one;
        fraction %= one;
    }
    return fraction == 0;
}

int units_parse_bytes(const char *text, uint64_t *bytes, struct error *error)
{
    const char *end = text;
    uint64_t whole;

    if (*text == '-')
        return error_plain(error, "'%s': a size cannot be negative", text);
    if (!is_digit(*text))
        return error_plain(error, "'%s': not a size (write 64, 4K, 1.5M or 2GiB)", text);
    if (!parse_digits(&end, &whole))
        return error_plain(error, "'%s': over 2^63-1 bytes", text);

    const char *const fraction = *end == '.' ? end + 1 : end;
    const size_t fraction_digits = *end == '.' ? strspn(fraction, "0123456789") : 0;
    if (*end == '.' && fraction_digits == 0)
        return error_plain(error, "'%s': no digit behind the point", text);
    const int shift = parse_byte_suffix(fraction + fraction_digits);
    if (shift < 0)
        return error_plain(error, "'%s': unknown unit '%s' (write B, K, M, G, T or KiB ... TiB)",
                           text, fraction + fraction_digits);

    uint64_t part;
    if (!parse_byte_fraction(fraction, fraction_digits, shift, &part))
        return error_plain(error, "'%s': not a whole number of bytes", text);
    if (whole > ((uint64_t)INT64_MAX - part) >> shift)
        return error_plain(error, "'%s': over 2^63-1 bytes", text);
    *bytes = (whole << shift) + part;
    return 0;
}

int units_parse_count(const char *text, uint64_t *count, struct error *error)
{
    const char *end = text;
    uint64_t number;

    if (!parse_digits(&end, &number))
        return error_plain(error, "'%s': over 2^63-1", text);
    if (end == text || *end != '\0')
        return error_plain(error, "'%s': not a whole number", text);
    *count = number;
    return 0;
}

/* Seconds are number * times / parts: 1e-3 is no double, and 200ms must be the one nearest to 0.2.
 */
struct seconds_unit {
    const char *name;
    double times;
    double parts;
};

static const struct seconds_unit seconds_units[] = {
    {"", 1, 1},          {"s", 1, 1},         {"ms", 1, 1e3},
    {"us", 1, 1e6},      {"\u00b5s", 1, 1e6}, /* micro sign */
    {"\u03bcs", 1, 1e6},                      /* Greek mu */
    {"ns", 1, 1e9},      {"m", 60, 1},
};

int units_parse_seconds(const char *text, double *seconds, struct error *error)
{
    /* strtod also takes signs, blanks, "inf", "nan" and hexadecimal. */
    const size_t prefix = strspn(text, "0123456789.");
    if (prefix == 0 || text[prefix] == 'x' || text[prefix] == 'X')
        return error_plain(error, "'%s': not a duration (write 0.5, 200ms or 2m)", text);

    char *end;
    const double number = strtod(text, &end);
    for (size_t i = 0; i < sizeof seconds_units / sizeof seconds_units[0]; i++) {
        if (strcmp(end, seconds_units[i].name) != 0)
            continue;
        const double scaled = number * seconds_units[i].times / seconds_units[i].parts;
        if (!isfinite(scaled))
            return error_plain(error, "'%s': too long", text);
        *seconds = scaled;
        return 0;
    }
    return error_plain(error, "'%s': unknown unit '%s' (s, ms, us, ns or m)", text, end);
}

struct unit {
    const char *name;
    double scale;
};

static const struct unit byte_units[] = {
    {"B", 1},        {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
    {"TiB", 0x1p40}, {"PiB", 0x1p50}, {"EiB", 0x1p60}, {NULL, 0},
};
static const struct unit ns_units[] = {
    {"ns", 1}, {"\u00b5s", 1e3}, {"ms", 1e6}, {"s", 1e9}, {NULL, 0},
};
static const struct unit rate_units[] = {
    {"/s", 1}, {"k/s", 1e3}, {"M/s", 1e6}, {"G/s", 1e9}, {NULL, 0},
};
static const struct unit bandwidth_units[] = {
    {"B/s", 1}, {"kB/s", 1e3}, {"MB/s", 1e6}, {"GB/s", 1e9}, {"TB/s", 1e12}, {NULL, 0},
};

static struct units_text format_three_digits(double value)
{
    struct units_text out;
    const double size = fabs(value);

    if (size >= 1e6)
        (void)snprintf(out.text, sizeof out.text, "%.3g", value);
    else
        (void)snprintf(out.text, sizeof out.text, "%.*f",
                       size < 0.9995  ? 3
                       : size < 9.995 ? 2
                       : size < 99.95 ? 1
                                      : 0,
                       value);
    return out;
}

static void drop_trailing_zeros(char *number)
{
    if (!strchr(number, '.'))
        return;
    size_t length = strlen(number);
    while (number[length - 1] == '0')
        length--;
    if (number[length - 1] == '.')
        length--;
    number[length] = '\0';
}

/* The largest unit that leaves at least 1 once rounded: 999.7 ns is 1.00 us, not 1000 ns. */
static const struct unit *choose_unit(const struct unit *units, double value)
{
    const struct unit *chosen = units;

    for (const struct unit *unit = units; unit->name; unit++) {
        if (fabs(value) / unit->scale >= 0.9995)
            chosen = unit;
    }
    return chosen;
}

static struct units_text format_with_unit(const struct unit *units, double value)
{
    struct units_text out = {"-"};

    if (!isfinite(value))
        return out;
    const struct unit *const unit = choose_unit(units, value);
    struct units_text number = format_three_digits(value / unit->scale);
    if (value == 0)
        drop_trailing_zeros(number.text);
    (void)snprintf(out.text, sizeof out.text, "%.16s %s", number.text, unit->name);
    return out;
}

struct units_text units_bytes(uint64_t bytes)
{
    const double value = (double)bytes;
    const struct unit *const unit = choose_unit(byte_units, value);
    struct units_text number = format_three_digits(value / unit->scale);
    struct units_text out;

    /* "4.00 KiB" says rounded, "4 KiB" says exactly that. */
    if (strtod(number.text, NULL) * unit->scale == value)
        drop_trailing_zeros(number.text);
    (void)snprintf(out.text, sizeof out.text, "%.16s %s", number.text, unit->name);
    return out;
}

struct units_text units_bytes_exact(uint64_t bytes)
{
    struct units_text out;

    for (int prefix = (int)strlen(byte_prefixes); prefix > 0; prefix--) {
        const uint64_t unit = UINT64_C(1) << (10 * prefix);
        if (bytes == 0 || bytes % unit != 0)
            continue;
        (void)snprintf(out.text, sizeof out.text, "%" PRIu64 "%c", bytes / unit,
                       byte_prefixes[prefix - 1] & ~0x20);
        return out;
    }
    (void)snprintf(out.text, sizeof out.text, "%" PRIu64, bytes);
    return out;
}

struct units_text units_ns(double ns)
{
    return format_with_unit(ns_units, ns);
}

struct units_text units_rate(double per_s)
{
    return format_with_unit(rate_units, per_s);
}

struct units_text units_bandwidth(double bytes_per_s)
{
    return format_with_unit(bandwidth_units, bytes_per_s);
}

struct units_text units_duration(double seconds)
{
    enum { MINUTE_S = 60, HOUR_S = 3600 };
    struct units_text out = {"-"};

    if (!(seconds >= 0 && seconds < 1e12))
        return out;
    if (seconds < 10) {
        (void)snprintf(out.text, sizeof out.text, "%.1f", seconds);
        drop_trailing_zeros(out.text);
        strcat(out.text, " s");
        return out;
    }

    const uint64_t whole = (uint64_t)(seconds + 0.5);
    const bool hours = whole >= HOUR_S;
    const uint64_t large = hours ? whole / HOUR_S : whole / MINUTE_S;
    const uint64_t small = hours ? whole % HOUR_S / MINUTE_S : whole % MINUTE_S;
    if (large == 0)
        (void)snprintf(out.text, sizeof out.text, "%" PRIu64 " s", small);
    else if (small == 0)
        (void)snprintf(out.text, sizeof out.text, "%" PRIu64 " %s", large, hours ? "h" : "min");
    else
        (void)snprintf(out.text, sizeof out.text,
                       hours ? "%" PRIu64 " h %" PRIu64 " min" : "%" PRIu64 " min %" PRIu64 " s",
                       large, small);
    return out;
}
