#include "transports/common/mapped_ring.h"

#include "base/error.h"
#include "harness/free_memory.h"

int mapped_ring_probe(const struct mapped_ring_request *request, struct error *error)
{
    const struct mapping_request mapping = {.backing = request->backing, .huge = request->huge};
    const int failure = ring_check_order(request->copy, request->order, request->batch, error);
    return failure ? failure : mapping_check_transparent(&mapping, request->use.advice, error);
}

const struct loop_set *mapped_ring_loops(const struct mapped_ring_request *request)
{
    return request->batch > 1 ? ring_batch_loops(request->sync, request->copy)
                              : ring_loops(request->sync, request->copy, request->order);
}

/* Huge TLB pages are none of the memory that is available. */
static int plan(struct channel *channel, const struct mapped_ring_request *request,
                uint64_t page_bytes, struct error *error)
{
    struct mapped_ring *state = channel->state;
    const struct ring_size size = {
        .message_bytes = channel->message_bytes,
        .slot_count = request->slot_count,
        .ring_bytes = request->ring_bytes,
        .is_walked = channel->is_walked,
    };
    const bool ordinary = request->huge == HUGE_NONE || request->huge == HUGE_THP;
    int failure = ring_plan(&state->ring.plan, &size, page_bytes, error);
    if (!failure)
        failure = ring_plan_batch(&state->ring, request->batch, page_bytes, error);
    return failure || !ordinary
               ? failure
               : free_memory_check("", state->ring.plan.region_bytes, "slots=, ring=", error);
}

int mapped_ring_create(struct channel *channel, const struct mapped_ring_request *request,
                       struct error *error)
{
    struct mapped_ring *state = channel->state;
    uint64_t page_bytes;
    state->ring.sync = request->sync;
    state->ring.order = request->order;
    int failure = mapping_page_bytes(request->huge, request->use.advice, &page_bytes, error);
    if (!failure)
        failure = plan(channel, request, page_bytes, error);
    if (failure)
        return failure;
    const struct mapping_request mapping = {
        .bytes = state->ring.plan.region_bytes,
        .page_bytes = page_bytes,
        .backing = request->backing,
        .huge = request->huge,
    };
    failure = mapping_create(&state->mapping, &mapping, channel->leftovers, error);
    if (failure)
        return failure;
    state->ring.region = state->mapping.address;
    return ring_create(channel, &state->ring, error);
}

int mapped_ring_attach(struct channel *channel, const struct mapped_ring_request *request,
                       enum side side, struct error *error)
{
    struct mapped_ring *state = channel->state;
    const int failure = mapping_attach(&state->mapping, &request->use, &channel->obtained, error);
    if (failure)
        return failure;
    /* Pages of a file are write-protected again when they are written back, and huge ones may be put
     * together later. */
    channel->prefaulted =
        request->use.populate && request->backing != MAPPING_FILE && request->huge != HUGE_THP;
    channel->region = (struct region){state->mapping.address, state->mapping.request.bytes};
    return ring_attach(channel, &state->ring, side, error);
}

void mapped_ring_destroy(struct channel *channel)
{
    struct mapped_ring *state = channel->state;
    mapping_destroy(&state->mapping);
    state->ring.region = NULL;
    ring_destroy(channel, &state->ring);
}
