/* The history: what was added is what is read, once, in the order of time, machine by machine. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/error.h"
#include "harness/machine.h"
#include "results/fingerprint.h"
#include "results/history_changes.h"
#include "results/history_db.h"
#include "tests/unit/run_fixture.h"

struct scene {
    char folder[64];
    char path[96];
    struct run run;
    struct error error;
};

static int set_up(void **state)
{
    struct scene *const scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    (void)snprintf(scene->folder, sizeof scene->folder, "/tmp/ipcbench-history-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    (void)snprintf(scene->path, sizeof scene->path, "%s/history.sqlite", scene->folder);
    fixture_run(&scene->run);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *const scene = *state;
    (void)unlink(scene->path);
    assert_int_equal(rmdir(scene->folder), 0); /* nothing else is left */
    run_free(&scene->run);
    free(scene);
    return 0;
}

static struct history *opened(struct scene *scene)
{
    struct history *history;
    if (history_open(scene->path, HISTORY_WRITE, &history, &scene->error) != 0)
        fail_msg("%s", scene->error.message);
    return history;
}

static void start_at(struct run *run, const char *time)
{
    free(run->started_at);
    run->started_at = fixture_text(time);
}

static enum history_added add(struct history *history, struct scene *scene)
{
    enum history_added added;
    if (history_add(history, &scene->run, &added, &scene->error) != 0)
        fail_msg("%s", scene->error.message);
    return added;
}

static struct history_list find(struct history *history, const struct history_query *query)
{
    struct error error = {0};
    struct history_list list;
    if (history_find(history, query, &list, &error) != 0)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < list.count; i++) {
        if (history_points(history, query, &list.series[i], &error) != 0)
            fail_msg("%s", error.message);
    }
    return list;
}

static struct history_size size_of(struct history *history)
{
    struct history_size size;
    assert_int_equal(history_size(history, &size, NULL), 0);
    return size;
}

/* Cells of one pair alone: the fixture's crews have figures of the same kinds. */
static const regex_t *of_one_pair(void)
{
    static regex_t filter;
    static bool made;

    if (!made)
        assert_int_equal(regcomp(&filter, "/6[0-9]$", REG_EXTENDED | REG_NOSUB), 0);
    made = true;
    return &filter;
}

static void test_what_is_added_is_read(void **state)
{
    struct scene *const scene = *state;
    const struct run_cell *const cell = &scene->run.cells[FIXTURE_PINGPONG];
    struct history *history = opened(scene);
    assert_int_equal(add(history, scene), HISTORY_NEW);
    history_close(history);

    history = opened(scene);
    const struct history_query query = {.filter = of_one_pair(), .metrics = ~0U, .trials = true};
    struct history_list list = find(history, &query);
    assert_int_equal(list.count, 4); /* p50, p99, rate of the one, rate of the other */
    static const enum history_metric metrics[] = {HISTORY_P50, HISTORY_P99, HISTORY_RATE,
                                                  HISTORY_RATE};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(list.series[i].cell, i < 3 ? "pingpong/pipe/64" : "stream/pipe/64");
        assert_int_equal(list.series[i].metric, metrics[i]);
        assert_int_equal(list.series[i].runs, 1);
        assert_int_equal(list.series[i].point_count, 1);
    }
    const struct history_point *const point = &list.series[0].points[0];
    assert_true(point->value == cell->summary.p50_ns && point->low == cell->summary.p50_low_ns &&
                point->high == cell->summary.p50_high_ns);
    assert_int_equal(point->trials, 3); /* the failed one is none */
    for (size_t i = 0; i < 3; i++)
        assert_true(point->trial_values[i] == cell->trials[i].figures.p50_ns);
    assert_string_equal(date_time(point->started_at_s).text, scene->run.started_at);
    assert_string_equal(point->version, "0.1");
    assert_string_equal(point->commit, ""); /* the fixture's machine does not tell */
    const struct history_point *const tail = &list.series[1].points[0];
    assert_true(tail->low <= tail->value && tail->value <= tail->high);
    history_list_free(&list);
    history_close(history);
}

static void test_the_main_metric_alone(void **state)
{
    struct scene *const scene = *state;
    struct history *const history = opened(scene);
    (void)add(history, scene);
    const struct history_query query = {.filter = of_one_pair()};
    struct history_list list = find(history, &query);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.series[0].metric, HISTORY_P50);
    assert_int_equal(list.series[1].metric, HISTORY_RATE);
    assert_null(list.series[0].points[0].trial_values);
    history_list_free(&list);
    history_close(history);
}

static void test_a_run_counts_once(void **state)
{
    struct scene *const scene = *state;
    struct history *const history = opened(scene);
    assert_int_equal(add(history, scene), HISTORY_NEW);
    assert_int_equal(add(history, scene), HISTORY_KNOWN);
    assert_int_equal(size_of(history).runs, 1);

    scene->run.request.seed--;
    assert_int_equal(add(history, scene), HISTORY_NEW);
    scene->run.cells[0].trials[0].result.elapsed_ns *= 2; /* another machine, the same second */
    assert_int_equal(add(history, scene), HISTORY_NEW);
    assert_int_equal(size_of(history).runs, 3);
    history_close(history);
}

static void test_a_resumed_run_replaces_its_beginning(void **state)
{
    struct scene *const scene = *state;
    struct history *const history = opened(scene);
    (void)add(history, scene);
    fixture_add(&scene->run.cells[FIXTURE_LATER], fixture_result(PATTERN_STREAM, 9, 1000));
    fixture_add(&scene->run.cells[FIXTURE_STREAM], fixture_result(PATTERN_STREAM, 9, 1000));
    assert_int_equal(run_summarise(&scene->run, NULL), 0);
    assert_int_equal(add(history, scene), HISTORY_EXTENDED);
    assert_int_equal(add(history, scene), HISTORY_KNOWN);
    assert_int_equal(size_of(history).runs, 1);

    const struct history_query query = {.filter = of_one_pair()};
    struct history_list list = find(history, &query);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.series[1].point_count, 1);
    assert_int_equal(list.series[1].points[0].trials, 2);
    history_list_free(&list);

    /* The shorter file again: no way back. */
    struct run_cell *const cell = &scene->run.cells[FIXTURE_LATER];
    cell->summary.trials = 0;
    assert_int_equal(add(history, scene), HISTORY_KNOWN);
    history_close(history);
}

/* Whatever the order of adding. */
static void test_points_are_in_the_order_of_time(void **state)
{
    struct scene *const scene = *state;
    static const char *const times[] = {"2025-03-01T00:00:00Z", "2025-01-01T00:00:00Z",
                                        "2025-02-01T00:00:00Z", "2024-12-31T23:59:59Z"};
    struct history *const history = opened(scene);
    for (size_t i = 0; i < 4; i++) {
        start_at(&scene->run, times[i]);
        (void)add(history, scene);
    }
    struct history_query query = {0};
    struct history_list list = find(history, &query);
    assert_int_equal(list.series[0].point_count, 4);
    for (size_t i = 1; i < 4; i++)
        assert_true(list.series[0].points[i - 1].started_at_s <
                    list.series[0].points[i].started_at_s);
    history_list_free(&list);

    query.last = 2; /* the latest, still oldest first */
    list = find(history, &query);
    assert_int_equal(list.series[0].runs, 4);
    assert_int_equal(list.series[0].point_count, 2);
    assert_string_equal(date_time(list.series[0].points[1].started_at_s).text, times[0]);
    history_list_free(&list);

    query = (struct history_query){0};
    assert_int_equal(date_parse("2025-01-01", &query.since_s, NULL), 0);
    list = find(history, &query);
    assert_int_equal(list.series[0].runs, 3);
    assert_int_equal(list.series[0].first_at_s, query.since_s);
    history_list_free(&list);

    assert_int_equal(date_parse("2026-01-01", &query.since_s, NULL), 0);
    list = find(history, &query);
    assert_int_equal(list.count, 0);
    history_list_free(&list);
    history_close(history);
}

static void test_machines_are_kept_apart(void **state)
{
    struct scene *const scene = *state;
    struct history *const history = opened(scene);
    (void)add(history, scene);
    const uint64_t first = fingerprint_of(&scene->run.machine);
    free(scene->run.machine.facts[0].text);
    scene->run.machine.facts[0].text = fixture_text("Another CPU");
    (void)add(history, scene);
    start_at(&scene->run, "2025-03-01T00:00:00Z");
    (void)add(history, scene);

    struct history_query query = {.cell = "pingpong/pipe/64"};
    struct history_list list = find(history, &query);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.series[0].runs, 2); /* most runs first */
    assert_true(list.series[1].fingerprint == first);
    assert_string_equal(list.series[0].machine, "Another CPU");
    history_list_free(&list);

    const struct fingerprint_text name = fingerprint_text(first);
    query.machine = name.text;
    list = find(history, &query);
    assert_int_equal(list.count, 1);
    assert_true(list.series[0].fingerprint == first);
    history_list_free(&list);
    history_close(history);
}

static void test_what_is_not_committed_is_gone(void **state)
{
    struct scene *const scene = *state;
    struct history *history = opened(scene);
    assert_int_equal(history_begin(history, NULL), 0);
    (void)add(history, scene);
    history_close(history);
    history = opened(scene);
    assert_int_equal(size_of(history).runs, 0);
    assert_int_equal(history_begin(history, NULL), 0);
    (void)add(history, scene);
    assert_int_equal(history_commit(history, NULL), 0);
    history_close(history);
    history = opened(scene);
    assert_int_equal(size_of(history).runs, 1);
    history_close(history);
}

static void test_a_run_that_cannot_be_added(void **state)
{
    struct scene *const scene = *state;
    enum history_added added;
    struct history *const history = opened(scene);
    start_at(&scene->run, "yesterday");
    assert_int_not_equal(history_add(history, &scene->run, &added, &scene->error), 0);
    assert_string_equal(scene->error.message, "started_at: 'yesterday' is no date: 2026-01-31 or "
                                              "2026-01-31T12:00:00Z (UTC)");
    for (size_t i = 0; i < scene->run.cell_count; i++)
        scene->run.cells[i].summary.trials = 0;
    assert_int_not_equal(history_add(history, &scene->run, &added, &scene->error), 0);
    assert_string_equal(scene->error.message, "no cell has a figure: nothing to add");
    assert_int_equal(size_of(history).runs, 0);
    history_close(history);
}

/* --- schemas ----------------------------------------------------------------------------------- */

static int migrate(struct scene *scene, const char *const *steps, int version)
{
    const struct history_schema schema = {.steps = steps, .version = version};
    struct history history = {.path = scene->path};
    assert_int_equal(sqlite3_open(scene->path, &history.db), SQLITE_OK);
    const int failed = history_migrate(&history, &schema, &scene->error);
    assert_int_equal(sqlite3_close(history.db), SQLITE_OK);
    return failed;
}

static int query_number(struct scene *scene, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const int number = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return number;
}

static void test_migrations_go_on_from_where_the_file_is(void **state)
{
    struct scene *const scene = *state;
    static const char *const steps[] = {
        "CREATE TABLE thing (a); INSERT INTO thing VALUES (7);",
        "ALTER TABLE thing ADD COLUMN b DEFAULT 3;",
        "UPDATE thing SET a = a + b;",
    };
    assert_int_equal(migrate(scene, steps, 1), 0);
    assert_int_equal(query_number(scene, "PRAGMA user_version"), 1);
    assert_int_equal(migrate(scene, steps, 3), 0);
    assert_int_equal(query_number(scene, "PRAGMA user_version"), 3);
    assert_int_equal(query_number(scene, "SELECT a FROM thing"), 10);
    assert_int_equal(migrate(scene, steps, 3), 0); /* nothing to do */
    assert_int_equal(query_number(scene, "SELECT a FROM thing"), 10);
}

static void test_a_migration_that_fails_changes_nothing(void **state)
{
    struct scene *const scene = *state;
    static const char *const steps[] = {
        "CREATE TABLE thing (a); INSERT INTO thing VALUES (7);",
        "UPDATE thing SET a = 8; DROP TABLE thing;",
        "SELECT no_such_column FROM nowhere;",
    };
    assert_int_equal(migrate(scene, steps, 1), 0);
    assert_int_not_equal(migrate(scene, steps, 3), 0);
    assert_int_equal(query_number(scene, "PRAGMA user_version"), 1);
    assert_int_equal(query_number(scene, "SELECT a FROM thing"), 7);
}

static void test_a_newer_schema_is_refused(void **state)
{
    struct scene *const scene = *state;
    static const char *const steps[] = {"CREATE TABLE one (a);", "CREATE TABLE two (a);",
                                        "CREATE TABLE three (a);"};
    struct history *history;
    assert_int_equal(migrate(scene, steps, 3), 0);
    assert_int_not_equal(history_open(scene->path, HISTORY_READ, &history, &scene->error), 0);
    assert_non_null(strstr(scene->error.message, "schema version 3 is newer than this ipcbench"));
    assert_null(history);
}

static void test_strange_files_are_refused(void **state)
{
    struct scene *const scene = *state;
    struct history *history;
    assert_int_not_equal(history_open(scene->path, HISTORY_READ, &history, &scene->error), 0);
    assert_non_null(strstr(scene->error.message, "there is none yet"));

    sqlite3 *db;
    assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE recipe (a)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_not_equal(history_open(scene->path, HISTORY_WRITE, &history, &scene->error), 0);
    assert_non_null(strstr(scene->error.message, "not one of ipcbench"));

    FILE *const file = fopen(scene->path, "w");
    assert_non_null(file);
    (void)fputs(
        "{\"schema\": \"ipcbench-result/1\"} and so on and so on, a hundred bytes and more\n"
        "of what is no database at all, as somebody might pass who mixed up two files\n",
        file);
    assert_int_equal(fclose(file), 0);
    assert_int_not_equal(history_open(scene->path, HISTORY_WRITE, &history, &scene->error), 0);
    assert_non_null(strstr(scene->error.message, "not a database"));
    assert_int_not_equal(history_open(scene->folder, HISTORY_WRITE, &history, &scene->error), 0);
    assert_non_null(strstr(scene->error.message, "not a file"));
}

/* --- changes ----------------------------------------------------------------------------------- */

static void test_a_change_says_what_and_where(void **state)
{
    (void)state;
    enum { POINTS = 40, AT = 25 };
    struct history_point points[POINTS] = {0};
    struct history_series series = {
        .cell = "cell", .metric = HISTORY_P50, .points = points, .point_count = POINTS};
    const struct changes_rule rule = changes_rule_default();
    struct history_changes changes = {0};
    for (size_t i = 0; i < POINTS; i++) {
        points[i].value = (i < AT ? 100 : 120) * (1 + 0.001 * (double)(i % 7));
        points[i].started_at_s = (int64_t)i;
        (void)snprintf(points[i].commit, sizeof points[i].commit, "c%zu", i);
    }
    assert_int_equal(history_changes_append(&series, &rule, &changes, NULL), 0);
    assert_int_equal(changes.count, 1);
    const struct history_change *const change = &changes.items[0];
    assert_string_equal(change->before_run.commit, "c24");
    assert_string_equal(change->after_run.commit, "c25");
    assert_near(change->ratio.value, 1.2, 0.005);
    assert_true(change->ratio.low <= 1.2 && change->ratio.high >= 1.2);
    assert_near(change->before.median, 100.3, 0.1);
    assert_near(change->after.median, 120.36, 0.12);
    assert_int_equal(change->before.runs, AT);
    assert_int_equal(change->after.runs, POINTS - AT);
    assert_true(change->worse);

    series.metric = HISTORY_RATE; /* more of it is better */
    assert_int_equal(history_changes_append(&series, &rule, &changes, NULL), 0);
    assert_int_equal(changes.count, 2);
    assert_false(changes.items[1].worse);
    history_changes_free(&changes);
}

/* --- fingerprints ------------------------------------------------------------------------------ */

static void test_fingerprints(void **state)
{
    struct scene *const scene = *state;
    struct machine *const machine = &scene->run.machine;
    const uint64_t before = fingerprint_of(machine);
    machine->facts[2].number--; /* limits: not part of it */
    assert_true(fingerprint_of(machine) == before);
    free(machine->facts[0].text);
    machine->facts[0].text = fixture_text("Another CPU");
    assert_true(fingerprint_of(machine) != before);
    /* FNV-1a's own test vector */
    assert_string_equal(fingerprint_text(fingerprint_add(FINGERPRINT_START, "foobar", 6)).text,
                        "85944171f73967e8");
    assert_non_null(fingerprint_fact_at(0));
    assert_null(fingerprint_fact_at(1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_added_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_main_metric_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_resumed_run_replaces_its_beginning, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_points_are_in_the_order_of_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_machines_are_kept_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_committed_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_that_cannot_be_added, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_migrations_go_on_from_where_the_file_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_migration_that_fails_changes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_newer_schema_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strange_files_are_refused, set_up, tear_down),
        cmocka_unit_test(test_a_change_says_what_and_where),
        cmocka_unit_test_setup_teardown(test_fingerprints, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
