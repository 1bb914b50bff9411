/* Result files: what is written is read back and written again to the letter; what is no result
 * file is refused with a line that names the place, and never crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "results/json.h"
#include "run_fixture.h"

/* The fixture as a document; the caller frees the text. */
static struct text made_document(void)
{
    struct text document = {0};
    struct error error = {0};
    struct run run;

    fixture_run(&run);
    if (run_write_json(&run, &document, &error) != 0)
        fail_msg("%s", error.message);
    run_free(&run);
    return document;
}

static void assert_same_again(const char *document)
{
    struct text again = {0};
    struct error error = {0};
    struct run run;

    if (run_read_json(document, &run, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(run_write_json(&run, &again, NULL), 0);
    assert_string_equal(text_string(&again), document);
    text_free(&again);
    run_free(&run);
}

static void test_writing_what_was_read_changes_nothing(void **state)
{
    struct text document = made_document();
    (void)state;

    assert_same_again(document.data);
    assert_int_equal(document.data[document.length - 1], '\n');
    text_free(&document);
}

static void test_everything_comes_back(void **state)
{
    struct text document = made_document();
    struct run run;
    (void)state;

    assert_int_equal(run_read_json(document.data, &run, NULL), 0);
    assert_int_equal(run.status, RUN_INTERRUPTED);
    assert_true(run.request.seed == FIXTURE_SEED);
    assert_near(run.request.timed_seconds, 0.2, 0);
    assert_string_equal(run.request.arguments[1], "pipe\n\x01");
    assert_string_equal(machine_text(&run.machine, "cpu", "model"),
                        "A \"CPU\" \xc2\xb5-?\?(?\?\?) @ 2 GHz");
    assert_true(run.machine.facts[2].is_number && run.machine.facts[2].number == INT64_MAX);
    assert_near(run.clock.ns_per_tick, 1 / 2.1, 1e-15);

    const struct run_cell *const cell = &run.cells[FIXTURE_PINGPONG];
    assert_string_equal(cell->options[1].key, "capacity");
    assert_string_equal(cell->options[1].text, "64K");
    assert_true(cell->options[1].is_number && cell->options[1].number == 65536);
    assert_string_equal(cell->options[2].text, "default");
    assert_int_equal(cell->summary.trials, 3);
    assert_int_equal(cell->summary.merged.total, 60000);
    assert_int_equal(cell->trials[1].order, 7);
    assert_string_equal(cell->trials[3].result.error.message, "receiver: died ??");
    const struct side_cost *const side = &cell->trials[0].result.sides[SIDE_SENDER];
    assert_true(side->cpu_migrations == -1 && side->memory_node == -1);
    assert_true(side->runqueue_wait_ns == INT64_MAX);
    assert_true(side->counters.values[1] == (INT64_C(1) << 53) + 1);
    assert_true(side->counters.values[2] == -1);
    const struct trial_result *const stream = &run.cells[FIXTURE_STREAM].trials[0].result;
    assert_int_equal(stream->interval_count, 3);
    assert_true(stream->interval_counts[2] == UINT32_MAX);
    assert_true(run.cells[FIXTURE_INVALID].trials[0].result.integrity.lost == UINT64_MAX);
    assert_int_equal(run.cells[FIXTURE_LATER].status, TRIAL_INTERRUPTED);
    assert_null(run.cells[FIXTURE_LATER].reason);
    assert_string_equal(run.cells[FIXTURE_SKIPPED].knob, "sysctl vm.nr_hugepages=64");
    run_free(&run);
    text_free(&document);
}

/* The exact extremes are kept beside the histogram, which knows them to three digits only. */
static void test_extremes_are_exact(void **state)
{
    struct text document = {0};
    struct run run;
    (void)state;

    fixture_run(&run);
    struct hdr *const histogram = &run.cells[FIXTURE_PINGPONG].trials[0].result.histogram;
    hdr_record(histogram, 1234567);
    hdr_record(histogram, HDR_HIGHEST_NS + 1);
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    run_free(&run);
    assert_int_equal(run_read_json(document.data, &run, NULL), 0);
    const struct run_trial *const trial = &run.cells[FIXTURE_PINGPONG].trials[0];
    assert_int_equal(trial->result.histogram.maximum, 1234567);
    assert_int_equal(trial->result.histogram.overflow, 1);
    assert_int_equal(trial->result.histogram.minimum, 4500);
    assert_near(trial->figures.max_ns, 1234567, 0);
    run_free(&run);
    text_free(&document);
}

static void test_numbers_look_sane(void **state)
{
    struct text document = {0};
    struct run run;
    (void)state;

    fixture_run(&run);
    struct bounds *const bounds = &run.bounds;
    *bounds = (struct bounds){.cache_line_round_trip_ns = 1234.5000000000002,
                              .cache_line_minimum_ns = INFINITY,
                              .null_system_call_ns = NAN,
                              .memcpy_cached_bytes_per_s = 12345678901.5,
                              .memcpy_uncached_bytes_per_s = 0.1 + 0.2,
                              .timer_cost_ns = 999999.96,
                              .timer_resolution_ns = -1,
                              .clock_warps = UINT64_C(1) << 53};
    run.elapsed_s = NAN;
    run.clock.drift_ppm = -INFINITY;
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    assert_non_null(strstr(document.data, "\"cache_line_round_trip_ns\":\t1234.5,"));
    assert_non_null(strstr(document.data, "\"memcpy_cached_bytes_per_s\":\t12345678902,"));
    assert_non_null(strstr(document.data, "\"memcpy_uncached_bytes_per_s\":\t0.3,"));
    assert_non_null(strstr(document.data, "\"timer_cost_ns\":\t1000000,"));
    assert_non_null(strstr(document.data, "\"clock_warps\":\t9007199254740992\n"));
    assert_non_null(strstr(document.data, "\"seed\":\t\"18446744073709551615\""));
    assert_null(strstr(document.data, "null_system_call_ns"));
    assert_null(strstr(document.data, "cache_line_minimum_ns"));
    assert_null(strstr(document.data, "timer_resolution_ns"));
    assert_non_null(strstr(document.data, "\"drift_ppm\":\t0,"));
    run.bounds.clock_warps++;
    text_free(&document);
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    assert_non_null(strstr(document.data, "\"clock_warps\":\t\"9007199254740993\"\n"));
    assert_same_again(document.data);
    run_free(&run);
    text_free(&document);
}

/* Replaces the first `old` behind the first `after`, and says what reading that gives. */
static void assert_refused(const char *after, const char *old, const char *new,
                           const char *expected)
{
    struct text document = made_document();
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
    struct text document = made_document();
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
    struct text document = made_document();
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

static void test_files_are_named_in_errors(void **state)
{
    char folder[] = "/tmp/ipcbench-json-XXXXXX";
    char path[128];
    struct error error = {0};
    struct run run;
    (void)state;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a/b.json", folder);
    assert_true(run_load(path, &run, &error) < 0);
    assert_non_null(strstr(error.message, path));

    fixture_run(&run);
    assert_int_equal(run_save(&run, path, &error), 0);
    run_free(&run);
    assert_int_equal(run_load(path, &run, &error), 0);
    run_free(&run);

    assert_int_equal(file_write_atomic(path, "{}\0{}", 5, &error), 0);
    assert_true(run_load(path, &run, &error) < 0);
    assert_non_null(strstr(error.message, path));
    assert_non_null(strstr(error.message, "byte 2 is NUL"));
    assert_int_equal(file_write_atomic(path, "{}", 2, &error), 0);
    assert_true(run_load(path, &run, &error) < 0);
    assert_non_null(strstr(error.message, "b.json: schema: missing"));

    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/a", folder);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writing_what_was_read_changes_nothing),
        cmocka_unit_test(test_everything_comes_back),
        cmocka_unit_test(test_extremes_are_exact),
        cmocka_unit_test(test_numbers_look_sane),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_what_is_no_json_is_refused),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_random_damage_never_crashes),
        cmocka_unit_test(test_files_are_named_in_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
