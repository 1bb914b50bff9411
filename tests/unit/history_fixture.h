/* A run to be added to a history, and a folder of the test's own for the history's file. Included
 * after cmocka.h. */
#ifndef IPCBENCH_TESTS_UNIT_HISTORY_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_HISTORY_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/unit/run_fixture.h"

struct history_scene {
    char folder[64];
    char path[96];
    struct run run;
    struct error error;
};

static inline int history_set_up(void **state)
{
    struct history_scene *const scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    (void)snprintf(scene->folder, sizeof scene->folder, "/tmp/ipcbench-history-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    (void)snprintf(scene->path, sizeof scene->path, "%s/history.sqlite", scene->folder);
    fixture_run(&scene->run);
    *state = scene;
    return 0;
}

static inline int history_tear_down(void **state)
{
    struct history_scene *const scene = *state;
    (void)unlink(scene->path);
    assert_int_equal(rmdir(scene->folder), 0); /* nothing else is left */
    run_free(&scene->run);
    free(scene);
    return 0;
}

#endif
