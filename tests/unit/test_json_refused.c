/* What is no result file is refused with a line that names the place, and never crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "refused_fixture.h"
#include "run_fixture.h"

static void assert_fixture_refused(const struct spoiled *cases, size_t count)
{
    struct text document = fixture_document();

    assert_all_refused(&document, cases, count);
    text_free(&document);
}

static void test_other_versions_are_named(void **state)
{
    static const struct spoiled cases[] = {
        {"", "result/1", "result/7", "schema: ipcbench-result/7: this ipcbench reads up to 1"},
        {"", "result/1", "result/99999999999", "/99999999999: this ipcbench reads up to 1"},
        {"", "result/1", "result/01",
         "schema: expected \"ipcbench-result/1\", found \"ipcbench-re"},
        {"", "result/1", "result/", "schema: expected \"ipcbench-result/1\", found \"ipcbench-re"},
        {"", "ipcbench-result/1", "ipcbench-doctor/1", "schema: expected \"ipcbench-result/1\""},
    };
    (void)state;

    assert_fixture_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_what_stands_twice_is_named(void **state)
{
    static const struct spoiled cases[] = {
        {"", "\"elapsed_s\":", "\"elapsed_s\":\t1, \"elapsed_s\":",
         "elapsed_s: a second member of this name"},
        {"\"cells\"", "\"size_bytes\":", "\"size_bytes\":\t1, \"size_bytes\":",
         "cells[0].size_bytes: a second member of this name; expected one"},
        {"\"trials\":\t[", "\"minor_faults\":", "\"minor_faults\":\t1, \"minor_faults\":",
         "cells[0].trials[0].sides.sender.minor_faults: a second member"},
        {"stream/pipe/64", "stream/pipe/65", "pingpong/pipe/65",
         "cells[3].id: \"pingpong/pipe/65\" is cells[2] already"},
    };
    (void)state;

    assert_fixture_refused(cases, sizeof cases / sizeof cases[0]);
}

static const struct spoiled wrong_cases[] = {
    {"", "\"schema\"", "\"Schema\"", "schema: missing"},
    {"", "\"interrupted\"", "\"begun\"", "status: expected \"complete\" or \"interrupted\""},
    {"", "\"18446744073709551615\"", "\"18446744073709551616\"", "request.seed: expected a wh"},
    {"", "\"18446744073709551615\"", "18446744073709551615", "request.seed: expected a whole"},
    {"", "\"18446744073709551615\"", "\"007\"", "request.seed: expected a whole number from 0"},
    {"", "\"elapsed_s\":\t200.123", "\"elapsed_s\":\t1e999", "elapsed_s: expected a number"},
    {"", "\"count\":\t2", "\"count\":\t2.5", "machine.cpu.count: expected a whole number"},
    {"", "\"count\":\t2", "\"co\\nunt\":\ttrue", "machine.cpu.co?unt: expected text or"},
    {"\"cpus\"", "\"receiver\":\t1", "\"receiver\":\t-1", "request.cpus.receiver: expected a"},
    {"\"noise\"", "\"gap_count\":\t31", "\"gap_count\":\t-1",
     "noise.before.receiver.gap_count: expected"},
    {"\"noise\"", "\"during\":\t{", "\"during\":\t3, \"x\":\t{", "noise.during: expected an"},
    {"\"noise\"", "\"load_average\":\t0", "\"load_average\":\tnull",
     "noise.before.load_average: expected a number"},
    {"", "\"noise\":\t{", "\"noise\":\ttrue, \"x\":\t{", "noise: expected an object"},
    {"\"trials\":\t[", "\"steal_ns\":\t1", "\"steal_ns\":\t-1",
     "cells[0].trials[0].disturbance.sender.steal_ns: expected a whole"},
    {"\"cells\"", "\"pingpong\"", "\"pong\"",
     "cells[0].pattern: expected \"pingpong\" or \"oneway\" or \"burst\" or \"paced\" or "
     "\"load\" or \"stream\" or \"pagewalk\" or \"linewalk\" or \"memory\", found \"pong\""},
    {"\"cells\"", "\"stream/pipe/64\"", "\"pingpong/pipe/64\"", "cells[1].id: \"pingpong/pip"},
    {"\"cells\"", "\"size_bytes\":\t64", "\"size_bytes\":\t1e15", "cells[0].size_bytes: expe"},
    {"\"cells\"", "\"receiver\":\t3", "\"to\":\t3", "cells[0].cpus.receiver: missing"},
    {"\"cells\"", "\"size_bytes\":\t64", "\"size\":\t64", "cells[0].size_bytes: missing"},
    {"\"trials\":\t[", "\"round\":\t1", "\"round\":\t-1", "cells[0].trials[1].round: expected"},
    {"\"trials\":\t[", "\"started_s\":\t0", "\"started_s\":\tnull", "trials[0].started_s: exp"},
    {"\"trials\":\t[", "\"histogram\"", "\"diagram\"", "cells[0].trials[0].histogram: missing;"},
    {"\"trials\":\t[", "HISTFAAA", "HISTFAAB", "cells[0].trials[0].histogram: "},
    {"\"trials\":\t[", "\"max_ns\":\t5499", "\"max_ns\":\t9999", "trials[0].max_ns: 9999; the"},
    {"\"trials\":\t[", "\"sample_count\":\t20000", "\"sample_count\":\t1", "sample_count: 1; th"},
    {"\"trials\":\t[", "\"sides\":\t{", "\"sides\":\t[],\"x\":\t{", "trials[0].sides: expected "},
    {"\"trials\":\t[", "\"scope\":\t\"user\"", "\"scope\":\t\"user+kernel+more\"",
     "sides.sender.counters.scope: 16 bytes of text; expected at most 15"},
    {"\"interval_counts\"", "4294967295", "4294967296", "cells[1].trials[0].interval_counts[2]"},
    {"\"no huge pages\"", "\"unmeasured\":\ttrue", "\"unmeasured\":\t1", "cells[4].unmeasured: "},
    {"no huge pages", "\"trials\":\t[]", "\"trials\":\t2", "cells[2].trials: expected a list"},
    {"", "\"reason\":\t\"no huge pages\",", "", "cells[2].reason: missing"},
};

static void test_what_is_wrong_is_named(void **state)
{
    (void)state;

    assert_fixture_refused(wrong_cases, sizeof wrong_cases / sizeof wrong_cases[0]);
}

static void refuse_text(const char *text, const char *expected)
{
    struct error error = {0};
    struct run run;

    assert_true(run_read_json(text, &run, &error) < 0);
    if (!strstr(error.message, expected))
        fail_msg("\"%s\" lacks \"%s\"", error.message, expected);
}

static void test_what_is_no_json_is_refused(void **state)
{
    (void)state;
    refuse_text("", "not a whole JSON document");
    refuse_text("{", "not a whole JSON document");
    refuse_text("{\n  \"a\" = 1}", "line 2, column 7");
    refuse_text("[]", "the document: expected an object");
    refuse_text("null", "the document: expected an object, found null");
    refuse_text("{} x", "not JSON");
    refuse_text("{\"a\": \"\xff\"}", "line 1, column 8: not UTF-8");
    refuse_text("{\"a\":\n \"\\u00e4\\u0000b\"}", "line 2, column 9: a NUL within text");
    refuse_text("{\"a\": \"\\\"\xc3\"}", "line 1, column 10: not UTF-8");
    refuse_text("{\"a\": 1}\n\xfe", "line 2, column 1: not UTF-8");
    refuse_text("{\"a\": \"[[{,\\", "line 1, column 13: the document ends in the middle of a text");
    refuse_text("{\"schema\": \"ipcbench-result/1\"}", "status: missing");
}

/* A text of `count` times `part`, refused with what is expected. */
static void refuse_many(const char *start, const char *part, size_t count, const char *expected)
{
    const size_t bytes = strlen(part);
    const size_t head = strlen(start);
    char *const text = malloc(head + count * bytes + 1);

    assert_non_null(text);
    memcpy(text, start, head);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head + i * bytes, part, bytes);
    text[head + count * bytes] = '\0';
    refuse_text(text, expected);
    free(text);
}

/* What would cost much memory or stack is refused before it is parsed. */
static void test_excess_is_refused(void **state)
{
    (void)state;
    refuse_many("{\n\"a\":", "[", 64, "line 2, column 68: nested too deeply");
    refuse_many("{\"a\":", "[", 63, "not a whole JSON document");
    refuse_many("", "{\"a\":", 10000000, "line 1, column 321: nested too deeply");
    refuse_many("[0", ",0", 8000000, "too many values; expected at most 8000000");
    refuse_many("[\"", ",", 8000001, "column 8000004: the document ends in the middle of a text");
}

/* A file cut at any byte is refused; only the newline at its end may go. */
static void test_every_cut_is_refused(void **state)
{
    struct text document = fixture_document();
    struct run run;
    (void)state;

    for (size_t length = document.length - 2; length > 0; length--) {
        document.data[length] = '\0';
        struct error error = {0};
        assert_true(run_read_json(document.data, &run, &error) < 0);
        assert_true(error.message[0] != '\0');
    }
    text_free(&document);
}

/* The fixture with a histogram of another range in the first trial, holding `count` of one value. */
static struct text with_histogram(uint64_t highest, int digits, uint64_t count)
{
    struct text document = {0};
    struct run run;

    fixture_run(&run);
    struct hdr *const histogram = &run.cells[FIXTURE_PINGPONG].trials[0].result.histogram;
    hdr_free(histogram);
    assert_int_equal(hdr_init(histogram, 1, highest, digits, NULL), 0);
    hdr_record_many(histogram, 5000, count);
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    run_free(&run);
    return document;
}

static void test_histograms_are_bounded(void **state)
{
    struct text wide = with_histogram(INT64_MAX, 5, 20);
    struct text many = with_histogram(HDR_HIGHEST_NS, HDR_DIGITS, INT64_MAX);
    struct text other = with_histogram(HDR_HIGHEST_NS / 2, HDR_DIGITS, 20);
    struct error error = {0};
    struct run run;
    (void)state;

    refuse_text(wide.data,
                "cells[0].trials[0].histogram: a range of 6160384 counters; expected at");
    assert_int_equal(run_read_json(many.data, &run, &error), 0);
    assert_true(run_summarise(&run, &error) < 0);
    assert_non_null(strstr(error.message, "pingpong/pipe/64: the counts of merged histograms"));
    run_free(&run);
    assert_int_equal(run_read_json(other.data, &run, &error), 0);
    assert_true(run_summarise(&run, &error) < 0);
    assert_non_null(strstr(error.message, "different ranges"));
    run_free(&run);
    text_free(&wide);
    text_free(&many);
    text_free(&other);
}

static void test_random_damage_never_crashes(void **state)
{
    struct text document = fixture_document();
    (void)state;

    assert_damage_is_survived(&document, 20250131, 3000);
    text_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_versions_are_named),
        cmocka_unit_test(test_what_stands_twice_is_named),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_what_is_no_json_is_refused),
        cmocka_unit_test(test_excess_is_refused),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_histograms_are_bounded),
        cmocka_unit_test(test_random_damage_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
