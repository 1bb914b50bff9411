/* A: runs the floor program and reads its line. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/floor/compare.h"

enum { NUMBER_BYTES = 32, LINE_BYTES = 512 };

static _Noreturn void become_floor(const struct compare_setting *setting,
                                   const struct compare_row *row, int output, pid_t parent)
{
    char bytes[NUMBER_BYTES], sender[NUMBER_BYTES], receiver[NUMBER_BYTES], seconds[NUMBER_BYTES];
    const struct cpu_pair cpus = compare_cpus(setting, row);
    snprintf(bytes, sizeof(bytes), "%zu", row->message_bytes);
    snprintf(sender, sizeof(sender), "%d", cpus.sender);
    snprintf(receiver, sizeof(receiver), "%d", cpus.receiver);
    snprintf(seconds, sizeof(seconds), "%g", setting->seconds);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* the floor cleans up after itself on SIGTERM */
    if (getppid() != parent || dup2(output, STDOUT_FILENO) < 0)
        _exit(1);
    execl(setting->floor_path, setting->floor_path, row->mechanism, pattern_name(row->pattern),
          bytes, sender, receiver, seconds, (char *)NULL);
    perror(setting->floor_path);
    _exit(1);
}

/* Everything the program writes, up to a line's length; an interrupt ends it. */
static void read_line(const struct compare_setting *setting, int fd, pid_t pid, char *line)
{
    size_t length = 0;
    for (;;) {
        const ssize_t got = read(fd, line + length, LINE_BYTES - 1 - length);
        if (got < 0 && errno == EINTR) {
            if (*setting->interrupted)
                kill(pid, SIGTERM);
            continue;
        }
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    line[length] = '\0';
}

static double field(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    return at ? strtod(at + strlen(key), NULL) : NAN;
}

static int parse(const char *line, struct compare_figures *figures, struct error *error)
{
    *figures = (struct compare_figures){
        .median_ns = field(line, " median_ns="),
        .batch_ns = field(line, " batch_ns="),
        .probe_before_ns = field(line, " probe_before_ns="),
        .probe_after_ns = field(line, " probe_after_ns="),
    };
    if (figures->median_ns > 0 && figures->batch_ns > 0 && figures->probe_before_ns >= 0 &&
        figures->probe_after_ns >= 0)
        return 0;
    if (!strncmp(line, "mechanism=", strlen("mechanism=")))
        return -EAGAIN; /* held up by the machine for all of the time it had */
    return error_plain(error, "floor: not its line: '%s'", line);
}

int compare_measure_floor(const struct compare_setting *setting, const struct compare_row *row,
                          struct compare_figures *figures, struct error *error)
{
    int ends[2], status = 0;
    if (pipe(ends))
        return error_system(error, errno, "pipe");
    const pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become_floor(setting, row, ends[1], parent);
    close(ends[1]);
    if (pid < 0) {
        const int failure = errno;
        close(ends[0]);
        return error_system(error, failure, "fork");
    }
    char line[LINE_BYTES];
    read_line(setting, ends[0], pid, line);
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (*setting->interrupted)
        return error_system(error, EINTR, "floor");
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return error_plain(error, "floor %s %s %zu failed: its reason is above", row->mechanism,
                           pattern_name(row->pattern), row->message_bytes);
    return parse(line, figures, error);
}
