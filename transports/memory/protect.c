/* Protection flips: mprotect to read-only and back, page by page or the range at once. Nothing is written
 * in between: what is timed is the change of page tables, and telling other CPUs of it. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "transports/common/mapped_region.h"

enum { PROTECT_PER = REGION_OPTION_COUNT, PROTECT_OPTION_COUNT };
enum { PER_PAGE, PER_RANGE };

static const struct option_spec protect_options[PROTECT_OPTION_COUNT] = {
    [REGION_KIND] = REGION_OPTION_KIND,
    [REGION_HUGE] = REGION_OPTION_HUGE,
    [REGION_PEER] = REGION_OPTION_PEER,
    [PROTECT_PER] = {.key = "per",
                     .kind = OPTION_CHOICE,
                     .choices = "page|range",
                     .default_value = "page",
                     .meaning = "two calls for every page, or for all of them: a sample is the "
                                "mean per page"},
};

static ALWAYS_INLINE int flip(void *address, size_t bytes)
{
    return mprotect(address, bytes, PROT_READ) || mprotect(address, bytes, PROT_READ | PROT_WRITE)
               ? -errno
               : 0;
}

static ALWAYS_INLINE int protect_page(void *opaque, uint64_t index)
{
    const struct mapped_region *const region = opaque;
    return flip(mapped_region_page(region, index), region->object.page_bytes);
}

static int protect_range(void *opaque, uint64_t index)
{
    const struct mapped_region *const region = opaque;
    (void)index;
    return flip(region->view.address, region->object.bytes);
}

static int protect_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct mapped_region *const region = opaque;
    pass->operations = mapped_region_pages(region);
    pass->operation_bytes = region->object.page_bytes;
    return mapped_region_begin(region, pass->operations, error);
}

static const struct memory_operation protect_pages = {
    .prepare = protect_prepare,
    .operate = protect_page,
    .dismiss = mapped_region_dismiss,
};
static const struct memory_operation protect_ranges = {
    .prepare = protect_prepare,
    .operate = protect_range,
    .dismiss = mapped_region_dismiss,
    .is_bulk = true,
};
MEMORY_LOOPS_WITH_PEER(protect_page_loops, protect_pages, mapped_region_attend)
MEMORY_LOOPS_WITH_PEER(protect_range_loops, protect_ranges, mapped_region_attend)

static const struct memory_loops *protect_loops(const struct options *options)
{
    return options->values[PROTECT_PER] == PER_PAGE ? &protect_page_loops : &protect_range_loops;
}

static int protect_create(struct channel *channel, struct error *error)
{
    return mapped_region_create(channel->state, channel, error);
}

/* A page is writable where the kernel can write into it. */
static bool is_writable(void *page)
{
    return getrandom(page, 1, 0) == 1;
}

/* That pages become read-only and writable again is shown, not believed. */
static int check_flip(const struct mapped_region *region, bool whole, struct error *error)
{
    const size_t bytes = whole ? region->object.bytes : region->object.page_bytes;
    void *const last = mapped_region_page(region, mapped_region_pages(region) - 1);
    void *const start = whole ? region->view.address : last;
    if (mprotect(start, bytes, PROT_READ))
        return error_system(error, errno, "mprotect(PROT_READ) of %zu bytes", bytes);
    const bool protected = !is_writable(last);
    if (mprotect(start, bytes, PROT_READ | PROT_WRITE))
        return error_system(error, errno, "mprotect(PROT_READ | PROT_WRITE) of %zu bytes", bytes);
    return protected && is_writable(last)
               ? 0
               : error_plain(error, "mprotect: the last page did not become read-only and back");
}

static int protect_attach(struct channel *channel, enum side side, struct error *error)
{
    struct mapped_region *const region = channel->state;
    if (side == SIDE_RECEIVER)
        return mapped_region_attach(region, error);
    int failure = mapped_region_map(region, error);
    if (!failure)
        failure = memory_object_check(&region->object, &region->view, &channel->obtained, error);
    if (!failure)
        failure = check_flip(region, channel->options.values[PROTECT_PER] == PER_RANGE, error);
    return failure;
}

static const struct operation_belief *protect_belief(const struct options *options)
{
    static const struct operation_belief
        thread = {"a thread on another CPU makes mprotect dearer: its TLB has to be shot down",
                  "peer=idle", BELIEF_DEARER},
        process = {"another process that reads the same memory makes mprotect dearer", "peer=idle",
                   BELIEF_DEARER},
        huge = {"huge pages make mprotect cheaper per byte", "huge=none", BELIEF_CHEAPER},
        cheap = {"mprotect is cheap: page by page costs no more than the range at once",
                 "per=range", BELIEF_NO_DEARER};
    const uint64_t *const values = options->values;
    if (values[REGION_PEER] != COMPANY_IDLE)
        return values[REGION_PEER] == COMPANY_THREAD ? &thread : &process;
    if (values[REGION_HUGE] != HUGE_NONE)
        return &huge;
    return values[PROTECT_PER] == PER_PAGE ? &cheap : NULL;
}

const struct transport transport_protect = {
    .abi = TRANSPORT_ABI,
    .name = "protect",
    .summary = "mprotect to read-only and back, with others on the memory or not",
    .family = FAMILY_OPERATION,
    .options = protect_options,
    .option_count = PROTECT_OPTION_COUNT,
    .state_bytes = sizeof(struct mapped_region),
    .spins = mapped_region_spins,
    .limits = mapped_region_limits,
    .probe = mapped_region_probe,
    .create = protect_create,
    .attach = protect_attach,
    .destroy = mapped_region_destroy,
    .memory_loops = protect_loops,
    .belief = protect_belief,
};
