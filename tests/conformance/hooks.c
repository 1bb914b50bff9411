/* The hooks by themselves: create and destroy in every state they may be called in, attach and
 * detach without a message between them. */
#include "conformance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "tap.h"
#include "traces.h"

enum { STATE_ALIGN_BYTES = 128, MESSAGE_BYTES = 33, DESCRIPTORS_TRIED = 8, LEFTOVER_SLOTS = 64 };

/* A channel as trial.c makes it. */
static int channel_make(struct stage *stage, const struct transport *transport, const char *options,
                        struct channel *channel, struct error *error)
{
    const size_t bytes =
        (transport->state_bytes + STATE_ALIGN_BYTES) / STATE_ALIGN_BYTES * STATE_ALIGN_BYTES;
    *channel = (struct channel){.transport = transport, .leftovers = &stage->workspace.leftovers};
    channel->message_bytes = bytes_within(transport, options, MESSAGE_BYTES);
    const int failure = options_parse(transport->options, transport->option_count, options,
                                      &channel->options, error);
    if (failure)
        return failure;
    channel->state = aligned_alloc(STATE_ALIGN_BYTES, bytes);
    if (!channel->state)
        return error_system(error, ENOMEM, "channel");
    memset(channel->state, 0, bytes);
    return 0;
}

static int create(struct channel *channel, struct error *error)
{
    return channel->transport->create ? channel->transport->create(channel, error) : 0;
}

static void destroy_twice(struct channel *channel)
{
    for (int time = 0; channel->transport->destroy && time < 2; ++time)
        channel->transport->destroy(channel);
    free(channel->state);
    channel->state = NULL;
}

static void note_refusal(int failure, const struct error *error, struct text *problems)
{
    if (failure && !error->message[0])
        text_append(problems, " create failed without a word;");
    if (failure && failure != -error->code)
        text_append(problems, " create gave %d, its error says %d;", failure, error->code);
}

static void create_and_destroy(struct stage *stage, const struct transport *transport,
                               const char *options, struct text *problems)
{
    struct channel channel;
    struct error error = {0};
    int failure = channel_make(stage, transport, options, &channel, &error);
    if (failure) {
        text_append(problems, " %s;", error.message);
        return;
    }
    failure = create(&channel, &error);
    note_refusal(failure, &error, problems);
    if (failure && !error.unavailable)
        text_append(problems, " %s;", error.message);
    destroy_twice(&channel);
}

static int lowest_free_descriptor(void)
{
    const int fd = dup(STDOUT_FILENO);
    close(fd);
    return fd;
}

/* Create runs out of descriptors after each of its steps. */
static void create_starved(struct stage *stage, const struct transport *transport,
                           const char *options, struct text *problems)
{
    struct rlimit original, starved;
    getrlimit(RLIMIT_NOFILE, &original);
    const int lowest = lowest_free_descriptor();
    for (int spare = 0; spare < DESCRIPTORS_TRIED; ++spare) {
        struct channel channel;
        struct error error = {0};
        if (channel_make(stage, transport, options, &channel, &error))
            return;
        starved = (struct rlimit){(rlim_t)(lowest + spare), original.rlim_max};
        setrlimit(RLIMIT_NOFILE, &starved);
        const int failure = create(&channel, &error);
        setrlimit(RLIMIT_NOFILE, &original);
        note_refusal(failure, &error, problems);
        destroy_twice(&channel);
    }
}

static int attach_and_detach(struct channel *channel, enum side side)
{
    fflush(stdout);
    const pid_t child = fork();
    int status = -1;
    if (child == 0) {
        struct error error = {0};
        const int failure =
            channel->transport->attach ? channel->transport->attach(channel, side, &error) : 0;
        if (!failure && channel->transport->detach)
            channel->transport->detach(channel, side);
        _exit(!failure || error.unavailable ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

static void attach_without_message(struct stage *stage, const struct transport *transport,
                                   const char *options, struct text *problems)
{
    struct channel channel;
    struct error error = {0};
    if (channel_make(stage, transport, options, &channel, &error))
        return;
    if (!create(&channel, &error)) {
        for (int side = 0; side < SIDE_COUNT; ++side) {
            const int status = attach_and_detach(&channel, (enum side)side);
            if (status)
                text_append(problems, " attach and detach of side %d ended with %#x;", side,
                            (unsigned)status);
        }
    }
    destroy_twice(&channel);
}

static void variant_test(struct stage *stage, const struct transport *transport,
                         const char *options)
{
    struct text problems = {0};
    struct traces before;
    traces_take(&before);
    create_and_destroy(stage, transport, options, &problems);
    create_starved(stage, transport, options, &problems);
    attach_without_message(stage, transport, options, &problems);
    traces_check(&before, &problems);
    traces_free(&before);
    tap_report(&problems, "%s%s%s: create, destroy twice, few descriptors, attach, detach",
               transport->name, options[0] ? ":" : "", options);
}

static bool works(const struct memory_loops *loops)
{
    return loops && loops->work;
}

static bool loops_complete(const struct loop_set *set)
{
    if (!set || !set->verify_produce || !set->verify_consume)
        return false;
    for (int touch = 0; touch < TOUCH_KINDS; ++touch) {
        if (!set->ping[touch] || !set->pong[touch] || !set->produce[touch] || !set->consume[touch])
            return false;
    }
    return true;
}

static void declaration_test(const struct transport *transport, const struct variant *variants,
                             size_t count)
{
    struct text problems = {0};
    if (transport->abi != TRANSPORT_ABI)
        text_append(&problems, " abi %u;", transport->abi);
    if (!transport->summary || text_columns(transport->summary) >= 70)
        text_append(&problems, " summary missing or over 69 columns;");
    if (transport->option_count > OPTIONS_MAX)
        text_append(&problems, " too many options;");
    for (size_t index = 0; index < count; ++index) {
        struct options options;
        struct error error = {0};
        if (options_parse(transport->options, transport->option_count, variants[index].options,
                          &options, &error))
            text_append(&problems, " %s;", error.message);
        else if ((transport->loops && !loops_complete(transport->loops(&options))) ||
                 (transport->memory_loops && !works(transport->memory_loops(&options))))
            text_append(&problems, " %s: loops missing;", variants[index].options);
    }
    tap_report(&problems, "%s: declaration", transport->name);
}

/* What is announced to the guard and never forgotten would fill its table. */
static void announcements_test(struct stage *stage, const struct transport *transport)
{
    struct leftovers *const leftovers = &stage->workspace.leftovers;
    struct text problems = {0};
    int slots[LEFTOVER_SLOTS];
    for (int index = 0; index < LEFTOVER_SLOTS; ++index)
        slots[index] =
            leftovers_announce_name(leftovers, LEFTOVER_SHM_NAME, unguessable_name().text);
    if (slots[LEFTOVER_SLOTS - 1] < 0)
        text_append(&problems, " some slots of the guard's table are taken;");
    for (int index = 0; index < LEFTOVER_SLOTS; ++index)
        leftovers_forget(leftovers, slots[index]);
    tap_report(&problems, "%s: all announcements were taken back", transport->name);
}

void hooks_test(struct stage *stage, const struct transport *transport)
{
    size_t count;
    struct variant *const variants = variants_of(transport, stage->full, &count);
    declaration_test(transport, variants, count);
    for (size_t index = 0; index < count; ++index)
        variant_test(stage, transport, variants[index].options);
    announcements_test(stage, transport);
    free(variants);
}
