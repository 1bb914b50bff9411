/* What several lanes come to together: one window for all, and what a channel of theirs was given
 * against what it gave. */
#include "harness/fold.h"

/* Two wrongs that make the number right, one lost and one received twice, leave the sum wrong. */
static void count_strays(const struct side_report *sent, const struct side_report *received,
                         struct integrity *integrity)
{
    if (sent->messages > received->messages)
        integrity->lost += sent->messages - received->messages;
    else if (received->messages - sent->messages > integrity->duplicated)
        integrity->duplicated = received->messages - sent->messages;
    else if (sent->messages == received->messages && sent->digest != received->digest) {
        ++integrity->lost;
        ++integrity->duplicated;
    }
}

void fold_channel(const struct trial_request *request, const struct workspace *workspace,
                  struct trial_result *result)
{
    struct side_report sent = {0}, received = {0};
    for (size_t lane = 0; lane < request->crew.lanes; ++lane) {
        const struct side_report *reports = workspace->shared[lane].reports;
        sent.messages += reports[SIDE_SENDER].messages;
        sent.digest += reports[SIDE_SENDER].digest;
        received.messages += reports[SIDE_RECEIVER].messages;
        received.digest += reports[SIDE_RECEIVER].digest;
    }
    count_strays(&sent, &received, &result->integrity);
}

void fold_unnumbered(const struct workspace *workspace, struct trial_result *result)
{
    const struct side_report *reports = workspace->shared->reports;
    const struct side_report sent = {.messages = reports[SIDE_SENDER].messages};
    const struct side_report received = {.messages = reports[SIDE_RECEIVER].messages};
    count_strays(&sent, &received, &result->integrity);
}

/* Where the window of all receivers lies. Its end is the last look at the clock inside it. A lane whose
 * few messages made it go on beyond the deadline does not stretch it for the others, unless it is so
 * with all. */
struct crew_window {
    uint64_t first_ticks, last_ticks;
};

static struct crew_window crew_window_of(const struct trial_request *request,
                                         const struct workspace *workspace)
{
    const uint64_t end_ticks = atomic_load(&workspace->crew->start_ticks) +
                               clock_ticks_of_seconds(request->clock, request->timed_seconds);
    struct crew_window window = {UINT64_MAX, 0};
    bool some_end_inside = false;
    for (size_t lane = 0; lane < request->crew.receivers; ++lane) {
        const struct side_report *report = &workspace->shared[lane].reports[SIDE_RECEIVER];
        const uint64_t last_ticks = report->window_first_ticks + report->window_ticks;
        if (!report->window_first_ticks)
            continue;
        some_end_inside |= last_ticks <= end_ticks;
        if (report->window_first_ticks < window.first_ticks)
            window.first_ticks = report->window_first_ticks;
        if (last_ticks > window.last_ticks)
            window.last_ticks = last_ticks;
    }
    if (some_end_inside && window.last_ticks > end_ticks)
        window.last_ticks = end_ticks;
    return window;
}

void fold_crew_window(const struct trial_request *request, const struct workspace *workspace,
                      struct trial_result *result)
{
    const struct crew_window window = crew_window_of(request, workspace);
    if (window.last_ticks <= window.first_ticks)
        return;
    result->elapsed_ns = clock_ns(request->clock, window.last_ticks - window.first_ticks);
}
