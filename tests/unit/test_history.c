/* The history: what was added is what is read, once, in the order of time, machine by machine. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/error.h"
#include "results/fingerprint.h"
#include "results/history.h"
#include "tests/unit/history_fixture.h"

static struct history *opened(struct history_scene *scene)
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

static enum history_added add(struct history *history, struct history_scene *scene)
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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
    struct history_scene *const scene = *state;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_added_is_read, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_the_main_metric_alone, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_counts_once, history_set_up, history_tear_down),
        cmocka_unit_test_setup_teardown(test_a_resumed_run_replaces_its_beginning, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_points_are_in_the_order_of_time, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_machines_are_kept_apart, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_committed_is_gone, history_set_up,
                                        history_tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_that_cannot_be_added, history_set_up,
                                        history_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
