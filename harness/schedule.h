/* When the messages of an open loop are to be sent: fixed before the first one is, whatever happens
 * on the way. */
#ifndef IPCBENCH_HARNESS_SCHEDULE_H
#define IPCBENCH_HARNESS_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

struct error;

enum arrivals {
    ARRIVALS_CONSTANT, /* equal gaps */
    ARRIVALS_POISSON,  /* exponential gaps: arrivals independent of each other */
};
enum { ARRIVALS_COUNT = 2 };
const char *arrivals_name(enum arrivals arrivals);
int arrivals_parse(const char *text, enum arrivals *arrivals, struct error *error);

struct schedule {
    enum arrivals arrivals;
    double rate_per_s;
    double seconds;
    double ns_per_tick;
    uint64_t seed; /* of the exponential gaps */
};

/* How many messages the schedule has: rate times seconds, rounded, at least 2. */
size_t schedule_count(const struct schedule *schedule);

/* The intended moments in ticks since the start, ascending, schedule_count() of them. Constant: i
 * over the rate. Poisson: partial sums of exponential gaps -ln(u) / rate, u uniform in (0, 1],
 * scaled so that the last moment is the constant schedule's: every seed offers the same rate. */
void schedule_fill(const struct schedule *schedule, uint64_t *intended_ticks);

#endif
