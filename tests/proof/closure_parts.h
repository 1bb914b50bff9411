/* What the identities share: trials, and the times in what a trial left behind. */
#ifndef IPCBENCH_TESTS_PROOF_CLOSURE_PARTS_H
#define IPCBENCH_TESTS_PROOF_CLOSURE_PARTS_H

#include "harness/pair.h"
#include "tests/proof/closure.h"

/* What one trial left behind; readable, and to be spoiled, until the next. */
struct remains {
    const struct trial_result *result;
    const struct trial_request *request;
    struct workspace *workspace;
    size_t count; /* messages stamped by both sides, or samples */
};

typedef int remains_check(const struct closure *closure, const struct remains *remains,
                          struct finding *finding, struct error *error);

/* Runs closure->trials trials of the pattern and checks each. */
int closure_run(struct closure *closure, const struct stage_cell *cell, enum pattern pattern,
                remains_check *check, struct finding *finding, struct error *error);

/* Fills in what one trial shows. */
void finding_add(struct finding *finding, double off, double allowed);

/* Ticks of 1 us. */
uint64_t closure_spoil_ticks(const struct closure *closure);

/* Times of the index-th message or sample, by the stamps. */
typedef double time_of(const struct remains *remains, size_t index);
time_of sample_ns, intended_to_received_ns, intended_to_sent_ns, sent_to_received_ns,
    replied_to_returned_ns, sent_to_returned_ns;

#endif
