#include "bench/newest.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"

#define RUNS_FOLDER "results/runs"

static int is_result(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && !strcmp(entry->d_name + length - 5, ".json");
}

static bool is_later(const struct timespec *left, const struct timespec *right)
{
    return left->tv_sec != right->tv_sec ? left->tv_sec > right->tv_sec
                                         : left->tv_nsec >= right->tv_nsec;
}

int newest_result(struct text *path, struct error *error)
{
    struct dirent **entries;
    struct stat status;
    struct timespec newest = {0};
    int found = -1;
    const int count = scandir(RUNS_FOLDER, &entries, is_result, alphasort);
    for (int index = 0; index < count; ++index) {
        struct text candidate = {0};
        text_append(&candidate, RUNS_FOLDER "/%s", entries[index]->d_name);
        if (!stat(text_string(&candidate), &status) && S_ISREG(status.st_mode) &&
            is_later(&status.st_mtim, &newest)) {
            newest = status.st_mtim;
            found = index;
        }
        text_free(&candidate);
    }
    if (found >= 0)
        text_append(path, RUNS_FOLDER "/%s", entries[found]->d_name);
    for (int index = 0; index < count; ++index)
        free(entries[index]);
    if (count >= 0)
        free(entries);
    return found >= 0 ? 0 : error_plain(error, "no result in " RUNS_FOLDER ": name one");
}
