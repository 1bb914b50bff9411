/* The ring's header alone (ring.h), for transports whose slots lie elsewhere than in shared memory: in
 * a file, in the sender's own memory. Who may use which slot is passed on as in the ring. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_RING_NOTICE_H
#define IPCBENCH_TRANSPORTS_COMMON_RING_NOTICE_H

#include "transports/common/ring.h"

enum ring_notice { RING_NOTICE_FUTEX, RING_NOTICE_EVENTFD, RING_NOTICE_SPIN };
enum { RING_NOTICES = 3 };

#define RING_NOTICE_OPTION                                                                         \
    {                                                                                              \
        .key = "notice", .kind = OPTION_CHOICE, .choices = "futex|eventfd|spin",                   \
        .default_value = "futex", .meaning = "how a filled and a free slot are told",              \
    }
#define RING_SLOTS_OPTION                                                                          \
    {                                                                                              \
        .key = "slots", .kind = OPTION_COUNT, .default_value = "default", .minimum = 1,            \
        .maximum = 1 << 24,                                                                        \
        .meaning = "messages under way at most; default: 256 KiB of them, 2 to 1024",              \
    }

/* In create: sync, slot count and stride into ring->sync and ring->plan. Slots that are more than the
 * memory there is are unavailable. */
int ring_notice_plan(struct channel *channel, struct ring_state *ring, enum ring_notice notice,
                     uint64_t slot_count, struct error *error);

/* In create, then: the header in shared memory as ring->region, and what the notice needs. The slots'
 * addresses that ring_attach computes lie behind it and must not be touched. */
int ring_notice_create(struct channel *channel, struct ring_state *ring, struct error *error);
void ring_notice_destroy(struct channel *channel, struct ring_state *ring);

/* Of the slots of both directions together. */
size_t ring_notice_slots_bytes(const struct ring_state *ring);

#endif
