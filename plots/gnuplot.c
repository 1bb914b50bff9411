#include "plots/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

enum { IN, OUT, COMPLAINTS, CHANNELS };

/* Standard input, output and error of gnuplot: files in memory. Their numbers are above those three,
 * which may be closed here. */
struct channels {
    int fds[CHANNELS];
};

static int open_channel(void)
{
    const int fd = memfd_create("ipcbench-plot", MFD_CLOEXEC);
    if (fd < 0 || fd >= CHANNELS)
        return fd;
    const int higher = fcntl(fd, F_DUPFD_CLOEXEC, CHANNELS);
    (void)close(fd);
    return higher;
}

static int open_channels(struct channels *channels, struct error *error)
{
    int failure = 0;
    for (int index = 0; index < CHANNELS; ++index) {
        channels->fds[index] = open_channel();
        if (channels->fds[index] < 0 && !failure)
            failure = error_system(error, errno, "memfd_create for gnuplot");
    }
    return failure;
}

static void close_channels(const struct channels *channels)
{
    for (int index = 0; index < CHANNELS; ++index) {
        if (channels->fds[index] >= 0)
            (void)close(channels->fds[index]);
    }
}

static int write_script(int fd, const struct text *script, struct error *error)
{
    if (script->failed)
        return error_system(error, ENOMEM, "script for gnuplot");
    for (size_t done = 0; done < script->length;) {
        const ssize_t written = write(fd, script->data + done, script->length - done);
        if (written < 0 && errno != EINTR)
            return error_system(error, errno, "script for gnuplot");
        done += written > 0 ? (size_t)written : 0;
    }
    return lseek(fd, 0, SEEK_SET) < 0 ? error_system(error, errno, "script for gnuplot") : 0;
}

static int read_all(int fd, struct text *out, struct error *error)
{
    char buffer[16384];
    off_t offset = 0;
    ssize_t got;
    while ((got = pread(fd, buffer, sizeof(buffer), offset)) > 0) {
        text_append_bytes(out, buffer, (size_t)got);
        offset += got;
    }
    return got < 0 || out->failed
               ? error_system(error, got < 0 ? errno : ENOMEM, "gnuplot's picture")
               : 0;
}

/* The environment as it is, but numbers and texts as they are everywhere, and no terminal of the
 * person's choice: gnuplot 5.4 crashes on one that it does not know. */
static char **make_environment(void)
{
    static char locale[] = "LC_ALL=C.UTF-8";
    size_t count = 0, kept = 0;
    while (environ[count])
        ++count;
    char **const copy = calloc(count + 2, sizeof(*copy));
    for (size_t index = 0; copy && index < count; ++index) {
        if (strncmp(environ[index], "LC_ALL=", 7) != 0 &&
            strncmp(environ[index], "GNUTERM=", 8) != 0)
            copy[kept++] = environ[index];
    }
    if (copy)
        copy[kept] = locale;
    return copy;
}

/* -d: without the settings of the person or the site, which could be anything. */
static int start(const struct channels *channels, pid_t *pid, struct error *error)
{
    static char program[] = "gnuplot", defaults[] = "-d";
    char *const arguments[] = {program, defaults, NULL};
    char **const environment = make_environment();
    posix_spawn_file_actions_t actions;
    if (!environment || posix_spawn_file_actions_init(&actions)) {
        free(environment);
        return error_system(error, ENOMEM, "starting gnuplot");
    }
    int code = 0;
    for (int index = 0; index < CHANNELS && !code; ++index)
        code = posix_spawn_file_actions_adddup2(&actions, channels->fds[index], index);
    if (!code)
        code = posix_spawnp(pid, program, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    if (code == ENOENT)
        return error_unavailable(error,
                                 "Debian: apt-get install gnuplot-nox; or ./setup.sh --with-report",
                                 "gnuplot is not installed");
    return code ? error_system(error, code, "starting gnuplot") : 0;
}

/* Until it ends, time is up or the flag is set; then it is ended. Looks at the flag four times a
 * second, so that a signal between the look and the sleep costs no more. */
static int wait_for(pid_t pid, const volatile sig_atomic_t *interrupted, int *status,
                    struct error *error)
{
    enum { SLICE_MS = 250, SLICES = GNUPLOT_SECONDS_MOST * 1000 / SLICE_MS };
    struct pollfd child = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int failure = 0;
    for (int slice = 0; child.fd >= 0 && poll(&child, 1, SLICE_MS) != 1; ++slice) {
        if (interrupted && *interrupted)
            failure = error_system(error, EINTR, "gnuplot");
        else if (slice >= SLICES)
            failure = error_system(error, ETIMEDOUT, "gnuplot");
        if (failure) {
            (void)kill(pid, SIGKILL);
            break;
        }
    }
    if (child.fd >= 0)
        (void)close(child.fd);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    return failure;
}

/* What it said: the last line that is more than a caret or blanks. */
static void last_words(const char *complaints, char *line, size_t line_bytes)
{
    const char *found = "it does not say why";
    size_t length = strlen(found);
    while (*complaints) {
        complaints += strspn(complaints, " \t\r\n");
        const size_t here = strcspn(complaints, "\r\n");
        if (here > 1) {
            found = complaints;
            length = here;
        }
        complaints += here;
    }
    length = length < line_bytes ? length : line_bytes - 1;
    memcpy(line, found, length);
    line[length] = '\0';
}

static int judge(int status, const struct channels *channels, struct error *error)
{
    char line[160];
    struct text complaints = {0};
    if (WIFSIGNALED(status))
        return error_plain(error, "gnuplot was ended by signal %d (%s)", WTERMSIG(status),
                           strsignal(WTERMSIG(status)));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    (void)read_all(channels->fds[COMPLAINTS], &complaints, NULL);
    last_words(text_string(&complaints), line, sizeof(line));
    text_free(&complaints);
    return error_plain(error, "gnuplot failed (status %d): %s", WEXITSTATUS(status), line);
}

int gnuplot_draw(const struct text *script, const volatile sig_atomic_t *interrupted,
                 struct text *picture, struct error *error)
{
    struct channels channels;
    pid_t pid = 0;
    int status = 0;
    int failure = open_channels(&channels, error);
    if (!failure)
        failure = write_script(channels.fds[IN], script, error);
    if (!failure)
        failure = start(&channels, &pid, error);
    if (!failure)
        failure = wait_for(pid, interrupted, &status, error);
    if (!failure)
        failure = judge(status, &channels, error);
    if (!failure)
        failure = read_all(channels.fds[OUT], picture, error);
    close_channels(&channels);
    return failure;
}
