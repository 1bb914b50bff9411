/* Common beliefs: each verdict where it is due, and silence where the data are too weak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

static const char fifo_belief[] = "a FIFO is slower", queues_belief[] = "message queues differ",
                  unix_belief[] = "faster than TCP over", huge_belief[] = "huge pages pay",
                  shared_belief[] = "shared memory is faster", file_belief[] = "a mapped file";

static void expect(struct run *run, const char *belief, enum verdict verdict, const char *part)
{
    struct findings findings;
    made_findings(run, &findings);
    const struct belief_finding *const finding = belief_of(&findings, belief);
    if (finding->verdict != verdict)
        fail_msg("%s: %s, expected %s (%s)", belief, verdict_name(finding->verdict),
                 verdict_name(verdict), finding->text);
    assert_contains(finding->text, part);
    findings_free(&findings);
}

static void expect_and_free(struct run *run, const char *belief, enum verdict verdict,
                            const char *part)
{
    expect(run, belief, verdict, part);
    run_free(run);
}

static void confirmed(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    struct run_cell *const fifo = made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 6000);
    struct run_cell *const pipe = made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    struct run_cell *const other = made_measured(&run, PATTERN_PINGPONG, "xsi-mq", 64, 4000);
    expect(&run, fifo_belief, VERDICT_CONFIRMED, "pipe is 1.50 times [1.4");
    made_findings(&run, &findings);
    const struct belief_finding *const finding = belief_of(&findings, fifo_belief);
    assert_false(finding->depends);
    assert_int_equal(finding->evidence.count, 2);
    assert_true(rests_on(&finding->evidence, pipe) && rests_on(&finding->evidence, fifo));
    assert_false(rests_on(&finding->evidence, other));
    findings_free(&findings);
    run_free(&run);
}

static void refuted(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "uds-stream", 64, 1e6);
    made_measured(&run, PATTERN_STREAM, "tcp", 64, 2e6);
    expect_and_free(&run, unix_belief, VERDICT_REFUTED, "tcp is 2.00 times");
    /* No difference refutes one, too. */
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "posix-mq", 64, 1e6);
    made_measured(&run, PATTERN_STREAM, "xsi-mq", 64, 1.001e6);
    expect_and_free(&run, queues_belief, VERDICT_REFUTED, "do not differ by more than 5 %");
}

static void either_way_is_a_difference(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "posix-mq", 64, 1e6);
    made_measured(&run, PATTERN_STREAM, "xsi-mq", 64, 1.5e6);
    made_measured(&run, PATTERN_STREAM, "posix-mq", 4096, 1e6);
    made_measured(&run, PATTERN_STREAM, "xsi-mq", 4096, 0.5e6);
    expect_and_free(&run, queues_belief, VERDICT_CONFIRMED, "So in 2 of 2 pairs");
}

static void undecided(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_trials(made_cell(&run, PATTERN_PINGPONG, "fifo", 64), &(struct made){8, 5000, 0.5, 1});
    made_trials(made_cell(&run, PATTERN_PINGPONG, "pipe", 64), &(struct made){8, 4000, 0.5, 2});
    expect(&run, fifo_belief, VERDICT_UNDECIDED, "scatter so much");
    made_findings(&run, &findings);
    assert_int_equal(belief_of(&findings, fifo_belief)->evidence.count, 2);
    findings_free(&findings);
    run_free(&run);
}

static void too_few_trials(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    for (uint64_t bytes = 1; bytes <= 8; bytes *= 2) {
        made_trials(made_cell(&run, PATTERN_PINGPONG, "fifo", bytes),
                    &(struct made){4, 9000, 0.01, bytes});
        made_trials(made_cell(&run, PATTERN_PINGPONG, "pipe", bytes),
                    &(struct made){4, 4000, 0.01, bytes + 100});
    }
    expect_and_free(&run, fifo_belief, VERDICT_UNDECIDED, "with so few trials");

    made_empty(&run);
    made_trials(made_cell(&run, PATTERN_PINGPONG, "fifo", 64), &(struct made){3, 9000, 0.01, 1});
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    expect_and_free(&run, fifo_belief, VERDICT_UNDECIDED, "1 pair left out: too few trials");
}

static void weak_cells_are_silent(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    struct run_cell *const fifo = made_measured(&run, PATTERN_ONEWAY, "fifo", 64, 400);
    made_measured(&run, PATTERN_ONEWAY, "pipe", 64, 200);
    for (size_t i = 0; i < fifo->trial_count; i++)
        fifo->trials[i].result.clock_offset = (struct clock_offset){-100, 300, 0};
    expect_and_free(&run, fifo_belief, VERDICT_UNDECIDED, "clocks");

    made_empty(&run);
    struct run_cell *const invalid = made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 9000);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    for (size_t i = 0; i < 8; i++)
        made_trial(invalid, 9000)->result.status = TRIAL_INVALID;
    expect_and_free(&run, fifo_belief, VERDICT_UNDECIDED, "invalid");
}

static void not_measured(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 64, 4000);
    expect(&run, unix_belief, VERDICT_NOT_MEASURED, "no figures of TCP.");
    expect(&run, fifo_belief, VERDICT_NOT_MEASURED, "no figures of FIFOs, nor of pipes.");
    made_skipped(made_cell(&run, PATTERN_PINGPONG, "tcp", 64), TRIAL_SKIPPED, "no loop\033back");
    expect_and_free(&run, unix_belief, VERDICT_NOT_MEASURED, "tcp, skipped: no loop?back");
    made_empty(&run);
    expect_and_free(&run, shared_belief, VERDICT_NOT_MEASURED, "no figures");
}

/* Same pattern, size, idle policy, way of waiting, options; else nothing is compared. */
static void only_like_with_like(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 9000);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 128, 4000);
    made_measured(&run, PATTERN_ONEWAY, "pipe", 64, 4000);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000)->idle = IDLE_POLL;
    made_measured(&run, PATTERN_PINGPONG, "pipe:wait=spin", 64, 4000);
    made_measured(&run, PATTERN_PINGPONG, "pipe:capacity=1M", 64, 4000);
    struct run_cell *const far = made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    far->cpus = (struct cpu_pair){0, 5};
    struct run_cell *const crowd = made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    crowd->crew = calloc(1, sizeof *crowd->crew);
    assert_non_null(crowd->crew);
    crowd->crew->pairs = 2;
    expect(&run, fifo_belief, VERDICT_NOT_MEASURED, "no two cells that are alike");
    made_measured(&run, PATTERN_PINGPONG, "fifo:capacity=1M", 64, 9000);
    expect_and_free(&run, fifo_belief, VERDICT_CONFIRMED, "fifo:capacity=1M");

    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "shm:sync=spin", 64, 200);
    made_measured(&run, PATTERN_PINGPONG, "posix-mq", 64, 4000);
    made_measured(&run, PATTERN_PINGPONG, "posix-mq:depth=1,wait=spin", 64, 4000);
    expect(&run, shared_belief, VERDICT_NOT_MEASURED, "no two cells that are alike");
    made_measured(&run, PATTERN_PINGPONG, "posix-mq:wait=spin", 64, 4000);
    expect_and_free(&run, shared_belief, VERDICT_CONFIRMED, "shm:sync=spin is 20");
}

static void huge_pages(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "mmap:huge=thp", 4096, 2e6); /* a small mapping */
    made_measured(&run, PATTERN_STREAM, "mmap", 4096, 1e6);
    expect(&run, huge_belief, VERDICT_NOT_MEASURED, "no figures of huge pages");
    made_measured(&run, PATTERN_STREAM, "mmap:huge=thp,ring=16M", 4096, 1.5e6);
    made_measured(&run, PATTERN_STREAM, "mmap:ring=256M", 4096, 1e6); /* another ring */
    expect(&run, huge_belief, VERDICT_NOT_MEASURED, "alike");
    made_measured(&run, PATTERN_STREAM, "mmap:ring=16M", 4096, 1e6);
    expect_and_free(&run, huge_belief, VERDICT_CONFIRMED, "1.50 times");
}

/* Where a run has large working sets in random order, they alone are asked. */
static void huge_pages_in_random_order(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "mmap:huge=thp,ring=16M", 4096, 1e6);
    made_measured(&run, PATTERN_STREAM, "mmap:ring=16M", 4096, 1e6);
    made_measured(&run, PATTERN_LINEWALK, "mmap:huge=thp,copy=no", 64 << 20, 150);
    made_measured(&run, PATTERN_PAGEWALK, "mmap:copy=no", 4096, 2); /* not alike, and small */
    made_measured(&run, PATTERN_PAGEWALK, "mmap:huge=thp,copy=no", 4096, 1);
    expect(&run, huge_belief, VERDICT_REFUTED, "16M");
    made_measured(&run, PATTERN_LINEWALK, "mmap:copy=no", 64 << 20, 300);
    expect(&run, huge_belief, VERDICT_CONFIRMED, "2.00 times");
    made_measured(&run, PATTERN_STREAM, "mmap:ring=64M,order=random", 64, 1e6);
    made_measured(&run, PATTERN_STREAM, "mmap:huge=hugetlb,ring=64M,order=random", 64, 3e6);
    expect_and_free(&run, huge_belief, VERDICT_CONFIRMED, "3.00 times");
}

/* A difference of a nanosecond is nothing to a message, and half of an access. */
static void a_nanosecond_counts_in_walks(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PAGEWALK, "mmap:huge=thp,copy=no", 64 << 20, 2);
    made_measured(&run, PATTERN_PAGEWALK, "mmap:copy=no", 64 << 20, 3);
    expect_and_free(&run, huge_belief, VERDICT_CONFIRMED, "1.50 times");
}

static void it_depends_on_the_size(void **state)
{
    struct run run;
    struct findings findings;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 64, 4000);
    made_measured(&run, PATTERN_PINGPONG, "tcp", 64, 8000);
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 4096, 5000);
    made_measured(&run, PATTERN_PINGPONG, "tcp", 4096, 8000);
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 65536, 20000);
    made_measured(&run, PATTERN_PINGPONG, "tcp", 65536, 10000);
    expect(&run, unix_belief, VERDICT_UNDECIDED,
           "It depends on the size: so up to 4 KiB (2 of 2 pairs), not so from 64 KiB on (1 of 1");
    made_findings(&run, &findings);
    assert_true(belief_of(&findings, unix_belief)->depends);
    findings_free(&findings);
    /* The other way round again beyond: no longer by size, nor by pattern. */
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 1 << 20, 10000);
    made_measured(&run, PATTERN_PINGPONG, "tcp", 1 << 20, 20000);
    expect_and_free(&run, unix_belief, VERDICT_UNDECIDED,
                    "It depends: so in 3 pairs of cells, not in 1");
}

static void it_depends_on_the_pattern(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "uds-stream", 64, 4000);
    made_measured(&run, PATTERN_PINGPONG, "tcp", 64, 8000);
    made_trials(made_cell(&run, PATTERN_PINGPONG, "uds-stream", 4096),
                &(struct made){8, 5000, 0.5, 1});
    made_trials(made_cell(&run, PATTERN_PINGPONG, "tcp", 4096), &(struct made){8, 4000, 0.5, 2});
    made_measured(&run, PATTERN_STREAM, "uds-stream", 64, 1e6);
    made_measured(&run, PATTERN_STREAM, "tcp", 64, 2e6);
    expect_and_free(
        &run, unix_belief, VERDICT_UNDECIDED,
        "It depends on the pattern: so in pingpong (1 of 2 pairs), not so in stream (1 of "
        "1 pair). So: ");
}

/* One setting of three decided is no verdict on the belief. */
static void a_minority_decides_nothing(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_PINGPONG, "fifo", 64, 9000);
    made_measured(&run, PATTERN_PINGPONG, "pipe", 64, 4000);
    for (uint64_t bytes = 128; bytes <= 256; bytes *= 2) {
        made_trials(made_cell(&run, PATTERN_PINGPONG, "fifo", bytes),
                    &(struct made){8, 5000, 0.5, bytes});
        made_trials(made_cell(&run, PATTERN_PINGPONG, "pipe", bytes),
                    &(struct made){8, 4000, 0.5, bytes + 1});
    }
    expect(&run, fifo_belief, VERDICT_UNDECIDED, "less than half of the settings: 1 of 3 pairs");
    made_measured(&run, PATTERN_STREAM, "fifo", 64, 1e6);
    made_measured(&run, PATTERN_STREAM, "pipe", 64, 2e6);
    expect_and_free(&run, fifo_belief, VERDICT_CONFIRMED, "2 of 4 settings");
}

/* 24 pairs of 6 trials each: alone, none is significant after correction; all of a setting are. */
static void a_setting_counts_as_one(void **state)
{
    static const char *const cells[] = {"shm",    "shm:sync=futex", "mmap", "mmap:sync=futex",
                                        "xsi-mq", "posix-mq"};
    struct run run;
    (void)state;
    made_empty(&run);
    for (uint64_t bytes = 64; bytes <= 256; bytes *= 2) {
        for (size_t i = 0; i < 6; i++)
            made_trials(made_cell(&run, PATTERN_PINGPONG, cells[i], bytes),
                        &(struct made){6, i < 4 ? 2000 : 6000, 0.05, ++made_seed});
    }
    expect(&run, shared_belief, VERDICT_CONFIRMED, "So in 24 of 24 pairs of cells, in 3 of 3");
    /* Where one pair of a setting is the other way, its pairs stand alone again. */
    for (size_t i = 0; i < 6; i++) {
        run.cells[0].trials[i].figures.p50_ns *= 10;
        run.cells[6].trials[i].figures.p50_ns *= 10;
        run.cells[12].trials[i].figures.p50_ns *= 10;
    }
    expect_and_free(&run, shared_belief, VERDICT_UNDECIDED, "None of 24 pairs");
}

static void mapped_files(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_STREAM, "mmap:backing=file", 4096, 2e6);
    expect(&run, file_belief, VERDICT_NOT_MEASURED, "no figures of files that are read");
    made_measured(&run, PATTERN_STREAM, "file", 4096, 1e6);
    expect_and_free(&run, file_belief, VERDICT_CONFIRMED, "2.00 times");
}

/* The memory suite's cells are held against each other where block, sync and what is timed are the same. */
static void mapped_files_moved(void **state)
{
    struct run run;
    (void)state;
    made_empty(&run);
    made_measured(&run, PATTERN_MEMORY, "file-move:how=mmap", 1 << 24, 40e3);
    made_measured(&run, PATTERN_MEMORY, "file-move:block=4K", 1 << 24, 80e3);
    expect(&run, file_belief, VERDICT_NOT_MEASURED, "no two cells that are alike");
    made_measured(&run, PATTERN_MEMORY, "file-move", 1 << 24, 80e3);
    expect(&run, file_belief, VERDICT_CONFIRMED, "file-move:how=mmap is 2.00 times");
    made_measured(&run, PATTERN_MEMORY, "file-move:how=pread", 1 << 24, 20e3);
    made_measured(&run, PATTERN_MEMORY, "file-move:how=mmap,mapping=kept", 1 << 24, 10e3);
    expect_and_free(&run, file_belief, VERDICT_UNDECIDED, "so in 3 pairs of cells, not in 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confirmed),
        cmocka_unit_test(refuted),
        cmocka_unit_test(either_way_is_a_difference),
        cmocka_unit_test(undecided),
        cmocka_unit_test(too_few_trials),
        cmocka_unit_test(weak_cells_are_silent),
        cmocka_unit_test(not_measured),
        cmocka_unit_test(only_like_with_like),
        cmocka_unit_test(huge_pages),
        cmocka_unit_test(huge_pages_in_random_order),
        cmocka_unit_test(a_nanosecond_counts_in_walks),
        cmocka_unit_test(it_depends_on_the_size),
        cmocka_unit_test(it_depends_on_the_pattern),
        cmocka_unit_test(a_minority_decides_nothing),
        cmocka_unit_test(a_setting_counts_as_one),
        cmocka_unit_test(mapped_files),
        cmocka_unit_test(mapped_files_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
