/* Advice for a workload, findings as JSON, and names that are not kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

static const struct advice *asked(const struct findings *findings, enum workload workload,
                                  enum aim aim, uint64_t size_bytes)
{
    struct error error = {0};
    const struct advice_request request = {workload, aim, size_bytes};
    const struct advice *const advice = advice_find(findings, &request, &error);
    if (!advice)
        fail_msg("%s", error.message);
    return advice;
}

static void a_busy_run(struct run *run)
{
    made_empty(run);
    made_measured(run, PATTERN_PINGPONG, "shm:copy=no,sync=spin", 64, 300);
    made_measured(run, PATTERN_PINGPONG, "pipe", 64, 4000);
    made_measured(run, PATTERN_PINGPONG, "posix-mq", 64, 4010);
    made_measured(run, PATTERN_PINGPONG, "fifo", 4096, 9000);
    made_measured(run, PATTERN_STREAM, "pipe", 64, 1e6);
}

static void ranked_choices(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    a_busy_run(&run);
    made_findings(&run, &findings);
    const struct advice *const advice = asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 64);
    assert_string_equal(advice->setting, "round trips of 64 B (same-cache)");
    assert_int_equal(advice->count, 3);
    const struct choice *const best = &advice->choices[0];
    assert_ptr_equal(best->cell, &run.cells[0]);
    assert_int_equal(best->place, 1);
    assert_false(best->tied);
    assert_near(best->cpu_share, 1, 0);
    assert_contains(best->lines[0], "300 ns [");
    assert_contains(best->lines[0], "8 trials; significantly better than all others");
    assert_contains(best->lines[1], "spins: all of both CPUs");
    assert_contains(best->lines[2], "works in place");
    const struct choice *const tie = &advice->choices[2];
    assert_int_equal(tie->place, 2);
    assert_true(tie->tied);
    assert_near(tie->cpu_share, 0.2, 0.001);
    assert_contains(tie->lines[0], "shm:copy=no,sync=spin is 13.");
    assert_contains(tie->lines[1], "20 % of two CPUs at full speed");
    assert_contains(tie->lines[2], "keeps messages whole, by priority");
    findings_free(&findings);
    run_free(&run);
}

static void the_nearest_size(void **state)
{
    struct run run;
    struct findings findings;
    struct error error;
    (void)state;
    a_busy_run(&run);
    made_findings(&run, &findings);
    assert_int_equal(asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 256)->size_bytes, 64);
    assert_int_equal(asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 1 << 20)->size_bytes, 4096);
    assert_int_equal(asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 0)->size_bytes, 64);
    struct advice_request request = {WORKLOAD_STREAM, AIM_P50, 64};
    assert_null(advice_find(&findings, &request, &error));
    assert_contains(error.message, "throughput or cpu");
    request = (struct advice_request){WORKLOAD_EVENTS, AIM_THROUGHPUT, 64};
    assert_null(advice_find(&findings, &request, &error));
    assert_contains(error.message, "ipcbench run -p load");
    findings_free(&findings);
    run_free(&run);
}

static void no_more_than_this_much_cpu(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    a_busy_run(&run);
    assert_int_equal(run_summarise(&run, NULL), 0);
    assert_int_equal(findings_advise(&run, 0.5, &findings, NULL), 0);
    const struct advice *advice = asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 64);
    assert_int_equal(advice->count, 2);
    assert_int_equal(advice->left_out, 1);
    assert_int_equal(advice->choices[0].place, 1); /* ranked among those that are left */
    findings_free(&findings);
    assert_int_equal(findings_advise(&run, 0.1, &findings, NULL), 0);
    advice = asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 64);
    assert_int_equal(advice->count, 0);
    assert_int_equal(advice->left_out, 3);
    assert_near(advice->least_cpu_share, 0.2, 0.001);
    findings_free(&findings);
    run_free(&run);
}

/* Two processes that take turns on one CPU. */
static void on_one_cpu(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000)->cpus = (struct cpu_pair){1, 1};
    made_findings(&run, &findings);
    const struct advice *const advice = asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 64);
    assert_near(advice->choices[0].cpu_share, 0.4, 0.001);
    assert_contains(advice->choices[0].lines[1], "40 % of the one CPU at full speed");
    findings_free(&findings);
    run_free(&run);
}

/* paced before oneway; only the receiver's CPU, since the sender spins until a message is due. */
static void events(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_ONEWAY, "pipe", 64, 3000);
    made_measured(&run, PATTERN_BURST, "pipe", 64, 3000);
    made_findings(&run, &findings);
    assert_contains(asked(&findings, WORKLOAD_EVENTS, AIM_P50, 64)->setting, "single messages");
    findings_free(&findings);
    struct run_cell *const paced = made_measured(&run, PATTERN_PACED, "pipe", 64, 9000);
    paced->rate_per_s = 10000;
    for (size_t i = 0; i < paced->trial_count; i++) {
        paced->trials[i].result.pace =
            (struct pace){.offered_per_s = 10000, .achieved_per_s = 10000, .stable = true};
        paced->trials[i].figures.cpu_ns_per_message[SIDE_SENDER] = 90000;
        paced->trials[i].figures.cpu_ns_per_message[SIDE_RECEIVER] = 5000;
    }
    made_findings(&run, &findings);
    const struct advice *const advice = asked(&findings, WORKLOAD_EVENTS, AIM_CPU, 64);
    assert_contains(advice->setting, "messages of 64 B at 10.0 k/s");
    assert_contains(advice->choices[0].lines[0], "5.00 µs [5.00 µs, 5.00 µs] CPU per message, rec");
    assert_near(advice->choices[0].cpu_share, 0.05, 1e-9);
    assert_contains(advice->choices[0].lines[1], "5 % of the receiver's CPU at this rate");
    findings_free(&findings);
    run_free(&run);
}

/* The setting with the most cells is the one that is ranked; two settings are never mixed. */
static void one_setting(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 1000)->idle = IDLE_POLL;
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 5000);
    made_findings(&run, &findings);
    const struct advice *const advice = asked(&findings, WORKLOAD_REQUEST_REPLY, AIM_P50, 64);
    assert_int_equal(advice->count, 2);
    assert_ptr_equal(advice->choices[0].cell, &run.cells[1]);
    findings_free(&findings);
    run_free(&run);
}

static void as_json(void **state)
{
    static const char *const parts[] = {
        "\t\"statements\":\t[{\n\t\t\t\"topic\":\t\"fastest round trip, small messages\"",
        "\"cells\":\t[\"pingpong/shm:copy=no,sync=spin/64/same-cache\", ",
        "\t\"beliefs\":\t[{\n\t\t\t\"belief\":\t\"shared memory is faster than message queues\"",
        "\"verdict\":\t\"not measured\"",
        "\"depends\":\tfalse",
        "\t\"advice\":\t[{\n\t\t\t\"size_bytes\":\t64",
        "\"pattern\":\t\"request-reply\"",
        "\"optimise\":\t\"p50\"",
        "\"cell\":\t\"pingpong/shm:copy=no,sync=spin/64/same-cache\"",
        "\"cpu_share\":\t1",
        "\"lines\":\t[\"300 ns [",
    };
    struct run run;
    struct findings findings;
    struct text text = {0};
    (void)state;
    a_busy_run(&run);
    made_findings(&run, &findings);
    assert_int_equal(findings_write_json(&findings, &text, NULL), 0);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_contains(text_string(&text), parts[i]);
    text_free(&text);
    findings_free(&findings);
    run_free(&run);
}

static void every_belief_has_a_verdict(void **state)
{
    static const char *const allowed[] = {"confirmed", "refuted", "undecided", "not measured"};
    (void)state;
    for (int verdict = 0; verdict < 4; verdict++)
        assert_string_equal(verdict_name((enum verdict)verdict), allowed[verdict]);
}

/* Names, options, reasons, placements that try to break out of a terminal or of JSON. */
static void hostile_names(void **state)
{
    static const char evil[] = "x\033[2J</script>\"'\n\xc2\x9b\\%s%n,,=:|*";
    struct run run;
    struct findings findings;
    struct text text = {0};
    (void)state;
    made_empty(&run);
    for (int i = 0; i < 3; i++) {
        struct text long_name = {0};
        text_append(&long_name, "%s%d", evil, i);
        for (int j = 0; j < 60; j++)
            text_append(&long_name, "é");
        struct run_cell *const cell =
            made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 1000.0 * (i + 1));
        free(cell->transport);
        free(cell->id);
        free(cell->placement);
        struct text id = {0};
        text_append(&id, "pingpong/%s", text_string(&long_name));
        cell->transport = fixture_text(text_string(&long_name));
        cell->id = fixture_text(i == 2 ? "no slashes\033" : text_string(&id));
        cell->placement = fixture_text("\033]0;owned\a");
        made_option(cell, "sync", evil);
        text_free(&id);
        text_free(&long_name);
    }
    made_skipped(made_cell(&run, PATTERN_PINGPONG, "mmap:huge=thp", 64), TRIAL_SKIPPED, evil);
    made_findings(&run, &findings);
    for (size_t i = 0; i < findings.statement_count; i++) {
        for (const char *at = findings.statements[i].text; *at; at++)
            assert_true((unsigned char)*at >= ' ' && *at != 0x7f);
        assert_null(strstr(findings.statements[i].text, "\xc2\x9b"));
    }
    for (size_t i = 0; i < findings.belief_count; i++)
        assert_null(strchr(findings.beliefs[i].text, '\033'));
    for (size_t i = 0; i < findings.advice_count; i++) {
        assert_null(strchr(findings.advice[i].setting, '\033'));
        for (size_t j = 0; j < findings.advice[i].count; j++)
            assert_null(strchr(findings.advice[i].choices[j].lines[0], '\033'));
    }
    assert_int_equal(findings_write_json(&findings, &text, NULL), 0);
    for (const char *at = text_string(&text); *at; at++)
        assert_true((unsigned char)*at >= ' ' || *at == '\n' || *at == '\t');
    assert_contains(text_string(&text), "</script>\\\"'"); /* the id itself is kept */
    text_free(&text);
    findings_free(&findings);
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranked_choices),
        cmocka_unit_test(the_nearest_size),
        cmocka_unit_test(no_more_than_this_much_cpu),
        cmocka_unit_test(on_one_cpu),
        cmocka_unit_test(events),
        cmocka_unit_test(one_setting),
        cmocka_unit_test(as_json),
        cmocka_unit_test(every_belief_has_a_verdict),
        cmocka_unit_test(hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
