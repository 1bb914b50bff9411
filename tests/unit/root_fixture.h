/* Made /proc and /sys trees below a folder of the test's own. Include after cmocka.h. */
#ifndef IPCBENCH_TESTS_ROOT_FIXTURE_H
#define IPCBENCH_TESTS_ROOT_FIXTURE_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct root {
    char path[32];
};

/* cmocka's set-up and tear-down: *state is a struct root. */
static inline int root_make(void **state)
{
    struct root *const root = calloc(1, sizeof *root);

    assert_non_null(root);
    (void)snprintf(root->path, sizeof root->path, "/tmp/ipcbench-root-XXXXXX");
    assert_non_null(mkdtemp(root->path));
    *state = root;
    return 0;
}

static inline int root_remove_entry(const char *path, const struct stat *status, int type,
                                    struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static inline int root_remove(void **state)
{
    struct root *const root = *state;
    const int failed = nftw(root->path, root_remove_entry, 8, FTW_DEPTH | FTW_PHYS);

    free(root);
    return failed;
}

/* Writes root/<name> ("/proc/stat"), in place where it exists, folders included. */
static inline void root_put(const struct root *root, const char *name, const char *text)
{
    char path[512];

    assert_true(snprintf(path, sizeof path, "%s%s", root->path, name) < (int)sizeof path);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) < 0)
            assert_int_equal(errno, EEXIST);
        *slash = '/';
    }
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

#endif
