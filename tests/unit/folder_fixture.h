/* Removes a folder of the test's own with all that is in it. */
#ifndef IPCBENCH_TESTS_UNIT_FOLDER_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_FOLDER_FIXTURE_H

#include <ftw.h>
#include <stdio.h>

static inline int folder_remove_entry(const char *path, const struct stat *status, int type,
                                      struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static inline int folder_remove(const char *path)
{
    return nftw(path, folder_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
