/* Every variant of a transport, both patterns, sizes from the smallest to the largest. */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

#include "harness/transport.h"
#include "tap.h"

enum { SIZES_MOST = 8 };

/* For all but the default options: more than any default buffer in the kernel. */
static const uint64_t large_bytes = 512 << 10;

static const size_t walk_bytes = 96 << 10;
/* Of operations on memory: one huge page. */
static const size_t region_bytes = 2 << 20;

struct sizes {
    size_t count;
    size_t bytes[SIZES_MOST];
};

static int limits_of(const struct transport *transport, const char *text,
                     struct message_limits *limits)
{
    struct options options;
    struct error error = {0};
    *limits = (struct message_limits){.minimum_bytes = 1, .maximum_bytes = UINT64_MAX};
    const int failure =
        options_parse(transport->options, transport->option_count, text, &options, &error);
    return failure || !transport->limits ? failure : transport->limits(&options, limits, &error);
}

enum pattern pattern_of(const struct transport *transport, enum pattern wanted)
{
    return transport->loops ? wanted : PATTERN_MEMORY;
}

size_t bytes_within(const struct transport *transport, const char *options, size_t wanted)
{
    struct message_limits limits;
    if (!transport->loops)
        return region_bytes;
    if (limits_of(transport, options, &limits))
        return wanted;
    if (wanted < limits.minimum_bytes)
        return (size_t)limits.minimum_bytes;
    return wanted > limits.maximum_bytes ? (size_t)limits.maximum_bytes : wanted;
}

static void add_size(struct sizes *sizes, uint64_t bytes)
{
    for (size_t index = 0; index < sizes->count; ++index) {
        if (sizes->bytes[index] == bytes)
            return;
    }
    if (sizes->count < SIZES_MOST)
        sizes->bytes[sizes->count++] = (size_t)bytes;
}

enum thoroughness {
    SIZES_ONE,
    SIZES_SOME, /* smallest, odd, large */
    SIZES_ALL,  /* 1, a little odd one, a page and the largest as well */
};

/* Where the limits cannot be told the trial will say why: one size is enough. */
static struct sizes sizes_of(const struct stage *stage, const struct transport *transport,
                             const char *options, enum thoroughness thoroughness)
{
    static const uint64_t inner[] = {1, 33, 4096, 4097};
    struct sizes sizes = {0};
    struct message_limits limits;
    if (!transport->loops) {
        add_size(&sizes, region_bytes);
        return sizes;
    }
    if (limits_of(transport, options, &limits) || thoroughness == SIZES_ONE) {
        add_size(&sizes, limits.maximum_bytes < 33 ? limits.maximum_bytes : 33);
        return sizes;
    }
    const uint64_t most = thoroughness == SIZES_ALL ? stage->largest_bytes : large_bytes;
    const uint64_t largest = limits.maximum_bytes < most ? limits.maximum_bytes : most;
    add_size(&sizes, limits.minimum_bytes);
    for (size_t index = 0; index < sizeof(inner) / sizeof(inner[0]); ++index) {
        if (inner[index] >= limits.minimum_bytes && inner[index] <= largest &&
            (thoroughness == SIZES_ALL || inner[index] == 4097))
            add_size(&sizes, inner[index]);
    }
    add_size(&sizes, largest);
    return sizes;
}

/* One byte more than the limit is refused, with the knob that would allow it. */
static void over_limit_test(struct stage *stage, const struct transport *transport)
{
    struct message_limits limits;
    if (limits_of(transport, "", &limits) || limits.maximum_bytes >= SIZE_MAX)
        return;
    const struct cell cell = {.transport = transport,
                              .options = "",
                              .pattern = PATTERN_STREAM,
                              .message_bytes = (size_t)limits.maximum_bytes + 1};
    struct trial_request request;
    struct text problems = {0};
    struct error error = {0};
    if (!limits.knob[0])
        text_append(&problems, " a limit without a knob;");
    if (cell_request(stage, &cell, &request, &error) ||
        !trial_check(&request, &stage->workspace, &error))
        text_append(&problems, " not refused;");
    else if (!error.unavailable || strcmp(error.knob, limits.knob) != 0)
        text_append(&problems, " refused by '%s', knob '%s';", error.message, error.knob);
    tap_report(&problems, "%s: %zu bytes are over the limit", transport->name, cell.message_bytes);
}

/* Over one message that stays where it is, in the loops of these options. */
static void walk_tests(struct stage *stage, const struct transport *transport, const char *text)
{
    struct options options;
    if (transport_takes(transport, PATTERN_PAGEWALK, NULL) ||
        options_parse(transport->options, transport->option_count, text, &options, NULL) ||
        !transport->loops(&options)->lend)
        return;
    for (int pattern = 0; pattern < PATTERN_COUNT; ++pattern) {
        if (pattern_walks((enum pattern)pattern))
            cell_test(stage, &(struct cell){.transport = transport,
                                            .options = text,
                                            .pattern = (enum pattern)pattern,
                                            .message_bytes = walk_bytes});
    }
}

void matrix_test(struct stage *stage, const struct transport *transport)
{
    size_t count, single_count;
    free(variants_of(transport, false, &single_count));
    struct variant *const variants = variants_of(transport, stage->full, &count);
    for (size_t index = 0; index < count; ++index) {
        const char *const options = variants[index].options;
        const bool one =
            stage->quick || index >= single_count || variant_is_of_batches(&variants[index]);
        const struct sizes sizes = sizes_of(stage, transport, options,
                                            one     ? SIZES_ONE
                                            : index ? SIZES_SOME
                                                    : SIZES_ALL);
        for (size_t size = 0; size < sizes.count; ++size) {
            /* The scheduled loops differ from the others in their stamps, not in what they exchange:
             * the smallest size, which has no room for a stamp, and with defaults the largest; of batches
             * those with the default way to wait. */
            const bool scheduled = (size == 0 && index < (stage->quick ? 1 : single_count) &&
                                    !variant_is_of_batches(&variants[index])) ||
                                   (index == 0 && !stage->quick && size + 1 == sizes.count);
            for (int pattern = 0; pattern < PATTERN_COUNT; ++pattern) {
                const bool wanted =
                    !transport_takes(transport, (enum pattern)pattern, NULL) &&
                    (!stage->privileges || pattern == PATTERN_PINGPONG ||
                     pattern == PATTERN_MEMORY) &&
                    (pattern == PATTERN_PINGPONG || pattern == PATTERN_STREAM ||
                     (pattern == PATTERN_MEMORY && size == 0) ||
                     (scheduled && pattern != PATTERN_LOAD && pattern != PATTERN_MEMORY &&
                      !pattern_walks((enum pattern)pattern)));
                if (wanted)
                    cell_test(stage, &(struct cell){.transport = transport,
                                                    .options = options,
                                                    .pattern = (enum pattern)pattern,
                                                    .message_bytes = sizes.bytes[size]});
            }
        }
    }
    for (size_t index = 0; index < (stage->quick ? 1 : count); ++index)
        walk_tests(stage, transport, variants[index].options);
    over_limit_test(stage, transport);
    free(variants);
}
