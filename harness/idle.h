/* Idle states: whether a CPU with nothing to do may halt while a pair runs.
 *
 * With a halting idle CPU a blocking round trip pays for waking it up, ten times the cost of the
 * transport itself on many virtual machines. Holding /dev/cpu_dma_latency at 0 keeps idle CPUs in
 * their first idle state, which polls on x86 and is a plain WFI on arm64 (kernel:
 * power/pm_qos_interface). Only cpuidle obeys it, and usually only root may open it. */
#ifndef IPCBENCH_HARNESS_IDLE_H
#define IPCBENCH_HARNESS_IDLE_H

struct error;

enum idle_policy { IDLE_DEFAULT, IDLE_POLL };

const char *idle_policy_name(enum idle_policy policy); /* "default", "poll" */
int idle_policy_parse(const char *text, enum idle_policy *policy, struct error *error);

/* For IDLE_POLL opens and holds the file; *hold receives the descriptor, -1 where there is nothing
 * to hold. A file that is missing or may not be opened, and a kernel that would not obey it, are
 * unavailable, with the knob. The limit lasts until idle_release or the end of the process. */
int idle_hold(enum idle_policy policy, int *hold, struct error *error);
void idle_release(int *hold);

#endif
