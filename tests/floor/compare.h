/* ipcbench against the floor: the same mechanism, measured by both in turn.
 *
 *     compare [-r ROUNDS] [-s SECONDS] [-c SENDER,RECEIVER] [-i default|poll] [-f REGEX]
 *
 * Rows whose processes take turns and sleep meanwhile run on one CPU: there a round trip is the code
 * and two switches, and a few nanoseconds too many show; across two CPUs the wake-up, ten times as
 * long and far less steady, hides them. The others need two CPUs. -c decides for all.
 *
 * Every round takes each row once by both, A then B in one round, B then A in the next. A pair
 * counts only if the probes beside both trials agree; the ratio is the median over pairs. */
#ifndef IPCBENCH_TESTS_FLOOR_COMPARE_H
#define IPCBENCH_TESTS_FLOOR_COMPARE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/trial.h"

/* One line of the table: the floor's mechanism, and our transport with the options that make it do
 * the same. */
struct compare_row {
    const char *mechanism;
    const char *transport;
    const char *options;
    enum pattern pattern;
    size_t message_bytes;
};
extern const struct compare_row compare_rows[];
extern const size_t compare_row_count;

/* How all are measured. */
struct compare_setting {
    size_t rounds;
    double seconds;
    struct topology topology;
    struct cpu_pair cpus;
    bool cpus_for_all;     /* chosen by hand */
    enum idle_policy idle; /* held by compare itself, for both alike */
    struct clock clock;
    struct workspace workspace;
    char floor_path[4096];
    const volatile sig_atomic_t *interrupted;
};

/* What one trial said; for streams both times are a message's share of the window. */
struct compare_figures {
    double median_ns; /* of stamped round trips */
    double batch_ns;  /* a round trip's share of the median batch of 64 */
    double probe_before_ns;
    double probe_after_ns;
};

/* Where this row runs. */
struct cpu_pair compare_cpus(const struct compare_setting *setting, const struct compare_row *row);

/* 0 or -errno with the error filled; -EAGAIN without one: no measurement came about this time. */
int compare_measure_floor(const struct compare_setting *setting, const struct compare_row *row,
                          struct compare_figures *figures, struct error *error);
int compare_measure_ours(struct compare_setting *setting, const struct compare_row *row,
                         struct compare_figures *figures, struct error *error);

/* One row's pairs so far. */
struct compare_tally {
    double *floor_ns; /* by kept pair, as the following */
    double *ours_ns;
    double *ratios;
    double *batch_ratios;
    size_t kept;
    size_t dropped;     /* probes disagreed (not like with like), or a trial got no time */
    struct error error; /* the first that ended a trial of this row; nothing more is tried */
};

enum compare_verdict { VERDICT_OK, VERDICT_UNCLEAR, VERDICT_OVER, VERDICT_NONE };

void compare_print_head(const struct compare_setting *setting);
/* Sorts what the tally holds. */
enum compare_verdict compare_print_row(const struct compare_setting *setting,
                                       const struct compare_row *row, struct compare_tally *tally);

#endif
