#include "harness/free_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

/* The files of either version; the limits of the first are not "max" but absurdly large. */
static const struct group_files {
    const char *limit, *usage, *cache[2];
} versions[] = {
    {"memory.max", "memory.current", {"inactive_file", "active_file"}},
    {"memory.limit_in_bytes",
     "memory.usage_in_bytes",
     {"total_inactive_file", "total_active_file"}},
};

/* The number behind `key` at the beginning of a line of a file; `missing` where there is none. */
static uint64_t number_of(const char *path, const char *key, uint64_t missing)
{
    struct text lines = {0};
    uint64_t number = missing;
    const size_t length = strlen(key);

    if (file_read(path, &lines, NULL) == 0) {
        for (const char *line = lines.data; line && *line; line = strchr(line, '\n')) {
            line += *line == '\n';
            if (strncmp(line, key, length) == 0 && strchr(": \t", line[length]) && line[length]) {
                number = strtoull(line + length + 1, NULL, 10);
                break;
            }
        }
    }
    text_free(&lines);
    return number;
}

static void read_group(const char *folder, const struct group_files *files,
                       struct free_memory *group)
{
    char path[FREE_MEMORY_FILE_BYTES];
    int64_t limit, usage;

    *group = (struct free_memory){.bytes = UINT64_MAX};
    (void)snprintf(group->file, sizeof group->file, "%s/%s", folder, files->limit);
    if (file_read_number(group->file, &limit) < 0 || limit < 0)
        return;
    (void)snprintf(path, sizeof path, "%s/%s", folder, files->usage);
    if (file_read_number(path, &usage) < 0 || usage < 0)
        return;
    (void)snprintf(path, sizeof path, "%s/memory.stat", folder);
    const uint64_t cache =
        number_of(path, files->cache[0], 0) + number_of(path, files->cache[1], 0);
    const uint64_t kept = (uint64_t)usage > cache ? (uint64_t)usage - cache : 0;
    group->bytes = (uint64_t)limit > kept ? (uint64_t)limit - kept : 0;
}

void free_memory_read(const char *root, struct free_memory *free_memory)
{
    char path[FREE_MEMORY_FILE_BYTES];
    struct cgroup group;

    (void)snprintf(path, sizeof path, "%s/proc/meminfo", root);
    const uint64_t kilobytes = number_of(path, "MemAvailable", UINT64_MAX);
    *free_memory =
        (struct free_memory){.bytes = kilobytes == UINT64_MAX ? UINT64_MAX : kilobytes << 10};
    for (bool more = cgroup_find(root, "memory", &group); more; more = cgroup_ascend(&group)) {
        for (size_t version = 0; version < sizeof versions / sizeof versions[0]; version++) {
            struct free_memory here;
            read_group(group.folder, &versions[version], &here);
            if (here.bytes < free_memory->bytes)
                *free_memory = here;
        }
    }
}

int free_memory_check(const char *root, uint64_t bytes, const char *knob, struct error *error)
{
    struct free_memory available;
    char knobs[ERROR_KNOB_BYTES];

    free_memory_read(root, &available);
    if (bytes <= available.bytes)
        return 0;
    /* Rather no name of a file than half of one. */
    if (!available.file[0] ||
        snprintf(knobs, sizeof knobs, "%s, %s", knob, available.file) >= (int)sizeof knobs)
        (void)snprintf(knobs, sizeof knobs, "%s, %s", knob,
                       available.file[0] ? "a higher limit of the control group" : "free memory");
    return error_unavailable(error, knobs, "%llu bytes of memory: %llu KiB are available%s",
                             (unsigned long long)bytes, (unsigned long long)(available.bytes >> 10),
                             available.file[0] ? " to its control group" : "");
}
