/* Many trials' load curves as one, and their cold starts. */
#include "results/summary_parts.h"

#include <math.h>

static double saturation_of(const struct run_trial *trial, size_t which)
{
    (void)which;
    return trial->result.load ? trial->result.load->saturation_per_s : 0;
}

/* The trial's point at one of load_shares; those that bisect towards the knee lie between. */
static const struct load_point *point_of(const struct run_trial *trial, size_t share)
{
    const struct load_curve *const curve = trial->result.load;

    for (size_t i = 0; curve && i < curve->point_count; i++) {
        if (fabs(curve->points[i].share - load_shares[share]) < 1e-9)
            return &curve->points[i];
    }
    return NULL;
}

static double point_offered(const struct run_trial *trial, size_t share)
{
    const struct load_point *const point = point_of(trial, share);
    return point ? point->offered_per_s : 0;
}

static double point_p50(const struct run_trial *trial, size_t share)
{
    const struct load_point *const point = point_of(trial, share);
    return point ? point->p50_ns : 0;
}

static double point_p99(const struct run_trial *trial, size_t share)
{
    const struct load_point *const point = point_of(trial, share);
    return point ? point->p99_ns : 0;
}

static void count_point(const struct run_cell *cell, size_t share, struct summary_load_point *sum)
{
    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct load_point *const point =
            summary_counts(&cell->trials[i]) ? point_of(&cell->trials[i], share) : NULL;
        sum->trials += point && point->status != LOAD_POINT_INVALID;
        sum->stable += point && point->status == LOAD_POINT_STABLE;
    }
}

void summary_load(struct run_cell *cell, double *values)
{
    struct summary_load *const load = &cell->summary.load;

    if (cell->pattern != PATTERN_LOAD)
        return;
    load->saturation_per_s = summary_median(cell, saturation_of, 0, values);
    load->point_count = LOAD_SHARES;
    for (size_t share = 0; share < LOAD_SHARES; share++) {
        struct summary_load_point *const point = &load->points[share];
        *point = (struct summary_load_point){.share = load_shares[share]};
        count_point(cell, share, point);
        point->offered_per_s = summary_median(cell, point_offered, share, values).value;
        if (2 * point->stable < point->trials)
            continue; /* a rate that mostly is not held has no latency */
        point->p50_ns = summary_median(cell, point_p50, share, values).value;
        point->p99_ns = summary_median(cell, point_p99, share, values).value;
    }
}

enum cold_figure {
    COLD_FIRST,
    COLD_P50,
    COLD_TOTAL,
    COLD_FAULTS /* of the sender; + 1: receiver */
};

static double cold_figure_of(const struct run_trial *trial, size_t which)
{
    const struct cold_start *const cold = &trial->result.cold;

    switch (which) {
    case COLD_FIRST:
        return cold->first_ns;
    case COLD_P50:
        return cold->p50_ns;
    case COLD_TOTAL:
        return cold->total_ns;
    default: /* + 1, since 0 would count as absent */
        return cold->messages ? (double)cold->faults[which - COLD_FAULTS] + 1 : 0;
    }
}

void summary_cold(struct run_cell *cell, double *values)
{
    struct summary_cold *const cold = &cell->summary.cold;
    const struct stats_median first = summary_median(cell, cold_figure_of, COLD_FIRST, values);

    cold->trials = first.count;
    if (!cold->trials)
        return;
    cold->first_ns = first.value;
    cold->p50_ns = summary_median(cell, cold_figure_of, COLD_P50, values).value;
    cold->total_ns = summary_median(cell, cold_figure_of, COLD_TOTAL, values).value;
    for (size_t side = 0; side < SIDE_COUNT; side++)
        cold->faults[side] =
            summary_median(cell, cold_figure_of, COLD_FAULTS + side, values).value - 1;
}
