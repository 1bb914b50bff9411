/* Transports that lose, repeat, swap or damage messages, fail, die or hang: the harness must find
 * out. They move bytes through pipes, well enough during the verification pass (at most 64 messages
 * each way), and do their mischief afterwards. */
#include "conformance.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/loop_set.h"
#include "harness/transport.h"
#include "tap.h"
#include "traces.h"

enum { MESSAGE_BYTES = 64, CALM_MESSAGES = 64, EVERY = 50 };

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
    MISCHIEF_HANG,
    MISCHIEF_CREATE,
    MISCHIEF_ATTACH,
    MISCHIEF_UNAVAILABLE,
};

static const struct option_spec hostile_options[] = {
    {.key = "mischief",
     .kind = OPTION_CHOICE,
     .choices = "none|lose|repeat|swap|damage|renumber|refuse|fail|die|leave|hang|create|attach|"
                "unavailable",
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

static const struct transport hostile = {
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
};

#define COUNTER(name) (int)offsetof(struct integrity, name)

/* What must come out: the status, words of the message, and a counter that may not be 0. */
static const struct expectation {
    const char *options;
    enum pattern pattern;
    enum trial_status status;
    int counter; /* offset in struct integrity; -1: all 0 */
    const char *message;
} expectations[] = {
    {"", PATTERN_PINGPONG, TRIAL_OK, -1, ""},
    {"", PATTERN_STREAM, TRIAL_OK, -1, ""},
    {"mischief=lose", PATTERN_STREAM, TRIAL_INVALID, COUNTER(lost), "lost"},
    {"mischief=repeat", PATTERN_STREAM, TRIAL_INVALID, COUNTER(duplicated), "duplicated"},
    {"mischief=repeat", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(duplicated), "duplicated"},
    {"mischief=swap", PATTERN_STREAM, TRIAL_INVALID, COUNTER(reordered), "reordered"},
    {"mischief=damage", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(corrupt), "corrupt"},
    {"mischief=damage", PATTERN_STREAM, TRIAL_INVALID, COUNTER(corrupt), "corrupt"},
    {"mischief=renumber", PATTERN_STREAM, TRIAL_INVALID, COUNTER(lost), "lost"},
    {"mischief=renumber", PATTERN_PINGPONG, TRIAL_INVALID, COUNTER(reordered), "reordered"},
    {"mischief=refuse", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: send of a 64-byte message: "},
    {"mischief=fail", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: send of a 64-byte message: "},
    {"mischief=die", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: killed by signal 9"},
    {"mischief=leave", PATTERN_STREAM, TRIAL_FAILED, -1, "sender: exited with status 3"},
    {"mischief=create", PATTERN_STREAM, TRIAL_FAILED, -1, "half made: "},
    {"mischief=attach", PATTERN_STREAM, TRIAL_FAILED, -1, "receiver: not attached: "},
    {"mischief=unavailable", PATTERN_STREAM, TRIAL_SKIPPED, -1, "receiver: not on this machine"},
};

static void judge(const struct expectation *expected, const struct trial_result *result,
                  struct text *problems)
{
    const struct integrity *const integrity = &result->integrity;
    const uint64_t all =
        integrity->lost | integrity->duplicated | integrity->reordered | integrity->corrupt;
    if (result->status != expected->status)
        text_append(problems, " status %s;", trial_status_name(result->status));
    if (!strstr(result->error.message, expected->message))
        text_append(problems, " message '%s';", result->error.message);
    if (expected->counter < 0) {
        if (all)
            text_append(problems, " some messages were counted as damaged;");
    } else {
        uint64_t counted;
        memcpy(&counted, (const char *)integrity + expected->counter, sizeof(counted));
        if (!counted)
            text_append(problems, " not counted;");
    }
}

void hostile_test(struct stage *stage)
{
    for (size_t index = 0; index < sizeof(expectations) / sizeof(expectations[0]); ++index) {
        const struct expectation *const expected = &expectations[index];
        const struct cell cell = {.transport = &hostile,
                                  .options = expected->options,
                                  .pattern = expected->pattern,
                                  .message_bytes = MESSAGE_BYTES};
        char name[CELL_NAME_BYTES];
        struct trial_request request;
        struct trial_result result = {0};
        struct text problems = {0};
        struct traces before;
        traces_take(&before);
        if (!cell_request(stage, &cell, &request, &result.error)) {
            request.timed_seconds *= 10; /* mischief in one message of 50 */
            trial_run(&request, &stage->workspace, &result);
        }
        judge(expected, &result, &problems);
        traces_check(&before, &problems);
        traces_free(&before);
        tap_report(&problems, "%s", cell_name(&cell, name));
        trial_result_free(&result);
    }
}

/* In a process of its own while the other tests run: it only sleeps. */
void hang_start(const struct stage *stage, struct hang *hang)
{
    fflush(stdout);
    hang->pid = fork();
    if (hang->pid != 0)
        return;
    struct stage own = *stage;
    const struct cell cell = {.transport = &hostile,
                              .options = "mischief=hang",
                              .pattern = PATTERN_STREAM,
                              .message_bytes = MESSAGE_BYTES};
    struct trial_request request;
    struct trial_result result = {0};
    struct error error = {0};
    struct text problems = {0};
    struct traces before;
    leftovers_leave(&own.workspace.leftovers);
    if (stage_workspace_open(&own, &error) || cell_request(&own, &cell, &request, &error))
        _exit(1);
    traces_take(&before);
    trial_run(&request, &own.workspace, &result);
    traces_check(&before, &problems);
    _exit(problems.length                                 ? 2
          : result.status != TRIAL_FAILED                 ? 3
          : !strstr(result.error.message, "no end after") ? 4
                                                          : 0);
}

void hang_test(struct hang *hang)
{
    struct text problems = {0};
    int status = -1;
    if (hang->pid < 0 || waitpid(hang->pid, &status, 0) != hang->pid || status)
        text_append(&problems, " ended with %#x;", (unsigned)status);
    tap_report(&problems, "a pair that hangs is ended by the deadline");
}
