#include "bench/marks.h"

#include "results/run.h"

static const struct {
    char sign;
    const char *meaning;
} marks[MARK_COUNT] = {
    [MARK_NOISY] = {'~', "noisy: the interval is wider than 5 % either way"},
    [MARK_CLOCK] = {'c', "less than 10 times what the two CPUs' clocks may be off: the interval is "
                         "widened by that"},
    [MARK_BIMODAL] = {'b', "the trials fall into two groups: see the states below, if they explain "
                           "it"},
    [MARK_DRIFTING] = {'d', "more than half of the trials drift: not in a steady state"},
    [MARK_UNSETTLED] = {'p', "in some trials the CPUs' distance changed under the measurement "
                             "(probes before and after differ by over 1.5x)"},
    [MARK_FAULTS] = {'f', "page faults inside the timed loop of some trials"},
    [MARK_INVALID] = {'i', "some trials are invalid and left out (see below)"},
    [MARK_FAILED] = {'!', "some trials failed and are left out (see below)"},
    [MARK_OVERSUBSCRIBED] = {'o', "oversubscribed: fewer CPUs than processes, which take turns"},
};

char mark_sign(enum mark mark)
{
    return marks[mark].sign;
}

const char *mark_meaning(enum mark mark)
{
    return marks[mark].meaning;
}

bool mark_applies(const struct run_cell *cell, enum mark mark)
{
    const struct summary *summary = &cell->summary;
    switch (mark) {
    case MARK_NOISY:
        return summary->noisy;
    case MARK_CLOCK:
        return summary->clock_limited;
    case MARK_BIMODAL:
        return summary->bimodal;
    case MARK_DRIFTING:
        return 2 * summary->trials_drifting > summary->trials;
    case MARK_UNSETTLED:
        return summary->trials_unsettled > 0;
    case MARK_FAULTS:
        return summary->trials_faulted > 0;
    case MARK_INVALID:
        return summary->trials_invalid > 0;
    case MARK_FAILED:
        return summary->trials_failed > 0;
    case MARK_OVERSUBSCRIBED:
        return cell->crew && cell->crew->oversubscribed;
    }
    return false;
}
