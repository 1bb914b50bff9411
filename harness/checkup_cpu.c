/* Checks of the processors: clock rate, idle states, and who else is on them. */
#include "harness/checkup_parts.h"
#include "harness/tuning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPU "/sys/devices/system/cpu/"

/* /proc/stat counts in ticks of 10 ms, ten of them between the readings: one says nothing. */
static const double busy_share_most = 0.15;

static const char who_is_busy[] = "ps -eo pid,psr,pcpu,comm --sort=-pcpu | head";

static void check_governor(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const driver = machine_text(&machine->machine, "cpu", "frequency_driver");
    const char *governor = machine_text(&machine->machine, "cpu", "frequency_governor");
    const struct tuning_setting *setting;
    struct tuning_plan plan = {0};

    if (!governor) {
        finding_is(finding, CHECKUP_UNKNOWN,
                   "no cpufreq here: host or firmware set the clock rate");
        return;
    }
    (void)tuning_find("governor", &setting, NULL);
    (void)tuning_plan_add(machine->root, setting, &plan, NULL);
    if (plan.count > 0)
        governor = plan.changes[0].previous;
    finding_is(finding, strcmp(governor, "performance") == 0 ? CHECKUP_OK : CHECKUP_BAD,
               "%s (driver %s)", governor, driver ? driver : "unknown");
    if (finding->state == CHECKUP_BAD) {
        finding_means(finding, "The clock rate follows the load with a delay: short trials and "
                               "mostly sleeping pairs run at a lower rate than long busy ones.");
        finding_root_writes(finding, "performance", CPU "cpufreq/policy*/scaling_governor");
    }
    tuning_plan_free(&plan);
}

static void check_boost(const struct examination *machine, struct checkup_finding *finding)
{
    int64_t boost;
    int64_t no_turbo;
    const bool has_boost = machine_number(&machine->machine, "cpu", "boost", &boost);
    const bool has_turbo = machine_number(&machine->machine, "cpu", "no_turbo", &no_turbo);

    if (!has_boost && !has_turbo) {
        finding_is(finding, CHECKUP_UNKNOWN, "no control of it here");
        return;
    }
    const bool is_on = has_turbo ? no_turbo == 0 : boost != 0;
    finding_is(finding, is_on ? CHECKUP_BAD : CHECKUP_OK, is_on ? "on" : "off");
    if (!is_on)
        return;
    finding_means(finding, "The clock rate depends on temperature and on how many cores are busy, "
                           "so it differs between trials and over a long run.");
    finding_root_writes(finding, has_turbo ? "1" : "0",
                        has_turbo ? CPU "intel_pstate/no_turbo" : CPU "cpufreq/boost");
}

static void check_idle(const struct examination *machine, struct checkup_finding *finding)
{
    static const char latency_file[] = "/dev/cpu_dma_latency";
    const char *const driver = machine_text(&machine->machine, "cpu", "idle_driver");
    const char *const states = machine_text(&machine->machine, "cpu", "idle_states");
    const char *const options = machine_text(&machine->machine, "kernel", "boot_options");

    if (options && strstr(options, "idle=poll")) {
        finding_is(finding, CHECKUP_OK, "none: booted with idle=poll");
        return;
    }
    if (!driver)
        return;
    const bool is_driven = strcmp(driver, "none") != 0;
    const bool may_write = examination_access(machine, latency_file, W_OK);
    finding_is(finding, CHECKUP_NOTE, "%s%s%s; %s may %sbe written",
               is_driven ? driver : "no driver", states ? ": " : "", states ? states : "",
               latency_file, may_write ? "" : "not ");
    finding_means(finding,
                  "A blocking round trip also pays for waking a CPU that has halted, often "
                  "many times what the transport costs.");
    if (!is_driven)
        finding_advises(finding, "boot with idle=poll");
    else if (may_write)
        finding_command(finding, "ipcbench run --idle default,poll");
    else
        finding_root_command(finding, "ipcbench run --idle default,poll");
}

/* The busiest CPU that shares a core with one of the pair; -1: there is none. */
static int busiest_sibling(const struct examination *machine, double *share)
{
    const struct cpu_pair pair = machine->pair;
    const struct cpu *const sender = topology_cpu(&machine->topology, pair.sender);
    const struct cpu *const receiver = topology_cpu(&machine->topology, pair.receiver);
    int busiest = -1;

    for (size_t i = 0; sender && receiver && i < machine->topology.count; i++) {
        const struct cpu *const cpu = &machine->topology.cpus[i];
        if (cpu == sender || cpu == receiver ||
            (cpu->smt_group != sender->smt_group && cpu->smt_group != receiver->smt_group))
            continue;
        const double busy = examination_busy_share(machine, cpu->id);
        if (busiest < 0 || busy > *share) {
            busiest = cpu->id;
            *share = busy;
        }
    }
    return busiest;
}

static void check_sibling(const struct examination *machine, struct checkup_finding *finding)
{
    double share = -1;
    const int sibling = busiest_sibling(machine, &share);

    if (machine->pair.sender < 0)
        return;
    if (sibling < 0) {
        finding_is(finding, CHECKUP_OK, "CPUs %d and %d share their cores with nobody",
                   machine->pair.sender, machine->pair.receiver);
    } else if (share < 0) {
        finding_is(finding, CHECKUP_UNKNOWN, "CPU %d shares a core; how busy it is, is not known",
                   sibling);
    } else if (share <= busy_share_most) {
        finding_is(finding, CHECKUP_OK, "CPU %d shares a core, %.0f %% busy", sibling, share * 100);
    } else {
        finding_is(finding, CHECKUP_BAD, "CPU %d shares a core, %.0f %% busy", sibling,
                   share * 100);
        finding_means(finding, "Two threads share one core's execution units and caches: the pair "
                               "gets half a core at times that are not the transport's doing.");
        finding_command(finding, "%s", who_is_busy);
        finding_advises(finding, "or measure elsewhere: ipcbench run --cpus S,R");
    }
}

static void check_pair(const struct examination *machine, struct checkup_finding *finding)
{
    const double sender = examination_busy_share(machine, machine->pair.sender);
    const double receiver = examination_busy_share(machine, machine->pair.receiver);

    if (sender < 0 || receiver < 0)
        return;
    const bool is_busy = sender > busy_share_most || receiver > busy_share_most;
    finding_is(finding, is_busy ? CHECKUP_BAD : CHECKUP_OK,
               "CPUs %d and %d of the default pair: %.0f and %.0f %% busy", machine->pair.sender,
               machine->pair.receiver, sender * 100, receiver * 100);
    if (!is_busy)
        return;
    finding_means(finding, "Other processes run on the CPUs that are measured: latencies gain "
                           "whole time slices.");
    finding_command(finding, "%s", who_is_busy);
    finding_advises(finding, "or measure elsewhere: ipcbench run --cpus S,R");
}

static void check_load(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const averages = machine_text(&machine->machine, "load", "average_1_5_15_min");
    double last_minute;

    if (!averages || sscanf(averages, "%lf", &last_minute) != 1)
        return;
    const double cpus = (double)machine->topology.count;
    const double room = cpus > 2 ? cpus - 1.5 : 0.5; /* the pair's two, and some for the rest */
    finding_is(finding, last_minute > room ? CHECKUP_BAD : CHECKUP_OK, "%s over 1, 5 and 15 min",
               averages);
    if (last_minute <= room)
        return;
    finding_means(finding, "More processes want to run than there are CPUs beside the pair's two: "
                           "they take turns with it.");
    finding_command(finding, "%s", who_is_busy);
}

static void check_allowed(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const allowed = machine_text(&machine->machine, "cpu", "allowed_list");
    const char *const online = machine_text(&machine->machine, "cpu", "online_list");
    size_t count = 0;

    for (size_t i = 0; i < machine->topology.count; i++)
        count += machine->topology.cpus[i].allowed;
    if (!allowed || !online)
        return;
    if (count == machine->topology.count && count > 1) {
        finding_is(finding, CHECKUP_OK, "all online CPUs (%s)", online);
        return;
    }
    finding_is(finding, count > 1 ? CHECKUP_NOTE : CHECKUP_BAD, "%s of %s", allowed, online);
    if (count > 1)
        finding_means(finding, "The pair is chosen among these CPUs; others are out of its reach.");
    else
        finding_means(finding, "Sender and receiver share one CPU: everything that spins is "
                               "skipped, and what is left measures switching between them.");
    if (count < machine->topology.count) {
        finding_command(finding, "taskset -c %s ipcbench run", online);
        finding_advises(finding, "a cpuset must allow them, too");
    }
}

static bool is_list(const char *list)
{
    return list && list[0] >= '0' && list[0] <= '9';
}

static void check_isolation(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const isolated = machine_text(&machine->machine, "cpu", "isolated_list");
    const char *const quiet = machine_text(&machine->machine, "cpu", "nohz_full_list");
    const struct cpu_pair pair = machine->pair;

    if (!is_list(isolated) && !is_list(quiet)) {
        if (examination_access(machine, CPU "isolated", F_OK))
            finding_is(finding, CHECKUP_OK, "no isolcpus, no nohz_full");
        return;
    }
    finding_is(finding, CHECKUP_NOTE, "isolcpus %s, nohz_full %s",
               is_list(isolated) ? isolated : "none", is_list(quiet) ? quiet : "none");
    if (is_list(quiet))
        finding_means(finding, "On nohz_full CPUs entering the kernel costs more: transports that "
                               "make system calls lose against shared memory.");
    else if (!topology_list_has(isolated, pair.sender) ||
             !topology_list_has(isolated, pair.receiver))
        finding_means(finding, "The default pair, CPUs %d and %d, is not isolated.", pair.sender,
                      pair.receiver);
    if (is_list(isolated))
        finding_command(finding, "taskset -c %s ipcbench run", isolated);
}

const struct check checkup_cpu_checks[] = {
    {"governor", "cpu", CHECKUP_DISTURBS, "governor", check_governor},
    {"boost", "cpu", CHECKUP_DISTURBS, "boost", check_boost},
    {"smt-sibling", "cpu", CHECKUP_DISTURBS, NULL, check_sibling},
    {"pair-cpus", "cpu", CHECKUP_DISTURBS, NULL, check_pair},
    {"load", "cpu", CHECKUP_DISTURBS, NULL, check_load},
    {"allowed-cpus", "cpu", CHECKUP_LIMITS, NULL, check_allowed},
    {"isolation", "cpu", CHECKUP_INFORMS, NULL, check_isolation},
    {"idle-states", "cpu", CHECKUP_INFORMS, NULL, check_idle},
    {0},
};
