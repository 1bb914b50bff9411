/* What is measured over a channel. Each pattern is a metric of its own; they are never blended. */
#ifndef IPCBENCH_HARNESS_PATTERN_H
#define IPCBENCH_HARNESS_PATTERN_H

#include <stdbool.h>

struct error;

enum pattern {
    PATTERN_PINGPONG, /* closed loop: round trips, each one a sample */
    PATTERN_ONEWAY,   /* one message at a time, with pauses: from before its send to its receipt */
    PATTERN_BURST,    /* some messages at once, then idle: until the last is received */
    PATTERN_PACED,    /* open loop at a given rate: from the intended send to the receipt */
    PATTERN_LOAD,     /* paced at many shares of the saturation rate: the curve and its knee */
    PATTERN_STREAM,   /* one direction as fast as it goes, counted at the receiver */
    PATTERN_PAGEWALK, /* dependent loads all over one message, one line of each page: one access */
    PATTERN_LINEWALK, /* the same over all of its lines */
    PATTERN_MEMORY,   /* no messages: an operation on memory, pass after pass, each step timed */
};
enum { PATTERN_COUNT = 9 };

const char *pattern_name(enum pattern pattern);
int pattern_parse(const char *text, enum pattern *pattern, struct error *error);

/* Is the main figure a time (p50 of `histogram`), or a rate? The knee of `load` is a rate. */
bool pattern_is_latency(enum pattern pattern);

/* Is a time taken between the clocks of two CPUs? Then their offset bounds it. */
bool pattern_is_across_clocks(enum pattern pattern);

/* Is the load given by --rate? By --burst? */
bool pattern_has_rate(enum pattern pattern);
bool pattern_has_burst(enum pattern pattern);

/* Is one message's content what is measured (harness/walk.h)? Its size is then the working set, and what
 * is counted are accesses. */
bool pattern_walks(enum pattern pattern);

/* Do messages go between the two processes? Otherwise the sender measures an operation on memory. */
bool pattern_has_messages(enum pattern pattern);

#endif
