/* Coordinated omission: the receiver stalls once for 50 ms in the middle of an open loop. TAP.
 *
 * 5000 messages are due per second, so 250 of the trial's 1500 while the stall lasts. The channel
 * holds two: the sender is held up as well, the others wait with it and are sent late. Measured from
 * their actual send they look fine (service); measured from when they were due, one of six is late by up
 * to the whole stall (response). A tool that stamps the send alone misses it. By construction:
 *
 *     response   the latest 1 % are 15 of 250 that are late by 0 to 50 ms evenly: p99 about 47 ms
 *     send lag   likewise, for the same messages
 *     service    three messages see the stall, the two in the channel and the one being sent: 0.2 %,
 *                so that p99 shows none of it and the maximum all
 *
 * Where the channel has room for all of them the sender never falls behind: then service sees the stall
 * as response does, and no send is late. And without a stall nothing of that size is there.
 *
 * What is large by construction is held against the stall itself, what is small against half of what is
 * large: a busy machine adds milliseconds to all of them. */
#include <errno.h>
#include <stdio.h>

#include "base/error.h"
#include "tests/conformance/tap.h"
#include "tests/proof/stage.h"
#include "tests/proof/wrapped.h"

#define STALL_MS 50
static const double stall_ns = STALL_MS * 1e6;
static const double rate_per_s = 5000, timed_seconds = 0.3, warmup_seconds = 0.02;

/* The contents' check takes 64, the warm-up 100 and its end marker, then comes the timed loop. */
#define STALL_AT "stall-at=800"

/* A machine that is busy otherwise makes every message late now and then. */
enum { ATTEMPTS = 6 };

struct seen {
    double response_p50_ns;
    double response_p99_ns;
    double service_p99_ns;
    double service_max_ns;
    double lag_p99_ns;
};

typedef void judgement(const struct seen *seen, struct text *problems);

static void expect(bool holds, const char *what, const struct seen *seen, struct text *problems)
{
    if (!holds)
        text_append(problems,
                    " %s: response p50 %.0f p99 %.0f, service p99 %.0f max %.0f, send lag p99 "
                    "%.0f ns;",
                    what, seen->response_p50_ns, seen->response_p99_ns, seen->service_p99_ns,
                    seen->service_max_ns, seen->lag_p99_ns);
}

static void judge_held_up(const struct seen *seen, struct text *problems)
{
    expect(seen->response_p99_ns >= stall_ns / 2, "response p99 does not see the stall", seen,
           problems);
    expect(seen->lag_p99_ns >= stall_ns / 2, "send lag p99 does not see the stall", seen, problems);
    expect(seen->service_p99_ns <= seen->response_p99_ns / 2, "service p99 sees the stall", seen,
           problems);
    expect(seen->service_max_ns >= stall_ns / 2, "no message at all has waited for the receiver",
           seen, problems);
    expect(seen->response_p50_ns <= stall_ns / 2, "most messages are late", seen, problems);
}

static void judge_roomy(const struct seen *seen, struct text *problems)
{
    expect(seen->response_p99_ns >= stall_ns / 2, "response p99 does not see the stall", seen,
           problems);
    expect(seen->service_p99_ns >= stall_ns / 2, "service p99 does not see the stall", seen,
           problems);
    expect(seen->lag_p99_ns <= seen->response_p99_ns / 2, "sends are late", seen, problems);
}

static void judge_calm(const struct seen *seen, struct text *problems)
{
    expect(seen->response_p99_ns < stall_ns / 2, "response p99 sees a stall", seen, problems);
    expect(seen->service_max_ns < stall_ns, "a message has waited for the receiver", seen,
           problems);
}

static const struct scene {
    const char *name;
    const char *options;
    judgement *judge;
} scenes[] = {
    {"a stall that holds the sender up is in response and send lag, not in service p99",
     "sync=sem,copy=no,slots=2," STALL_AT, judge_held_up},
    {"a stall that the channel has room for is in response and service, no send is late",
     "sync=sem,copy=no,slots=1024," STALL_AT, judge_roomy},
    {"without a stall none is seen", "sync=sem,copy=no,slots=2", judge_calm},
};

static void look(struct stage *stage, const struct trial_request *request, struct seen *seen,
                 struct text *problems)
{
    struct trial_result result;
    trial_run(request, &stage->workspace, &result);
    if (result.status != TRIAL_OK && result.status != TRIAL_INVALID) /* unstable: too busy here */
        text_append(problems, " %s: %s;", trial_status_name(result.status), result.error.message);
    else
        *seen = (struct seen){
            .response_p50_ns = (double)hdr_percentile(&result.histogram, 50),
            .response_p99_ns = (double)hdr_percentile(&result.histogram, 99),
            .service_p99_ns = (double)hdr_percentile(&result.series[SERIES_SERVICE], 99),
            .service_max_ns = (double)hdr_percentile(&result.series[SERIES_SERVICE], 100),
            .lag_p99_ns = (double)hdr_percentile(&result.series[SERIES_SEND_LAG], 99),
        };
    trial_result_free(&result);
}

static void play(struct stage *stage, const struct transport *transport, const struct scene *scene)
{
    const struct stage_cell cell = {"shm", scene->options, false};
    struct trial_request request;
    struct error error = {0};
    struct seen seen = {0};
    struct text problems = {0};
    if (stage_request(stage, transport, &cell, &request, &error))
        text_append(&problems, "%s", error.message);
    request.pattern = PATTERN_PACED;
    request.offered_per_s = rate_per_s;
    for (int attempt = 0; !error.code && attempt < ATTEMPTS; ++attempt) {
        text_free(&problems);
        problems = (struct text){0};
        look(stage, &request, &seen, &problems);
        if (!problems.length)
            scene->judge(&seen, &problems);
        if (!problems.length)
            break;
    }
    tap_note("response p50 %.3g p99 %.3g, service p99 %.3g max %.3g, send lag p99 %.3g ms",
             seen.response_p50_ns / 1e6, seen.response_p99_ns / 1e6, seen.service_p99_ns / 1e6,
             seen.service_max_ns / 1e6, seen.lag_p99_ns / 1e6);
    tap_report(&problems, "%s", scene->name);
}

int main(void)
{
    struct stage stage = {
        .warmup_seconds = warmup_seconds,
        .timed_seconds = timed_seconds,
        .interrupted = stage_watch_signals(),
    };
    struct wrapped wrapped;
    struct error error = {0};
    if (tap_start() || wrapped_make(&wrapped, "shm", &error) ||
        stage_open(&stage, timed_seconds, &error)) {
        printf("Bail out! %s\n", error.message);
        return 1;
    }
    for (size_t index = 0; index < sizeof(scenes) / sizeof(scenes[0]); ++index)
        play(&stage, &wrapped.transport, &scenes[index]);
    stage_close(&stage);
    return tap_end();
}
