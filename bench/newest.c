#include "bench/newest.h"

#include <dirent.h>
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

int newest_result(struct text *path, const char *purpose, struct error *error)
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
            (status.st_mtim.tv_sec > newest.tv_sec || (status.st_mtim.tv_sec == newest.tv_sec &&
                                                       status.st_mtim.tv_nsec >= newest.tv_nsec))) {
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
    return found >= 0 ? 0
                      : error_plain(error, "no result in " RUNS_FOLDER " %s: name one", purpose);
}
