/* Small resource limits: a cell works or says what it lacks; it never fails or hangs. */
#include "conformance.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/transport.h"
#include "tap.h"
#include "transports/builtin.h"

static const struct small_limit {
    const char *name;
    __rlimit_resource_t resource;
    rlim_t value;
} small_limits[] = {
    {"ulimit -q 0", RLIMIT_MSGQUEUE, 0},
    {"ulimit -l 0", RLIMIT_MEMLOCK, 0},
    {"ulimit -n 32", RLIMIT_NOFILE, 32},
    {"ulimit -f 8", RLIMIT_FSIZE, 8192},
};

static void run_transport(struct stage *stage, const struct transport *transport, const char *name)
{
    size_t count;
    struct variant *const variants = variants_of(transport, false, &count);
    for (size_t index = 0; index < (stage->quick ? 1 : count); ++index)
        cell_test(stage, &(struct cell){.transport = transport,
                                        .options = variants[index].options,
                                        .pattern = pattern_of(transport, PATTERN_PINGPONG),
                                        .message_bytes =
                                            bytes_within(transport, variants[index].options, 1),
                                        .circumstances = name});
    free(variants);
}

/* In a child of its own, since a limit once lowered stays; with a workspace made under it. */
static _Noreturn void run_limited(const struct stage *parent_stage, const struct small_limit *limit)
{
    struct stage stage = *parent_stage;
    struct error error = {0};
    struct text problems = {0};
    signal(SIGXFSZ, SIG_IGN); /* as the program does */
    if (setrlimit(limit->resource, &(struct rlimit){limit->value, limit->value}))
        text_append(&problems, " setrlimit is refused;");
    if (stage_workspace_open(&stage, &error))
        text_append(&problems, " %s;", error.message);
    const bool ready = !problems.length;
    tap_report(&problems, "%s: workspace", limit->name);
    for (size_t index = 0; ready && index < transports_builtin_count; ++index)
        run_transport(&stage, transports_builtin[index], limit->name);
    workspace_close(&stage.workspace);
    fflush(stdout);
    _exit(0);
}

static bool output_is_a_file(void)
{
    struct stat status;
    return !fstat(STDOUT_FILENO, &status) && S_ISREG(status.st_mode);
}

void limits_test(struct stage *stage)
{
    for (size_t index = 0; index < sizeof(small_limits) / sizeof(small_limits[0]); ++index) {
        struct text problems = {0};
        int status = -1;
        if (small_limits[index].resource == RLIMIT_FSIZE && output_is_a_file())
            continue; /* our own output would be cut */
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0)
            run_limited(stage, &small_limits[index]);
        if (child < 0 || waitpid(child, &status, 0) != child || status)
            text_append(&problems, " ended with %#x;", (unsigned)status);
        tap_report(&problems, "%s: all cells were tried", small_limits[index].name);
    }
}
