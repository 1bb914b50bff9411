/* Inside checkup.h: what the checks get, and how they write their findings. Only checkup*.c includes
 * this. */
#ifndef IPCBENCH_HARNESS_CHECKUP_PARTS_H
#define IPCBENCH_HARNESS_CHECKUP_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/checkup.h"
#include "harness/machine.h"
#include "harness/topology.h"

struct examination {
    const char *root;
    struct machine machine;
    struct topology topology; /* no CPU where it cannot be read */
    struct cpu_pair pair;     /* the default one; {-1, -1} where there is none */
    const struct checkup_readings *readings;
};

/* Fills in a finding, which comes as unknown and empty. */
typedef void check_function(const struct examination *machine, struct checkup_finding *finding);

struct check {
    const char *name;
    const char *group;
    enum checkup_effect effect;
    const char *setting; /* of tuning.h; NULL: none */
    check_function *examine;
};

/* Each up to the first without a name. */
extern const struct check checkup_cpu_checks[];
extern const struct check checkup_system_checks[];
extern const struct check checkup_memory_checks[];
extern const struct check checkup_limit_checks[];

void finding_is(struct checkup_finding *finding, enum checkup_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void finding_means(struct checkup_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_command(struct checkup_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_advises(struct checkup_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for commands of root, which others run by sudo(8): "sysctl -w ..." and the like as they
 * are; a value written to a file. */
void finding_root_command(struct checkup_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_root_writes(struct checkup_finding *finding, const char *value, const char *path);

/* Is a file below the root there, in a way that access(2) tells? */
bool examination_access(const struct examination *machine, const char *path, int mode);

/* Does this process have a capability(7)? False where that is not known. */
enum capability {
    CAPABILITY_IPC_LOCK = 14,
    CAPABILITY_SYS_NICE = 23,
    CAPABILITY_SYS_RESOURCE = 24
};
bool examination_capable(const struct examination *machine, enum capability capability);

/* Share of the time between the readings that a CPU was busy; -1: not known. */
double examination_busy_share(const struct examination *machine, int cpu);

#endif
