/* iceoryx through its C binding: shared memory with a publisher and a subscriber for each direction,
 * to be held against the bare ring of `shm`.
 *
 * A publisher drops what it publishes before somebody has subscribed. The router connects the two only
 * after the receiver has attached, so each side waits for that before its first message.
 *
 * A client has a socket and a lock in /tmp under the name that it gives itself; that name may have
 * slashes, so they lie in our private folder. */
#include <errno.h>
#include <iceoryx_binding_c/log.h>
#include <iceoryx_binding_c/publisher.h>
#include <iceoryx_binding_c/runtime.h>
#include <iceoryx_binding_c/subscriber.h>
#include <iceoryx_binding_c/wait_set.h>
#include <ipcbench/plugin.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "iceoryx/router.h"

enum { ICEORYX_COPY, ICEORYX_WAIT, ICEORYX_QUEUE, ICEORYX_OPTION_COUNT };
enum { COPY_NO, COPY_YES };
enum { ICEORYX_WAIT_BLOCK, ICEORYX_WAIT_SPIN };

static const struct option_spec iceoryx_options[ICEORYX_OPTION_COUNT] = {
    [ICEORYX_COPY] = {.key = "copy",
                      .kind = OPTION_CHOICE,
                      .choices = "no|yes",
                      .default_value = "no",
                      .meaning = "write and read in the loaned chunk, or copy into and out of it"},
    [ICEORYX_WAIT] = {.key = "wait",
                      .kind = OPTION_CHOICE,
                      .choices = "block|spin",
                      .default_value = "block",
                      .meaning = "the receiver sleeps in a wait set, or asks again at once"},
    [ICEORYX_QUEUE] = {.key = "queue",
                       .kind = OPTION_COUNT,
                       .default_value = "16",
                       .minimum = 1,
                       .maximum = 256,
                       .meaning = "messages that a subscriber queues; then the publisher waits"},
};

struct iceoryx {
    struct wait_meter meter;
    iox_pub_t out;
    iox_sub_t in;
    iox_ws_t waiting;
    bool connected; /* somebody has subscribed to `out` */
    bool spins;
    bool uses_router;
    iox_pub_storage_t out_storage;
    iox_sub_storage_t in_storage;
    iox_ws_storage_t waiting_storage;
    struct private_folder folder;
};

/* --- the loops ----------------------------------------------------------------------------------- */

static int wait_for_subscriber(struct iceoryx *iceoryx)
{
    static const struct timespec pause = {.tv_nsec = 1000000};
    enum { PAUSES = 5000 };
    for (int count = 0; count < PAUSES; ++count) {
        iceoryx->connected = iox_pub_has_subscribers(iceoryx->out);
        if (iceoryx->connected)
            return 0;
        nanosleep(&pause, NULL);
    }
    return -ETIMEDOUT;
}

static ALWAYS_INLINE int iceoryx_reserve(void *state, unsigned char *own, size_t bytes,
                                         unsigned char **slot)
{
    struct iceoryx *const iceoryx = state;
    void *chunk = NULL;
    (void)own;
    if (UNLIKELY(!iceoryx->connected)) {
        const int failure = wait_for_subscriber(iceoryx);
        if (failure)
            return failure;
    }
    if (iox_pub_loan_aligned_chunk(iceoryx->out, &chunk, (uint32_t)bytes, MESSAGE_ALIGN_BYTES) !=
        AllocationResult_SUCCESS)
        return -ENOBUFS;
    *slot = chunk;
    return 0;
}

static ALWAYS_INLINE int iceoryx_commit(void *state, unsigned char *slot, size_t bytes)
{
    (void)bytes;
    iox_pub_publish_chunk(((struct iceoryx *)state)->out, slot);
    return 0;
}

static int take(struct iceoryx *iceoryx, const void **chunk)
{
    const enum iox_ChunkReceiveResult result = iox_sub_take_chunk(iceoryx->in, chunk);
    return result == ChunkReceiveResult_SUCCESS              ? 0
           : result == ChunkReceiveResult_NO_CHUNK_AVAILABLE ? -EAGAIN
                                                             : -EIO;
}

static ALWAYS_INLINE int iceoryx_acquire(void *state, unsigned char *own, size_t bytes,
                                         unsigned char **message)
{
    struct iceoryx *const iceoryx = state;
    const void *chunk = NULL;
    (void)own, (void)bytes;
    int result = take(iceoryx, &chunk);
    if (result == -EAGAIN && iceoryx->spins)
        WAIT_SPIN_UNTIL(&iceoryx->meter, (result = take(iceoryx, &chunk)) != -EAGAIN);
    while (UNLIKELY(result == -EAGAIN)) {
        iox_notification_info_t notification;
        uint64_t missed;
        iox_ws_wait(iceoryx->waiting, &notification, 1, &missed);
        result = take(iceoryx, &chunk);
    }
    *message = (unsigned char *)(uintptr_t)chunk;
    return result;
}

static ALWAYS_INLINE int iceoryx_release(void *state, unsigned char *message, size_t bytes)
{
    (void)bytes;
    iox_sub_release_chunk(((struct iceoryx *)state)->in, message);
    return 0;
}

static const struct exchange iceoryx_lending_exchange = {
    .reserve = iceoryx_reserve,
    .commit = iceoryx_commit,
    .acquire = iceoryx_acquire,
    .release = iceoryx_release,
};
LOOP_SET(iceoryx_lending, iceoryx_lending_exchange)

static ALWAYS_INLINE int iceoryx_send(void *state, const unsigned char *message, size_t bytes)
{
    unsigned char *slot;
    const int failure = iceoryx_reserve(state, NULL, bytes, &slot);
    if (failure)
        return failure;
    memcpy(slot, message, bytes);
    return iceoryx_commit(state, slot, bytes);
}

static ALWAYS_INLINE int iceoryx_receive(void *state, unsigned char *message, size_t bytes)
{
    unsigned char *slot;
    const int failure = iceoryx_acquire(state, NULL, bytes, &slot);
    if (failure)
        return failure;
    memcpy(message, slot, bytes);
    return iceoryx_release(state, slot, bytes);
}

LOOP_SET_COPYING(iceoryx_copying, iceoryx_send, iceoryx_receive)

static const struct loop_set *iceoryx_loops(const struct options *options)
{
    return options->values[ICEORYX_COPY] == COPY_YES ? &iceoryx_copying : &iceoryx_lending;
}

static bool iceoryx_spins(const struct options *options)
{
    return options->values[ICEORYX_WAIT] == ICEORYX_WAIT_SPIN;
}

/* --- set-up -------------------------------------------------------------------------------------- */

/* In each direction, besides what is queued: being written, being read. */
enum { CHUNKS_BESIDE_QUEUE = 4 };

static int iceoryx_create(struct channel *channel, struct error *error)
{
    struct iceoryx *const iceoryx = channel->state;
    const struct router_pool pool = {
        .message_bytes = channel->message_bytes,
        .messages_per_lane =
            2 * ((size_t)channel->options.values[ICEORYX_QUEUE] + CHUNKS_BESIDE_QUEUE),
    };
    int failure = private_folder_create(channel->leftovers, &iceoryx->folder, error);
    if (!failure)
        failure = router_use(channel->leftovers, &pool, iceoryx->folder.path, error);
    iceoryx->uses_router = !failure;
    return failure;
}

static void iceoryx_destroy(struct channel *channel)
{
    struct iceoryx *const iceoryx = channel->state;
    if (iceoryx->uses_router)
        router_leave(channel->leftovers);
    iceoryx->uses_router = false;
    private_folder_remove(channel->leftovers, &iceoryx->folder);
}

/* The name of a client is the path of its socket, as seen from /tmp. */
static int join_router(const struct iceoryx *iceoryx, enum side side, struct error *error)
{
    enum { RUNTIME_NAME_MOST = 100 };
    static const char home[] = "/tmp/";
    const char *const path = iceoryx->folder.path;
    const bool is_inside = !strncmp(path, home, strlen(home));
    char name[LEFTOVER_NAME_BYTES + 16];
    const int length = snprintf(name, sizeof(name), "%s%s/%s", is_inside ? "" : "..",
                                is_inside ? path + strlen(home) : path,
                                side == SIDE_SENDER ? "sender" : "receiver");
    if (length > RUNTIME_NAME_MOST)
        return error_unavailable(error, "a shorter TMPDIR",
                                 "iceoryx: the name %.60s... is longer than %d characters", name,
                                 RUNTIME_NAME_MOST);
    iox_set_loglevel(Iceoryx_LogLevel_Off);
    iox_runtime_init(name);
    return 0;
}

static int iceoryx_attach(struct channel *channel, enum side side, struct error *error)
{
    struct iceoryx *const iceoryx = channel->state;
    static const char *const ways[SIDE_COUNT] = {"there", "back"};
    const char *const instance = strrchr(iceoryx->folder.path, '/') + 1;
    const enum side peer = side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER;
    iox_pub_options_t publishing;
    iox_sub_options_t subscribing;
    const int failure = join_router(iceoryx, side, error);
    if (failure)
        return failure;
    iox_pub_options_init(&publishing);
    publishing.subscriberTooSlowPolicy = ConsumerTooSlowPolicy_WAIT_FOR_CONSUMER;
    iox_sub_options_init(&subscribing);
    subscribing.queueFullPolicy = QueueFullPolicy_BLOCK_PRODUCER;
    subscribing.queueCapacity = channel->options.values[ICEORYX_QUEUE];
    iceoryx->out =
        iox_pub_init(&iceoryx->out_storage, "ipcbench", instance, ways[side], &publishing);
    iceoryx->in =
        iox_sub_init(&iceoryx->in_storage, "ipcbench", instance, ways[peer], &subscribing);
    iceoryx->waiting = iox_ws_init(&iceoryx->waiting_storage);
    if (!iceoryx->out || !iceoryx->in || !iceoryx->waiting ||
        iox_ws_attach_subscriber_state(iceoryx->waiting, iceoryx->in, SubscriberState_HAS_DATA, 0,
                                       NULL) != WaitSetResult_SUCCESS)
        return error_system(error, EIO, "iceoryx: publisher, subscriber or wait set");
    iceoryx->spins = iceoryx_spins(&channel->options);
    channel->meter = iceoryx->spins ? &iceoryx->meter : NULL;
    obtained_number(&channel->obtained, "queue_messages",
                    (int64_t)channel->options.values[ICEORYX_QUEUE]);
    return 0;
}

static void iceoryx_detach(struct channel *channel, enum side side)
{
    struct iceoryx *const iceoryx = channel->state;
    (void)side;
    iox_ws_detach_subscriber_state(iceoryx->waiting, iceoryx->in, SubscriberState_HAS_DATA);
    iox_ws_deinit(iceoryx->waiting);
    iox_sub_deinit(iceoryx->in);
    iox_pub_deinit(iceoryx->out);
    iox_runtime_shutdown();
}

static const struct transport iceoryx = {
    .abi = TRANSPORT_ABI,
    .name = "iceoryx",
    .summary = "iceoryx publisher and subscriber, zero copy (C binding)",
    .family = FAMILY_SHARED_MEMORY,
    .options = iceoryx_options,
    .option_count = ICEORYX_OPTION_COUNT,
    .state_bytes = sizeof(struct iceoryx),
    .spins = iceoryx_spins,
    .create = iceoryx_create,
    .attach = iceoryx_attach,
    .loops = iceoryx_loops,
    .detach = iceoryx_detach,
    .destroy = iceoryx_destroy,
};
IPCBENCH_PLUGIN(iceoryx)
