/* iceoryx's router (iox-roudi), which must be running, one for the machine. The first who uses it
 * starts one of our own with a pool for messages of one size, the last one stops it: the lanes of a
 * trial share it. Where somebody else's router runs already the cell is skipped: theirs is not ours to
 * configure or to stop. Only the parent process uses this. */
#ifndef IPCBENCH_PLUGINS_ICEORYX_ROUTER_H
#define IPCBENCH_PLUGINS_ICEORYX_ROUTER_H

#include <stddef.h>

struct error;
struct leftovers;

struct router_pool {
    size_t message_bytes;
    size_t messages_per_lane; /* under way at once */
};

/* The configuration goes into a file in `folder`, which is the caller's. */
int router_use(struct leftovers *leftovers, const struct router_pool *pool, const char *folder,
               struct error *error);

/* Once for each use that succeeded. */
void router_leave(struct leftovers *leftovers);

#endif
