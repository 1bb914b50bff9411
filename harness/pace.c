#include "harness/trial.h"

static const double achieved_share_least = 0.99;
static const double rise_share_most = 0.1;
enum { WINDOWS_PER_TRIAL = 30, BACKLOG_LEAST = 8 };

bool pace_is_stable(const struct pace *pace, size_t planned)
{
    const size_t window = planned / WINDOWS_PER_TRIAL;
    return pace->achieved_per_s >= achieved_share_least * pace->offered_per_s &&
           pace->backlog_messages <= (window > BACKLOG_LEAST ? window : BACKLOG_LEAST) &&
           (pace->rise_share <= rise_share_most || pace->rise_messages <= BACKLOG_LEAST);
}
