/* What the harness must find out about the hostile transport. */
#include "conformance.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "traces.h"

#define COUNTER(name) (int)offsetof(struct integrity, name)

/* What must come out: the status, words of the message, and a counter that may not be 0. */
static const struct expectation {
    const char *options;
    enum pattern pattern;
    enum trial_status status;
    int counter; /* offset in struct integrity; -1: all 0 */
    const char *message;
} expectations[] = {
    {"", PATTERN_PINGPONG, TRIAL_OK, -1, ""},
    {"", PATTERN_STREAM, TRIAL_OK, -1, ""},
    {"mischief=lose", PATTERN_STREAM, TRIAL_INVALID, COUNTER(lost), "lost"},
    {"mischief=repeat", PATTERN_STREAM, TRIAL_INVALID, COUNTER(duplicated), "duplicated"},
    {"mischief=repeat", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(duplicated), "duplicated"},
    {"mischief=swap", PATTERN_STREAM, TRIAL_INVALID, COUNTER(reordered), "reordered"},
    {"mischief=damage", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(corrupt), "corrupt"},
    {"mischief=damage", PATTERN_STREAM, TRIAL_INVALID, COUNTER(corrupt), "corrupt"},
    {"mischief=renumber", PATTERN_STREAM, TRIAL_INVALID, COUNTER(lost), "lost"},
    {"mischief=renumber", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(reordered), "reordered"},
    {"mischief=refuse", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: send of a 64-byte message: "},
    {"mischief=fail", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: send of a 64-byte message: "},
    {"mischief=die", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: killed by signal 9"},
    {"mischief=leave", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: exited with status 3"},
    {"mischief=truncate", PATTERN_STREAM, TRIAL_FAILED, -1,
     "sender: SIGBUS at byte 8197 of the 12288 mapped of /memfd:cut-short (deleted): no memory or "
     "file stands behind it any more"},
    {"mischief=exhaust", PATTERN_STREAM, TRIAL_FAILED, -1, ": no huge page is left for it"},
    {"mischief=create", PATTERN_STREAM, TRIAL_FAILED, -1, "half made: "},
    {"mischief=attach", PATTERN_STREAM, TRIAL_FAILED, -1, "receiver: not attached: "},
    {"mischief=unavailable", PATTERN_STREAM, TRIAL_SKIPPED, -1, "receiver: not on this machine"},
};

/* The same of several at once: pairs, or senders and receivers on one channel. */
static const struct crew_expectation {
    struct expectation expected;
    size_t pairs, senders, receivers;
} crew_expectations[] = {
    {{"", PATTERN_STREAM, TRIAL_OK, -1, ""}, 0, 3, 2},
    {{"mischief=lose", PATTERN_STREAM, TRIAL_INVALID, COUNTER(lost), "lost"}, 0, 3, 2},
    {{"mischief=repeat", PATTERN_STREAM, TRIAL_INVALID, COUNTER(duplicated), "dupl"}, 0, 3, 2},
    {{"mischief=repeat", PATTERN_STREAM, TRIAL_INVALID, COUNTER(duplicated), "dupl"}, 0, 2, 1},
    {{"mischief=swap", PATTERN_STREAM, TRIAL_INVALID, COUNTER(reordered), "reordered"}, 0, 2, 1},
    {{"mischief=die", PATTERN_STREAM, TRIAL_FAILED, -1, ": killed by signal 9"}, 0, 2, 3},
    {{"mischief=lose", PATTERN_STREAM, TRIAL_INVALID, COUNTER(lost), "pair 1: "}, 2, 0, 0},
    {{"mischief=repeat", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(duplicated), "pair 1: "},
     2,
     0,
     0},
    {{"mischief=die", PATTERN_STREAM, TRIAL_FAILED, -1, ": sender: killed by signal 9"}, 3, 0, 0},
};

static void judge(const struct expectation *expected, const struct trial_result *result,
                  struct text *problems)
{
    const struct integrity *const integrity = &result->integrity;
    const uint64_t all =
        integrity->lost | integrity->duplicated | integrity->reordered | integrity->corrupt;
    if (result->status != expected->status)
        text_append(problems, " status %s: %s;", trial_status_name(result->status),
                    result->error.message);
    if (!strstr(result->error.message, expected->message))
        text_append(problems, " message '%s';", result->error.message);
    if (expected->counter < 0) {
        if (all)
            text_append(problems, " some messages were counted as damaged;");
    } else {
        uint64_t counted;
        memcpy(&counted, (const char *)integrity + expected->counter, sizeof(counted));
        if (!counted)
            text_append(problems, " not counted;");
    }
}

static void expect(struct stage *stage, const struct expectation *expected, const struct crew *crew,
                   const char *circumstances)
{
    const struct cell cell = {.transport = &transport_hostile,
                              .options = expected->options,
                              .pattern = expected->pattern,
                              .message_bytes = HOSTILE_MESSAGE_BYTES,
                              .circumstances = circumstances};
    char name[CELL_NAME_BYTES];
    struct trial_request request = {0};
    struct trial_result result = {0};
    struct text problems = {0};
    struct traces before;
    traces_take(&before);
    if (!cell_request(stage, &cell, &request, &result.error)) {
        request.timed_seconds *= 10; /* mischief in one message of 50 */
        request.crew = *crew;
        trial_run_in_peace(stage, &request, &result);
    }
    const bool disturbed = trial_is_disturbed(&request, &result);
    if (!disturbed)
        judge(expected, &result, &problems);
    traces_check(&before, &problems);
    traces_free(&before);
    if (disturbed && !problems.length)
        tap_skip(result.error.message, "%s", cell_name(&cell, name));
    else
        tap_report(&problems, "%s", cell_name(&cell, name));
    trial_result_free(&result);
}

/* All on the stage's two CPUs. */
static void expect_of_crew(struct stage *stage, const struct crew_expectation *expected)
{
    struct crew_lane places[CREW_LANES_MAX];
    struct crew crew = expected->pairs ? crew_of_pairs(expected->pairs)
                                       : crew_of_channel(expected->senders, expected->receivers);
    for (size_t lane = 0; lane < crew.lanes; ++lane)
        places[lane] = (struct crew_lane){stage->cpus, stage->sender_node, stage->receiver_node};
    crew.places = places;
    expect(stage, &expected->expected, &crew,
           expected->pairs ? "several pairs" : "several on one channel");
}

void hostile_test(struct stage *stage)
{
    const bool has_huge_pages = !access("/sys/kernel/mm/hugepages/hugepages-2048kB", F_OK);
    for (size_t index = 0; index < sizeof(expectations) / sizeof(expectations[0]); ++index)
        if (has_huge_pages || !strstr(expectations[index].options, "exhaust"))
            expect(stage, &expectations[index], &(struct crew){0}, NULL);
    for (size_t index = 0; index < sizeof(crew_expectations) / sizeof(crew_expectations[0]);
         ++index)
        expect_of_crew(stage, &crew_expectations[index]);
}

/* In a process of its own while the other tests run: it only sleeps. */
void hang_start(const struct stage *stage, struct hang *hang)
{
    fflush(stdout);
    hang->pid = fork();
    if (hang->pid != 0)
        return;
    struct stage own = *stage;
    const struct cell cell = {.transport = &transport_hostile,
                              .options = "mischief=hang",
                              .pattern = PATTERN_STREAM,
                              .message_bytes = HOSTILE_MESSAGE_BYTES};
    struct trial_request request;
    struct trial_result result = {0};
    struct error error = {0};
    struct text problems = {0};
    struct traces before;
    if (stage_workspace_open(&own, &error) || cell_request(&own, &cell, &request, &error))
        _exit(1);
    traces_take(&before);
    trial_run(&request, &own.workspace, &result);
    traces_check(&before, &problems);
    _exit(problems.length                                 ? 2
          : result.status != TRIAL_FAILED                 ? 3
          : !strstr(result.error.message, "no end after") ? 4
                                                          : 0);
}

void hang_test(struct hang *hang)
{
    struct text problems = {0};
    int status = -1;
    if (hang->pid < 0 || waitpid(hang->pid, &status, 0) != hang->pid || status)
        text_append(&problems, " ended with %#x;", (unsigned)status);
    tap_report(&problems, "a pair that hangs is ended by the deadline");
}
