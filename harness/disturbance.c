#include "harness/disturbance.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/cgroup.h"
#include "harness/clock.h"
#include "harness/interrupts.h"

/* A trial stopped for a hundredth of its time has a p99 that is the quota's period, and a rate that
 * is off by more than a narrow interval is wide. */
static const double throttled_share_most = 0.01;
/* Twice the 5 % at which a comparison calls a change of rate a change. A little steal is usual in
 * virtual machines (half a percent on the one this was written on) and is told, not judged. */
static const double steal_share_most = 0.10;
/* Steal is told in whole ticks, so a difference may be up to one too large. */
static const double steal_step_ns = 10e6;

/* Reading /proc/interrupts takes time with CPUs times interrupts: on very large machines longer
 * than the set-up of a trial. There it is left alone. */
static const int64_t interrupts_cost_most_ns = 5000000;

enum { GROUPS_MAX = 16, READ_BYTES = 16384 };

struct disturbance_sources {
    int stat; /* descriptors; -1: not there, or not to be read */
    int interrupts;
    int throttling[GROUPS_MAX]; /* cpu.stat of the own control group and those above */
    size_t throttling_count;
    struct text text; /* the file read last; kept for its room */
};

/* From the start. The text is the sources' and lasts until the next reading; NULL: unreadable. */
static char *read_again(int fd, struct text *text)
{
    char chunk[READ_BYTES];
    ssize_t bytes = -1;

    text->length = 0;
    while (fd >= 0 && (bytes = pread(fd, chunk, sizeof chunk, (off_t)text->length)) > 0)
        text_append_bytes(text, chunk, (size_t)bytes);
    return bytes < 0 || text->length == 0 || text->failed ? NULL : text->data;
}

/* "nr_throttled 3": the number behind a key; -1: not there. */
static int64_t value_of(const char *text, const char *key)
{
    const size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtoll(line + length, NULL, 10);
    }
    return -1;
}

/* The eighth figure of "cpu3 ..." in /proc/stat, in ticks (proc_stat(5)). */
static int64_t steal_of(const char *stat, int cpu)
{
    char label[16];
    int64_t ticks;

    (void)snprintf(label, sizeof label, "\ncpu%d ", cpu);
    const char *const line = cpu < 0 ? NULL : strstr(stat, label);
    if (!line || sscanf(line, " %*s %*d %*d %*d %*d %*d %*d %*d %" SCNd64, &ticks) != 1)
        return -1;
    return ticks * (INT64_C(1000000000) / sysconf(_SC_CLK_TCK));
}

static void read_interrupts(struct disturbance_sources *sources, const struct cpu_pair *cpus,
                            struct disturbance *now)
{
    char *const text = read_again(sources->interrupts, &sources->text);
    struct interrupts counts[SIDE_COUNT];

    if (!text)
        return;
    interrupts_count(text, cpus, counts);
    for (int side = 0; side < SIDE_COUNT; side++) {
        now->sides[side].interrupts = counts[side].total;
        now->sides[side].timer_interrupts = counts[side].timer;
        now->sides[side].device_interrupts = counts[side].device;
    }
}

static void read_throttling(struct disturbance_sources *sources, struct disturbance *now)
{
    int64_t total_ns = 0;
    int64_t periods = 0;

    for (size_t i = 0; i < sources->throttling_count; i++) {
        const char *const text = read_again(sources->throttling[i], &sources->text);
        if (!text)
            return;
        const int64_t time_us = value_of(text, "throttled_usec"); /* version 2 */
        const int64_t time_ns = value_of(text, "throttled_time"); /* version 1 */
        total_ns += time_us >= 0 ? time_us * 1000 : time_ns >= 0 ? time_ns : 0;
        periods += value_of(text, "nr_throttled");
    }
    if (sources->throttling_count > 0) {
        now->throttled_ns = total_ns;
        now->throttled_periods = periods;
    }
}

void disturbance_read(struct disturbance_sources *sources, const struct cpu_pair *cpus,
                      struct disturbance *now)
{
    static const struct cpu_disturbance unknown = {-1, -1, -1, -1};

    *now = (struct disturbance){.wall_ns = clock_monotonic_ns(),
                                .sides = {unknown, unknown},
                                .throttled_ns = -1,
                                .throttled_periods = -1};
    if (!sources)
        return;
    const char *const stat = read_again(sources->stat, &sources->text);
    if (stat) {
        now->sides[SIDE_SENDER].steal_ns = steal_of(stat, cpus->sender);
        now->sides[SIDE_RECEIVER].steal_ns = steal_of(stat, cpus->receiver);
    }
    read_interrupts(sources, cpus, now);
    read_throttling(sources, now);
}

static int open_below(const char *folder, const char *name)
{
    char path[CGROUP_PATH_BYTES + 32];
    return snprintf(path, sizeof path, "%s%s", folder, name) < (int)sizeof path
               ? open(path, O_RDONLY | O_CLOEXEC)
               : -1;
}

/* The topmost group of version 2 has no counters of this kind. */
static void open_throttling(struct disturbance_sources *sources, const char *root)
{
    struct cgroup group;

    for (bool more = cgroup_find(root, "cpu", &group);
         more && sources->throttling_count < GROUPS_MAX; more = cgroup_ascend(&group)) {
        const int fd = open_below(group.folder, "/cpu.stat");
        const char *const text = read_again(fd, &sources->text);
        if (text && value_of(text, "nr_throttled") >= 0)
            sources->throttling[sources->throttling_count++] = fd;
        else if (fd >= 0)
            (void)close(fd);
    }
}

static int64_t thread_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

struct disturbance_sources *disturbance_open(const char *root)
{
    static const struct cpu_pair none = {-1, -1};
    struct disturbance ignored;
    struct disturbance_sources *const sources = calloc(1, sizeof *sources);

    if (!sources)
        return NULL;
    sources->stat = open_below(root, "/proc/stat");
    sources->interrupts = open_below(root, "/proc/interrupts");
    const int64_t began_ns = thread_cpu_ns();
    read_interrupts(sources, &none, &ignored);
    if (sources->interrupts >= 0 && thread_cpu_ns() - began_ns > interrupts_cost_most_ns) {
        (void)close(sources->interrupts);
        sources->interrupts = -1;
    }
    open_throttling(sources, root);
    return sources;
}

void disturbance_close(struct disturbance_sources *sources)
{
    if (!sources)
        return;
    if (sources->stat >= 0)
        (void)close(sources->stat);
    if (sources->interrupts >= 0)
        (void)close(sources->interrupts);
    for (size_t i = 0; i < sources->throttling_count; i++)
        (void)close(sources->throttling[i]);
    text_free(&sources->text);
    free(sources);
}

static int64_t known_difference(int64_t before, int64_t after)
{
    return before < 0 || after < before ? -1 : after - before;
}

/* The counters wrap at 2^32, and so does the sum of them. */
static int64_t interrupts_between(int64_t before, int64_t after)
{
    return before < 0 || after < 0 ? -1 : (int64_t)(uint32_t)((uint64_t)after - (uint64_t)before);
}

struct disturbance disturbance_between(const struct disturbance *before,
                                       const struct disturbance *after)
{
    struct disturbance between = {
        .wall_ns = after->wall_ns - before->wall_ns,
        .throttled_ns = known_difference(before->throttled_ns, after->throttled_ns),
        .throttled_periods = known_difference(before->throttled_periods, after->throttled_periods),
    };
    for (int side = 0; side < SIDE_COUNT; side++) {
        const struct cpu_disturbance *const from = &before->sides[side];
        const struct cpu_disturbance *const to = &after->sides[side];
        between.sides[side] = (struct cpu_disturbance){
            .interrupts = interrupts_between(from->interrupts, to->interrupts),
            .timer_interrupts = interrupts_between(from->timer_interrupts, to->timer_interrupts),
            .device_interrupts = interrupts_between(from->device_interrupts, to->device_interrupts),
            .steal_ns = known_difference(from->steal_ns, to->steal_ns),
        };
    }
    return between;
}

int disturbance_check(const struct disturbance *during, struct error *error)
{
    static const char *const side_names[SIDE_COUNT] = {"sender", "receiver"};
    const double wall_ns = (double)during->wall_ns;

    if ((double)during->throttled_ns > throttled_share_most * wall_ns)
        return error_plain(error,
                           "throttled: for %.1f %% of the trial its control group's CPU quota was "
                           "used up",
                           (double)during->throttled_ns / wall_ns * 100);
    for (int side = 0; side < SIDE_COUNT; side++) {
        const double steal_ns = (double)during->sides[side].steal_ns;
        if (steal_ns - steal_step_ns > steal_share_most * wall_ns)
            return error_plain(error,
                               "heavy steal: for %.0f %% of the trial the hypervisor ran others on "
                               "the %s's CPU",
                               steal_ns / wall_ns * 100, side_names[side]);
    }
    return 0;
}

double load_average_read(const char *root)
{
    char path[CGROUP_PATH_BYTES];
    char line[128];
    double average;

    (void)snprintf(path, sizeof path, "%s/proc/loadavg", root);
    return file_read_line(path, line, sizeof line) == 0 && sscanf(line, "%lf", &average) == 1
               ? average
               : -1;
}

double cpu_frequency_hz(const char *root, int cpu)
{
    char path[CGROUP_PATH_BYTES];
    int64_t khz;

    (void)snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq",
                   root, cpu);
    return file_read_number(path, &khz) == 0 && khz > 0 ? (double)khz * 1e3 : 0;
}
