/* The hooks around the transport's own. */
#include "tests/proof/wrapped.h"

#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "harness/clock.h"
#include "transports/builtin.h"
#include "transports/common/ring.h"

static const struct option_spec our_options[WRAPPED_OPTION_COUNT] = {
    [WRAPPED_DELAY] = {.key = "delay",
                       .kind = OPTION_COUNT,
                       .default_value = "0",
                       .meaning = "turns of a busy loop in each round trip"},
    [WRAPPED_STAMPS] = {.key = "stamps",
                        .kind = OPTION_CHOICE,
                        .choices = "each|batch",
                        .default_value = "each",
                        .meaning = "round trips for each clock reading"},
    [WRAPPED_STALL_AT] = {.key = "stall-at",
                          .kind = OPTION_COUNT,
                          .default_value = "0",
                          .meaning = "message before which the receiver sleeps"},
    [WRAPPED_STALL_MS] = {.key = "stall-ms",
                          .kind = OPTION_COUNT,
                          .default_value = "50",
                          .meaning = "and for how long"},
};

/* Fenced on both sides: a delay that overlaps with stores on their way to the other CPU would cost
 * nothing, or less. */
__attribute__((noinline)) void wrapped_delay(uint64_t turns)
{
    atomic_thread_fence(memory_order_seq_cst);
    for (; turns; --turns)
        __asm__ volatile("");
    atomic_thread_fence(memory_order_seq_cst);
}

/* The quickest of several, the others were interrupted. */
double wrapped_turn_ns(void)
{
    enum { ATTEMPTS = 50, TURNS = 100000 };
    uint64_t least_ns = UINT64_MAX;
    for (int attempt = 0; attempt < ATTEMPTS; ++attempt) {
        const uint64_t start_ns = clock_monotonic_ns();
        wrapped_delay(TURNS);
        const uint64_t took_ns = clock_monotonic_ns() - start_ns;
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    return (double)least_ns / TURNS;
}

static uint64_t our_value(const struct options *options, enum wrapped_option option)
{
    return options->values[options->count - WRAPPED_OPTION_COUNT + option];
}

/* The option table lies in the struct wrapped that it belongs to. */
static const struct wrapped *wrapped_of(const struct options *options)
{
    return (const struct wrapped *)((const char *)options->specs -
                                    offsetof(struct wrapped, options));
}

static uint64_t inner_choice(const struct options *options, const char *key)
{
    for (size_t index = 0; index < options->count; ++index) {
        if (!strcmp(options->specs[index].key, key))
            return options->values[index];
    }
    return 0;
}

static const struct loop_set *loops_for(const struct options *options)
{
    const bool batch = our_value(options, WRAPPED_STAMPS) != 0;
    if (wrapped_of(options)->inner->family == FAMILY_BYTE_STREAM)
        return wrapped_loops(WRAPPED_STREAM, batch);
    switch ((enum ring_sync)inner_choice(options, "sync")) {
    case RING_FUTEX:
        return wrapped_loops(WRAPPED_RING_FUTEX, batch);
    case RING_SPIN:
        return wrapped_loops(WRAPPED_RING_SPIN, batch);
    default:
        return wrapped_loops(WRAPPED_RING_SEM, batch);
    }
}

static int attach(struct channel *channel, enum side side, struct error *error)
{
    const struct options *const options = &channel->options;
    const struct transport *const inner = wrapped_of(options)->inner;
    struct wrapped_part *const part =
        (struct wrapped_part *)((char *)channel->state + WRAPPED_PART_OFFSET);
    part->delay_turns = our_value(options, WRAPPED_DELAY) / 2;
    if (side == SIDE_RECEIVER)
        part->stall_countdown = our_value(options, WRAPPED_STALL_AT);
    part->stall_ns = our_value(options, WRAPPED_STALL_MS) * 1000000;
    return inner->attach(channel, side, error);
}

int wrapped_make(struct wrapped *wrapped, const char *name, struct error *error)
{
    const struct transport *inner = NULL;
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        if (!strcmp(transports_builtin[index]->name, name))
            inner = transports_builtin[index];
    }
    if (!inner)
        return error_plain(error, "no transport '%s' in this build", name);
    if (inner->state_bytes > WRAPPED_PART_OFFSET)
        return error_plain(error, "%s: %zu bytes of state; WRAPPED_PART_OFFSET is %d", name,
                           inner->state_bytes, WRAPPED_PART_OFFSET);
    wrapped_make_of(wrapped, inner);
    return 0;
}

void wrapped_make_of(struct wrapped *wrapped, const struct transport *inner)
{
    *wrapped = (struct wrapped){.transport = *inner, .inner = inner};
    memcpy(wrapped->options, inner->options, inner->option_count * sizeof(our_options[0]));
    memcpy(wrapped->options + inner->option_count, our_options, sizeof(our_options));
    wrapped->transport.options = wrapped->options;
    wrapped->transport.option_count = inner->option_count + WRAPPED_OPTION_COUNT;
    wrapped->transport.state_bytes = WRAPPED_PART_OFFSET + sizeof(struct wrapped_part);
    wrapped->transport.attach = attach;
    wrapped->transport.loops = loops_for;
}
