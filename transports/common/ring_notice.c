#include "transports/common/ring_notice.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/free_memory.h"

static const size_t page_bytes = 4096;

int ring_notice_plan(struct channel *channel, struct ring_state *ring, enum ring_notice notice,
                     uint64_t slot_count, struct error *error)
{
    static const enum ring_sync syncs[RING_NOTICES] = {
        [RING_NOTICE_FUTEX] = RING_FUTEX,
        [RING_NOTICE_EVENTFD] = RING_EVENTFD,
        [RING_NOTICE_SPIN] = RING_SPIN,
    };
    ring->sync = syncs[notice];
    const struct ring_size size = {.message_bytes = channel->message_bytes,
                                   .slot_count = slot_count};
    const int failure = ring_plan(&ring->plan, &size, page_bytes, error);
    return failure ? failure : free_memory_check("", ring->plan.region_bytes, "slots=", error);
}

int ring_notice_create(struct channel *channel, struct ring_state *ring, struct error *error)
{
    void *header = mmap(NULL, ring->plan.slots_offset_bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (header == MAP_FAILED)
        return error_system(error, errno, "mmap");
    ring->region = header;
    const int failure = ring_create(channel, ring, error);
    obtained_number(&channel->obtained, "region_bytes", (int64_t)ring->plan.slots_offset_bytes);
    return failure;
}

void ring_notice_destroy(struct channel *channel, struct ring_state *ring)
{
    if (ring->region)
        munmap(ring->region, ring->plan.slots_offset_bytes);
    ring->region = NULL;
    ring_destroy(channel, ring);
}

size_t ring_notice_slots_bytes(const struct ring_state *ring)
{
    return 2 * ring->plan.slot_count * ring->plan.stride_bytes;
}
