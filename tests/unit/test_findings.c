/* Statements about a machine: what is said, and when nothing is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

static const char fastest[] = "fastest round trip, small messages",
                  sleeping[] = "fastest round trip without spinning, small messages";

/* --- statements -------------------------------------------------------------------------------- */

static void the_fastest(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    struct run_cell *const spin = made_measured(&run, PATTERN_PINGPONG, "shm:sync=spin", 64, 300);
    struct run_cell *const pipe = made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    struct run_cell *const queue = made_measured(&run, PATTERN_PINGPONG, "posix-mq", 64, 4010);
    made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 9000);
    made_measured(&run, PATTERN_PINGPONG, "null", 64, 40);
    made_findings(&run, &findings);
    const struct statement *statement = statement_of(&findings, fastest);
    assert_non_null(statement);
    assert_contains(statement->text, "shm:sync=spin has the shortest round trip: 300 ns");
    assert_contains(statement->text, "Significantly behind: pipe with 4.00 µs");
    assert_contains(statement->text, "and 2 more; shm:sync=spin is 13.3 times");
    assert_true(rests_on(&statement->evidence, spin) && rests_on(&statement->evidence, pipe));
    assert_false(rests_on(&statement->evidence, queue));

    statement = statement_of(&findings, sleeping);
    assert_non_null(statement);
    assert_contains(statement->text, "pipe leads: 4.00 µs");
    assert_contains(statement->text, "Not told from it by these trials: posix-mq (4.01 µs).");
    assert_contains(statement->text, "behind: fifo");
    assert_null(strstr(statement->text, "null"));
    assert_null(statement_of(&findings, "fastest round trip, large messages"));
    assert_null(statement_of(&findings, "fastest stream, small messages"));
    findings_free(&findings);
    run_free(&run);
}

/* A kernel thread that polls keeps a CPU busy just as well. */
static void who_sleeps_while_waiting(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "process-vm:notice=spin", 64, 1000);
    made_measured(&run, PATTERN_PINGPONG, "io-uring:sqpoll=own-cpu", 64, 2000);
    made_measured(&run, PATTERN_PINGPONG, "io-uring:sqpoll=no", 64, 5000);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    made_findings(&run, &findings);
    const struct statement *const statement = statement_of(&findings, sleeping);
    assert_non_null(statement);
    assert_contains(statement->text, "pipe has the shortest round trip: 4.00 µs");
    assert_contains(statement->text, "behind: io-uring:sqpoll=no with 5.00 µs");
    findings_free(&findings);
    run_free(&run);
}

static void no_fastest(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_trials(made_cell(&run, PATTERN_STREAM, "pipe", 65536), &(struct made){8, 1e6, 0.5, 1});
    made_trials(made_cell(&run, PATTERN_STREAM, "fifo", 65536), &(struct made){8, 1.2e6, 0.5, 2});
    made_trial(made_cell(&run, PATTERN_STREAM, "shm", 65536), 9e6);
    made_skipped(made_cell(&run, PATTERN_STREAM, "mmap", 65536), TRIAL_INVALID, "damaged");
    made_findings(&run, &findings);
    const struct statement *const statement =
        statement_of(&findings, "fastest stream, large messages");
    assert_non_null(statement);
    assert_contains(statement->text, "fifo leads, but not significantly: 1.20 M/s");
    assert_contains(statement->text, "Not judged: shm (too few trials), mmap (invalid).");
    assert_null(statement_of(&findings, "fastest stream without spinning, large messages"));
    findings_free(&findings);
    run_free(&run);
}

/* Two trials each: nothing is said, rather than something weak. */
static void silence(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    for (int i = 0; i < 2; i++) {
        made_trials(made_cell(&run, PATTERN_PINGPONG, i ? "pipe" : "pipe:wait=spin", 64),
                    &(struct made){2, i ? 4000 : 400, 0.01, 1});
        made_trials(made_cell(&run, PATTERN_STREAM, i ? "mmap:huge=thp" : "mmap", 64),
                    &(struct made){2, i ? 4000 : 400, 0.01, 1});
    }
    made_findings(&run, &findings);
    for (size_t i = 0; i < findings.statement_count; i++)
        assert_contains(findings.statements[i].text, "not measured");
    for (size_t i = 0; i < findings.advice_count; i++) {
        for (size_t j = 0; j < findings.advice[i].count; j++) {
            assert_int_equal(findings.advice[i].choices[j].place, 0);
            assert_contains(findings.advice[i].choices[j].lines[0], "not ranked: ");
        }
    }
    findings_free(&findings);
    run_free(&run);
}

static void too_few_for_so_many(void **state)
{
    static const char *const names[] = {"pipe",       "fifo",      "posix-mq", "xsi-mq",
                                        "uds-stream", "uds-dgram", "shm",      "mmap"};
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    for (size_t i = 0; i < 8; i++)
        made_trials(made_cell(&run, PATTERN_PINGPONG, names[i], 64),
                    &(struct made){4, 4000.0 * (double)(i + 1), 0.01, i + 1});
    made_findings(&run, &findings);
    assert_contains(statement_of(&findings, fastest)->text, "With so few trials nothing could be");
    findings_free(&findings);
    run_free(&run);
}

static void what_spinning_buys(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    struct run_cell *const spin = made_measured(&run, PATTERN_PINGPONG, "pipe:wait=spin", 64, 1000);
    struct run_cell *const block = made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 8000);
    made_measured(&run, PATTERN_PINGPONG, "pipe:capacity=1M,wait=poll", 64, 8000);
    made_findings(&run, &findings);
    const struct statement *const statement = statement_of(&findings, "spinning");
    assert_non_null(statement);
    assert_contains(statement->text, "pipe:wait=spin against pipe for round trips of 64 B");
    assert_contains(statement->text, "8.00 times [");
    assert_contains(statement->text, "1.00 µs [");
    assert_contains(statement->text, "both CPUs are busy all the time");
    assert_contains(statement->text, "instead of 20 % at full speed");
    assert_contains(statement->text, "CPU time per message at full speed: 400 ns");
    assert_int_equal(statement->evidence.count, 2);
    assert_true(rests_on(&statement->evidence, spin) && rests_on(&statement->evidence, block));
    findings_free(&findings);
    run_free(&run);
}

static void what_huge_pages_and_hints_change(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "mmap", 4096, 1e6);
    made_measured(&run, PATTERN_STREAM, "mmap:huge=thp", 4096, 1.001e6);
    made_measured(&run, PATTERN_STREAM, "mmap:advice=random", 4096, 0.8e6);
    made_trials(made_cell(&run, PATTERN_STREAM, "mmap:advice=willneed", 4096),
                &(struct made){8, 1.1e6, 0.5, 1});
    made_findings(&run, &findings);
    assert_contains(statement_of(&findings, "huge pages")->text,
                    "mmap:huge=thp against mmap for streams of 4 KiB (same-cache): no difference "
                    "of more than 5 %, 1.00 M/s");
    assert_contains(statement_of(&findings, "madvise")->text,
                    "mmap:advice=random against mmap for streams of 4 KiB (same-cache): slower, "
                    "the other is 1.25 times");
    bool told = false;
    for (size_t i = 0; i < findings.statement_count; i++)
        told |= strstr(findings.statements[i].text,
                       "do not decide what changes with mmap:advice=willneed") != NULL;
    assert_true(told);
    findings_free(&findings);
    run_free(&run);
}

static void why_not_measured(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "mmap", 4096, 1e6);
    struct run_cell *const huge = made_cell(&run, PATTERN_STREAM, "mmap:huge=hugetlb", 4096);
    made_skipped(huge, TRIAL_SKIPPED, "no huge\npages");
    huge->knob = fixture_text("sysctl vm.nr_hugepages=17");
    made_findings(&run, &findings);
    const struct statement *const statement = statement_of(&findings, "huge pages");
    assert_contains(statement->text, "mmap:huge=hugetlb, skipped: no huge?pages [sysctl vm.nr_hug");
    assert_true(rests_on(&statement->evidence, huge));
    findings_free(&findings);
    run_free(&run);
}

static void a_machine_that_is_busy(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_findings(&run, &findings);
    assert_null(statement_of(&findings, FINDINGS_TOPIC_QUIET));
    findings_free(&findings);
    run.noise.before.jitter[SIDE_RECEIVER].lost_share = 0.4;
    made_findings(&run, &findings);
    assert_contains(statement_of(&findings, FINDINGS_TOPIC_QUIET)->text, "up to 40 %");
    findings_free(&findings);
    run_free(&run);
}

/* --- beliefs that operations name ---------------------------------------------------------------- */

static struct run_cell *made_operation(struct run *run, const char *name, double p50_ns,
                                       uint64_t operation_bytes)
{
    struct run_cell *const cell = made_measured(run, PATTERN_MEMORY, name, 1 << 20, p50_ns);
    for (size_t i = 0; i < cell->trial_count; i++)
        cell->trials[i].result.operation.bytes = operation_bytes;
    return cell;
}

static void believed(struct run_cell *cell, const char *words, const char *against,
                     const char *claim)
{
    cell->belief = fixture_text(words);
    cell->belief_against = fixture_text(against);
    cell->belief_claim = fixture_text(claim);
}

static const struct belief_finding *answered(const struct findings *findings, const char *words,
                                             enum verdict verdict, const char *part)
{
    const struct belief_finding *const finding = belief_of(findings, words);
    if (finding->verdict != verdict)
        fail_msg("%s: %s (%s)", words, verdict_name(finding->verdict), finding->text);
    assert_contains(finding->text, part);
    return finding;
}

/* By what a byte costs: an operation on 16 times as many may take 4 times as long. */
static void what_operations_answer(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    struct run_cell *const thin = made_operation(&run, "fold", 1000, 4096);
    struct run_cell *const thick = made_operation(&run, "fold:paper=thick", 4000, 65536);
    believed(thick, "thick paper is cheaper\033[2J", "paper=thin", "cheaper");
    believed(made_operation(&run, "fold:paper=wet", 1500, 4096), "wet paper costs no more",
             "paper=thin", "no dearer");
    believed(made_operation(&run, "fold:paper=old", 1001, 4096), "old paper costs no more",
             "paper=thin", "no dearer");
    believed(made_operation(&run, "fold:paper=good", 1001, 4096), "good paper is dear",
             "paper=thin", "dearer");
    believed(made_operation(&run, "fold:hand=right", 1800, 4096), "the right hand is dear",
             "hand=left", "dearer");
    made_findings(&run, &findings);
    const struct belief_finding *const finding =
        answered(&findings, "thick paper", VERDICT_CONFIRMED, "fold:paper=thick is 4.0");
    assert_null(strchr(finding->belief, '\033'));
    assert_int_equal(finding->evidence.count, 2);
    assert_true(rests_on(&finding->evidence, thick) && rests_on(&finding->evidence, thin));
    answered(&findings, "wet paper", VERDICT_REFUTED, "fold is 1.50 times [1.4");
    answered(&findings, "old paper", VERDICT_CONFIRMED, "do not differ by more than 5 %");
    answered(&findings, "good paper", VERDICT_REFUTED, "do not differ by more than 5 %");
    answered(&findings, "right hand", VERDICT_CONFIRMED, "fold is 1.80 times [1.7");
    findings_free(&findings);
    run_free(&run);
}

static void what_operations_leave_open(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_operation(&run, "fold", 1000, 4096);
    struct run_cell *const loud = made_cell(&run, PATTERN_MEMORY, "fold:paper=loud", 1 << 20);
    made_trials(loud, &(struct made){8, 1000, 0.9, 7});
    for (size_t i = 0; i < loud->trial_count; i++) {
        loud->trials[i].figures.rate_per_s = 1e9 / loud->trials[i].figures.p50_ns;
        loud->trials[i].result.operation.bytes = 4096;
    }
    believed(loud, "loud paper is dear", "paper=thin", "dearer");
    struct run_cell *const none = made_cell(&run, PATTERN_MEMORY, "fold:paper=none", 1 << 20);
    believed(none, "no paper is cheap", "paper=thin", "cheaper");
    made_skipped(none, TRIAL_SKIPPED, "no paper");
    /* The other hand as well: no cell differs in the paper alone. */
    believed(made_operation(&run, "fold:paper=red,hand=right", 10, 4096), "red paper is cheap",
             "paper=thin", "cheaper");
    believed(made_operation(&run, "fold:paper=odd", 10, 4096), "odd paper is odd", "paper=thin",
             "odder");
    believed(made_operation(&run, "fold:paper=lost", 10, 4096), "what is lost is cheap",
             "ink=black", "cheaper");
    made_findings(&run, &findings);
    answered(&findings, "loud paper", VERDICT_UNDECIDED, "can be told apart");
    answered(&findings, "no paper", VERDICT_NOT_MEASURED, "fold:paper=none, skipped: no paper");
    answered(&findings, "red paper", VERDICT_NOT_MEASURED, "the same with paper=thin");
    answered(&findings, "what is lost", VERDICT_NOT_MEASURED, "the same with ink=black");
    for (size_t i = 0; i < findings.belief_count; i++)
        assert_null(strstr(findings.beliefs[i].belief, "odd paper"));
    findings_free(&findings);
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fastest),
        cmocka_unit_test(who_sleeps_while_waiting),
        cmocka_unit_test(no_fastest),
        cmocka_unit_test(silence),
        cmocka_unit_test(too_few_for_so_many),
        cmocka_unit_test(what_spinning_buys),
        cmocka_unit_test(what_huge_pages_and_hints_change),
        cmocka_unit_test(why_not_measured),
        cmocka_unit_test(a_machine_that_is_busy),
        cmocka_unit_test(what_operations_answer),
        cmocka_unit_test(what_operations_leave_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
