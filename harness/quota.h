/* How much CPU time the control groups of this process allow: who spins on more CPUs than that is
 * stopped for the rest of each period (100 ms by default), and what is then measured is the quota. */
#ifndef IPCBENCH_HARNESS_QUOTA_H
#define IPCBENCH_HARNESS_QUOTA_H

#include "harness/cgroup.h"

struct error;

enum { QUOTA_FILE_BYTES = CGROUP_PATH_BYTES + 32 };

struct quota {
    double cpus;                 /* CPUs' worth of time; INFINITY: no limit, or none that is seen */
    char file[QUOTA_FILE_BYTES]; /* that sets it; "" without a limit */
};

/* The tightest limit on the own group and those above it, which all bind: cpu.max (version 2) or
 * cpu.cfs_quota_us over cpu.cfs_period_us (version 1). `root` as in cgroup_find. */
void quota_read(const char *root, struct quota *quota);

/* Refuses, as unavailable and with the knob, where the quota is below what so many spinning CPUs
 * take. */
int quota_check(const char *root, double spinning_cpus, struct error *error);

#endif
