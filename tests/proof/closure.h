/* Identities between the figures of one trial, that hold whatever the machine does.
 *
 *     closure [-n TRIALS] [-s SECONDS] [-f REGEX] [-x IDENTITY]
 *
 *     elapsed   pingpong: the samples add up to the time elapsed, within one clock reading
 *     recorded  pingpong, oneway, paced: the histograms hold the stamps' times, each of them
 *     batch     pingpong: the mean of a batch of 64 is the same, within 1 %, whether each round trip is
 *               stamped or only the batch: medians over batches, then over interleaved trials
 *     ways      oneway: round trip - forward - backward is one clock reading, below 0 in no exchange
 *     window    stream: the counts of the intervals add up to the window's messages, but for the two that
 *               its edges cut; rate times mean gap is 1
 *     schedule  paced: no message is sent before it is due or received before it is sent; response =
 *               service + send lag in the mean, within the histograms' precision
 *
 * Tolerances are the clock's cost and the histograms' precision, never a time. -x spoils the raw figures
 * of one identity, by 1 us (window: by one interval): it must then fail. */
#ifndef IPCBENCH_TESTS_PROOF_CLOSURE_H
#define IPCBENCH_TESTS_PROOF_CLOSURE_H

#include "tests/proof/stage.h"

struct closure {
    struct stage stage;
    size_t trials;
    bool spoil; /* the identity at hand */
};

/* How far off, in the identity's unit, and how far it may be: of the trial that came nearest to breaking
 * it, or broke it most. */
struct finding {
    double off;
    double allowed;
    bool holds;
    bool unclear;     /* the figures allow no answer */
    bool seen;        /* some trial has been added */
    const char *note; /* "" or what the number alone does not say */
};

typedef int identity_check(struct closure *closure, const struct stage_cell *cell,
                           struct finding *finding, struct error *error);

/* In closure_patterns.c, closure_recorded.c and closure_batch.c. */
identity_check closure_check_elapsed, closure_check_recorded, closure_check_batch,
    closure_check_ways, closure_check_window, closure_check_schedule;

#endif
