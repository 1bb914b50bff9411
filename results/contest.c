#include "results/contest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/clusters.h"
#include "base/error.h"
#include "base/rank_strata.h"
#include "results/compare.h"
#include "results/run.h"

/* More would decide nothing new, and a file may claim 100,000. */
enum { TRIALS_MOST = 256 };

/* --- which trials ------------------------------------------------------------------------------ */

static size_t trials_looked_at(const struct run_cell *cell)
{
    return cell->trial_count < TRIALS_MOST ? cell->trial_count : TRIALS_MOST;
}

struct side_values {
    double *values[CLUSTERS_STATES_MOST]; /* into one array */
    size_t counts[CLUSTERS_STATES_MOST];
    size_t total;
    size_t stateless; /* further ones */
};

static double probe_of(const struct run_trial *trial)
{
    return trial->result.status == TRIAL_OK
               ? fmin(trial->result.probe_before_ns, trial->result.probe_after_ns)
               : 0;
}

static size_t last_round(const struct run_cell *cell)
{
    size_t last = 0;
    for (size_t index = 0; index < cell->trial_count; ++index)
        last = cell->trials[index].round > last ? cell->trials[index].round : last;
    return last;
}

static size_t collect_probes(const struct run_cell *cell, size_t rounds_to, double *values)
{
    size_t count = 0;
    for (size_t index = 0; index < trials_looked_at(cell); ++index) {
        const double probe = probe_of(&cell->trials[index]);
        if (probe > 0 && cell->trials[index].round <= rounds_to)
            values[count++] = probe;
    }
    return count;
}

/* One of `count` (1, where there are fewer); that number itself: none of them. */
static size_t state_of(const struct run_trial *trial, const struct clusters_states *states)
{
    if (states->count < 2)
        return 0;
    if (trial->result.probes_disagree || !(probe_of(trial) > 0))
        return states->count;
    return clusters_state_of(states, probe_of(trial));
}

/* The figures of a cell, state by state. Where there are several, trials of no one state come last,
 * and count in none. `room` takes all trials. */
static void collect(const struct run_cell *cell, enum contest_figure figure, size_t rounds_to,
                    const struct clusters_states *states, double *room, struct side_values *side)
{
    const size_t state_count = states->count > 1 ? states->count : 1;
    *side = (struct side_values){0};
    for (size_t state = 0; state <= state_count; ++state) {
        size_t *const count = state < state_count ? &side->counts[state] : &side->stateless;
        double *const values = room + side->total;
        for (size_t index = 0; index < trials_looked_at(cell); ++index) {
            const struct run_trial *const trial = &cell->trials[index];
            const double value = contest_value(cell, trial, figure);
            if (value > 0 && trial->round <= rounds_to && state_of(trial, states) == state)
                values[(*count)++] = value;
        }
        if (state < state_count) {
            side->values[state] = values;
            side->total += *count;
        }
    }
}

/* --- what they say ----------------------------------------------------------------------------- */

struct contest contest_of(const struct run_cell *first, const struct run_cell *second,
                          enum contest_figure figure)
{
    return (struct contest){
        .first = first,
        .second = second,
        .figure = figure,
        .p = 1,
        .adjusted_p = 1,
        .least_p = 1,
    };
}

static double half_width(const struct stats_median *median)
{
    return median->value > 0 ? (median->high - median->low) / (2 * median->value) : 0;
}

/* Of the values that went in; sorts across the states. */
static void find_limits(struct contest *contest, double *first, double *second)
{
    const struct compare_options rules = compare_defaults();
    const struct stats_median a =
        stats_median_interval(first, contest->first_trials, COMPARE_CONFIDENCE);
    const struct stats_median b =
        stats_median_interval(second, contest->second_trials, COMPARE_CONFIDENCE);
    contest->noise = fmax(half_width(&a), half_width(&b));
    contest->limit = rules.threshold[contest->figure == CONTEST_P99 ? COMPARE_P99 : COMPARE_P50];
    const bool is_time = contest->figure == CONTEST_P50 || contest->figure == CONTEST_P99;
    const enum pattern pattern = contest->first->pattern;
    /* An access or an operation may take one nanosecond. */
    if (is_time && !pattern_walks(pattern) && pattern_has_messages(pattern))
        contest->limit = fmax(contest->limit, rules.minimum_ns / sqrt(a.value * b.value));
}

/* Is every value of one side above every one of the other? */
static bool are_apart(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double a_least = INFINITY, a_most = 0, b_least = INFINITY, b_most = 0;
    for (size_t index = 0; index < a_count; ++index) {
        a_least = fmin(a_least, a[index]);
        a_most = fmax(a_most, a[index]);
    }
    for (size_t index = 0; index < b_count; ++index) {
        b_least = fmin(b_least, b[index]);
        b_most = fmax(b_most, b[index]);
    }
    return a_most < b_least || b_most < a_least;
}

/* Takes the states together where there are several, as the header says. */
static void count_separation(struct contest *contest, const double *first, size_t first_count,
                             const double *second, size_t second_count)
{
    const double n = (double)first_count, m = (double)second_count;
    const double p = fmin(1, 2 * exp(lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1)));
    if (first_count + second_count == contest->first_trials + contest->second_trials &&
        contest->states < 2)
        return;
    contest->p = are_apart(first, first_count, second, second_count) ? p : fmin(1, contest->p + p);
    contest->adjusted_p = contest->p;
    contest->least_p = p;
}

static void keep_result(struct contest *contest, const struct rank_strata *result)
{
    const struct rank_ratio *const ratio = &result->ratio; /* second / first */
    contest->p = contest->adjusted_p = result->p;
    contest->least_p = result->least_p;
    contest->states = result->strata;
    contest->states_agree = result->agreeing == result->strata;
    contest->advantage = *ratio;
    if (contest->figure == CONTEST_RATE || contest->figure == CONTEST_BANDWIDTH)
        contest->advantage = (struct rank_ratio){
            .value = 1 / ratio->value,
            .low = 1 / ratio->high,
            .high = 1 / ratio->low,
            .coverage = ratio->coverage,
        };
}

static int measure(struct contest *contest, double *room, struct error *error)
{
    const struct run_cell *const first = contest->first, *const second = contest->second;
    const size_t last = last_round(first), other = last_round(second);
    const size_t rounds_to = last < other ? last : other;
    size_t probes = collect_probes(first, rounds_to, room);
    probes += collect_probes(second, rounds_to, room + probes);
    const struct clusters_states states = clusters_states(room, probes, CLUSTERS_STATE_RATIO);
    struct side_values a, b;
    collect(first, contest->figure, rounds_to, &states, room, &a);
    collect(second, contest->figure, rounds_to, &states, room + trials_looked_at(first), &b);
    struct rank_stratum strata[CLUSTERS_STATES_MOST];
    for (size_t state = 0; state < CLUSTERS_STATES_MOST; ++state)
        strata[state] = (struct rank_stratum){
            .before = {a.values[state], a.counts[state]},
            .after = {b.values[state], b.counts[state]},
        };
    struct rank_strata result;
    const int failure =
        rank_strata_compare(strata, CLUSTERS_STATES_MOST, COMPARE_CONFIDENCE, &result, error);
    if (failure || !result.strata)
        return failure;
    keep_result(contest, &result);
    contest->first_trials = a.total;
    contest->second_trials = b.total;
    count_separation(contest, room, a.total + a.stateless, room + trials_looked_at(first),
                     b.total + b.stateless);
    find_limits(contest, room, room + trials_looked_at(first));
    return 0;
}

int contest_measure(struct contest *contest, struct error *error)
{
    const size_t most = trials_looked_at(contest->first) + trials_looked_at(contest->second);
    double *const room = calloc(most + 1, sizeof(*room));
    if (!room)
        return error_system(error, ENOMEM, "%zu trials", most);
    const int failure = measure(contest, room, error);
    free(room);
    return failure;
}

/* Equality is a claim about one figure each: not of cells that have two, or none yet. */
static bool is_steady(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    return !summary->bimodal && 2 * summary->trials_drifting <= summary->trials &&
           !summary->trials_faulted;
}

void contest_judge(struct contest *contest)
{
    const struct rank_ratio *const advantage = &contest->advantage;
    const double least = 1 + fmax(contest->limit, contest->noise);
    contest->outcome = CONTEST_OPEN;
    if (!contest->states)
        return;
    if (contest->adjusted_p <= COMPARE_LEVEL) {
        if (contest->states_agree && advantage->value > least)
            contest->outcome = CONTEST_FIRST;
        else if (contest->states_agree && advantage->value < 1 / least)
            contest->outcome = CONTEST_SECOND;
    }
    const bool is_within = advantage->coverage >= COMPARE_CONFIDENCE - 1e-9 &&
                           advantage->high < 1 + contest->limit &&
                           advantage->low > 1 / (1 + contest->limit);
    if (contest->outcome == CONTEST_OPEN && is_within && is_steady(contest->first) &&
        is_steady(contest->second))
        contest->outcome = CONTEST_EQUAL;
}

int contests_correct(struct contest *contests, size_t count, struct error *error)
{
    double *const p = calloc(count + 1, sizeof(*p));
    if (!p)
        return error_system(error, ENOMEM, "%zu tests", count);
    for (size_t index = 0; index < count; ++index)
        p[index] = contests[index].p;
    const int failure = rank_adjust(RANK_HOLM, p, count, error);
    for (size_t index = 0; index < count && !failure; ++index) {
        contests[index].adjusted_p = p[index];
        contest_judge(&contests[index]);
    }
    free(p);
    return failure;
}
