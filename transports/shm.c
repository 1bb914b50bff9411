/* Shared memory plus a way to wait: a bounded queue of slots in a POSIX, XSI or memfd segment. With
 * slots=1 and sync=sem it is the textbook pair of semaphores around one buffer. */
#include "base/error.h"
#include "harness/transport.h"
#include "transports/common/mapped_ring.h"

enum {
    SHM_BACKING,
    SHM_SYNC,
    SHM_SLOTS,
    SHM_COPY,
    SHM_RING,
    SHM_HUGE,
    SHM_ADVICE,
    SHM_ORDER,
    SHM_BATCH,
    SHM_OPTION_COUNT
};

static const enum mapping_backing backings[] = {MAPPING_POSIX, MAPPING_XSI, MAPPING_MEMFD};

static const struct option_spec shm_options[SHM_OPTION_COUNT] = {
    [SHM_BACKING] = {.key = "backing",
                     .kind = OPTION_CHOICE,
                     .choices = "posix|xsi|memfd",
                     .default_value = "posix",
                     .meaning = "shm_open, shmget or memfd_create"},
    [SHM_SYNC] = RING_SYNC_OPTION,
    [SHM_SLOTS] = {.key = "slots",
                   .kind = OPTION_COUNT,
                   .default_value = "default",
                   .minimum = 1,
                   .maximum = 1 << 24,
                   .meaning = "messages the queue holds; default: 256 KiB of them, 2 to 1024"},
    [SHM_COPY] = RING_COPY_OPTION,
    [SHM_RING] = RING_BYTES_OPTION,
    [SHM_HUGE] = {.key = "huge",
                  .kind = OPTION_CHOICE,
                  .choices = MAPPING_HUGE_CHOICES,
                  .default_value = "none",
                  .meaning = "MFD_HUGETLB, SHM_HUGETLB (or 1 GiB), or transparent huge pages"},
    [SHM_ADVICE] = {.key = "advice",
                    .kind = OPTION_CHOICE,
                    .choices = MAPPING_ADVICE_CHOICES,
                    .default_value = "none",
                    .meaning = "madvise(2) of the whole segment, in both processes"},
    [SHM_ORDER] = RING_ORDER_OPTION,
    [SHM_BATCH] = RING_BATCH_OPTION,
};

static struct mapped_ring_request shm_request(const struct options *options)
{
    const uint64_t *values = options->values;
    return (struct mapped_ring_request){
        .backing = backings[values[SHM_BACKING]],
        .huge = (enum mapping_huge)values[SHM_HUGE],
        .use = {.advice = (enum mapping_advice)values[SHM_ADVICE], .populate = true},
        .sync = (enum ring_sync)values[SHM_SYNC],
        .copy = (enum ring_copy)values[SHM_COPY],
        .order = values[SHM_ORDER],
        .batch = values[SHM_BATCH],
        .slot_count = values[SHM_SLOTS],
        .ring_bytes = values[SHM_RING],
    };
}

static const struct loop_set *shm_loops(const struct options *options)
{
    const struct mapped_ring_request request = shm_request(options);
    return mapped_ring_loops(&request);
}

static bool shm_spins(const struct options *options)
{
    return ring_sync_spins((enum ring_sync)options->values[SHM_SYNC]);
}

static int shm_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    const struct mapped_ring_request request = shm_request(options);
    (void)message_bytes;
    return mapped_ring_probe(&request, error);
}

static int shm_create(struct channel *channel, struct error *error)
{
    const struct mapped_ring_request request = shm_request(&channel->options);
    return mapped_ring_create(channel, &request, error);
}

static int shm_attach(struct channel *channel, enum side side, struct error *error)
{
    const struct mapped_ring_request request = shm_request(&channel->options);
    return mapped_ring_attach(channel, &request, side, error);
}

const struct transport transport_shm = {
    .abi = TRANSPORT_ABI,
    .name = "shm",
    .summary = "shared memory segment plus a way to wait",
    .family = FAMILY_SHARED_MEMORY,
    .options = shm_options,
    .option_count = SHM_OPTION_COUNT,
    .state_bytes = sizeof(struct mapped_ring),
    .spins = shm_spins,
    .probe = shm_probe,
    .create = shm_create,
    .attach = shm_attach,
    .loops = shm_loops,
    .destroy = mapped_ring_destroy,
};
