#include "bench/ab_side.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"

struct ends {
    int leave[2];
    int says[2];
};

static int open_ends(struct ends *ends, struct ab_side *side, struct error *error)
{
    side->messages = tmpfile();
    if (!side->messages)
        return error_system(error, errno, "a temporary file for %s's messages", side->label);
    fcntl(fileno(side->messages), F_SETFD, FD_CLOEXEC); /* not for the other side */
    if (pipe2(ends->leave, O_CLOEXEC))
        return error_system(error, errno, "a pipe for %s", side->label);
    if (pipe2(ends->says, O_CLOEXEC)) {
        const int failure = error_system(error, errno, "a pipe for %s", side->label);
        close(ends->leave[0]);
        close(ends->leave[1]);
        return failure;
    }
    return 0;
}

/* In the child. What it prints as a run of its own is in its file too. */
static _Noreturn void become(const struct ab_side *side, const struct ends *ends, char **argv,
                             pid_t parent)
{
    const int nowhere = open("/dev/null", O_RDWR);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_USAGE);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(fileno(side->messages), STDERR_FILENO);
    fcntl(ends->leave[0], F_SETFD, 0);
    fcntl(ends->says[1], F_SETFD, 0);
    execv(argv[0], argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(EXIT_USAGE);
}

static void reap(struct ab_side *side)
{
    while (side->pid > 0 && waitpid(side->pid, &side->status, 0) < 0 && errno == EINTR)
        ;
    side->pid = 0;
    side->state = AB_GONE;
}

/* The next line that matters; the end of its pipe is the end of it. */
static int listen_to(struct ab_side *side, struct error *error)
{
    char line[128];
    for (;;) {
        if (!fgets(line, sizeof(line), side->says)) {
            if (ferror(side->says) && errno == EINTR) {
                clearerr(side->says);
                continue;
            }
            reap(side);
            return 0;
        }
        if (sscanf(line, "plan %zu %zu", &side->cells, &side->trials) == 2)
            continue;
        side->state = AB_BEFORE_END;
        if (!strcmp(line, "end\n"))
            return 0;
        side->state = AB_BEFORE_TRIAL;
        if (sscanf(line, "trial %zu %zu %zu", &side->order, &side->cell, &side->round) == 3)
            return 0;
        return error_plain(error, "%s: unexpected '%.60s': is it an ipcbench?", side->label, line);
    }
}

int ab_side_start(struct ab_side *side, const char *label, char **argv, size_t argc,
                  struct error *error)
{
    struct ends ends = {{-1, -1}, {-1, -1}};
    struct text descriptors = {0};
    *side = (struct ab_side){.label = label, .leave = -1};
    const int failure = open_ends(&ends, side, error);
    if (failure)
        return failure;
    text_append(&descriptors, "--lockstep=%d,%d", ends.leave[0], ends.says[1]);
    argv[argc] = descriptors.data;
    argv[argc + 1] = NULL;
    const pid_t parent = getpid();
    side->pid = descriptors.failed ? -1 : fork();
    if (side->pid == 0)
        become(side, &ends, argv, parent);
    const int reason = errno;
    close(ends.leave[0]);
    close(ends.says[1]);
    argv[argc] = NULL;
    text_free(&descriptors);
    side->leave = ends.leave[1];
    side->says = fdopen(ends.says[0], "r");
    if (side->pid < 0 || !side->says)
        return error_system(error, reason, "a process for %s", label);
    return listen_to(side, error);
}

int ab_side_step(struct ab_side *side, struct error *error)
{
    if (write(side->leave, "", 1) != 1) { /* it is gone, and listening shows how */
        reap(side);
        return 0;
    }
    return listen_to(side, error);
}

void ab_side_stop(struct ab_side *side)
{
    if (side->pid <= 0)
        return;
    kill(side->pid, SIGINT);
    if (side->leave >= 0)
        close(side->leave); /* in case it waits for leave */
    side->leave = -1;
    reap(side);
}

/* Its first line, without our own name before it. */
static void read_message(struct ab_side *side, char *line, int bytes)
{
    static const char prefix[] = "ipcbench: ";
    line[0] = '\0';
    rewind(side->messages);
    if (!fgets(line, bytes, side->messages))
        return;
    line[strcspn(line, "\n")] = '\0';
    if (!strncmp(line, prefix, strlen(prefix)))
        memmove(line, line + strlen(prefix), strlen(line + strlen(prefix)) + 1);
}

int ab_side_check(struct ab_side *side, struct error *error)
{
    char line[256];
    const int status = WIFEXITED(side->status) ? WEXITSTATUS(side->status) : -1;
    if (side->cells > 0 &&
        (status == EXIT_FINE || status == EXIT_CELL_FAILED || status == EXIT_INTERRUPTED))
        return 0;
    if (WIFSIGNALED(side->status))
        return error_plain(error, "%s was killed by signal %d (%s)", side->label,
                           WTERMSIG(side->status), strsignal(WTERMSIG(side->status)));
    read_message(side, line, sizeof(line));
    if (strstr(line, "unknown option --lockstep"))
        return error_plain(error, "%s is too old to take turns: it knows no --lockstep",
                           side->label);
    return error_plain(error, "%s: %s", side->label,
                       line[0] ? line : "ended without a word: is it an ipcbench?");
}

void ab_side_close(struct ab_side *side)
{
    ab_side_stop(side);
    if (side->leave >= 0)
        close(side->leave);
    if (side->says)
        fclose(side->says);
    if (side->messages)
        fclose(side->messages);
    *side = (struct ab_side){.leave = -1};
}
