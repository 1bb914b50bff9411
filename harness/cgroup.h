/* The control groups that meter this process's CPU time, or its memory: where their files are.
 *
 *     struct cgroup group;
 *     for (bool more = cgroup_find("", "cpu", &group); more; more = cgroup_ascend(&group))
 *         ... group.folder ...                           its own group first, then those above
 *
 * The hierarchy is the version 1 one with that controller where this process is in one, else
 * version 2. Groups above the mount point (those around a container) cannot be seen. Paths are
 * taken below a root folder ("" for the machine itself), so that made trees can be read. */
#ifndef IPCBENCH_HARNESS_CGROUP_H
#define IPCBENCH_HARNESS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

enum { CGROUP_PATH_BYTES = 1024 };

struct cgroup {
    char folder[CGROUP_PATH_BYTES]; /* of the group's files, the root folder included */
    size_t mount_bytes;             /* of `folder`, the part that is the mount point */
};

/* False: there is no such hierarchy, or the group lies outside what this container sees. */
bool cgroup_find(const char *root, const char *controller, struct cgroup *group);

/* To the group above; false where there is none to be seen. */
bool cgroup_ascend(struct cgroup *group);

#endif
