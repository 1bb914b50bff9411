/* The channels of a trial, in the parent: made before fork, destroyed when everyone is gone. */
#ifndef IPCBENCH_HARNESS_CHANNELS_H
#define IPCBENCH_HARNESS_CHANNELS_H

#include <stddef.h>

struct channel;
struct error;
struct trial_request;
struct workspace;

/* One for each lane, or one for all. */
struct channels {
    size_t count;
    struct channel *items;
};

/* Close them after a failure too. */
int channels_open(struct channels *channels, const struct trial_request *request,
                  struct workspace *workspace, struct error *error);
void channels_close(struct channels *channels);

#endif
