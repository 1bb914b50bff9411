/* Several at once: pairs of every transport, and several on one channel of those that allow it. */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

#include "harness/transport.h"
#include "tap.h"

/* Runs a cell with a crew, placed as a plan would. */
static void enlist(struct stage *stage, const struct cell *cell, struct crew crew)
{
    struct crew_lane places[CREW_LANES_MAX];
    struct topology topology;
    struct trial_request request;
    struct error error = {0};
    int failure = cell_request(stage, cell, &request, &error);
    if (!failure)
        failure = topology_read("", &topology, &error);
    if (!failure) {
        failure = crew_place(&crew, &topology, &stage->cpus, places, &error);
        topology_free(&topology);
    }
    if (failure) {
        struct text problems = {0};
        text_append(&problems, "%s", error.message);
        tap_report(&problems, "%s", cell->circumstances);
        return;
    }
    request.crew = crew;
    cell_test_request(stage, cell, &request);
}

static void pairs_test(struct stage *stage, const struct cell *cell, size_t pairs)
{
    struct cell named = *cell;
    char circumstances[32];
    snprintf(circumstances, sizeof(circumstances), "%zu pairs", pairs);
    named.circumstances = circumstances;
    enlist(stage, &named, crew_of_pairs(pairs));
}

static void channel_test(struct stage *stage, const struct cell *cell, size_t senders,
                         size_t receivers)
{
    struct cell named = *cell;
    char circumstances[64];
    snprintf(circumstances, sizeof(circumstances), "%zu senders, %zu receivers", senders,
             receivers);
    named.circumstances = circumstances;
    enlist(stage, &named, crew_of_channel(senders, receivers));
}

static bool has_option(const struct transport *transport, const char *key, const char *choice)
{
    for (size_t index = 0; index < transport->option_count; ++index) {
        if (!strcmp(transport->options[index].key, key))
            return strstr(transport->options[index].choices, choice);
    }
    return false;
}

void crew_test(struct stage *stage, const struct transport *transport)
{
    static const enum pattern patterns[] = {PATTERN_PINGPONG, PATTERN_STREAM, PATTERN_BURST};
    static const size_t sizes[] = {8, 64, 4096};
    struct cell cell = {
        .transport = transport, .options = "", .message_bytes = bytes_within(transport, "", 64)};
    for (size_t index = 0; index < sizeof(patterns) / sizeof(patterns[0]); ++index) {
        cell.pattern = patterns[index];
        pairs_test(stage, &cell, 2);
        if (!stage->quick)
            pairs_test(stage, &cell, 4);
    }
    cell.pattern = PATTERN_STREAM;
    for (size_t index = 0; index < sizeof(sizes) / sizeof(sizes[0]); ++index) {
        if (!transport->crowd_most_bytes)
            return;
        cell.message_bytes = sizes[index];
        channel_test(stage, &cell, 3, 2);
    }
    cell.message_bytes = 64;
    channel_test(stage, &cell, 1, 1);
    channel_test(stage, &cell, 1, 4);
    channel_test(stage, &cell, 4, 1);
    /* Waiting for readiness, several wake for one message. */
    if (has_option(transport, "wait", "epoll")) {
        cell.options = "wait=poll";
        channel_test(stage, &cell, 3, 2);
        cell.options = "wait=epoll";
        channel_test(stage, &cell, 3, 2);
    }
    /* What no kernel would keep whole: more than PIPE_BUF, more than a pipe holds. */
    if (has_option(transport, "lock", "yes")) {
        static const size_t large[] = {8, 4097, 200000};
        cell.options = "lock=yes";
        for (size_t index = 0; index < sizeof(large) / sizeof(large[0]); ++index) {
            cell.message_bytes = large[index];
            channel_test(stage, &cell, 3, 2);
        }
        cell.options = "lock=yes,wait=epoll";
        channel_test(stage, &cell, 3, 2);
    }
}
