/* Peers that die, interrupts, and pairs on one CPU. */
#include "conformance.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/transport.h"
#include "tap.h"
#include "traces.h"

enum { MESSAGE_BYTES = 33 };

static const double endless_seconds = 60; /* until the signal comes */
static const char *const child_names[SIDE_COUNT] = {"ipcbench-send", "ipcbench-recv"};
static const char *const side_names[SIDE_COUNT] = {"sender", "receiver"};

static void sleep_ms(unsigned duration_ms)
{
    const struct timespec pause = {.tv_sec = duration_ms / 1000,
                                   .tv_nsec = (long)(duration_ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

struct sighting {
    pid_t sides[SIDE_COUNT];
};

static void see_child(pid_t child, const char *name, void *context)
{
    struct sighting *const sighting = context;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (!strcmp(name, child_names[side]))
            sighting->sides[side] = child;
    }
}

static _Noreturn void assassin_run(const struct assassin *assassin, pid_t parent)
{
    struct sighting sighting = {{0}};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int attempt = 0; attempt < 20000; ++attempt) {
        if (traces_children(parent, see_child, &sighting))
            _exit(2);
        if (sighting.sides[SIDE_SENDER] && sighting.sides[SIDE_RECEIVER])
            break;
        sleep_ms(1);
    }
    sleep_ms(assassin->delay_ms);
    const pid_t victim = assassin->victim == VICTIM_PARENT     ? parent
                         : assassin->victim == VICTIM_RECEIVER ? sighting.sides[SIDE_RECEIVER]
                                                               : sighting.sides[SIDE_SENDER];
    _exit(victim > 0 && !kill(victim, assassin->signal) ? 0 : 1);
}

int assassin_start(const struct assassin *assassin)
{
    const pid_t parent = getpid();
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        assassin_run(assassin, parent);
    return child;
}

bool assassin_succeeded(int process)
{
    int status = -1;
    return process > 0 && waitpid(process, &status, 0) == process && status == 0;
}

/* Both as the kernel tells it and as the trial must. */
static void judge_kill(const struct trial_result *result, enum side side, struct text *problems)
{
    char expected[64];
    snprintf(expected, sizeof(expected), "%s: killed by signal %d", side_names[side], SIGKILL);
    if (result->status != TRIAL_FAILED)
        text_append(problems, " status %s;", trial_status_name(result->status));
    if (strncmp(result->error.message, expected, strlen(expected)) != 0)
        text_append(problems, " message '%s';", result->error.message);
}

static void kill_one(struct stage *stage, const struct cell *cell, enum side side,
                     unsigned delay_ms)
{
    char name[CELL_NAME_BYTES];
    struct trial_request request;
    struct trial_result result = {0};
    struct text problems = {0};
    struct traces before;
    if (cell_request(stage, cell, &request, &result.error) ||
        trial_check(&request, &stage->workspace, &result.error)) {
        tap_skip(result.error.message, "%s, killed", cell_name(cell, name));
        return;
    }
    request.timed_seconds = endless_seconds;
    traces_take(&before);
    const int process = assassin_start(&(struct assassin){
        .victim = side == SIDE_SENDER ? VICTIM_SENDER : VICTIM_RECEIVER,
        .signal = SIGKILL,
        .delay_ms = delay_ms,
    });
    trial_run(&request, &stage->workspace, &result);
    const bool skipped = result.status == TRIAL_SKIPPED;
    if (!assassin_succeeded(process) && !skipped)
        text_append(&problems, " nobody was killed;");
    if (!skipped)
        judge_kill(&result, side, &problems);
    traces_check(&before, &problems);
    traces_free(&before);
    tap_report(&problems, "%s, %s killed after %u ms", cell_name(cell, name), side_names[side],
               delay_ms);
    trial_result_free(&result);
}

/* At once, during set-up and verification, in the timed loop. */
void kill_test(struct stage *stage, const struct transport *transport)
{
    static const unsigned delays_ms[] = {0, 60, 10, 120};
    size_t count, kills = 0;
    struct variant *const variants = variants_of(transport, false, &count);
    for (size_t index = 0; index < count; ++index) {
        const struct variant *const variant = &variants[index];
        if (index && (stage->quick ||
                      (!variant_is_about(variant, "wait") && !variant_is_about(variant, "sync"))))
            continue;
        const struct cell cell = {.transport = transport,
                                  .options = variant->options,
                                  .pattern = pattern_of(transport, PATTERN_STREAM),
                                  .message_bytes =
                                      bytes_within(transport, variant->options, MESSAGE_BYTES)};
        for (int side = 0; side < SIDE_COUNT; ++side)
            kill_one(stage, &cell, (enum side)side, delays_ms[kills++ / 2 % 4]);
    }
    free(variants);
}

static volatile sig_atomic_t interrupted;

static void take_note(int signal)
{
    (void)signal;
    interrupted = 1;
}

void interrupt_test(struct stage *stage, const struct transport *transport)
{
    struct text problems = {0};
    struct trial_request request;
    struct trial_result result = {0};
    struct sigaction original;
    struct traces before;
    const struct cell cell = {.transport = transport,
                              .options = "",
                              .pattern = pattern_of(transport, PATTERN_STREAM),
                              .message_bytes = bytes_within(transport, "", MESSAGE_BYTES)};
    if (cell_request(stage, &cell, &request, &result.error) ||
        trial_check(&request, &stage->workspace, &result.error)) {
        tap_skip(result.error.message, "%s: interrupt", transport->name);
        return;
    }
    request.timed_seconds = endless_seconds;
    request.interrupted = &interrupted;
    interrupted = 0;
    traces_take(&before);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = take_note}, &original);
    const int process = assassin_start(
        &(struct assassin){.victim = VICTIM_PARENT, .signal = SIGINT, .delay_ms = 30});
    trial_run(&request, &stage->workspace, &result);
    if (!assassin_succeeded(process))
        text_append(&problems, " no signal was sent;");
    /* What is skipped only when it is tried may have been by then. */
    if (result.status != TRIAL_INTERRUPTED && result.status != TRIAL_SKIPPED)
        text_append(&problems, " status %s: %s;", trial_status_name(result.status),
                    result.error.message);
    trial_result_free(&result);
    trial_run(&request, &stage->workspace, &result); /* the flag still stands */
    if (result.status != TRIAL_INTERRUPTED)
        text_append(&problems, " not interrupted from the start: %s;", result.error.message);
    sigaction(SIGINT, &original, NULL);
    traces_check(&before, &problems);
    traces_free(&before);
    tap_report(&problems, "%s: interrupt", transport->name);
    trial_result_free(&result);
}

/* Both processes on one CPU: refused where they would spin, else it works. */
void placement_test(struct stage *stage, const struct transport *transport)
{
    size_t count;
    struct variant *const variants = variants_of(transport, false, &count);
    for (size_t index = 0; index < (stage->quick ? 1 : count); ++index) {
        struct trial_request request;
        struct error error = {0};
        const struct cell cell = {.transport = transport,
                                  .options = variants[index].options,
                                  .pattern = pattern_of(transport, PATTERN_PINGPONG),
                                  .message_bytes =
                                      bytes_within(transport, variants[index].options, 1),
                                  .circumstances = "one CPU"};
        if (cell_request(stage, &cell, &request, &error))
            continue; /* the matrix has reported it */
        request.cpus.receiver = request.cpus.sender;
        if (!transport->spins || !transport->spins(&request.options)) {
            cell_test_request(stage, &cell, &request);
            continue;
        }
        char name[CELL_NAME_BYTES];
        struct text problems = {0};
        if (!trial_check(&request, &stage->workspace, &error) || !error.unavailable ||
            !error.knob[0])
            text_append(&problems, " two spinners on one CPU: '%s';", error.message);
        tap_report(&problems, "%s is refused", cell_name(&cell, name));
    }
    free(variants);
}
