/* Dates as result files and people write them, always UTC. */
#ifndef IPCBENCH_BASE_DATE_H
#define IPCBENCH_BASE_DATE_H

#include <stdint.h>

struct error;

/* "2026-01-31", or "2026-01-31T12:00:00Z" (RFC 3339): seconds since 1970. Errors quote the text. */
int date_parse(const char *text, int64_t *seconds, struct error *error);

enum { DATE_TEXT_BYTES = 32 };
struct date_text {
    char text[DATE_TEXT_BYTES];
};

/* "2026-01-31T12:00:00Z", and "2026-01-31". */
struct date_text date_time(int64_t seconds);
struct date_text date_day(int64_t seconds);

#endif
