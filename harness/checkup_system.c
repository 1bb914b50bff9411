/* Checks of clock, virtualisation and what this process may do. */
#include "harness/checkup_parts.h"
#include "harness/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOCKS "/sys/devices/system/clocksource/clocksource0/"

static void check_clock(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const source = machine_text(&machine->machine, "kernel", "clocksource");
    const char *const others = machine_text(&machine->machine, "kernel", "clocksources_available");

    if (!source)
        return;
    const char *const objection = clock_objection(machine->root);
    if (!objection) {
        finding_is(finding, CHECKUP_OK, "%s; its counter is read directly", source);
        return;
    }
    finding_is(finding, CHECKUP_BAD, "%s: %s", source, objection);
    finding_means(finding, "CLOCK_MONOTONIC is read instead, which takes longer and shows in "
                           "round trips that are short.");
    if (strcmp(source, "tsc") != 0 && others && strstr(others, "tsc"))
        finding_root_writes(finding, "tsc", CLOCKS "current_clocksource");
}

/* Signatures of CPUID are padded or doubled to twelve characters. */
static const char *hypervisor_name(const char *signature)
{
    static const char *const names[][2] = {{"KVMKVMKVM", "KVM"},
                                           {"Microsoft Hv", "Hyper-V"},
                                           {"VMwareVMware", "VMware"},
                                           {"XenVMMXenVMM", "Xen"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i][0], signature) == 0)
            return names[i][1];
    }
    return signature;
}

static void check_hypervisor(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const hypervisor = machine_text(&machine->machine, "virtualisation", "hypervisor");
    const char *const flags = machine_text(&machine->machine, "cpu", "flags");
    const char *const product = machine_text(&machine->machine, "virtualisation", "product");

    if (!hypervisor && !flags)
        return;
    if (hypervisor ? strcmp(hypervisor, "none") == 0 : !strstr(flags, "hypervisor")) {
        finding_is(finding, CHECKUP_OK, "none");
        return;
    }
    finding_is(finding, CHECKUP_NOTE, "%s%s%s",
               hypervisor ? hypervisor_name(hypervisor) : "one that tells no name",
               product ? ", " : "", product ? product : "");
    finding_means(finding, "The host may move virtual CPUs at any moment and so change their "
                           "distance: such trials are marked p, and separate runs compare badly.");
}

static void check_steal(const struct examination *machine, struct checkup_finding *finding)
{
    const struct checkup_times *const before = &machine->readings->before;
    const struct checkup_times *const after = &machine->readings->after;

    if (after->total_ticks == 0)
        return;
    const double since_boot = (double)after->steal_ticks / (double)after->total_ticks;
    const bool has_now =
        after->total_ticks > before->total_ticks && after->steal_ticks >= before->steal_ticks;
    const double now = has_now ? (double)(after->steal_ticks - before->steal_ticks) /
                                     (double)(after->total_ticks - before->total_ticks)
                               : 0;
    finding_is(finding,
               since_boot > 0.01 || now > 0.05 ? CHECKUP_BAD
               : since_boot > 0.001            ? CHECKUP_NOTE
                                               : CHECKUP_OK,
               "%.2f %% since boot, %.0f %% over the last 100 ms", since_boot * 100, now * 100);
    if (finding->state != CHECKUP_OK)
        finding_means(finding, "The host lets others run on our CPUs: such gaps of milliseconds "
                               "are in the tails, and no setting of this machine ends them.");
}

/* CPUs per period, infinite without a quota; NaN: not known. */
static double quota_of(const struct machine *machine)
{
    const char *const line = machine_text(machine, "virtualisation", "cgroup_cpu_max");
    double amount;
    double period;
    int64_t quota_us;
    int64_t period_us;

    double cpus = line ? INFINITY : NAN;
    if (line && sscanf(line, "%lf %lf", &amount, &period) == 2 && period > 0)
        cpus = amount / period;
    if (machine_number(machine, "virtualisation", "cgroup_v1_quota_us", &quota_us) &&
        machine_number(machine, "virtualisation", "cgroup_v1_period_us", &period_us))
        cpus = fmin(cpus, quota_us > 0 ? (double)quota_us / (double)period_us : INFINITY);
    return cpus;
}

static void check_quota(const struct examination *machine, struct checkup_finding *finding)
{
    const double cpus = quota_of(&machine->machine);

    if (isinf(cpus) || (isnan(cpus) && examination_access(machine, "/proc/self/cgroup", R_OK)))
        finding_is(finding, CHECKUP_OK, "none");
    else if (!isnan(cpus))
        finding_is(finding, cpus < 2 ? CHECKUP_BAD : CHECKUP_NOTE, "%.3g CPUs", cpus);
    if (finding->state != CHECKUP_BAD && finding->state != CHECKUP_NOTE)
        return;
    if (cpus < 2)
        finding_means(finding, "Two processes that spin use up the quota and are then stopped for "
                               "the rest of each period, tens of milliseconds at a time.");
    else
        finding_means(finding, "Enough for one pair; with more pairs at once all are stopped for "
                               "the rest of each period.");
    finding_advises(finding, "raise cpu.max (version 1: cpu.cfs_quota_us) of the cgroup, or the "
                             "--cpus of the container");
}

static void check_realtime(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const unlimited = machine_text(&machine->machine, "limits", "rlimit_rtprio");
    int64_t priority = unlimited ? 99 : 0;
    int64_t runtime_us;

    if (!unlimited && !machine_number(&machine->machine, "limits", "rlimit_rtprio", &priority))
        return;
    if (priority == 0 && !examination_capable(machine, CAPABILITY_SYS_NICE)) {
        finding_is(finding, CHECKUP_NOTE, "not permitted (ulimit -r is 0, no CAP_SYS_NICE)");
        finding_means(finding, "Other processes of this priority take turns with the pair; chrt "
                               "cannot put it before them.");
        finding_root_command(finding, "prlimit --rtprio=99 --pid $$");
        return;
    }
    finding_is(finding, CHECKUP_OK, "permitted");
    if (!machine_number(&machine->machine, "kernel", "sched_rt_runtime_us", &runtime_us) ||
        runtime_us < 0)
        return;
    finding_is(finding, CHECKUP_NOTE, "permitted, %.4g %% of each second",
               (double)runtime_us / 1e4);
    finding_means(finding, "A pair that spins under chrt is stopped for the rest of each second; "
                           "without chrt this does not matter.");
    finding_root_command(finding, "sysctl -w kernel.sched_rt_runtime_us=-1");
}

static size_t occurrences(const char *text, const char *word)
{
    size_t count = 0;

    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

static void check_mitigations(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const states = machine_text(&machine->machine, "kernel", "mitigations");

    if (!states)
        return;
    const size_t active = occurrences(states, ": Mitigation");
    finding_is(finding, active > 0 ? CHECKUP_NOTE : CHECKUP_OK,
               "%zu vulnerabilities mitigated, %zu not", active,
               occurrences(states, ": Vulnerable"));
    if (active == 0)
        return;
    finding_means(finding, "Each system call and switch costs more: compare with machines of the "
                           "same mitigations only.");
    finding_advises(finding, "boot with mitigations=off, where no stranger runs code");
}

static void check_ptrace(const struct examination *machine, struct checkup_finding *finding)
{
    int64_t scope;

    if (!machine_number(&machine->machine, "kernel", "ptrace_scope", &scope)) {
        finding_is(finding, CHECKUP_UNKNOWN, "no Yama in this kernel");
        return;
    }
    finding_is(finding, scope > 0 ? CHECKUP_NOTE : CHECKUP_OK,
               "kernel.yama.ptrace_scope = %" PRId64, scope);
    if (scope == 0)
        return;
    finding_means(finding, "process_vm_readv between processes that are not parent and child needs "
                           "PR_SET_PTRACER or CAP_SYS_PTRACE.");
    finding_root_command(finding, "sysctl -w kernel.yama.ptrace_scope=0");
}

static void check_perf(const struct examination *machine, struct checkup_finding *finding)
{
    int64_t paranoid;

    if (!machine_number(&machine->machine, "kernel", "perf_event_paranoid", &paranoid))
        return;
    finding_is(finding, paranoid > 1 ? CHECKUP_NOTE : CHECKUP_OK,
               "kernel.perf_event_paranoid = %" PRId64, paranoid);
    if (paranoid <= 1)
        return;
    finding_means(finding, paranoid == 2 ? "Ordinary users get hardware counters of user mode only."
                                         : "Ordinary users get no hardware counters.");
    finding_root_command(finding, "sysctl -w kernel.perf_event_paranoid=1");
}

const struct check checkup_system_checks[] = {
    {"clocksource", "clock", CHECKUP_DISTURBS, NULL, check_clock},
    {"hypervisor", "virtualisation", CHECKUP_INFORMS, NULL, check_hypervisor},
    {"steal", "virtualisation", CHECKUP_DISTURBS, NULL, check_steal},
    {"quota", "virtualisation", CHECKUP_DISTURBS, NULL, check_quota},
    {"realtime", "permissions", CHECKUP_INFORMS, NULL, check_realtime},
    {"mitigations", "permissions", CHECKUP_INFORMS, NULL, check_mitigations},
    {"ptrace", "permissions", CHECKUP_INFORMS, NULL, check_ptrace},
    {"perf-events", "permissions", CHECKUP_INFORMS, NULL, check_perf},
    {0},
};
