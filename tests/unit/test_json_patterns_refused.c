/* What is wrong in the members of oneway, burst, paced and load is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pattern_fixture.h"
#include "refused_fixture.h"

static const struct spoiled cases[] = {
    {"", "\"precision\":\t0.025", "\"precision\":\t-1", "request.precision: expected a number of"},
    {"", "\"budget_s\":\t3600", "\"budget_s\":\t\"1h\"", "request.budget_s: expected a number, fo"},
    {"", "\"cold\":\ttrue", "\"cold\":\t1", "request.cold: expected true or false"},
    {"\"burst\",", "\"burst_messages\":\t100", "\"burst_messages\":\t1.5",
     "cells[1].burst_messages: expected a whole number"},
    {"\"paced\",", "\"rate_per_s\":\t5000", "\"rate_per_s\":\t-1", "cells[2].rate_per_s: expected"},
    {"\"load\",", "\"poisson\"", "\"fish\"",
     "cells[3].arrivals: expected \"constant\" or \"poisson\", found \"fish\""},
    {"\"trials\":\t[", "\"backward\"", "\"sideways\"",
     "cells[0].trials[0].series.sideways: no series; expected \"service\""},
    {"\"trials\":\t[", "\"backward\"", "\"round_trip\"",
     "cells[0].trials[0].series.round_trip: a second member of this name"},
    {"\"backward\"", "\"max_ns\":\t4999", "\"max_ns\":\t9", "series.backward.max_ns: 9; the hist"},
    {"\"backward\"", "\"histogram\"", "\"diagram\"", "series.backward.histogram: missing"},
    {"\"trials\":\t[", "\"series\":\t{", "\"series\":\t[],\"x\":\t{",
     "cells[0].trials[0].series: expected an object, found a list"},
    {"\"trials\":\t[", "\"layout\":\t{", "\"layout\":\t7,\"x\":\t{",
     "cells[0].trials[0].layout: expected an object, found 7"},
    {"\"clock_offset\"", "\"low_ns\":\t-61.25", "\"low\":\t1", "clock_offset.low_ns: missing"},
    {"\"trials\":\t[", "\"drifting\"", "\"drifted\"", "cells[0].trials[0].drifting: missing"},
    {"\"windows\"", "4012.3", "null",
     "cells[0].trials[0].windows[0]: expected a number, found null"},
    {"\"windows\"", "4012.3", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
     "trials[0].windows: 31 elements; expected at most 30"},
    {"\"prefaulted\"", "\"sender\":\t17", "\"sender\":\t-17", "trials[0].cold.faults.sender: "},
    {"\"capacity_messages\"", "1365", "262145", "cells[1].summary.capacity_messages: expected a"},
    {"\"pace\"", "\"stable\":\ttrue", "\"stable\":\t\"yes\"",
     "cells[2].trials[0].pace.stable: exp"},
    {"\"knee_per_s\"", "\"share\":\t0.9015625", "\"share\":\t-0.9",
     "cells[3].trials[0].load.points[0].share: expected a number of at least 0"},
    {"\"knee_per_s\"", "\"unstable\"", "\"shaky\"",
     "load.points[2].status: expected \"stable\" or \"unstable\" or \"invalid\""},
    {"\"knee_per_s\"", "\"points\":\t[", "\"points\":\t[1, ", "load.points: 18 elements; expected"},
    {"\"saturation_low_per_s\"", "\"points\":\t[", "\"points\":\t[{}, ",
     "cells[3].summary.load.points: 13 elements; expected at most 12"},
    {"\"saturation_low_per_s\"", "\"stable\":\t3", "\"stable\":\t-3",
     "cells[3].summary.load.points[0].stable: expected a whole"},
    {"\"states\"", "\"coverage\"", "\"covers\"", "cells[0].summary.states[0].coverage: missing"},
    {"\"states\":\t[{", "[{", "[{},{},{},{},{},{},{},{",
     "summary.states: 9 elements; expected at most 8"},
    {"\"modes\"", "\"high\"", "\"higher\"", "cells[0].summary.modes.high: missing"},
    {"\"trials_invalid\"", "\"unstable\"", "2", "cells[0].summary.invalid_reason: expected text"},
};

static void test_what_is_wrong_is_named(void **state)
{
    struct text document = patterns_document();
    (void)state;

    assert_all_refused(&document, cases, sizeof cases / sizeof cases[0]);
    text_free(&document);
}

static void test_random_damage_never_crashes(void **state)
{
    struct text document = patterns_document();
    (void)state;

    assert_damage_is_survived(&document, 20250301, 1000);
    text_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_random_damage_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
