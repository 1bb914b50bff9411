#include "results/export/when.h"

#include "base/error.h"
#include "results/run.h"

#include <time.h>

int when_started(const struct run *run, int64_t *seconds, struct error *error)
{
    const char *const text = run->started_at ? run->started_at : "";
    struct tm when = {0};
    const char *const end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &when);

    *seconds = end && *end == '\0' ? (int64_t)timegm(&when) : -1;
    if (*seconds < 0)
        return error_plain(error,
                           "started_at: expected a time like 2026-01-02T03:04:05Z, found "
                           "\"%.40s\"",
                           text);
    return 0;
}
