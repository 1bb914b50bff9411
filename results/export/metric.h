/* What the exports share: the figures that every format gives, and names fit for it.
 *
 * Latency patterns have p50, p99, p99.9 and a rate; stream has a rate; load has the rate of its knee
 * and its saturation rate. A rate counts round trips, messages or bursts, as its pattern does. */
#ifndef IPCBENCH_RESULTS_EXPORT_METRIC_H
#define IPCBENCH_RESULTS_EXPORT_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/pattern.h"

struct run_cell;
struct run_trial;
struct text;

enum metric { METRIC_P50, METRIC_P99, METRIC_P999, METRIC_RATE, METRIC_SATURATION };
enum { METRIC_COUNT = 5 };

const char *metric_name(enum metric metric); /* "p50", "p99", "p99.9", "rate", "saturation" */
const char *metric_unit(enum metric metric); /* "ns" or "op/s" */
bool metric_is_time(enum metric metric);     /* smaller is better */

/* A cell's figure; value 0: it has none. low and high are its 95 % interval, 0 where it has none:
 * tails come from merged histograms, and where p50's interval reaches down to 0. */
struct metric_figure {
    double value, low, high;
};
struct metric_figure metric_of_cell(const struct run_cell *cell, enum metric metric);

/* A trial's figure; 0: it has none, as when it did not end well. */
double metric_of_trial(const struct run_cell *cell, const struct run_trial *trial,
                       enum metric metric);

/* Is there anything to export of this cell? */
bool metric_has_any(const struct run_cell *cell);

/* A cell's id for formats where blanks, commas and more have a meaning: letters, digits and
 * "-._/:=" stay, a comma becomes '+', any other byte %XX. Different ids stay different. */
void metric_append_plain(struct text *out, const char *id);

/* Six significant digits, and never fewer than stand before the decimal point, as in result files. */
void metric_append_figure(struct text *out, double value);

/* Text from a file inside one line of comment: control characters become blanks. */
void metric_append_line(struct text *out, const char *text);

#endif
