#include "base/date.h"

#include <stdio.h>
#include <time.h>

#include "base/error.h"

/* timegm takes the 31st of February for the 3rd of March. */
static int exists(const struct tm *read, int64_t seconds)
{
    const time_t time = (time_t)seconds;
    struct tm back;

    return gmtime_r(&time, &back) && back.tm_year == read->tm_year && back.tm_mon == read->tm_mon &&
           back.tm_mday == read->tm_mday && back.tm_hour == read->tm_hour &&
           back.tm_min == read->tm_min && back.tm_sec == read->tm_sec;
}

int date_parse(const char *text, int64_t *seconds, struct error *error)
{
    static const char *const forms[] = {"dddd-dd-dd", "dddd-dd-ddTdd:dd:ddZ"};
    struct tm read = {.tm_mday = 1};
    size_t fits = 0;

    /* sscanf alone would take blanks and signs. */
    for (size_t form = 0; form < 2; form++) {
        const char *shape = forms[form];
        const char *at = text;
        while (*shape && (*shape == 'd' ? *at >= '0' && *at <= '9' : *at == *shape))
            shape++, at++;
        fits += !*shape && !*at;
    }
    if (fits && sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &read.tm_year, &read.tm_mon, &read.tm_mday,
                       &read.tm_hour, &read.tm_min, &read.tm_sec) >= 3) {
        read.tm_year -= 1900;
        read.tm_mon -= 1;
        struct tm copy = read;
        *seconds = timegm(&copy);
        if (exists(&read, *seconds))
            return 0;
    }
    return error_plain(error, "'%.60s' is no date: 2026-01-31 or 2026-01-31T12:00:00Z (UTC)", text);
}

static struct date_text format(int64_t seconds, const char *form)
{
    struct date_text text = {"-"};
    const time_t time = (time_t)seconds;
    struct tm parts;

    if (gmtime_r(&time, &parts))
        (void)strftime(text.text, sizeof text.text, form, &parts);
    return text;
}

struct date_text date_time(int64_t seconds)
{
    return format(seconds, "%Y-%m-%dT%H:%M:%SZ");
}

struct date_text date_day(int64_t seconds)
{
    return format(seconds, "%Y-%m-%d");
}
