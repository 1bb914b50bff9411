/* The same ring in a mapping of one's own making: what it is backed by, which pages it has, what
 * the kernel is told about its use. What was asked for is checked in smaps: a mapping that did not
 * get its huge pages is skipped, not measured. */
#include "base/error.h"
#include "harness/transport.h"
#include "transports/common/mapped_ring.h"

enum {
    MMAP_BACKING,
    MMAP_HUGE,
    MMAP_ADVICE,
    MMAP_LOCK,
    MMAP_POPULATE,
    MMAP_RING,
    MMAP_SYNC,
    MMAP_COPY,
    MMAP_ORDER,
    MMAP_BATCH,
    MMAP_OPTION_COUNT
};

static const struct option_spec mmap_options[MMAP_OPTION_COUNT] = {
    [MMAP_BACKING] = {.key = "backing",
                      .kind = OPTION_CHOICE,
                      .choices = "anon|file",
                      .default_value = "anon",
                      .meaning = "anonymous; a file without a name in TMPDIR, or on hugetlbfs"},
    [MMAP_HUGE] = {.key = "huge",
                   .kind = OPTION_CHOICE,
                   .choices = MAPPING_HUGE_CHOICES,
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
    [MMAP_RING] = RING_BYTES_OPTION,
    [MMAP_SYNC] = RING_SYNC_OPTION,
    [MMAP_COPY] = RING_COPY_OPTION,
    [MMAP_ORDER] = RING_ORDER_OPTION,
    [MMAP_BATCH] = RING_BATCH_OPTION,
};

static struct mapped_ring_request mmap_request(const struct options *options)
{
    const uint64_t *values = options->values;
    return (struct mapped_ring_request){
        .backing = (enum mapping_backing)values[MMAP_BACKING],
        .huge = (enum mapping_huge)values[MMAP_HUGE],
        .use = {.advice = (enum mapping_advice)values[MMAP_ADVICE],
                .lock = values[MMAP_LOCK] != 0,
                .populate = values[MMAP_POPULATE] != 0},
        .sync = (enum ring_sync)values[MMAP_SYNC],
        .copy = (enum ring_copy)values[MMAP_COPY],
        .order = values[MMAP_ORDER],
        .batch = values[MMAP_BATCH],
        .ring_bytes = values[MMAP_RING],
    };
}

static const struct loop_set *mmap_loops(const struct options *options)
{
    const struct mapped_ring_request request = mmap_request(options);
    return mapped_ring_loops(&request);
}

static bool mmap_spins(const struct options *options)
{
    return ring_sync_spins((enum ring_sync)options->values[MMAP_SYNC]);
}

static int mmap_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    const struct mapped_ring_request request = mmap_request(options);
    (void)message_bytes;
    return mapped_ring_probe(&request, error);
}

static int mmap_create(struct channel *channel, struct error *error)
{
    const struct mapped_ring_request request = mmap_request(&channel->options);
    return mapped_ring_create(channel, &request, error);
}

static int mmap_attach(struct channel *channel, enum side side, struct error *error)
{
    const struct mapped_ring_request request = mmap_request(&channel->options);
    return mapped_ring_attach(channel, &request, side, error);
}

const struct transport transport_mmap = {
    .abi = TRANSPORT_ABI,
    .name = "mmap",
    .summary = "shared mapping: huge pages, madvise, mlock, any working set",
    .family = FAMILY_SHARED_MEMORY,
    .options = mmap_options,
    .option_count = MMAP_OPTION_COUNT,
    .state_bytes = sizeof(struct mapped_ring),
    .spins = mmap_spins,
    .probe = mmap_probe,
    .create = mmap_create,
    .attach = mmap_attach,
    .loops = mmap_loops,
    .destroy = mapped_ring_destroy,
};
