/* Is a trial's number to be believed? What the machine did to it, and what no machine can do. */
#ifndef IPCBENCH_HARNESS_JUDGE_H
#define IPCBENCH_HARNESS_JUDGE_H

#include "harness/trial.h"

/* TRIAL_OK, or TRIAL_INVALID with the reason in result->error. `drifted`: the bounds of the two
 * clocks' offset before and after the timed loop exclude each other. */
enum trial_status trial_judge(const struct trial_request *request, bool drifted,
                              struct trial_result *result);

/* By more than TRIAL_PROBE_RATIO; not where one is missing. */
bool trial_probes_disagree(const struct trial_result *result);

/* Does such a pair burn a CPU while it waits? */
bool trial_spins(const struct trial_request *request);

#endif
