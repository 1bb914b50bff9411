/* The latency-against-load curve of one transport, and its knee.
 *
 * Saturation is measured by `stream`; then `paced` trials offer fixed shares of it in random order,
 * then five more bisect towards the knee: the highest rate that is stable and whose p99 is at most
 * LOAD_KNEE_RATIO times the lowest p99 of the curve. Every point is a fresh pair of processes. */
#ifndef IPCBENCH_HARNESS_LOAD_H
#define IPCBENCH_HARNESS_LOAD_H

#include <stdbool.h>
#include <stddef.h>

enum { LOAD_SHARES = 12, LOAD_BISECTIONS = 5, LOAD_POINTS_MAX = LOAD_SHARES + LOAD_BISECTIONS };
#define LOAD_KNEE_RATIO 3.0

extern const double load_shares[LOAD_SHARES]; /* 0.01 ... 1, ascending */

enum load_point_status {
    LOAD_POINT_STABLE,
    LOAD_POINT_UNSTABLE, /* the queue grows: a latency would grow with the length of the trial */
    LOAD_POINT_INVALID,  /* measured twice, disturbed twice */
};
const char *load_point_status_name(enum load_point_status status);

struct load_point {
    double share; /* of the saturation rate */
    double offered_per_s;
    double achieved_per_s;
    enum load_point_status status;
    double p50_ns; /* response; 0 unless stable */
    double p99_ns; /* likewise; 0 too with fewer than 10 samples beyond */
    double max_ns;
};

struct load_curve {
    double saturation_per_s;
    double knee_per_s; /* 0: none: not even the lowest share is stable */
    size_t point_count;
    struct load_point points[LOAD_POINTS_MAX]; /* ascending by share */
};

struct trial_request;
struct trial_result;
struct workspace;

/* Called by trial_run for PATTERN_LOAD: runs the trials one after the other. Fills in *result, whose
 * rate is the knee. */
void load_run(const struct trial_request *request, struct workspace *workspace,
              struct trial_result *result);

/* About how long that takes. */
double load_seconds(double timed_seconds, double warmup_seconds);

#endif
