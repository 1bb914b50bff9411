/* The journal: after a crash at any byte the trials that were whole are there, and a full disk is
 * said and leaves no half line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "results/journal.h"
#include "results/json.h"
#include "run_fixture.h"

struct place {
    char folder[48];
    char path[96];
};

static int make_place(void **state)
{
    static struct place place;

    snprintf(place.folder, sizeof place.folder, "/tmp/ipcbench-journal-XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.path, sizeof place.path, "%s/run.json.journal", place.folder);
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    const struct place *const place = *state;

    (void)unlink(place->path);
    return rmdir(place->folder);
}

/* A run of two cells before its first trial. */
static void begin(struct run *run)
{
    fixture_setting(run);
    run->cells = calloc(2, sizeof *run->cells);
    assert_non_null(run->cells);
    run->cell_count = 2;
    fixture_cell(&run->cells[0], "ping", PATTERN_PINGPONG);
    fixture_cell(&run->cells[1], "pong", PATTERN_PINGPONG);
}

static void measure(struct journal *journal, struct run_cell *cell)
{
    struct error error = {0};

    fixture_add(cell, fixture_result(PATTERN_PINGPONG, 5000, 1000));
    if (journal_append(journal, cell, &cell->trials[cell->trial_count - 1], &error) != 0)
        fail_msg("%s", error.message);
}

static void load(const char *path, struct run *run)
{
    struct error error = {0};

    if (journal_load(path, run, &error) != 0)
        fail_msg("%s", error.message);
}

static void test_a_journal_gives_the_run_back(void **state)
{
    const struct place *const place = *state;
    struct journal journal;
    struct run run, loaded;

    begin(&run);
    assert_int_equal(journal_create(&journal, place->path, &run, NULL), 0);
    measure(&journal, &run.cells[0]);
    measure(&journal, &run.cells[0]);
    run.cells[1].status = TRIAL_SKIPPED;
    run.cells[1].reason = fixture_text("over kernel.msgmax");
    run.cells[1].knob = fixture_text("sysctl kernel.msgmax=65536");
    assert_int_equal(journal_append(&journal, &run.cells[1], NULL, NULL), 0);
    journal_close(&journal, 0);

    load(place->path, &loaded);
    assert_int_equal(loaded.status, RUN_INTERRUPTED);
    assert_int_equal(loaded.cells[0].trial_count, 2);
    assert_int_equal(loaded.cells[0].status, TRIAL_OK);
    assert_int_equal(loaded.cells[1].status, TRIAL_SKIPPED);
    assert_string_equal(loaded.cells[1].reason, "over kernel.msgmax");
    assert_string_equal(loaded.cells[1].knob, "sysctl kernel.msgmax=65536");

    /* The final document is the same whether it was made from the run or from its journal. */
    struct text direct = {0}, recovered = {0};
    assert_int_equal(run_summarise(&run, NULL), 0);
    assert_int_equal(run_write_json(&run, &direct, NULL), 0);
    assert_int_equal(run_write_json(&loaded, &recovered, NULL), 0);
    assert_string_equal(text_string(&recovered), text_string(&direct));
    text_free(&direct);
    text_free(&recovered);
    run_free(&loaded);
    run_free(&run);
}

static void test_a_journal_is_never_overwritten(void **state)
{
    const struct place *const place = *state;
    struct journal journal, second;
    struct error error = {0};
    struct run run;

    begin(&run);
    assert_int_equal(journal_create(&journal, place->path, &run, NULL), 0);
    assert_int_equal(journal_create(&second, place->path, &run, &error), -EEXIST);
    assert_int_equal(error.code, EEXIST);
    assert_non_null(strstr(error.message, place->path));
    assert_non_null(strstr(error.message, "resume"));
    assert_int_equal(access(place->path, F_OK), 0);
    journal_close(&second, 1);
    assert_int_equal(access(place->path, F_OK), 0);
    journal_close(&journal, 1);
    journal_close(&journal, 1);
    assert_int_equal(access(place->path, F_OK), -1);
    run_free(&run);
}

static void test_a_cut_at_any_byte_loses_one_trial_at_most(void **state)
{
    const struct place *const place = *state;
    struct journal journal;
    struct text whole = {0};
    struct run run, loaded;

    begin(&run);
    assert_int_equal(journal_create(&journal, place->path, &run, NULL), 0);
    measure(&journal, &run.cells[0]);
    measure(&journal, &run.cells[1]);
    journal_close(&journal, 0);
    run_free(&run);
    assert_int_equal(file_read(place->path, &whole, NULL), 0);

    for (size_t length = whole.length; length > 0; length -= length > 40 ? 37 : 1) {
        size_t lines = 0;
        for (size_t i = 0; i < length; i++)
            lines += whole.data[i] == '\n';
        assert_int_equal(truncate(place->path, (off_t)length), 0);
        struct error error = {0};
        if (lines == 0) {
            assert_true(journal_load(place->path, &loaded, &error) < 0);
            assert_non_null(strstr(error.message, place->path));
            continue;
        }
        load(place->path, &loaded);
        assert_int_equal(loaded.cells[0].trial_count + loaded.cells[1].trial_count, lines - 1);
        run_free(&loaded);
    }
    text_free(&whole);
}

static void test_a_run_is_resumed_into_the_same_journal(void **state)
{
    const struct place *const place = *state;
    struct journal journal;
    struct run run, resumed;

    begin(&run);
    assert_int_equal(journal_create(&journal, place->path, &run, NULL), 0);
    measure(&journal, &run.cells[0]);
    assert_int_equal(write(journal.fd, "{\"cell\": \"pi", 12), 12);
    journal_close(&journal, 0);
    run_free(&run);

    load(place->path, &resumed);
    assert_int_equal(resumed.cells[1].status, TRIAL_INTERRUPTED);
    assert_int_equal(journal_reopen(&journal, place->path, &resumed, NULL), 0);
    measure(&journal, &resumed.cells[1]);
    journal_close(&journal, 0);
    run_free(&resumed);

    load(place->path, &resumed);
    assert_int_equal(resumed.cells[0].trial_count, 1);
    assert_int_equal(resumed.cells[1].trial_count, 1);
    assert_int_equal(resumed.cells[1].status, TRIAL_OK);
    assert_null(resumed.cells[1].reason);
    run_free(&resumed);
}

/* A limit on file sizes for a full disk: the first write is cut short, the next fails. */
static void test_a_line_that_does_not_fit_leaves_no_trace(void **state)
{
    const struct place *const place = *state;
    struct journal journal;
    struct error error = {0};
    struct rlimit limit;
    struct stat before, after;
    struct run run;

    begin(&run);
    assert_int_equal(journal_create(&journal, place->path, &run, NULL), 0);
    measure(&journal, &run.cells[0]);
    assert_int_equal(stat(place->path, &before), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit cut = {.rlim_cur = (rlim_t)before.st_size + 100,
                               .rlim_max = limit.rlim_max};
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &cut), 0);
    const int failed = journal_append(&journal, &run.cells[0], &run.cells[0].trials[0], &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)signal(SIGXFSZ, handler);

    assert_int_equal(failed, -EFBIG);
    assert_non_null(strstr(error.message, place->path));
    assert_int_equal(stat(place->path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    measure(&journal, &run.cells[1]);
    journal_close(&journal, 0);
    run_free(&run);
    load(place->path, &run);
    assert_int_equal(run.cells[1].trial_count, 1);
    run_free(&run);
}

static void test_a_full_disk_is_said(void **state)
{
    struct journal journal = {.fd = open("/dev/full", O_WRONLY | O_APPEND | O_CLOEXEC),
                              .path = fixture_text("results/runs/x.json.journal")};
    struct error error = {0};
    struct run run;
    (void)state;

    assert_true(journal.fd >= 0);
    begin(&run);
    assert_int_equal(journal_append(&journal, &run.cells[0], NULL, &error), -ENOSPC);
    assert_non_null(strstr(error.message, "results/runs/x.json.journal"));
    assert_non_null(strstr(error.message, "(ENOSPC)"));
    journal_close(&journal, 0);
    run_free(&run);
}

static void assert_load_refused(const char *path, const char *text, size_t bytes,
                                const char *expected)
{
    struct error error = {0};
    struct run run;

    assert_int_equal(file_write_atomic(path, text, bytes, &error), 0);
    assert_true(journal_load(path, &run, &error) < 0);
    assert_non_null(strstr(error.message, path));
    assert_non_null(strstr(error.message, expected));
}

static void test_damage_is_named_by_line(void **state)
{
    static const struct {
        const char *line, *expected;
    } cases[] = {
        {"{\"cell\": \"none\", \"trial\": {}}\n", "line 2: cell: \"none\" is no cell"},
        {"{\"cell\": \"ping\", \"trial\": {}}\n", "line 2: trial.round: missing"},
        {"[\n", "line 2: not a whole JSON document"},
    };
    const struct place *const place = *state;
    struct journal journal;
    struct text good = {0};
    struct run run;

    begin(&run);
    assert_int_equal(journal_create(&journal, place->path, &run, NULL), 0);
    journal_close(&journal, 0);
    run_free(&run);
    assert_int_equal(file_read(place->path, &good, NULL), 0);

    assert_load_refused(place->path, "", 0, "empty");
    assert_load_refused(place->path, "{}\n", 3, "line 1: run: missing");
    assert_load_refused(place->path, "{\"run\": {}}\n", 12, "line 1: run: schema: missing");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text bad = {0};
        text_append(&bad, "%s%s", good.data, cases[i].line);
        assert_load_refused(place->path, bad.data, bad.length, cases[i].expected);
        text_free(&bad);
    }
    good.data[good.length / 2] = '\0';
    assert_load_refused(place->path, good.data, good.length, "is NUL");
    text_free(&good);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_a_journal_gives_the_run_back),
        IN_PLACE(test_a_journal_is_never_overwritten),
        IN_PLACE(test_a_cut_at_any_byte_loses_one_trial_at_most),
        IN_PLACE(test_a_run_is_resumed_into_the_same_journal),
        IN_PLACE(test_a_line_that_does_not_fit_leaves_no_trace),
        cmocka_unit_test(test_a_full_disk_is_said),
        IN_PLACE(test_damage_is_named_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
