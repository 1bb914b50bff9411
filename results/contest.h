/* Which of two cells of one run is better? By the rules of results/compare.h: rank test, Hodges-Lehmann
 * ratio with its interval, correction for the number of tests, thresholds and the cells' own noise.
 *
 * What two cells of one run have over two runs is that their trials took turns, in random order
 * (harness/rounds.h). So trials of all states of the machine count, each compared with those of its
 * own state (base/rank_strata.h). Where every trial of one cell, in whatever state, is better than
 * every one of the other, that alone counts: as the most extreme of all outcomes, whose p is that of
 * a complete separation; any other p grows by it, so that both ways together alarm no more often
 * than they say. Of a cell that got more rounds than the other, those count that both were in, since
 * the machine may have been another one later.
 *
 *     struct contest contests[] = {contest_of(first, second, CONTEST_RATE), ...};
 *     for each: contest_measure(&contests[i], &error)
 *     contests_correct(contests, count, &error)      one family: any false claim in 5 % of them
 *     contests[i].outcome */
#ifndef IPCBENCH_RESULTS_CONTEST_H
#define IPCBENCH_RESULTS_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rank_test.h"
#include "base/stats.h"

struct error;
struct run_cell;
struct run_trial;

enum contest_figure {
    CONTEST_P50,
    CONTEST_P99,       /* of single trials, like all of these */
    CONTEST_RATE,      /* messages (round trips) per second; the more, the better */
    CONTEST_BANDWIDTH, /* bytes that operations are about, per second of operating */
    CONTEST_CPU, /* ns per message, both sides; of open loops the receiver's alone: their sender
                     spins until the next message is due */
};
enum { CONTEST_FIGURES = 5 };

/* What decides between cells of this pattern, as in results/compare.h. */
enum contest_figure contest_main_figure(const struct run_cell *cell);

/* Of one trial; 0 where it has none or is not part of the figures. */
double contest_value(const struct run_cell *cell, const struct run_trial *trial,
                     enum contest_figure figure);

/* Median over the trials with its interval; all 0 where there are none. */
int contest_median(const struct run_cell *cell, enum contest_figure figure,
                   struct stats_median *median, struct error *error);

enum contest_outcome {
    CONTEST_OPEN,   /* not decided by these trials */
    CONTEST_FIRST,  /* is better: significantly, and by more than the limits */
    CONTEST_SECOND, /* is */
    CONTEST_EQUAL,  /* the whole interval lies within the threshold */
};

struct contest {
    const struct run_cell *first, *second;
    enum contest_figure figure;
    enum contest_outcome outcome;
    size_t first_trials, second_trials; /* that went in */
    size_t states;                      /* of the machine, that both have trials of */
    bool states_agree;                  /* in each of them the same cell is the better one */
    struct rank_ratio advantage;        /* by which factor the first is better: above 1 it is */
    double p, adjusted_p;
    double least_p; /* what a complete separation would have given */
    double limit;   /* share; see struct compare_figure */
    double noise;
};

struct contest contest_of(const struct run_cell *first, const struct run_cell *second,
                          enum contest_figure figure);

/* Everything but adjusted_p and outcome. Where there is nothing to test, p is 1. */
int contest_measure(struct contest *contest, struct error *error);

/* Holm over the contests, then judges each. */
int contests_correct(struct contest *contests, size_t count, struct error *error);

/* Judges by adjusted_p, where the caller has corrected otherwise. */
void contest_judge(struct contest *contest);

/* Why nothing should be concluded from this cell, "" where something may: too few trials, most of
 * them invalid, clocks that limit it, fewer CPUs than processes. */
enum { CONTEST_TRIALS_LEAST = 4 };
const char *contest_weakness(const struct run_cell *cell);

#endif
