/* Made /proc and /sys trees below a folder of the test's own, for what takes a root path. The files
 * tests/fixtures/doctor/NAME.tree describe machines: "PATH|LINE", one for each line of a file.
 * Included after cmocka.h. */
#ifndef IPCBENCH_TESTS_UNIT_TREE_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_TREE_FIXTURE_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "folder_fixture.h"

enum { TREE_PATH_BYTES = 512 };

struct tree {
    char root[32];
};

static inline void tree_path(const struct tree *tree, const char *path, char full[TREE_PATH_BYTES])
{
    assert_true(snprintf(full, TREE_PATH_BYTES, "%s%s", tree->root, path) < TREE_PATH_BYTES);
}

/* The folders above the file are made. */
static inline FILE *tree_open(const struct tree *tree, const char *path, const char *mode)
{
    char full[TREE_PATH_BYTES];

    tree_path(tree, path, full);
    for (char *slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(full, 0700) < 0)
            assert_int_equal(errno, EEXIST);
        *slash = '/';
    }
    FILE *const file = fopen(full, mode);
    assert_non_null(file);
    return file;
}

/* Appends a line to a file (mode "a") or makes it the file's only one ("w"). */
static inline void tree_write(const struct tree *tree, const char *path, const char *line,
                              const char *mode)
{
    FILE *const file = tree_open(tree, path, mode);

    assert_true(fprintf(file, "%s\n", line) > 0);
    assert_int_equal(fclose(file), 0);
}

/* All that is in a file, as it stands. */
static inline void tree_put_text(const struct tree *tree, const char *path, const char *text)
{
    FILE *const file = tree_open(tree, path, "w");

    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void tree_put(const struct tree *tree, const char *path, const char *line)
{
    tree_write(tree, path, line, "w");
}

/* The first line of a file of the tree; "" where there is none. */
static inline void tree_get(const struct tree *tree, const char *path, char *line, int line_bytes)
{
    char full[TREE_PATH_BYTES];

    tree_path(tree, path, full);
    line[0] = '\0';
    FILE *const file = fopen(full, "r");
    if (!file)
        return;
    if (fgets(line, line_bytes, file))
        line[strcspn(line, "\n")] = '\0';
    (void)fclose(file);
}

static inline void tree_load(const struct tree *tree, const char *name)
{
    char fixture[128];
    char line[512];

    (void)snprintf(fixture, sizeof fixture, "tests/fixtures/doctor/%s.tree", name);
    FILE *const file = fopen(fixture, "r");
    if (!file) {
        fail_msg("%s: %s (tests run in the root of the repository)", fixture, strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, file)) {
        char *const bar = strchr(line, '|');
        if (line[0] == '#' || !bar)
            continue;
        *bar = '\0';
        bar[1 + strcspn(bar + 1, "\n")] = '\0';
        tree_write(tree, line, bar + 1, "a");
    }
    (void)fclose(file);
}

static inline int tree_make(struct tree *tree)
{
    (void)snprintf(tree->root, sizeof tree->root, "/tmp/ipcbench-[tree]-XXXXXX");
    return mkdtemp(tree->root) ? 0 : -errno;
}

static inline int tree_remove(const struct tree *tree)
{
    return folder_remove(tree->root);
}

/* cmocka's set-up and tear-down of tests whose *state is a struct tree. */
static inline int tree_set_up(void **state)
{
    struct tree *const tree = calloc(1, sizeof *tree);

    assert_non_null(tree);
    *state = tree;
    return tree_make(tree);
}

static inline int tree_tear_down(void **state)
{
    struct tree *const tree = *state;
    const int failed = tree_remove(tree);

    free(tree);
    return failed;
}

#endif
