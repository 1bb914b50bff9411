#include "harness/checkup.h"
#include "base/error.h"
#include "base/file.h"
#include "harness/checkup_parts.h"
#include "harness/tuning.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const state_names[] = {[CHECKUP_BAD] = "bad",
                                          [CHECKUP_NOTE] = "note",
                                          [CHECKUP_OK] = "ok",
                                          [CHECKUP_UNKNOWN] = "unknown"};
static const char *const effect_names[] = {
    [CHECKUP_DISTURBS] = "disturbs", [CHECKUP_LIMITS] = "limits", [CHECKUP_INFORMS] = "informs"};

static const struct check *const check_tables[] = {
    checkup_cpu_checks,
    checkup_system_checks,
    checkup_memory_checks,
    checkup_limit_checks,
};

const char *checkup_state_name(enum checkup_state state)
{
    return state_names[state];
}

const char *checkup_effect_name(enum checkup_effect effect)
{
    return effect_names[effect];
}

__attribute__((format(printf, 2, 0))) static void write_text(char text[CHECKUP_TEXT_BYTES],
                                                             const char *format, va_list arguments)
{
    if (vsnprintf(text, CHECKUP_TEXT_BYTES, format, arguments) < 0)
        text[0] = '\0';
}

void finding_is(struct checkup_finding *finding, enum checkup_state state, const char *format, ...)
{
    va_list arguments;

    finding->state = state;
    va_start(arguments, format);
    write_text(finding->found, format, arguments);
    va_end(arguments);
}

void finding_means(struct checkup_finding *finding, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_text(finding->meaning, format, arguments);
    va_end(arguments);
}

void finding_command(struct checkup_finding *finding, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_text(finding->command, format, arguments);
    va_end(arguments);
}

void finding_advises(struct checkup_finding *finding, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_text(finding->advice, format, arguments);
    va_end(arguments);
}

static const char *by_sudo(void)
{
    return geteuid() == 0 ? "" : "sudo ";
}

void finding_root_command(struct checkup_finding *finding, const char *format, ...)
{
    char command[CHECKUP_TEXT_BYTES - 8];
    va_list arguments;

    va_start(arguments, format);
    const int length = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (length >= 0)
        finding_command(finding, "%s%s", by_sudo(), command);
}

void finding_root_writes(struct checkup_finding *finding, const char *value, const char *path)
{
    finding_command(finding, "echo %s | %stee %s", value, by_sudo(), path);
}

bool examination_access(const struct examination *machine, const char *path, int mode)
{
    char full[512];

    return snprintf(full, sizeof full, "%s%s", machine->root, path) < (int)sizeof full &&
           access(full, mode) == 0;
}

/* The limits ask for capabilities of the first user namespace; root in a container may have another,
 * where its own are worth nothing outside. That namespace maps all users. */
static bool in_first_user_namespace(const struct examination *machine)
{
    char path[512];
    char line[64];
    unsigned long count = 0;

    (void)snprintf(path, sizeof path, "%s/proc/self/uid_map", machine->root);
    return file_read_line(path, line, sizeof line) < 0 ||
           (sscanf(line, "%*u %*u %lu", &count) == 1 && count == UINT32_MAX);
}

bool examination_capable(const struct examination *machine, enum capability capability)
{
    const char *const mask = machine_text(&machine->machine, "user", "capabilities");

    return mask && in_first_user_namespace(machine) && strtoull(mask, NULL, 16) >> capability & 1;
}

/* The finding names its setting only where this machine has it. */
static void examine_setting(const struct examination *machine, const struct check *check,
                            struct checkup_finding *finding)
{
    const struct tuning_setting *setting;
    struct tuning_plan plan = {0};

    if (tuning_find(check->setting, &setting, NULL) == 0 &&
        tuning_plan_add(machine->root, setting, &plan, NULL) == 0) {
        finding->setting = setting->name;
        finding->tunable = plan.count > 0 && tuning_plan_check(machine->root, &plan, NULL) == 0;
    }
    tuning_plan_free(&plan);
}

static void examine(const struct examination *machine, struct checkup *checkup)
{
    for (size_t i = 0; i < sizeof check_tables / sizeof check_tables[0]; i++) {
        for (const struct check *check = check_tables[i];
             check->name && checkup->count < CHECKUP_FINDINGS_MAX; check++) {
            struct checkup_finding *const finding = &checkup->findings[checkup->count++];
            *finding = (struct checkup_finding){.name = check->name,
                                                .group = check->group,
                                                .effect = check->effect,
                                                .state = CHECKUP_UNKNOWN};
            check->examine(machine, finding);
            if (check->setting)
                examine_setting(machine, check, finding);
            if (finding->state == CHECKUP_UNKNOWN && finding->found[0] == '\0')
                finding_is(finding, CHECKUP_UNKNOWN, "not known here");
        }
    }
}

/* The affinity mask of a made tree is in a file like everything else. */
static void take_allowed(struct examination *machine)
{
    const char *const allowed = machine_text(&machine->machine, "cpu", "allowed_list");

    for (size_t i = 0; allowed && i < machine->topology.count; i++) {
        struct cpu *const cpu = &machine->topology.cpus[i];
        cpu->allowed = topology_list_has(allowed, cpu->id);
    }
}

int checkup_examine(const char *root, const struct checkup_readings *readings,
                    struct checkup *checkup, struct error *error)
{
    struct examination machine = {.root = root, .pair = {-1, -1}, .readings = readings};

    *checkup = (struct checkup){0};
    const int failed = machine_read_at(root, &machine.machine, error);
    if (failed)
        return failed;
    if (topology_read(root, &machine.topology, NULL) == 0) {
        take_allowed(&machine);
        machine.pair = topology_default_pair(&machine.topology);
    }
    examine(&machine, checkup);
    topology_free(&machine.topology);
    machine_free(&machine.machine);
    return 0;
}

int checkup_run(const char *root, struct checkup *checkup, struct error *error)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    struct checkup_readings readings = {0};

    int failed = checkup_times_read(root, &readings.before, error);
    if (!failed) {
        nanosleep(&pause, NULL);
        failed = checkup_times_read(root, &readings.after, error);
    }
    if (!failed)
        failed = checkup_examine(root, &readings, checkup, error);
    checkup_times_free(&readings.before);
    checkup_times_free(&readings.after);
    return failed;
}

size_t checkup_count(const struct checkup *checkup, enum checkup_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < checkup->count; i++)
        count += checkup->findings[i].state == state;
    return count;
}

size_t checkup_count_bad(const struct checkup *checkup, enum checkup_effect effect)
{
    size_t count = 0;

    for (size_t i = 0; i < checkup->count; i++) {
        const struct checkup_finding *const finding = &checkup->findings[i];
        count += finding->state == CHECKUP_BAD && finding->effect == effect;
    }
    return count;
}
