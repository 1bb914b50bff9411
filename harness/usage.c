#include "harness/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "harness/clock.h"
#include "harness/trial.h"

static void read_scheduler(struct usage *usage)
{
    char line[96];
    unsigned long long running, waiting;
    usage->runqueue_wait_ns = -1;
    usage->cpu_migrations = -1;
    if (!file_read_line("/proc/self/schedstat", line, sizeof(line)) &&
        sscanf(line, "%llu %llu", &running, &waiting) == 2)
        usage->runqueue_wait_ns = (int64_t)waiting;
    struct text sched = {0};
    if (!file_read("/proc/self/sched", &sched, NULL)) {
        const char *field = strstr(text_string(&sched), "nr_migrations");
        const char *colon = field ? strchr(field, ':') : NULL;
        if (colon)
            usage->cpu_migrations = strtoll(colon + 1, NULL, 10);
    }
    text_free(&sched);
}

static void read_times(struct usage *usage)
{
    struct timespec cpu;
    struct rusage resources;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    usage->wall_ns = clock_monotonic_ns();
    getrusage(RUSAGE_SELF, &resources);
    usage->cpu_ns = (uint64_t)cpu.tv_sec * UINT64_C(1000000000) + (uint64_t)cpu.tv_nsec;
    usage->voluntary_switches = (uint64_t)resources.ru_nvcsw;
    usage->involuntary_switches = (uint64_t)resources.ru_nivcsw;
    usage->minor_faults = (uint64_t)resources.ru_minflt;
    usage->major_faults = (uint64_t)resources.ru_majflt;
}

void usage_prepare(struct usage *usage)
{
    read_scheduler(usage);
    read_times(usage); /* once to have the code and stack pages in */
}

void usage_begin(struct usage *usage)
{
    read_times(usage);
}

void usage_after(struct usage *usage)
{
    read_times(usage);
    read_scheduler(usage);
}

static int64_t difference(int64_t before, int64_t after)
{
    return before < 0 || after < before ? -1 : after - before;
}

void usage_cost(const struct usage *before, const struct usage *after, struct side_cost *cost)
{
    cost->cpu_ns = after->cpu_ns - before->cpu_ns;
    cost->voluntary_switches = after->voluntary_switches - before->voluntary_switches;
    cost->involuntary_switches = after->involuntary_switches - before->involuntary_switches;
    cost->minor_faults = after->minor_faults - before->minor_faults;
    cost->major_faults = after->major_faults - before->major_faults;
    cost->cpu_migrations = difference(before->cpu_migrations, after->cpu_migrations);
    cost->runqueue_wait_ns = difference(before->runqueue_wait_ns, after->runqueue_wait_ns);
    const uint64_t ready_ns = cost->runqueue_wait_ns > 0 ? (uint64_t)cost->runqueue_wait_ns : 0;
    const uint64_t wall_ns = after->wall_ns - before->wall_ns;
    const uint64_t busy_ns = cost->cpu_ns + ready_ns;
    cost->blocked_ns = wall_ns > busy_ns ? wall_ns - busy_ns : 0;
}
