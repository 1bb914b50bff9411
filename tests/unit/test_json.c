/* Result files: what is written is read back and written again to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "run_fixture.h"

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
    struct text document = fixture_document();
    (void)state;

    assert_same_again(document.data);
    assert_int_equal(document.data[document.length - 1], '\n');
    text_free(&document);
}

static void test_everything_comes_back(void **state)
{
    struct text document = fixture_document();
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
    assert_int_equal(cell->trials[3].result.capacity_messages, -1);
    const struct side_cost *const side = &cell->trials[0].result.sides[SIDE_SENDER];
    assert_true(side->cpu_migrations == -1 && side->memory_node == -1);
    assert_true(side->runqueue_wait_ns == INT64_MAX);
    assert_true(side->counters.values[1] == (INT64_C(1) << 53) + 1);
    assert_true(side->counters.values[2] == -1);
    const struct run_plugin *const plugin = run.cells[FIXTURE_STREAM].plugin;
    assert_string_equal(plugin->path, "/opt/lib pipe.so");
    assert_string_equal(plugin->build_id, "00ff47f1804147d5b179f62b48d426104a2064cd");
    assert_string_equal(plugin->crc32, "0a0b0c0d");
    assert_int_equal(plugin->file_bytes, 48456);
    assert_null(cell->plugin);
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

/* What is printed later neither breaks a line nor moves the cursor; what is only run again stays. */
static void test_control_characters_are_replaced(void **state)
{
    struct text document = {0};
    struct run run;
    (void)state;

    fixture_run(&run);
    struct run_cell *const cell = &run.cells[FIXTURE_PINGPONG];
    free(cell->id);
    cell->id = fixture_text("ping\033[31m\n\x7f/pong");
    free(cell->options[1].text);
    cell->options[1].text = fixture_text("6\t4K\xc2\x9b"
                                         "1m");
    free(cell->options[1].key);
    cell->options[1].key = fixture_text("\033]0;slots");
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    run_free(&run);
    assert_int_equal(run_read_json(document.data, &run, NULL), 0);
    assert_string_equal(run.cells[FIXTURE_PINGPONG].id, "ping?[31m?\?/pong");
    assert_string_equal(run.cells[FIXTURE_PINGPONG].options[1].text, "6?4K?\?1m");
    assert_string_equal(run.cells[FIXTURE_PINGPONG].options[1].key, "?]0;slots");
    assert_string_equal(run.request.arguments[1], "pipe\n\x01");
    run_free(&run);
    text_free(&document);
}

/* Reads the fixture with every "cpus" of a cell renamed, as if it had none. */
static void read_without_pairs(const char *placement, struct run *run)
{
    struct text document = {0};
    struct error error = {0};

    fixture_run(run);
    for (size_t i = 0; i < run->cell_count; i++) {
        free(run->cells[i].placement);
        run->cells[i].placement = fixture_text(placement);
        run->cells[i].cpus = (struct cpu_pair){CPU_ANY, CPU_ANY};
    }
    assert_int_equal(run_write_json(run, &document, NULL), 0);
    run_free(run);
    if (run_read_json(document.data, run, &error) != 0)
        fail_msg("%s", error.message);
    text_free(&document);
}

/* A pair of its own; none where it is not pinned; the request's in files that know no other. */
static void test_cells_have_their_cpus(void **state)
{
    struct text document = fixture_document();
    struct run run;
    (void)state;

    assert_int_equal(run_read_json(document.data, &run, NULL), 0);
    assert_int_equal(run.cells[FIXTURE_STREAM].cpus.sender, 2);
    assert_int_equal(run.cells[FIXTURE_STREAM].cpus.receiver, 3);
    run_free(&run);
    text_free(&document);

    read_without_pairs("unpinned", &run);
    assert_int_equal(run.cells[FIXTURE_STREAM].cpus.sender, CPU_ANY);
    run_free(&run);

    read_without_pairs("same-cache", &run);
    assert_int_equal(run.cells[FIXTURE_STREAM].cpus.sender, 0);
    assert_int_equal(run.cells[FIXTURE_STREAM].cpus.receiver, 1);
    assert_int_equal(run.cells[FIXTURE_SKIPPED].cpus.sender, CPU_ANY); /* nothing was measured */
    run_free(&run);
}

static void assert_same_disturbance(const struct disturbance *disturbance)
{
    const struct disturbance expected = fixture_disturbance();

    assert_true(disturbance->wall_ns == expected.wall_ns);
    assert_memory_equal(disturbance->sides, expected.sides, sizeof expected.sides);
    assert_true(disturbance->throttled_ns == expected.throttled_ns);
    assert_true(disturbance->throttled_periods == expected.throttled_periods);
}

static void test_noise_comes_back(void **state)
{
    struct text document = fixture_document();
    struct run run;
    (void)state;

    assert_int_equal(run_read_json(document.data, &run, NULL), 0);
    const struct baseline *const before = &run.noise.before;
    const struct jitter *const jitter = &before->jitter[SIDE_RECEIVER];
    assert_true(before->taken && before->load_average == 0);
    assert_int_equal(jitter->cpu, 1);
    assert_int_equal(jitter->gaps, 31);
    assert_near(jitter->seconds, 0.25, 0);
    assert_near(jitter->minimum_ns, 12.5, 0);
    assert_near(jitter->p999_ns, 80000, 0);
    assert_near(jitter->max_ns, 1200000, 0);
    assert_near(jitter->lost_share, 0.004, 0);
    assert_near(jitter->frequency_hz, 2.5e9, 0);
    assert_false(run.noise.after.taken);
    assert_same_disturbance(&run.noise.during);
    assert_same_disturbance(&run.cells[FIXTURE_STREAM].trials[0].result.disturbance);
    run_free(&run);
    text_free(&document);
}

/* An unknown load is no load of 0; what was not taken, as in files of before, is not there at all. */
static void test_noise_that_was_not_taken_is_absent(void **state)
{
    struct text document = {0};
    struct run run;
    (void)state;

    fixture_run(&run);
    run.noise.after = fixture_baseline(-1);
    run.noise.before.taken = false;
    run.noise.during = (struct disturbance){0};
    run.cells[FIXTURE_STREAM].trials[0].result.disturbance = (struct disturbance){0};
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    run_free(&run);
    assert_same_again(document.data);
    assert_int_equal(run_read_json(document.data, &run, NULL), 0);
    assert_false(run.noise.before.taken);
    assert_true(run.noise.after.taken && run.noise.after.load_average < 0);
    assert_true(run.noise.during.wall_ns == 0);
    assert_true(run.cells[FIXTURE_STREAM].trials[0].result.disturbance.wall_ns == 0);
    text_free(&document);

    run.noise.after.taken = false;
    assert_int_equal(run_write_json(&run, &document, NULL), 0);
    assert_null(strstr(document.data, "\"before\""));
    assert_null(strstr(document.data, "\"after\""));
    assert_null(strstr(document.data, "load_average"));
    assert_same_again(document.data);
    text_free(&document);
    run_free(&run);
}

/* The exact extremes are kept beside the histogram, which knows them to three digits only. */
static void test_extremes_are_exact(void **state)
{
    struct text document = {0};
    struct run run;
    (void)state;

    fixture_run(&run);
    struct hdr *const histogram = &run.cells[FIXTURE_PINGPONG].trials[0].result.histogram;
    struct hdr wider; /* what a run holds is trimmed */
    assert_int_equal(hdr_init_latency(&wider, NULL), 0);
    assert_int_equal(hdr_merge(&wider, histogram, NULL), 0);
    hdr_record(&wider, 1234567);
    hdr_record(&wider, HDR_HIGHEST_NS + 1);
    hdr_free(histogram);
    *histogram = wider;
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
        cmocka_unit_test(test_control_characters_are_replaced),
        cmocka_unit_test(test_cells_have_their_cpus),
        cmocka_unit_test(test_noise_comes_back),
        cmocka_unit_test(test_noise_that_was_not_taken_is_absent),
        cmocka_unit_test(test_extremes_are_exact),
        cmocka_unit_test(test_numbers_look_sane),
        cmocka_unit_test(test_files_are_named_in_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
