/* A ring (ring.h) in a mapping (mapping.h): what the shm and mmap transports are, each with options of
 * its own. What was asked for is checked in smaps: a ring that did not get its pages is skipped, not
 * measured. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_MAPPED_RING_H
#define IPCBENCH_TRANSPORTS_COMMON_MAPPED_RING_H

#include "transports/common/mapping.h"
#include "transports/common/ring.h"

/* The ring first: the hot functions take the state for it. */
struct mapped_ring {
    struct ring_state ring;
    struct mapping mapping;
};

/* What the options say. */
struct mapped_ring_request {
    enum mapping_backing backing;
    enum mapping_huge huge;
    struct mapping_use use;
    enum ring_sync sync;
    enum ring_copy copy;
    uint64_t order;      /* as the option has it */
    uint64_t batch;      /* slots handed over at once; 1: each by itself */
    uint64_t slot_count; /* 0: by ring_bytes, or the default */
    uint64_t ring_bytes; /* 0: by slot_count, or the default */
};

/* The hooks; the state is a struct mapped_ring. */
int mapped_ring_probe(const struct mapped_ring_request *request, struct error *error);
const struct loop_set *mapped_ring_loops(const struct mapped_ring_request *request);
int mapped_ring_create(struct channel *channel, const struct mapped_ring_request *request,
                       struct error *error);
int mapped_ring_attach(struct channel *channel, const struct mapped_ring_request *request,
                       enum side side, struct error *error);
void mapped_ring_destroy(struct channel *channel);

#endif
