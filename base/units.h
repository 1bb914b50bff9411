/* Numbers with units, as people type and read them. */
#ifndef IPCBENCH_BASE_UNITS_H
#define IPCBENCH_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

struct error;

enum { UNITS_TEXT_BYTES = 32 };

/* A buffer for one formatted figure. */
struct units_text {
    char text[UNITS_TEXT_BYTES];
};

/* "64", "64B", "4K", "4KiB", "4k", "1.5M", "2G", "1T": powers of 1024 ("4KB" is refused: it could
 * mean 4000). Negative numbers, garbage behind the number, fractions of a byte and values over
 * 2^63-1 are errors that quote the text. */
int units_parse_bytes(const char *text, uint64_t *bytes, struct error *error);

/* A plain whole number, 0 to 2^63-1. */
int units_parse_count(const char *text, uint64_t *count, struct error *error);

/* "0.5", "0.5s", "200ms", "50us", "50ns", "2m" (minutes): seconds. NaN, infinity and negatives are
 * errors.
 */
int units_parse_seconds(const char *text, double *seconds, struct error *error);

/* "64 B", "4 KiB", "1.5 MiB" where that is the exact size; rounded figures keep three digits and
 * their zeros: "4.00 KiB" for 4097. */
struct units_text units_bytes(uint64_t bytes);

/* The same without a space and in the form units_parse_bytes reads back exactly: "64", "4K", "1M";
 * falls back to plain bytes where a unit does not divide the value. */
struct units_text units_bytes_exact(uint64_t bytes);

/* Nanoseconds with three significant digits: "58.2 ns", "4.21 µs", "1.20 ms", "3.00 s"; "0 ns".
 * Here and below, what is not finite is "-". */
struct units_text units_ns(double ns);

/* "152 M/s", "1.20 k/s", "7.10 /s": events per second, powers of 1000. */
struct units_text units_rate(double per_s);

/* "9.73 GB/s": bytes per second, powers of 1000 as memory bandwidth is quoted. */
struct units_text units_bandwidth(double bytes_per_s);

/* "0.5 s", "45 s", "3 min 20 s", "1 h 5 min"; "-" for what is no duration. */
struct units_text units_duration(double seconds);

#endif
