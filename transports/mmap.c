/* The same ring in a mapping of one's own making: what it is backed by, which pages it has, what
 * the kernel is told about its use. What was asked for is checked in smaps: a mapping that did not
 * get its huge pages is skipped, not measured. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/memory.h"
#include "harness/prefault.h"
#include "harness/transport.h"
#include "transports/common/mapping.h"
#include "transports/common/ring.h"

enum {
    MMAP_BACKING,
    MMAP_HUGE,
    MMAP_ADVICE,
    MMAP_LOCK,
    MMAP_POPULATE,
    MMAP_RING,
    MMAP_SYNC,
    MMAP_COPY,
    MMAP_BATCH,
    MMAP_OPTION_COUNT
};

static const struct option_spec mmap_options[MMAP_OPTION_COUNT] = {
    [MMAP_BACKING] = {.key = "backing",
                      .kind = OPTION_CHOICE,
                      .choices = "anon|file",
                      .default_value = "anon",
                      .meaning = "anonymous, or a file in TMPDIR (unlinked at once)"},
    [MMAP_HUGE] = {.key = "huge",
                   .kind = OPTION_CHOICE,
                   .choices = "none|hugetlb|hugetlb-1g|thp",
                   .default_value = "none",
                   .meaning = "MAP_HUGETLB (default size or 1 GiB), or transparent huge pages"},
    [MMAP_ADVICE] = {.key = "advice",
                     .kind = OPTION_CHOICE,
                     .choices = MAPPING_ADVICE_CHOICES,
                     .default_value = "none",
                     .meaning = "madvise(2) of the whole mapping, in both processes"},
    [MMAP_LOCK] = {.key = "lock",
                   .kind = OPTION_CHOICE,
                   .choices = "no|yes",
                   .default_value = "no",
                   .meaning = "mlock(2) in both processes"},
    [MMAP_POPULATE] = {.key = "populate",
                       .kind = OPTION_CHOICE,
                       .choices = "no|yes",
                       .default_value = "yes",
                       .meaning = "prefault in both processes; no: pages come on first touch"},
    [MMAP_RING] = {.key = "ring",
                   .kind = OPTION_BYTES,
                   .default_value = "default",
                   .minimum = 64,
                   .maximum = UINT64_C(1) << 40,
                   .meaning = "bytes of slots for each direction: the working set; default: 256K"},
    [MMAP_SYNC] = RING_SYNC_OPTION,
    [MMAP_COPY] = RING_COPY_OPTION,
    [MMAP_BATCH] = RING_BATCH_OPTION,
};

/* The ring first: the hot functions take the state for it. */
struct mmap_state {
    struct ring_state ring;
    struct mapping mapping;
};

static const struct loop_set *mmap_loops(const struct options *options)
{
    const enum ring_sync sync = (enum ring_sync)options->values[MMAP_SYNC];
    const enum ring_copy copy = (enum ring_copy)options->values[MMAP_COPY];
    return options->values[MMAP_BATCH] > 1 ? ring_batch_loops(sync, copy) : ring_loops(sync, copy);
}

static bool mmap_spins(const struct options *options)
{
    return ring_sync_spins((enum ring_sync)options->values[MMAP_SYNC]);
}

/* Slots that fit into ring= bytes; 0 where the ring's default applies. */
static int slots_of_ring(uint64_t ring_bytes, size_t message_bytes, uint64_t *slots,
                         struct error *error)
{
    const size_t slot_bytes =
        (message_bytes + MESSAGE_ALIGN_BYTES - 1) / MESSAGE_ALIGN_BYTES * MESSAGE_ALIGN_BYTES;
    *slots = ring_bytes / slot_bytes;
    if (ring_bytes && !*slots)
        return error_unavailable(error, "ring=", "a ring of %llu bytes holds no %zu-byte message",
                                 (unsigned long long)ring_bytes, message_bytes);
    return 0;
}

static int mmap_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    const bool transparent =
        options->values[MMAP_HUGE] == HUGE_THP || options->values[MMAP_ADVICE] == ADVICE_HUGEPAGE;
    (void)message_bytes;
    /* Collapsing works whatever the setting is; a file goes by its file system. */
    return transparent && options->values[MMAP_ADVICE] != ADVICE_COLLAPSE &&
                   options->values[MMAP_BACKING] == MAPPING_ANON
               ? mapping_check_transparent(error)
               : 0;
}

static int mmap_create(struct channel *channel, struct error *error)
{
    struct mmap_state *state = channel->state;
    const uint64_t *values = channel->options.values;
    uint64_t slots, page_bytes;
    state->ring.sync = (enum ring_sync)values[MMAP_SYNC];
    int failure = slots_of_ring(values[MMAP_RING], channel->message_bytes, &slots, error);
    if (!failure)
        failure = mapping_page_bytes((enum mapping_huge)values[MMAP_HUGE],
                                     (enum mapping_advice)values[MMAP_ADVICE], &page_bytes, error);
    if (!failure)
        failure = ring_plan(&state->ring.plan, channel->message_bytes, slots, page_bytes, error);
    if (!failure)
        failure = ring_plan_batch(&state->ring, values[MMAP_BATCH], page_bytes, error);
    const bool ordinary = values[MMAP_HUGE] == HUGE_NONE || values[MMAP_HUGE] == HUGE_THP;
    if (!failure && ordinary)
        failure = ring_check_memory(&state->ring.plan, error);
    if (failure)
        return failure;
    const struct mapping_request request = {
        .bytes = state->ring.plan.region_bytes,
        .page_bytes = page_bytes,
        .backing = (enum mapping_backing)values[MMAP_BACKING],
        .huge = (enum mapping_huge)values[MMAP_HUGE],
    };
    failure = mapping_create(&state->mapping, &request, channel->leftovers, error);
    if (failure)
        return failure;
    state->ring.region = state->mapping.address;
    return ring_create(channel, &state->ring, error);
}

static int mmap_attach(struct channel *channel, enum side side, struct error *error)
{
    struct mmap_state *state = channel->state;
    const uint64_t *values = channel->options.values;
    const struct mapping_use use = {
        .advice = (enum mapping_advice)values[MMAP_ADVICE],
        .lock = values[MMAP_LOCK] != 0,
        .populate = values[MMAP_POPULATE] != 0,
    };
    int failure = mapping_attach(&state->mapping, &use, &channel->obtained, error);
    if (failure)
        return failure;
    /* Pages of a file are write-protected again when they are written back, and huge ones may be put
     * together later. */
    channel->prefaulted =
        use.populate && values[MMAP_BACKING] == MAPPING_ANON && values[MMAP_HUGE] != HUGE_THP;
    channel->region = (struct region){state->mapping.address, state->mapping.request.bytes};
    return ring_attach(channel, &state->ring, side, error);
}

static void mmap_destroy(struct channel *channel)
{
    struct mmap_state *state = channel->state;
    mapping_destroy(&state->mapping);
    state->ring.region = NULL;
    ring_destroy(channel, &state->ring);
}

const struct transport transport_mmap = {
    .abi = TRANSPORT_ABI,
    .name = "mmap",
    .summary = "shared mapping: huge pages, madvise, mlock, any working set",
    .family = FAMILY_SHARED_MEMORY,
    .options = mmap_options,
    .option_count = MMAP_OPTION_COUNT,
    .state_bytes = sizeof(struct mmap_state),
    .spins = mmap_spins,
    .probe = mmap_probe,
    .create = mmap_create,
    .attach = mmap_attach,
    .loops = mmap_loops,
    .destroy = mmap_destroy,
};
