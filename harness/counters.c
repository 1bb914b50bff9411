#include "harness/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

static const struct {
    const char *name;
    uint32_t type;
    uint64_t config;
} counter_kinds[COUNTER_KINDS] = {
    [COUNTER_CYCLES] = {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    [COUNTER_INSTRUCTIONS] = {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    [COUNTER_CACHE_MISSES] = {"cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    [COUNTER_DTLB_MISSES] = {"dtlb_misses", PERF_TYPE_HW_CACHE,
                             PERF_COUNT_HW_CACHE_DTLB | (PERF_COUNT_HW_CACHE_OP_READ << 8) |
                                 (PERF_COUNT_HW_CACHE_RESULT_MISS << 16)},
};

const char *counter_name(enum counter_kind kind)
{
    return counter_kinds[kind].name;
}

static int counter_open(enum counter_kind kind, int user_only)
{
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof(attributes));
    attributes.size = sizeof(attributes);
    attributes.type = counter_kinds[kind].type;
    attributes.config = counter_kinds[kind].config;
    attributes.disabled = 1;
    attributes.exclude_hv = 1;
    attributes.exclude_kernel = user_only ? 1 : 0;
    attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void counters_open(struct counters *counters)
{
    *counters = (struct counters){.fds = {-1, -1, -1, -1}};
    for (size_t index = 0; index < COUNTER_KINDS; ++index) {
        const enum counter_kind kind = (enum counter_kind)index;
        int fd = counter_open(kind, counters->user_only);
        if (fd < 0 && (errno == EACCES || errno == EPERM) && !counters->user_only) {
            counters->user_only = 1; /* kernel.perf_event_paranoid >= 2 */
            fd = counter_open(kind, 1);
        }
        if (fd < 0 && !counters->failure)
            counters->failure = errno;
        counters->fds[index] = fd;
    }
}

static void counters_control(const struct counters *counters, unsigned long request)
{
    for (size_t kind = 0; kind < COUNTER_KINDS; ++kind) {
        if (counters->fds[kind] >= 0)
            ioctl(counters->fds[kind], request, 0);
    }
}

void counters_start(const struct counters *counters)
{
    counters_control(counters, PERF_EVENT_IOC_ENABLE);
}

void counters_stop(const struct counters *counters)
{
    counters_control(counters, PERF_EVENT_IOC_DISABLE);
}

/* Scaled to the whole time where the counter had to share the hardware; -1 where it never ran. */
static int64_t counter_value(int fd)
{
    struct {
        uint64_t value, enabled, running;
    } reading;
    if (fd < 0 || read(fd, &reading, sizeof(reading)) != (ssize_t)sizeof(reading))
        return -1;
    if (!reading.running)
        return -1;
    return (int64_t)((double)reading.value * (double)reading.enabled / (double)reading.running);
}

void counters_read(const struct counters *counters, struct counters_reading *reading)
{
    int present = 0;
    *reading = (struct counters_reading){0};
    for (size_t kind = 0; kind < COUNTER_KINDS; ++kind) {
        reading->values[kind] = counter_value(counters->fds[kind]);
        present += reading->values[kind] >= 0;
    }
    if (present)
        snprintf(reading->scope, sizeof(reading->scope), "%s",
                 counters->user_only ? "user" : "user+kernel");
    if (counters->failure)
        snprintf(reading->reason, sizeof(reading->reason), "perf_event_open: %s (%s)",
                 strerror(counters->failure), error_name(counters->failure));
    else if (present < COUNTER_KINDS)
        snprintf(reading->reason, sizeof(reading->reason), "the hardware had no counter free");
}

void counters_close(struct counters *counters)
{
    for (size_t kind = 0; kind < COUNTER_KINDS; ++kind) {
        if (counters->fds[kind] >= 0)
            close(counters->fds[kind]);
        counters->fds[kind] = -1;
    }
}
