/* The router's names are fixed, in /dev/shm and /tmp. They are announced as soon as it is certain that
 * they are ours, and removed after the router is gone, since a router whose clients were killed aborts
 * and leaves them. */
#include "router.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ipcbench/plugin.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUTER_LOCK "/tmp/iox-unique-roudi.lock"
static const char *const router_files[] = {"/tmp/roudi", "/tmp/roudi.lock", ROUTER_LOCK};
static const char management_memory[] = "/iceoryx_mgmt";
enum { ROUTER_FILES = 3, ROUTER_NAMES = ROUTER_FILES + 2 };

/* One for the process: it is one for the machine. Only the parent uses it. */
static struct router {
    unsigned users;
    pid_t process;
    int output;
    char payload_memory[64]; /* the segment is called like the group of the process */
    bool is_ours;            /* its names are: announced */
    int slots[ROUTER_NAMES];
} router;

static bool is_locked(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return locked;
}

static void announce_names(struct leftovers *leftovers)
{
    const struct group *const group = getgrgid(getegid());
    snprintf(router.payload_memory, sizeof(router.payload_memory), "/%s",
             group ? group->gr_name : "");
    for (int index = 0; index < ROUTER_FILES; ++index)
        router.slots[index] =
            leftovers_announce_name(leftovers, LEFTOVER_FILE, router_files[index]);
    router.slots[ROUTER_FILES] =
        leftovers_announce_name(leftovers, LEFTOVER_SHM_NAME, management_memory);
    router.slots[ROUTER_FILES + 1] =
        leftovers_announce_name(leftovers, LEFTOVER_SHM_NAME, router.payload_memory);
    router.is_ours = true;
}

/* Not those of another one that was quicker to start. */
static void remove_names(struct leftovers *leftovers)
{
    if (!router.is_ours)
        return;
    for (int index = 0; index < ROUTER_FILES; ++index)
        unlink(router_files[index]);
    shm_unlink(management_memory);
    shm_unlink(router.payload_memory);
    for (int index = 0; index < ROUTER_NAMES; ++index)
        leftovers_forget(leftovers, router.slots[index]);
}

/* Chunks for one lane, and for further ones as far as they are small; the pool's pages are taken only
 * when they are used. */
static size_t pool_chunks(const struct router_pool *pool, size_t chunk_bytes)
{
    enum { LANES_MOST = 64 };
    const size_t budget_bytes = 64 << 20;
    const size_t least = pool->messages_per_lane, most = least * LANES_MOST;
    const size_t affordable = budget_bytes / chunk_bytes;
    return affordable < least ? least : affordable < most ? affordable : most;
}

static int write_configuration(const struct router_pool *pool, const char *path,
                               struct error *error)
{
    enum { HEADER_BYTES = 128 }; /* of a chunk, and what aligning its payload takes */
    const size_t chunk_bytes = message_padded_bytes(pool->message_bytes) + HEADER_BYTES;
    FILE *const file = fopen(path, "we");
    if (!file)
        return error_system(error, errno, "%s", path);
    fprintf(file,
            "[general]\nversion = 1\n[[segment]]\n[[segment.mempool]]\nsize = %zu\ncount = %zu\n",
            chunk_bytes, pool_chunks(pool, chunk_bytes));
    return fclose(file) ? error_system(error, errno, "%s", path) : 0;
}

/* In the child. It dies with its parent; Ctrl-C is for the parent alone. */
static _Noreturn void become_router(const char *configuration, int output, pid_t parent)
{
    static const struct rlimit no_core = {0, 0};
    const int nothing = open("/dev/null", O_RDWR);
    setpgid(0, 0);
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0)
        _exit(1);
    execlp("iox-roudi", "iox-roudi", "--config-file", configuration, "--monitoring-mode", "off",
           "--log-level", "error", (char *)NULL);
    dprintf(STDERR_FILENO, "iox-roudi: %s\n", strerror(errno));
    _exit(1);
}

/* The last line of the router's output is why it ended. */
static int router_ended(const char *output, struct error *error)
{
    const char *line = output;
    for (const char *end; (end = strchr(line, '\n')) && end[1];)
        line = end + 1;
    return error_unavailable(error, "the iox-roudi of package iceoryx, and no other one running",
                             "iceoryx's router does not start: %.*s", (int)strcspn(line, "\n"),
                             line);
}

static int wait_for_router(struct error *error)
{
    enum { READY_WITHIN_MS = 10000 };
    char output[4096] = "";
    size_t length = 0;
    for (;;) {
        struct pollfd ready = {.fd = router.output, .events = POLLIN};
        const int count = poll(&ready, 1, READY_WITHIN_MS);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return error_system(error, count ? errno : ETIMEDOUT, "iceoryx's router");
        const ssize_t got = read(router.output, output + length, sizeof(output) - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return router_ended(output, error);
        length += (size_t)got;
        output[length] = '\0';
        if (strstr(output, "RouDi is ready for clients"))
            return 0;
        if (length > sizeof(output) / 2) { /* long enough to hold what is waited for */
            memmove(output, output + length / 2, length - length / 2 + 1);
            length -= length / 2;
        }
    }
}

static void router_stop(struct leftovers *leftovers)
{
    static const struct timespec pause = {.tv_nsec = 5000000};
    enum { PAUSES = 400 };
    if (router.process > 0) {
        kill(router.process, SIGTERM);
        /* It removes its names at once and then takes a second to end; nothing is lost by then. */
        for (int count = 0; count < PAUSES && access(ROUTER_LOCK, F_OK) == 0; ++count) {
            if (waitpid(router.process, NULL, WNOHANG) != 0) {
                router.process = 0;
                break;
            }
            nanosleep(&pause, NULL);
        }
    }
    if (router.process > 0) {
        kill(router.process, SIGKILL);
        while (waitpid(router.process, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (router.output > 0)
        close(router.output);
    remove_names(leftovers);
    router = (struct router){0};
}

static int router_start(struct leftovers *leftovers, const char *configuration, struct error *error)
{
    int ends[2];
    if (is_locked(ROUTER_LOCK))
        return error_unavailable(error, "stop the iox-roudi that is running",
                                 "another iceoryx router is running");
    if (pipe2(ends, O_CLOEXEC))
        return error_system(error, errno, "a pipe for iceoryx's router");
    const pid_t parent = getpid();
    router.process = fork();
    if (router.process == 0)
        become_router(configuration, ends[1], parent);
    const int reason = errno;
    close(ends[1]);
    router.output = ends[0];
    const int failure = router.process < 0 ? error_system(error, reason, "fork of iceoryx's router")
                                           : wait_for_router(error);
    if (failure)
        router_stop(leftovers);
    else
        announce_names(leftovers);
    return failure;
}

int router_use(struct leftovers *leftovers, const struct router_pool *pool, const char *folder,
               struct error *error)
{
    char path[LEFTOVER_NAME_BYTES + 16];
    int failure = 0;
    if (router.users == 0) {
        snprintf(path, sizeof(path), "%s/roudi.toml", folder);
        failure = write_configuration(pool, path, error);
        if (!failure)
            failure = router_start(leftovers, path, error);
    }
    router.users += !failure;
    return failure;
}

void router_leave(struct leftovers *leftovers)
{
    if (--router.users == 0)
        router_stop(leftovers);
}
