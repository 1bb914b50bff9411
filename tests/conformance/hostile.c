/* Transports that lose, repeat, swap or damage messages, fail, die or hang: the harness must find
 * out. They move bytes through pipes, well enough during the verification pass (at most 64 messages
 * each way), and do their mischief afterwards. */
#include "conformance.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/loop_set.h"
#include "harness/transport.h"

enum { MESSAGE_BYTES = HOSTILE_MESSAGE_BYTES, CALM_MESSAGES = 64, EVERY = 50 };

enum mischief {
    MISCHIEF_NONE,
    MISCHIEF_LOSE,
    MISCHIEF_REPEAT,
    MISCHIEF_SWAP,
    MISCHIEF_DAMAGE,
    MISCHIEF_RENUMBER,
    MISCHIEF_REFUSE,
    MISCHIEF_FAIL,
    MISCHIEF_DIE,
    MISCHIEF_LEAVE,
    MISCHIEF_TRUNCATE,
    MISCHIEF_EXHAUST,
    MISCHIEF_HANG,
    MISCHIEF_CREATE,
    MISCHIEF_ATTACH,
    MISCHIEF_UNAVAILABLE,
};

static const struct option_spec hostile_options[] = {
    {.key = "mischief",
     .kind = OPTION_CHOICE,
     .choices = "none|lose|repeat|swap|damage|renumber|refuse|fail|die|leave|truncate|"
                "exhaust|hang|create|attach|unavailable",
     .default_value = "none",
     .meaning = "what goes wrong"},
};

struct hostile_state {
    enum mischief mischief;
    int in, out;
    int pipes[SIDE_COUNT][2]; /* by sending side; descriptor + 1 */
    unsigned long sent;
    unsigned long received;
    bool holding;
    unsigned char held[MESSAGE_BYTES];
};

static int put(const struct hostile_state *state, const unsigned char *message)
{
    return write(state->out, message, MESSAGE_BYTES) == MESSAGE_BYTES ? 0 : -EPIPE;
}

static bool is_stop_marker(const unsigned char *message)
{
    static const unsigned char ones[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    return !memcmp(message, ones, sizeof(ones));
}

static int put_swapped(struct hostile_state *state, const unsigned char *message, bool turn)
{
    if (turn && !state->holding) {
        memcpy(state->held, message, MESSAGE_BYTES);
        state->holding = true;
        return 0;
    }
    const bool held_first = is_stop_marker(message);
    int failure = 0;
    if (state->holding && held_first)
        failure = put(state, state->held);
    if (!failure)
        failure = put(state, message);
    if (!failure && state->holding && !held_first)
        failure = put(state, state->held);
    state->holding = false;
    return failure;
}

/* Touches what nothing stands behind any more: SIGBUS. */
static int touch_truncated(void)
{
    enum { BYTES = 3 * 4096, LEFT_BYTES = 2 * 4096 };
    const int fd = memfd_create("cut-short", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, BYTES))
        return -errno;
    const char *const pages = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
    if (pages == MAP_FAILED || ftruncate(fd, LEFT_BYTES))
        return -errno;
    return -*(const volatile char *)&pages[LEFT_BYTES + 5];
}

/* The same of huge pages, of which more are mapped than any pool has. */
static int touch_exhausted(void)
{
    const size_t bytes = (size_t)1 << 40, huge_bytes = 2 << 20;
    char *const pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return -errno;
    for (size_t at = 0; at < bytes; at += huge_bytes)
        *(volatile char *)&pages[at] = 1;
    return 0;
}

static int hostile_send(void *opaque, const unsigned char *message, size_t bytes)
{
    struct hostile_state *const state = opaque;
    unsigned char changed[MESSAGE_BYTES];
    memcpy(changed, message, bytes);
    const bool turn =
        ++state->sent > CALM_MESSAGES && state->sent % EVERY == 0 && !is_stop_marker(message);
    if (state->mischief == MISCHIEF_SWAP)
        return put_swapped(state, message, turn);
    if (state->mischief == MISCHIEF_DAMAGE)
        changed[MESSAGE_BYTES - 1] ^= 1;
    if (turn && state->mischief == MISCHIEF_LOSE)
        return 0;
    if (turn && state->mischief == MISCHIEF_RENUMBER)
        changed[0] ^= 0x10;
    if (state->mischief == MISCHIEF_REFUSE)
        return -EMSGSIZE; /* in the verification pass already */
    if (turn && state->mischief == MISCHIEF_FAIL)
        return -EIO;
    if (turn && state->mischief == MISCHIEF_DIE)
        raise(SIGKILL);
    if (turn && state->mischief == MISCHIEF_LEAVE)
        _exit(3);
    if (turn && state->mischief == MISCHIEF_TRUNCATE)
        return touch_truncated();
    if (turn && state->mischief == MISCHIEF_EXHAUST)
        return touch_exhausted();
    const int failure = put(state, changed);
    return failure || !turn || state->mischief != MISCHIEF_REPEAT ? failure : put(state, changed);
}

static int hostile_receive(void *opaque, unsigned char *message, size_t bytes)
{
    struct hostile_state *const state = opaque;
    if (++state->received > CALM_MESSAGES && state->mischief == MISCHIEF_HANG) {
        for (;;)
            pause();
    }
    for (size_t got = 0; got < bytes;) {
        const ssize_t moved = read(state->in, message + got, bytes - got);
        if (moved <= 0)
            return moved ? -errno : -EPIPE;
        got += (size_t)moved;
    }
    return 0;
}

LOOP_SET_COPYING(hostile_loops, hostile_send, hostile_receive)

static const struct loop_set *hostile_loops_for(const struct options *options)
{
    (void)options;
    return &hostile_loops;
}

static uint64_t hostile_crowd_most_bytes(const struct options *options)
{
    (void)options;
    return MESSAGE_BYTES;
}

static int hostile_create(struct channel *channel, struct error *error)
{
    struct hostile_state *const state = channel->state;
    state->mischief = (enum mischief)channel->options.values[0];
    for (int side = 0; side < SIDE_COUNT; ++side) {
        int ends[2];
        if (pipe(ends))
            return error_system(error, errno, "pipe");
        state->pipes[side][0] = ends[0] + 1;
        state->pipes[side][1] = ends[1] + 1;
        if (state->mischief == MISCHIEF_CREATE)
            return error_system(error, EXDEV, "half made");
    }
    return 0;
}

static int hostile_attach(struct channel *channel, enum side side, struct error *error)
{
    struct hostile_state *const state = channel->state;
    const enum side peer = side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER;
    state->out = state->pipes[side][1] - 1;
    state->in = state->pipes[peer][0] - 1;
    close(state->pipes[side][0] - 1);
    close(state->pipes[peer][1] - 1);
    obtained_text(&channel->obtained, "kind", "hostile");
    if (side == SIDE_RECEIVER && state->mischief == MISCHIEF_ATTACH)
        return error_system(error, EXDEV, "not attached");
    if (side == SIDE_RECEIVER && state->mischief == MISCHIEF_UNAVAILABLE)
        return error_unavailable(error, "a better machine", "not on this machine");
    return 0;
}

static void hostile_destroy(struct channel *channel)
{
    struct hostile_state *const state = channel->state;
    for (int end = 0; end < SIDE_COUNT * 2; ++end) {
        int *const descriptor = &state->pipes[0][0] + end;
        if (*descriptor)
            close(*descriptor - 1);
        *descriptor = 0;
    }
}

const struct transport transport_hostile = {
    .abi = TRANSPORT_ABI,
    .name = "hostile",
    .summary = "does mischief",
    .family = FAMILY_BYTE_STREAM,
    .options = hostile_options,
    .option_count = 1,
    .state_bytes = sizeof(struct hostile_state),
    .create = hostile_create,
    .attach = hostile_attach,
    .loops = hostile_loops_for,
    .destroy = hostile_destroy,
    .crowd_most_bytes = hostile_crowd_most_bytes,
};
