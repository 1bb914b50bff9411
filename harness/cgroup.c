#include "harness/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

/* As the kernel names it: the group's path within its hierarchy, "" for the topmost group. */
struct membership {
    char path[CGROUP_PATH_BYTES];
    int version; /* of the hierarchy; 0: in none */
};

/* Is a word in "rw,cpu,cpuacct"? */
static bool list_has(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = list; *at; at += *at == ',') {
        const size_t item = strcspn(at, ",");
        if (item == length && strncmp(at, word, length) == 0)
            return true;
        at += item;
    }
    return false;
}

/* One line of /proc/self/cgroup, "4:cpu,cpuacct:/group" or "0::/group"; version 1 is preferred,
 * since a controller is in one hierarchy only and "0::" is there even where it has none. */
static void consider_membership(char *line, const char *controller, struct membership *own)
{
    char *const controllers = strchr(line, ':');
    char *const path = controllers ? strchr(controllers + 1, ':') : NULL;

    if (!path || path[1] != '/' || strncmp(path + 1, "/..", 3) == 0)
        return;
    *path = '\0';
    const int version = list_has(controllers + 1, controller) ? 1 : controllers[1] ? 0 : 2;
    if (!version || (own->version && version > own->version) ||
        strlen(path + 1) >= sizeof own->path)
        return;
    own->version = version;
    (void)snprintf(own->path, sizeof own->path, "%s", strcmp(path + 1, "/") ? path + 1 : "");
}

/* What of the group's path is left below a mount of `mount_root`; NULL: it is not below. */
static const char *path_below(const char *path, const char *mount_root)
{
    const size_t length = strcmp(mount_root, "/") ? strlen(mount_root) : 0;

    if (strncmp(path, mount_root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return path + length;
}

/* One line of /proc/self/mountinfo (proc_pid_mountinfo(5)):
 * "31 23 0:28 ROOT POINT rw,relatime shared:1 - TYPE SOURCE OPTIONS". */
static bool is_mounted_here(const char *line, const struct membership *own, const char *root,
                            const char *controller, struct cgroup *group)
{
    char mount_root[CGROUP_PATH_BYTES], point[CGROUP_PATH_BYTES];
    char type[16], options[256];
    const char *const system = strstr(line, " - ");

    if (!system || sscanf(line, "%*s %*s %*s %1023s %1023s", mount_root, point) != 2 ||
        sscanf(system, " - %15s %*s %255s", type, options) != 2)
        return false;
    const bool right = own->version == 1 ? !strcmp(type, "cgroup") && list_has(options, controller)
                                         : !strcmp(type, "cgroup2");
    const char *const below = right ? path_below(own->path, mount_root) : NULL;
    if (!below)
        return false;
    group->mount_bytes = strlen(root) + strlen(point);
    return snprintf(group->folder, sizeof group->folder, "%s%s%s", root, point, below) <
           (int)sizeof group->folder;
}

/* Reads root/name; its lines are then taken one by one with strtok_r. */
static char *read_lines(const char *root, const char *name, struct text *lines)
{
    char path[CGROUP_PATH_BYTES];

    if (snprintf(path, sizeof path, "%s%s", root, name) >= (int)sizeof path ||
        file_read(path, lines, NULL) < 0)
        return NULL;
    return lines->data;
}

bool cgroup_find(const char *root, const char *controller, struct cgroup *group)
{
    struct text cgroups = {0};
    struct text mounts = {0};
    struct membership own = {.version = 0};
    bool found = false;
    char *rest = NULL;

    char *const own_lines = read_lines(root, "/proc/self/cgroup", &cgroups);
    for (char *line = own_lines ? strtok_r(own_lines, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        consider_membership(line, controller, &own);
    char *const mount_lines =
        own.version ? read_lines(root, "/proc/self/mountinfo", &mounts) : NULL;
    for (char *line = mount_lines ? strtok_r(mount_lines, "\n", &rest) : NULL; line && !found;
         line = strtok_r(NULL, "\n", &rest))
        found = is_mounted_here(line, &own, root, controller, group);
    text_free(&cgroups);
    text_free(&mounts);
    return found;
}

bool cgroup_ascend(struct cgroup *group)
{
    char *const slash = strrchr(group->folder, '/');

    if (!slash || (size_t)(slash - group->folder) < group->mount_bytes)
        return false;
    *slash = '\0';
    return true;
}
