/* The half of checkup.h that reads /proc/stat. */
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/checkup_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* user nice system idle iowait irq softirq steal; guest time is in user and nice already. */
enum { IDLE_FIELD = 3, IOWAIT_FIELD = 4, STEAL_FIELD = 7, FIELDS = 8 };

struct stat_line {
    uint64_t busy_ticks;
    uint64_t total_ticks;
    uint64_t steal_ticks;
};

/* The figures behind "cpu3"; old kernels have fewer. */
static struct stat_line read_figures(const char *at)
{
    struct stat_line line = {0};

    for (int field = 0; field < FIELDS; field++) {
        char *end;
        const uint64_t ticks = strtoull(at, &end, 10);
        if (end == at)
            break;
        at = end;
        line.total_ticks += ticks;
        if (field != IDLE_FIELD && field != IOWAIT_FIELD)
            line.busy_ticks += ticks;
        if (field == STEAL_FIELD)
            line.steal_ticks = ticks;
    }
    return line;
}

static int add_cpu(struct checkup_times *times, int id, const struct stat_line *line)
{
    struct checkup_cpu_times *const cpus = realloc(times->cpus, (times->count + 1) * sizeof *cpus);

    if (!cpus)
        return -ENOMEM;
    times->cpus = cpus;
    cpus[times->count++] = (struct checkup_cpu_times){
        .id = id, .busy_ticks = line->busy_ticks, .total_ticks = line->total_ticks};
    return 0;
}

static int read_line(char *text, struct checkup_times *times)
{
    int id;
    int behind = 0;

    if (sscanf(text, "cpu%d%n", &id, &behind) == 1 && text[3] != ' ') {
        const struct stat_line line = read_figures(text + behind);
        return add_cpu(times, id, &line);
    }
    if (strncmp(text, "cpu ", 4) == 0) {
        const struct stat_line line = read_figures(text + 4);
        times->steal_ticks = line.steal_ticks;
        times->total_ticks = line.total_ticks;
    }
    return 0;
}

int checkup_times_read(const char *root, struct checkup_times *times, struct error *error)
{
    struct text content = {0};
    char path[512];
    char *rest = NULL;
    int failed = 0;

    *times = (struct checkup_times){0};
    (void)snprintf(path, sizeof path, "%s/proc/stat", root);
    if (file_read(path, &content, NULL) == 0 && content.data) {
        for (char *line = strtok_r(content.data, "\n", &rest);
             !failed && line && strncmp(line, "cpu", 3) == 0; line = strtok_r(NULL, "\n", &rest))
            failed = read_line(line, times);
    }
    text_free(&content);
    if (!failed)
        return 0;
    checkup_times_free(times);
    return error_system(error, ENOMEM, "reading %s", path);
}

void checkup_times_free(struct checkup_times *times)
{
    free(times->cpus);
    *times = (struct checkup_times){0};
}

static const struct checkup_cpu_times *times_of(const struct checkup_times *times, int cpu)
{
    for (size_t i = 0; i < times->count; i++) {
        if (times->cpus[i].id == cpu)
            return &times->cpus[i];
    }
    return NULL;
}

double examination_busy_share(const struct examination *machine, int cpu)
{
    const struct checkup_cpu_times *const before = times_of(&machine->readings->before, cpu);
    const struct checkup_cpu_times *const after = times_of(&machine->readings->after, cpu);

    if (!before || !after || after->total_ticks <= before->total_ticks ||
        after->busy_ticks < before->busy_ticks)
        return -1;
    return (double)(after->busy_ticks - before->busy_ticks) /
           (double)(after->total_ticks - before->total_ticks);
}
