/* Copy on write: the first write to pages that another process has too. The other process is forked for
 * each pass and holds them until the pass is over (page_holder.h); nothing of that is timed.
 *
 * A byte is written into each base page of a page, whatever its size: a transparent huge page may be split
 * by the first write, and only then has all of it been copied in the end. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/loops_memory.h"
#include "harness/memory.h"
#include "harness/transport.h"
#include "transports/common/memory_object.h"
#include "transports/common/page_holder.h"

enum { COW_KIND, COW_HUGE, COW_SHARED, COW_OPTION_COUNT };
enum { KIND_ANON, KIND_FILE };
enum { SHARED_YES, SHARED_NO };
enum { BEFORE_BYTE = 0xa5, AFTER_BYTE = 0x5a }; /* a file is full of the first */

static const struct option_spec cow_options[COW_OPTION_COUNT] = {
    [COW_KIND] = {.key = "kind",
                  .kind = OPTION_CHOICE,
                  .choices = "anon|file",
                  .default_value = "anon",
                  .meaning = "private memory after fork, or a private mapping of a file in TMPDIR"},
    [COW_HUGE] = {.key = "huge",
                  .kind = OPTION_CHOICE,
                  .choices = "none|hugetlb|hugetlb-1g|thp",
                  .default_value = "none",
                  .meaning = "pages asked for; an operation writes to all of one of that size"},
    [COW_SHARED] = {.key = "shared",
                    .kind = OPTION_CHOICE,
                    .choices = "yes|no",
                    .default_value = "yes",
                    .meaning =
                        "no: the other process has exited before, so that nothing is copied"},
};

struct cow_state {
    struct memory_object object;
    struct memory_view view;
    struct page_holder holder;
    bool is_shared;
};

static ALWAYS_INLINE void write_page(const struct cow_state *state, uint64_t index,
                                     unsigned char value)
{
    const size_t page_bytes = state->object.page_bytes;
    unsigned char *const page = (unsigned char *)state->view.address + index * page_bytes;
    for (size_t at = 0; at < page_bytes; at += BASE_PAGE_BYTES)
        atomic_store_explicit((_Atomic unsigned char *)(page + at), value, memory_order_relaxed);
}

static ALWAYS_INLINE int cow_write(void *opaque, uint64_t index)
{
    write_page(opaque, index, AFTER_BYTE);
    return 0;
}

static int map_file(struct cow_state *state, struct error *error)
{
    unsigned char *const address =
        mmap(NULL, state->object.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, state->object.fd, 0);
    if (address == MAP_FAILED)
        return error_system(error, errno, "mmap(MAP_PRIVATE) of a file of %zu bytes",
                            state->object.bytes);
    state->view.address = address;
    for (size_t at = 0; at < state->object.bytes; at += BASE_PAGE_BYTES)
        (void)atomic_load_explicit((_Atomic unsigned char *)(address + at), memory_order_relaxed);
    return 0;
}

static int map_anonymous(struct cow_state *state, struct error *error)
{
    const int failure = memory_object_map(&state->object, &state->view, error);
    if (failure)
        return failure;
    /* A mapping that differs from its neighbours does not merge with them: smaps speaks of it alone. */
    madvise(state->view.address, state->object.bytes, MADV_DONTDUMP);
    for (uint64_t index = 0; index < state->object.bytes / state->object.page_bytes; ++index)
        write_page(state, index, BEFORE_BYTE);
    return 0;
}

static int cow_prepare(void *opaque, struct memory_pass *pass, struct error *error)
{
    struct cow_state *const state = opaque;
    pass->operations = state->object.bytes / state->object.page_bytes;
    pass->operation_bytes = state->object.page_bytes;
    int failure =
        state->object.kind == OBJECT_FILE ? map_file(state, error) : map_anonymous(state, error);
    if (!failure)
        failure =
            page_holder_begin(&state->holder, state->view.address, state->object.bytes, error);
    if (!failure && !state->is_shared)
        page_holder_end(&state->holder);
    return failure;
}

static int cow_finish(void *opaque, struct error *error)
{
    struct cow_state *const state = opaque;
    (void)error;
    page_holder_end(&state->holder);
    if (state->view.address)
        munmap(state->view.address, state->object.bytes);
    state->view.address = NULL;
    return 0;
}

static const struct memory_operation cow_operation = {
    .prepare = cow_prepare,
    .operate = cow_write,
    .finish = cow_finish,
};
MEMORY_LOOPS(cow_loop_set, cow_operation)

static const struct memory_loops *cow_loops(const struct options *options)
{
    (void)options;
    return &cow_loop_set;
}

static struct memory_object cow_object(const struct options *options, size_t bytes)
{
    return (struct memory_object){
        .kind = options->values[COW_KIND] == KIND_FILE ? OBJECT_FILE : OBJECT_PRIVATE,
        .huge = (enum mapping_huge)options->values[COW_HUGE],
        .bytes = bytes,
    };
}

/* The copies need as much memory again. Huge TLB pages of a fork are not reserved for anybody: too few of
 * them would be a SIGBUS. */
static int cow_probe(const struct options *options, size_t bytes, struct error *error)
{
    struct memory_object object = cow_object(options, bytes);
    struct memory_object doubled = cow_object(options, 2 * bytes);
    if (options->values[COW_KIND] == KIND_FILE && options->values[COW_SHARED] == SHARED_NO)
        return error_unavailable(error, "kind=anon",
                                 "shared=no: a page of a file is copied whoever else has it");
    const int failure = memory_object_plan(&object, error);
    return failure ? failure : memory_object_plan(&doubled, error);
}

static int cow_create(struct channel *channel, struct error *error)
{
    struct cow_state *const state = channel->state;
    state->object = cow_object(&channel->options, channel->message_bytes);
    state->is_shared = channel->options.values[COW_SHARED] == SHARED_YES;
    const int failure = memory_object_plan(&state->object, error);
    return failure ? failure : memory_object_create(&state->object, channel->leftovers, error);
}

/* What smaps says is shared before the writes, and after them. Of pages of 1 GiB Linux 6.18 says either at
 * any time, copied or not: there, what the other process sees has to do. */
static int check_sharing(struct cow_state *state, struct obtained *obtained, struct error *error)
{
    struct memory_pages before, after;
    int failure = memory_pages_of(state->view.address, &before, error);
    if (failure)
        return failure;
    for (uint64_t index = 0; index < state->object.bytes / state->object.page_bytes; ++index)
        write_page(state, index, AFTER_BYTE);
    failure = memory_pages_of(state->view.address, &after, error);
    if (failure)
        return failure;
    obtained_number(obtained, "shared_bytes", (int64_t)before.shared_bytes);
    obtained_number(obtained, "copied_huge_bytes",
                    state->is_shared ? (int64_t)after.huge_bytes : 0);
    const bool knows = state->object.huge != HUGE_HUGETLB_1G;
    if (knows &&
        (before.shared_bytes != (state->is_shared ? state->object.bytes : 0) || after.shared_bytes))
        return error_plain(error,
                           "smaps shows %llu of %zu bytes shared before they were written to, and "
                           "%llu afterwards",
                           (unsigned long long)before.shared_bytes, state->object.bytes,
                           (unsigned long long)after.shared_bytes);
    if (state->is_shared && !page_holder_sees(&state->holder, BEFORE_BYTE))
        return error_plain(error, "the other process does not see what was there before%s",
                           memory_object_is_hugetlb(&state->object)
                               ? ": with too few free huge pages the kernel takes its page"
                               : "");
    return 0;
}

static int cow_attach(struct channel *channel, enum side side, struct error *error)
{
    struct cow_state *const state = channel->state;
    struct memory_pass pass;
    if (side == SIDE_RECEIVER)
        return 0;
    int failure = memory_object_fill(&state->object, error);
    if (!failure)
        failure = cow_prepare(state, &pass, error);
    if (!failure)
        failure = memory_object_check(&state->object, &state->view, &channel->obtained, error);
    if (!failure)
        failure = check_sharing(state, &channel->obtained, error);
    cow_finish(state, NULL);
    return failure;
}

static void cow_destroy(struct channel *channel)
{
    struct cow_state *const state = channel->state;
    memory_object_destroy(&state->object);
}

static int cow_limits(const struct options *options, struct message_limits *limits,
                      struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 4096, .maximum_bytes = UINT64_MAX};
    return 0;
}

static const struct operation_belief *cow_belief(const struct options *options)
{
    static const struct operation_belief
        huge = {"huge pages make copy on write cheaper per byte", "huge=none", BELIEF_CHEAPER},
        file = {"private pages of a file cost no more to copy on write than memory after fork",
                "kind=anon", BELIEF_NO_DEARER},
        copying = {"copy on write costs more than the page fault alone", "shared=no",
                   BELIEF_DEARER};
    const uint64_t *const values = options->values;
    if (values[COW_HUGE] != HUGE_NONE)
        return &huge;
    if (values[COW_KIND] == KIND_FILE)
        return &file;
    return values[COW_SHARED] == SHARED_YES ? &copying : NULL;
}

const struct transport transport_cow = {
    .abi = TRANSPORT_ABI,
    .name = "cow",
    .summary = "copy on write: the first write to a page that another process has too",
    .family = FAMILY_OPERATION,
    .options = cow_options,
    .option_count = COW_OPTION_COUNT,
    .state_bytes = sizeof(struct cow_state),
    .limits = cow_limits,
    .probe = cow_probe,
    .create = cow_create,
    .attach = cow_attach,
    .destroy = cow_destroy,
    .memory_loops = cow_loops,
    .belief = cow_belief,
};
