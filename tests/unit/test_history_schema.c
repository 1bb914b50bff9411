/* The history's file: brought up to date step by step or not at all, and refused where it is no
 * history or a newer one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/history_db.h"
#include "tests/unit/history_fixture.h"

static int migrate(struct history_scene *scene, const char *const *steps, int version)
{
    const struct history_schema schema = {.steps = steps, .version = version};
    struct history history = {.path = scene->path};
    assert_int_equal(sqlite3_open(scene->path, &history.db), SQLITE_OK);
    const int failed = history_migrate(&history, &schema, &scene->error);
    assert_int_equal(sqlite3_close(history.db), SQLITE_OK);
    return failed;
}

static int query_number(struct history_scene *scene, const char *sql)
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_migrations_go_on_from_where_the_file_is,
                                        history_set_up, history_tear_down),
        cmocka_unit_test_setup_teardown(test_a_migration_that_fails_changes_nothing, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_a_newer_schema_is_refused, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_strange_files_are_refused, history_set_up,
                                        history_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
