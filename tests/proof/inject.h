/* Known delays, and how often they are found.
 *
 *     inject [-n EXPERIMENTS] [-r ROUNDS] [-s SECONDS] [-m p50|rate] [-S SEED] [-f REGEX]
 *
 * A cell is a transport that waits a little before each send (tests/proof/wrapped.h): not at
 * all (the base), and by 0, 2, 5 and 10 % of its own round trip, measured first. The 0 % is a control: it
 * is the base again, and to find something there is a false alarm.
 *
 * An experiment is what a user would do: some rounds, in each of which the base and all its variants run
 * once, in random order, one right after the other. Two ways to find a difference at 5 %:
 *
 *     sign     base and variant of one round are a pair: sign test of their ratios
 *     ranks    as two result files are compared: Mann-Whitney, pairs forgotten
 *
 * Pairs whose probes disagree (the hypervisor moved a CPU) are dropped: not like with like. A cell is
 * quiet where the smallest ratio that one experiment's sign test would find 4 times of 5 is at most
 * half of the largest injected one; there the largest must be found in 9 of 10 experiments.
 *
 * The spinning pair across CPUs is shown, not judged: what is put in there is not always added. In a ring
 * of many slots round trips were seen to become shorter by up to a fifth; with one slot, as here, they came
 * out anywhere from unchanged to half the delay longer. Cache lines that move during the wait may be why;
 * that was not tested. */
#ifndef IPCBENCH_TESTS_PROOF_INJECT_H
#define IPCBENCH_TESTS_PROOF_INJECT_H

#include "tests/proof/stage.h"
#include "tests/proof/wrapped.h"

enum { INJECT_BASE, INJECT_CONTROL, INJECT_SMALL, INJECT_MIDDLE, INJECT_LARGE, INJECT_VARIANTS };
extern const double inject_shares[INJECT_VARIANTS]; /* of the round trip */

enum inject_figure { INJECT_P50, INJECT_RATE };

/* How all are measured. */
struct inject_setting {
    struct stage stage;
    size_t experiments;
    size_t rounds; /* of each */
    uint64_t seed;
    enum inject_figure figure;
    double turn_ns;
};

/* One trial's outcome. */
struct inject_trial {
    double round_trip_ns; /* by the figure; 0: the trial gave none */
    double probe_low_ns;
    double probe_high_ns;
};

struct inject_cell {
    struct stage_cell cell;
    struct wrapped wrapped;
    struct trial_request requests[INJECT_VARIANTS];
    double round_trip_ns;        /* of the base, measured first */
    struct inject_trial *trials; /* by round (of all experiments), then variant; owned */
    struct error error;          /* why nothing could be measured */
};

struct inject_tally {
    size_t judged; /* cells */
    size_t quiet;
    size_t quiet_missed; /* where the largest delay was not found often enough */
    size_t controls;     /* experiments with nothing to find, */
    size_t alarms;       /* and those that found it by the sign test */
};

void inject_print_head(const struct inject_setting *setting);
int inject_print_cell(const struct inject_setting *setting, const struct inject_cell *cell,
                      struct inject_tally *tally, struct error *error);
/* True where everything was as it should be. */
bool inject_print_verdict(const struct inject_tally *tally);

#endif
