/* One cell: request, trial, judgement. */
#include "conformance.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "traces.h"

enum { DISTURBED_ATTEMPTS = 4 };
static const double warmup_seconds = 0.001;
static const double timed_seconds = 0.005;
static const double timed_seconds_most = 4;
static const double probe_seconds =
    0.0005; /* its figure is not looked at, only that there is one */

const char *cell_name(const struct cell *cell, char *buffer)
{
    snprintf(buffer, CELL_NAME_BYTES, "%s%s%s %zu %s%s%s", cell->transport->name,
             cell->options[0] ? ":" : "", cell->options, cell->message_bytes,
             pattern_name(cell->pattern), cell->circumstances ? ", " : "",
             cell->circumstances ? cell->circumstances : "");
    return buffer;
}

/* What every transport can keep up with: at a rate it cannot hold, a trial is tried again and again. */
static double paced_rate(size_t message_bytes)
{
    const double rate_most = 2000, bytes_per_s_most = 50e6;
    const double rate = bytes_per_s_most / (double)(message_bytes + 1);
    return rate < rate_most ? rate : rate_most;
}

int cell_request(const struct stage *stage, const struct cell *cell, struct trial_request *request,
                 struct error *error)
{
    *request = (struct trial_request){
        .transport = cell->transport,
        .pattern = cell->pattern,
        .message_bytes = cell->message_bytes,
        .touch = TOUCH_ALL,
        .cpus = stage->cpus,
        .sender_node = stage->sender_node,
        .receiver_node = stage->receiver_node,
        .warmup_seconds = warmup_seconds,
        .timed_seconds = timed_seconds,
        .probe_seconds = probe_seconds,
        .clock = &stage->clock,
        .offered_per_s = paced_rate(cell->message_bytes),
        .burst_messages = 20,
    };
    if (cell->pattern == PATTERN_PACED && request->timed_seconds < 5 / request->offered_per_s)
        request->timed_seconds = 5 / request->offered_per_s;
    return options_parse(cell->transport->options, cell->transport->option_count, cell->options,
                         &request->options, error);
}

static void judge_obtained(const struct cell *cell, const struct obtained *obtained,
                           struct text *problems)
{
    if (cell->transport->family != FAMILY_NONE && !obtained->count)
        text_append(problems, " nothing recorded as obtained;");
    for (size_t index = 0; index < obtained->count; ++index) {
        const struct obtained_fact *const fact = &obtained->facts[index];
        if (!fact->key[0] || (!fact->is_number && !fact->text[0]))
            text_append(problems, " obtained fact %zu is empty;", index);
    }
}

static void judge_operation(const struct cell *cell, const struct trial_result *result,
                            struct text *problems)
{
    const uint64_t recorded = result->histogram.total + result->histogram.overflow;
    if (!result->operation.per_sample ||
        recorded * result->operation.per_sample != result->messages)
        text_append(problems, " %" PRIu64 " operations in %" PRIu64 " samples of %" PRIu64 ";",
                    result->messages, recorded, result->operation.per_sample);
    if (cell->transport->family == FAMILY_OPERATION && !result->operation.bytes)
        text_append(problems, " an operation on no bytes;");
    if (result->faults_in_loop)
        text_append(problems, " its page faults are taken for a disturbance;");
}

static void judge_figures(const struct cell *cell, const struct trial_result *result,
                          struct text *problems)
{
    const struct integrity *const integrity = &result->integrity;
    if (integrity->lost || integrity->duplicated || integrity->reordered || integrity->corrupt)
        text_append(problems, " messages damaged;");
    if (!result->messages || result->rate_per_s <= 0 || result->elapsed_ns <= 0)
        text_append(problems, " nothing measured;");
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (!result->sides[side].messages && cell->transport->family != FAMILY_NONE &&
            pattern_has_messages(cell->pattern))
            text_append(problems, " side %d has seen no message;", side);
    }
    const uint64_t each = pattern_walks(cell->pattern) ? result->batch_accesses : 1;
    const uint64_t recorded = each * (result->histogram.total + result->histogram.overflow);
    if (cell->pattern == PATTERN_MEMORY)
        judge_operation(cell, result, problems);
    else if (pattern_is_latency(cell->pattern) && recorded + result->negatives != result->messages)
        text_append(problems, " %" PRIu64 " messages, %" PRIu64 " in the histogram;",
                    result->messages, recorded);
    if (cell->pattern == PATTERN_BURST && result->capacity_messages < 0)
        text_append(problems, " the capacity is not measured;");
    if (pattern_walks(cell->pattern) && result->access_ns <= 0)
        text_append(problems, " no median access;");
    judge_obtained(cell, &result->obtained, problems);
}

static bool only_too_short(const struct trial_result *result)
{
    const struct integrity *const integrity = &result->integrity;
    return result->status == TRIAL_INVALID && !integrity->lost && !integrity->duplicated &&
           !integrity->reordered && !integrity->corrupt;
}

bool trial_is_disturbed(const struct trial_request *request, const struct trial_result *result)
{
    struct error taken_away = {0};
    return result->status == TRIAL_INVALID && result->messages > 0 && !result->integrity.lost &&
           !result->integrity.duplicated && !result->integrity.reordered &&
           !result->integrity.corrupt &&
           (result->probes_disagree || disturbance_check(&result->disturbance, &taken_away) ||
            (request->pattern == PATTERN_PACED && !result->pace.stable));
}

/* A page may be taken away by the kernel once, or be a sanitizer's; a transport's own come again. */
static bool is_faulted(const struct trial_result *result)
{
    return result->status == TRIAL_INVALID && result->messages > 0 && result->faults_in_loop &&
           result->prefaulted;
}

void trial_run_in_peace(struct stage *stage, const struct trial_request *request,
                        struct trial_result *result)
{
    for (int attempt = 0;; ++attempt) {
        trial_run(request, &stage->workspace, result);
        if (attempt == DISTURBED_ATTEMPTS ||
            (!trial_is_disturbed(request, result) && !is_faulted(result)))
            return;
        trial_result_free(result);
    }
}

static void run_long_enough(struct stage *stage, const struct trial_request *request,
                            struct trial_result *result)
{
    struct trial_request longer = *request;
    for (;;) {
        trial_run_in_peace(stage, &longer, result);
        longer.timed_seconds *= 8;
        if (!only_too_short(result) || longer.timed_seconds > timed_seconds_most)
            return;
        trial_result_free(result);
    }
}

/* Notes what is wrong with a refusal; true where it is a proper skip. */
static bool proper_skip(const struct error *error, struct text *problems)
{
    if (!error->unavailable)
        text_append(problems, " %s;", error->message);
    else if (!error->message[0])
        text_append(problems, " skipped without a reason;");
    else
        return true;
    return false;
}

void cell_test_request(struct stage *stage, const struct cell *cell,
                       const struct trial_request *request)
{
    char name[CELL_NAME_BYTES];
    struct traces before;
    struct text problems = {0};
    struct trial_result result = {0};
    bool skipped = false;
    traces_take(&before);
    const int refused = trial_check(request, &stage->workspace, &result.error);
    if (refused)
        skipped = proper_skip(&result.error, &problems);
    else
        run_long_enough(stage, request, &result);
    if (!refused && result.status == TRIAL_SKIPPED)
        skipped = proper_skip(&result.error, &problems);
    else if (!refused && trial_is_disturbed(request, &result))
        skipped = true;
    else if (!refused && result.status != TRIAL_OK)
        text_append(&problems, " %s: %s;", trial_status_name(result.status), result.error.message);
    else if (!refused)
        judge_figures(cell, &result, &problems);
    traces_check(&before, &problems);
    traces_free(&before);
    if (!skipped && !problems.length)
        ++stage->measured[cell->transport->family];
    if (skipped && !problems.length) {
        tap_skip(result.error.message, "%s", cell_name(cell, name));
        text_free(&problems);
    } else {
        tap_report(&problems, "%s", cell_name(cell, name));
    }
    trial_result_free(&result);
}

void cell_test(struct stage *stage, const struct cell *cell)
{
    struct trial_request request;
    struct error error = {0};
    if (!cell_request(stage, cell, &request, &error)) {
        cell_test_request(stage, cell, &request);
        return;
    }
    char name[CELL_NAME_BYTES];
    struct text problems = {0};
    text_append(&problems, "%s", error.message);
    tap_report(&problems, "%s", cell_name(cell, name));
}
