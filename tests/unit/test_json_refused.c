/* What is no result file is refused with a line that names the place, and never crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "run_fixture.h"

/* Replaces the first `old` behind the first `after`, and says what reading that gives. */
static void assert_refused(const char *after, const char *old, const char *new,
                           const char *expected)
{
    struct text document = fixture_document();
    struct text changed = {0};
    struct error error = {0};
    struct run run;

    const char *const start = strstr(document.data, after);
    assert_non_null(start);
    const char *const at = strstr(start, old);
    assert_non_null(at);
    text_append_bytes(&changed, document.data, (size_t)(at - document.data));
    text_append(&changed, "%s%s", new, at + strlen(old));
    assert_true(run_read_json(changed.data, &run, &error) < 0);
    if (!strstr(error.message, expected))
        fail_msg("\"%s\" lacks \"%s\"", error.message, expected);
    assert_null(strchr(error.message, '\n'));
    assert_null(run.cells);
    text_free(&changed);
    text_free(&document);
}

static void test_what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *after, *old, *new, *expected;
    } cases[] = {
        {"", "result/1", "result/2", "schema: expected \"ipcbench-result/1\", found \"ipcbench-re"},
        {"", "\"schema\"", "\"Schema\"", "schema: missing"},
        {"", "\"interrupted\"", "\"begun\"", "status: expected \"complete\" or \"interrupted\""},
        {"", "\"18446744073709551615\"", "\"18446744073709551616\"", "request.seed: expected a wh"},
        {"", "\"18446744073709551615\"", "18446744073709551615", "request.seed: expected a whole"},
        {"", "\"18446744073709551615\"", "\"007\"", "request.seed: expected a whole number from 0"},
        {"", "\"elapsed_s\":\t200.123", "\"elapsed_s\":\t1e999", "elapsed_s: expected a number"},
        {"", "\"count\":\t2", "\"count\":\t2.5", "machine.cpu.count: expected a whole number"},
        {"", "\"count\":\t2", "\"co\\nunt\":\ttrue", "machine.cpu.co?unt: expected text or"},
        {"\"cpus\"", "\"receiver\":\t1", "\"receiver\":\t-1", "request.cpus.receiver: expected a"},
        {"\"cells\"", "\"pingpong\"", "\"pong\"",
         "cells[0].pattern: expected \"pingpong\" or \"stream\", found \"pong\""},
        {"\"cells\"", "\"stream/pipe/64\"", "\"pingpong/pipe/64\"", "cells[1].id: \"pingpong/pip"},
        {"\"cells\"", "\"size_bytes\":\t64", "\"size_bytes\":\t1e15", "cells[0].size_bytes: expe"},
        {"\"cells\"", "\"size_bytes\":\t64", "\"size\":\t64", "cells[0].size_bytes: missing"},
        {"\"trials\":\t[", "\"round\":\t1", "\"round\":\t-1", "cells[0].trials[1].round: expected"},
        {"\"trials\":\t[", "\"started_s\":\t0", "\"started_s\":\tnull", "trials[0].started_s: exp"},
        {"\"trials\":\t[", "\"histogram\"", "\"diagram\"",
         "cells[0].trials[0].histogram: missing;"},
        {"\"trials\":\t[", "HISTFAAA", "HISTFAAB", "cells[0].trials[0].histogram: "},
        {"\"trials\":\t[", "\"max_ns\":\t5499", "\"max_ns\":\t9999", "trials[0].max_ns: 9999; the"},
        {"\"trials\":\t[", "\"sample_count\":\t20000", "\"sample_count\":\t1",
         "sample_count: 1; th"},
        {"\"trials\":\t[", "\"sides\":\t{", "\"sides\":\t[],\"x\":\t{",
         "trials[0].sides: expected "},
        {"\"trials\":\t[", "\"scope\":\t\"user\"", "\"scope\":\t\"user+kernel+more\"",
         "sides.sender.counters.scope: 16 bytes of text; expected at most 15"},
        {"\"interval_counts\"", "4294967295", "4294967296",
         "cells[1].trials[0].interval_counts[2]"},
        {"\"no huge pages\"", "\"unmeasured\":\ttrue", "\"unmeasured\":\t1",
         "cells[4].unmeasured: "},
        {"", "no huge pages\"", "?\", \"trials\": 2, \"x\": \"\"", "cells[2].trials: ex"},
        {"", "\"reason\":\t\"no huge pages\",", "", "cells[2].reason: missing"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].after, cases[i].old, cases[i].new, cases[i].expected);
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
    refuse_text("{\"a\": \"\xff\"}", "byte 7 is not UTF-8");
    refuse_text("{\"schema\": \"ipcbench-result/1\"}", "status: missing");
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

/* Whatever one to three wrong bytes make of a file, it is read or refused, and what was read can be
 * written and summarised. */
static void test_random_damage_never_crashes(void **state)
{
    struct text document = fixture_document();
    struct random random;
    size_t read = 0;
    (void)state;

    random_seed(&random, 20250131);
    char *const damaged = malloc(document.length + 1);
    assert_non_null(damaged);
    for (int round = 0; round < 3000; round++) {
        memcpy(damaged, document.data, document.length + 1);
        for (uint64_t flips = 1 + random_below(&random, 3); flips > 0; flips--)
            damaged[random_below(&random, document.length)] =
                (char)(random_below(&random, 255) + 1);
        struct text again = {0};
        struct error error = {0};
        struct run run;
        if (run_read_json(damaged, &run, &error) != 0) {
            assert_true(error.message[0] != '\0');
            continue;
        }
        read++;
        assert_int_equal(run_write_json(&run, &again, NULL), 0);
        (void)run_summarise(&run, NULL);
        run_free(&run);
        text_free(&again);
    }
    assert_true(read > 0);
    free(damaged);
    text_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_what_is_no_json_is_refused),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_random_damage_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
