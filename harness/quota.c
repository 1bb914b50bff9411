#include "harness/quota.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

static const char version_1_file[] = "cpu.cfs_quota_us";

static bool is_version_1(const char *file)
{
    const char *const name = strrchr(file, '/');
    return name && !strcmp(name + 1, version_1_file);
}

/* "150000 100000" is 1.5 CPUs, "max 100000" no limit. */
static double quota_of_version_2(const char *line)
{
    char *end;
    const double quota_us = strtod(line, &end);
    const double period_us = end == line ? 0 : strtod(end, NULL);

    return period_us > 0 ? quota_us / period_us : INFINITY;
}

/* -1 is no limit. */
static double quota_of_version_1(const char *folder, int64_t quota_us)
{
    char path[QUOTA_FILE_BYTES];
    int64_t period_us;

    (void)snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (quota_us <= 0 || file_read_number(path, &period_us) < 0 || period_us <= 0)
        return INFINITY;
    return (double)quota_us / (double)period_us;
}

static void read_group(const char *folder, struct quota *quota)
{
    char line[64];
    int64_t quota_us;

    *quota = (struct quota){.cpus = INFINITY};
    (void)snprintf(quota->file, sizeof quota->file, "%s/cpu.max", folder);
    if (file_read_line(quota->file, line, sizeof line) == 0) {
        quota->cpus = quota_of_version_2(line);
        return;
    }
    (void)snprintf(quota->file, sizeof quota->file, "%s/%s", folder, version_1_file);
    if (file_read_number(quota->file, &quota_us) == 0)
        quota->cpus = quota_of_version_1(folder, quota_us);
}

void quota_read(const char *root, struct quota *quota)
{
    struct cgroup group;

    *quota = (struct quota){.cpus = INFINITY};
    for (bool more = cgroup_find(root, "cpu", &group); more; more = cgroup_ascend(&group)) {
        struct quota here;
        read_group(group.folder, &here);
        if (here.cpus < quota->cpus)
            *quota = here;
    }
}

int quota_check(const char *root, double spinning_cpus, struct error *error)
{
    struct quota quota;
    char knob[ERROR_KNOB_BYTES];

    quota_read(root, &quota);
    if (quota.cpus >= spinning_cpus)
        return 0;
    /* Rather no command than half of one. */
    if (snprintf(knob, sizeof knob, "echo %s > %s", is_version_1(quota.file) ? "-1" : "max",
                 quota.file) >= (int)sizeof knob)
        (void)snprintf(knob, sizeof knob, "raise the CPU quota of the control group");
    return error_unavailable(error, knob,
                             "spinning takes the time of %g CPUs, its control group's quota is "
                             "%.4g: throttling would be measured",
                             spinning_cpus, quota.cpus);
}
